"""Kept reports found by what was answered and decided, a page at a time, newest first, without their text."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, Engine, RowMapping, Select, func, select
from sqlalchemy.orm import aliased

from api import schema
from api.database import transaction
from api.kept import Found, Line
from rules.adjudication import Disposition


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search asks for; what is ``None`` is not asked."""

    report_id: str | None = None
    disposition: Disposition | None = None
    reason: str | None = None
    family: str | None = None
    code: str | None = None
    served_from: str | None = None
    served_through: str | None = None
    received_from: str | None = None
    decided: bool | None = None
    before: int | None = None
    """Only reports whose number is lower: where the page before ended."""
    limit: int = 50


def search(engine: Engine, wanted: Wanted) -> tuple[Found, ...]:
    """The newest answer of the newest version of each report that fits, at most ``limit`` of them."""
    with transaction(engine, writes=False) as connection:
        rows = connection.execute(_query(wanted)).mappings().all()
        facets = _facets(connection, [row["result"] for row in rows])
        decided = _decided(connection, [row["result"] for row in rows])
    return tuple(_found(row, facets[row["result"]], decided.get(row["result"])) for row in rows)


def _query(wanted: Wanted) -> Select[tuple[object, ...]]:
    report, result = schema.reports.c, schema.results.c
    later, newer = aliased(schema.reports), aliased(schema.results)
    query = (
        select(report.number, report.report_id, report.version, report.received_at, report.source,
               result.number.label("result"), result.date_of_service, result.disposition, result.profile,
               result.content)
        .join(schema.results, result.report == report.number)
        .where(~select(later.c.number).where(
            (later.c.report_id == report.report_id) & (later.c.version > report.version)).exists())
        .where(~select(newer.c.number).where(
            (newer.c.report == report.number) & (newer.c.number > result.number)).exists())
        .order_by(report.number.desc()).limit(wanted.limit)
    )  # fmt: skip
    asked = (
        (report.report_id, wanted.report_id), (result.disposition, wanted.disposition),
    )  # fmt: skip
    for column, value in asked:
        if value is not None:
            query = query.where(column == value)
    for kind, value in (("reason", wanted.reason), ("family", wanted.family), ("code", wanted.code)):
        if value is not None:
            facet = schema.facets.c
            query = query.where(result.number.in_(
                select(facet.result).where((facet.kind == kind) & (facet.value == value))))  # fmt: skip
    if wanted.served_from is not None:
        query = query.where(result.date_of_service >= wanted.served_from)
    if wanted.served_through is not None:
        query = query.where(result.date_of_service <= wanted.served_through)
    if wanted.received_from is not None:
        query = query.where(report.received_at >= wanted.received_from)
    if wanted.before is not None:
        query = query.where(report.number < wanted.before)
    if wanted.decided is not None:
        has_decision = select(schema.decisions.c.number).where(schema.decisions.c.result == result.number).exists()
        query = query.where(has_decision if wanted.decided else ~has_decision)
    return query


def _facets(connection: Connection, results: list[int]) -> defaultdict[int, list[tuple[str, str]]]:
    facet = schema.facets.c
    found: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    wanted = select(schema.facets).where(facet.result.in_(results)).order_by(facet.result, facet.kind, facet.value)
    for row in connection.execute(wanted):
        found[row.result].append((row.kind, row.value))
    return found


def _decided(connection: Connection, results: list[int]) -> dict[int, str]:
    decision = schema.decisions.c
    last = select(func.max(decision.number)).where(decision.result.in_(results)).group_by(decision.result)
    wanted = select(decision.result, decision.action).where(decision.number.in_(last))
    return {row.result: row.action for row in connection.execute(wanted)}


def _found(row: RowMapping, facets: list[tuple[str, str]], decided: str | None) -> Found:
    lines = [
        Line.model_validate({key: line[key] for key in ("code", "modifiers", "units")})
        for line in orjson.loads(row["content"])["lines"]
    ]
    return Found.model_validate({
        **{name: row[name] for name in Found.model_fields if name in row},
        "lines": lines, "decided": decided,
        "reasons": [value for kind, value in facets if kind == "reason"],
        "families": [value for kind, value in facets if kind == "family"],
    })  # fmt: skip
