"""What the service writes about itself: one JSON object a line on standard error, of a closed list of fields."""

from __future__ import annotations

import sys

import orjson

from api.clock import now

_FIELDS = frozenset({
    "request", "route", "method", "status", "milliseconds", "actor", "kind", "fault", "report", "result", "version",
    "processes", "address", "hub_event", "count",
})  # fmt: skip
"""Ids, names of ours and numbers. A field that may hold words of a report has no place here."""
_LONGEST = 200


def record(event: str, **fields: str | float | None) -> None:
    """Write *event* with *fields*; a field that is not on the list is a fault of the program."""
    unknown = fields.keys() - _FIELDS
    if unknown:
        raise ValueError(f"the journal has no field {', '.join(sorted(unknown))}")
    told = {name: value[:_LONGEST] if isinstance(value, str) else value for name, value in fields.items()}
    line = orjson.dumps({"at": now(), "event": event, **{k: v for k, v in told.items() if v is not None}})
    sys.stderr.write(line.decode() + "\n")
    sys.stderr.flush()
