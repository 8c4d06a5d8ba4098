"""Files sent to a service, one after the other; what each became, in a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import PurePath

from api.client import Client, ServiceError
from api.environment import value_of
from api.reading import InputError, read_file
from api.wording import safe

_KEY = "SPINECODER_KEY"
"""The key of this caller; it is never an argument, for arguments are seen by everybody on the machine."""


def submit_files(
    files: Sequence[str], *, url: str, day: date | None, version: str | None, source: str
) -> Iterator[tuple[str, bool]]:
    """A line for each file, and whether it tells of a problem."""
    with Client(url, key=value_of(_KEY, kind="no_key")) as client:
        for path in files:
            try:
                reading = read_file(path)
                kept = client.submit(
                    reading.text, report_id=PurePath(path).stem, date_of_service=day, version=version, source=source
                )
            except (InputError, ServiceError) as fault:
                yield f"{safe(path)}: {fault}", True
                continue
            codes = " ".join("-".join((line.code, *line.modifiers)) for line in kept.result.lines) or "no lines"
            state = "stored" if kept.is_new else "known"
            yield f"{kept.report_id}   version {kept.version} {state}   {kept.result.disposition}   {codes}", False
