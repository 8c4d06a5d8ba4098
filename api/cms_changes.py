"""What a quarter of a table of CMS says otherwise than the quarter before, and than the shipped rules."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date

from api.cms_rows import CmsRow, Kind
from rules.profile import Claim
from rules.rule_set import Library

Change = tuple[str, str, str]
"""What it is about, what was before or is shipped, what the table says."""

_TAKEN_BACK = "9"
_ABSENT = "nothing"


def between(before: Collection[CmsRow], after: Collection[CmsRow]) -> Iterator[Change]:
    """Every pair, limit or parent that the later quarter says otherwise."""
    yield from _changes(_told(before), _told(after))


def against_shipped(kind: Kind, rows: Collection[CmsRow], day: date, library: Library) -> Iterator[Change]:
    """What the table says on *day* otherwise than the shipped rules do."""
    table = {_about(row): row.says for row in rows if row.holds(day) and row.says != _TAKEN_BACK}
    if kind.startswith("ptp"):
        shipped = {name: indicator for name, (indicator, _) in _pairs(library, day).items()}
        yield from _changes(shipped, table)
        yield from _first_days(rows, library, day)
    elif kind.startswith("mue"):
        yield from _changes(*_limits("facility" if kind == "mue-outpatient" else "professional", table, library))
    else:
        yield from _parents(table, library, day)


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for name in sorted({*before, *after}):
        was, becomes = before.get(name, _ABSENT), after.get(name, _ABSENT)
        if was != becomes:
            yield name, was, becomes


def _told(rows: Collection[CmsRow]) -> dict[str, str]:
    """What each pair, limit or parent says, with the days it says it of."""
    told: dict[str, list[str]] = {}
    for row in sorted(rows):
        days = " ".join(
            filter(None, (f"from {row.first}" if row.first else "", f"through {row.last}" if row.last else ""))
        )
        told.setdefault(_about(row), []).append(" ".join(filter(None, (row.says, days))))
    return {name: "; ".join(says) for name, says in told.items()}


def _about(row: CmsRow) -> str:
    return f"{row.code}/{row.other}" if row.other else row.code


def _pairs(library: Library, day: date) -> dict[str, tuple[str, date]]:
    """The shipped pairs in force on *day*, both codes living: the indicator, and the first day shipped."""
    found: dict[str, tuple[str, date]] = {}
    alive = {code for code, entry in library.codes.items() if entry.lives(day)}
    for pair in library.pairs:
        if pair.holds(day):
            for one in alive.intersection(pair.column_1):
                for two in alive.intersection(pair.column_2) - {one}:
                    first = max(pair.start, library.codes[one].first, library.codes[two].first)
                    found[f"{one}/{two}"] = (str(pair.indicator), first)
    return found


def _first_days(rows: Collection[CmsRow], library: Library, day: date) -> Iterator[Change]:
    """Pairs that are shipped from a day before the first one the table knows."""
    first = {_about(row): row.first for row in sorted(rows) if row.holds(day) and row.first}
    for name, (_, shipped) in sorted(_pairs(library, day).items()):
        if name in first and shipped.isoformat() < first[name]:
            yield f"{name} first day", shipped.isoformat(), first[name]


def _limits(claim: Claim, table: Mapping[str, str], library: Library) -> tuple[dict[str, str], dict[str, str]]:
    """The shipped limits and those of the table, in the same words, for the codes that have one here or there."""
    limits = {code: entry.unit_limit for code, entry in library.codes.items() if entry.unit_limit is not None}
    shipped = {code: f"{limit.of(claim)} units, indicator {limit.mai}" for code, limit in limits.items()}
    return shipped, dict(table)


def _parents(table: Mapping[str, str], library: Library, day: date) -> Iterator[Change]:
    """Add-ons whose parents in the table are others than those shipped; parents that no rule knows are not compared."""
    listed: dict[str, set[str]] = {}
    for name in table:
        code, _, parent = name.partition("/")
        listed.setdefault(code, set()).add(parent)
    for code, entry in sorted(library.codes.items()):
        if not entry.lives(day):
            continue
        shipped = {parent for parent in entry.parents_on(day) if library.codes[parent].lives(day)}
        there = listed.get(code, set())
        if shipped != there and (shipped or there):
            yield f"{code} parents", ", ".join(sorted(shipped)) or _ABSENT, ", ".join(sorted(there)) or _ABSENT
