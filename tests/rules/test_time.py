"""Every family at both sides of every date: between two dates nothing changes, outside nothing is coded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

import pytest
from invariants import broken, shape
from rule_cases import cases

from rules.adjudicate import adjudicate_with
from rules.chronicle import ONE_DAY, entries_of, periods
from rules.encounter import Encounter
from rules.library import library
from rules.model import Strict

FAMILIES = sorted(library().families)
ENDS = {"through", "last"}


def dates_in(value: object, key: str = "") -> Iterator[date]:
    """Every day on which something in *value* begins, or is no more for the first time."""
    if isinstance(value, date):
        yield value + ONE_DAY if key in ENDS else value
    elif isinstance(value, Strict):
        yield from dates_in(value.model_dump())
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from dates_in(name)
            yield from dates_in(item, name)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from dates_in(item)


@cache
def boundaries() -> tuple[date, ...]:
    rules = library()
    parts = [*rules.families.values(), *rules.codes.values(), *rules.absorptions, *rules.pairs, *rules.substitutions,
             *rules.remarks.values(), *rules.sources.values(), rules.styles]  # fmt: skip
    return tuple(sorted({day for part in parts for day in dates_in(part)}))


def encounters(family: str) -> list[Encounter]:
    """Every encounter of the cases in which the family is, once, without its date and those of earlier sessions."""
    told: dict[str, Encounter] = {}
    for case in cases():
        if any(procedure.family == family for procedure in case.encounter.procedures):
            undated = case.encounter.model_copy(update={"date_of_service": None, "prior": ()})
            told[undated.model_dump_json()] = undated
    return list(told.values())


@pytest.mark.parametrize("family", FAMILIES)
def test_both_sides_of_every_date(family: str) -> None:
    rules = library()
    covers = rules.families[family].covers
    days = [day for day in boundaries() if covers.start <= day <= covers.through]
    for encounter in encounters(family):
        for start, through in periods(days, covers.through):
            first, last = (
                adjudicate_with(rules, encounter.model_copy(update={"date_of_service": day}))
                for day in (start, through)
            )
            assert not broken(first), f"{broken(first)} on {start}: {encounter!r}"
            assert shape(first) == shape(last), f"{start} and {through} are one period: {encounter!r}"


@pytest.mark.parametrize("family", FAMILIES)
def test_outside_what_is_covered_nothing_is_coded(family: str) -> None:
    rules = library()
    covers = rules.families[family].covers
    alone = [e for e in encounters(family) if {p.family for p in e.procedures} == {family}]
    done = [e for e in alone if all(p.status != "not_performed" for p in e.procedures)]
    assert done
    for encounter in done:
        for day in (covers.start - ONE_DAY, covers.through + ONE_DAY):
            answer = adjudicate_with(rules, encounter.model_copy(update={"date_of_service": day}))
            assert not answer.lines
            assert "edition_not_covered" in {reason.reason for reason in answer.review_reasons}


@pytest.mark.parametrize("family", FAMILIES)
def test_one_row_of_each_name_is_in_force_at_a_time(family: str) -> None:
    found = entries_of(library().families[family])
    for day in boundaries():
        for moment in (day - ONE_DAY, day):
            names = [(entry.part, entry.name) for entry in found if entry.holds(moment)]
            assert len(set(names)) == len(names)


def test_there_are_dates() -> None:
    assert {date(2006, 1, 1), date(2007, 1, 1), date(2008, 11, 1), date(2016, 7, 1), date(2027, 1, 1)} <= {
        *boundaries()
    }
