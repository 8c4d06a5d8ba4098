"""Kept reports coded anew by the rules of this installation: what would change, told before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from sqlalchemy import func, select

from api import schema
from api.database import transaction
from api.faults import InternalFaultError, contained
from api.reading import InputError, read_text
from api.result import Result
from api.service import Settings, code_reading
from api.store import Store

_PORTION = 200


@dataclass(frozen=True, slots=True)
class Change:
    """How the answer to a report would change; ``after`` is kept only when it is written."""

    report: int
    report_id: str
    version: int
    before: dict[str, Any]
    after: Result | None
    decided: bool
    problem: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The change as it is told: dispositions, lines and reasons before and after, no evidence."""
        told = {"report_id": self.report_id, "version": self.version, "decided": self.decided}
        if self.after is None:
            return {**told, "problem": self.problem}
        return {**told, "before": _shape(self.before), "after": _shape(orjson.loads(self.after.to_json()))}


def _shape(result: dict[str, Any]) -> dict[str, Any]:
    """What of a result is a change: the same codes by a renamed rule are none."""
    lines = [{key: line[key] for key in ("code", "modifiers", "units")} for line in result["lines"]]
    reasons = sorted({reason["reason"] for reason in result["review_reasons"]})
    return {"disposition": result["disposition"], "lines": lines, "review_reasons": reasons}


def changes(
    store: Store, *, since: date | None = None, until: date | None = None, profile: str | None = None
) -> Iterator[Change]:  # fmt: skip
    """Each report of these dates of service whose newest answer would be another one today.

    Reports without a date of service are asked too where no dates are given. A report that was sent without a profile
    is asked with the site's *profile*.
    """
    Settings(profile=profile).chosen_profile()  # one that cannot be read is no fault of each report
    last = 0
    while True:
        rows = _portion(store, last, since, until)
        for row in rows:
            change = _change(row, profile)
            if change is not None:
                yield change
        if len(rows) < _PORTION:
            return
        last = rows[-1]["number"]


def _portion(store: Store, last: int, since: date | None, until: date | None) -> list[dict[str, Any]]:
    report, result = schema.reports.c, schema.results.c
    newest_version = select(func.max(report.number)).group_by(report.report_id)
    newest_answer = select(func.max(result.number)).group_by(result.report)
    decided = select(schema.decisions.c.number).where(schema.decisions.c.result == result.number).exists()
    wanted = (
        select(schema.reports, result.content.label("answer"), decided.label("decided"))
        .join(schema.results, result.report == report.number)
        .where(report.number.in_(newest_version), result.number.in_(newest_answer), report.number > last)
        .order_by(report.number).limit(_PORTION)
    )  # fmt: skip
    if since is not None:
        wanted = wanted.where(result.date_of_service >= since.isoformat())
    if until is not None:
        wanted = wanted.where(result.date_of_service <= until.isoformat())
    with transaction(store.engine, writes=False) as connection:
        return [dict(row) for row in connection.execute(wanted).mappings()]


def _change(row: dict[str, Any], profile: str | None) -> Change | None:
    before = orjson.loads(row["answer"])
    told = (row["number"], row["report_id"], row["version"], before)
    day = row["date_of_service"]
    settings = Settings(profile=row["profile"] or profile, professional_component=row["professional_component"])
    try:
        with contained(f"Report {row['number']}"):
            after = code_reading(
                read_text(row["text"], name="The report"), report_id=row["report_id"],
                date_of_service=date.fromisoformat(day) if day else None, settings=settings,
            )  # fmt: skip
    except (InputError, InternalFaultError) as fault:
        return Change(*told, after=None, decided=bool(row["decided"]), problem=str(fault))
    if _shape(orjson.loads(after.to_json())) == _shape(before):
        return None
    return Change(*told, after=after, decided=bool(row["decided"]))
