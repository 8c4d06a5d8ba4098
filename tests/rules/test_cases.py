"""Every case of every family: facts in, the whole answer out; every dated row and every seed statement is exercised."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from rule_cases import CASES, Case, cases, seen

from rules.library import Library, library

SEED_IDS = (
    *(f"LP-{n}" for n in range(1, 4)), *(f"MY-{n}" for n in range(1, 10)), *(f"DI-{n}" for n in range(1, 4)),
    *(f"EG-{n}" for n in range(1, 5)), *(f"EP-{n}" for n in range(1, 4)), "NE-1", *(f"GU-{n}" for n in range(1, 4)),
    *(f"FA-{n}" for n in range(1, 6)), *(f"TF-{n}" for n in range(1, 5)), *(f"VP-{n}" for n in range(1, 4)),
    "KY-1", "KY-2", "PO-1",
)  # fmt: skip


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.family}: {case.name}")
def test_case(case: Case) -> None:
    assert seen(case.answer(library())) == case.expect


def test_every_family_has_its_cases() -> None:
    assert {path.stem for path in CASES.glob("*.yaml")} >= set(library().families)


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.family}: {case.name}")
def test_order_changes_nothing(case: Case) -> None:
    turned = [
        procedure.model_copy(update={
            name: tuple(reversed(getattr(procedure, name)))
            for name in ("sites", "levels", "vertebral_bodies", "nerves", "regions", "agents")
        })
        for procedure in reversed(case.encounter.procedures)
    ]  # fmt: skip
    other = replace(case, encounter=case.encounter.model_copy(update={"procedures": tuple(turned)}))
    assert seen(other.answer(library())) == case.expect


def dated_rows(family: str) -> Iterator[tuple[str, Library]]:
    """Every dated row of a family file by name, each with the library that lacks it."""
    rules = library()
    whole = rules.families[family]
    for part in ("lines", "remarks", "read_as", "junctions", "frequency"):
        for name, entry in getattr(whole, part).items():
            rows = entry if part == "junctions" else entry.rows
            for day in rows:
                left = {start: row for start, row in rows.items() if start != day}
                changed = left if part == "junctions" else entry.model_copy(update={"rows": left})
                entries = {**getattr(whole, part), name: changed}
                if not left:
                    del entries[name]
                poorer = whole.model_copy(update={part: entries})
                yield f"{part}.{name}@{day}", replace(rules, families={**rules.families, family: poorer})


@pytest.mark.parametrize("family", sorted(library().families))
def test_no_row_can_be_taken_out(family: str) -> None:
    own = sorted(cases(), key=lambda case: case.family != family)
    own = [case for case in own if case.family == family or any(p.family == family for p in case.encounter.procedures)]
    idle = [name for name, poorer in dated_rows(family) if all(case.holds(poorer) for case in own)]
    assert not idle, f"no case of {family} fails without: {', '.join(idle)}"


@pytest.mark.parametrize("family", sorted(library().families))
def test_every_edition_is_run(family: str) -> None:
    """A family has a case on the first and the last day of what it covers, and on each first day of a line's row."""
    rules = library().families[family]
    days = {case.encounter.date_of_service for case in cases() if case.family == family}
    starts = {day for line in rules.lines.values() for day in line.rows} | {rules.covers.start, rules.covers.through}
    assert not sorted(starts - days), f"{family} has no case on {[str(day) for day in sorted(starts - days)]}"


def cited_ids() -> set[str]:
    rules = library()
    texts: list[str] = []

    def look(value: object) -> None:
        if isinstance(value, Mapping):
            texts.extend(text for key, text in value.items() if key == "acr-2006")
            for item in value.values():
                look(item)
        elif isinstance(value, list | tuple):
            for item in value:
                look(item)

    for family in rules.families.values():
        look(family.model_dump())
    look([entry.model_dump() for entry in (*rules.absorptions, *rules.pairs, *rules.remarks.values())])
    look([step.source for case in cases() for step in case.answer(rules).trace if step.rule.startswith("checks.")])
    return {name for text in texts for name in re.findall(r"[A-Z]{2}-[0-9]+", text)}


def test_cited_statements_exist() -> None:
    assert cited_ids() <= set(SEED_IDS)


def test_every_statement_is_cited_and_exercised() -> None:
    exercised = {name for case in cases() for name in case.covers_ids}
    assert exercised <= set(SEED_IDS)
    assert sorted(set(SEED_IDS) - cited_ids()) == []
    assert sorted(set(SEED_IDS) - exercised) == []


def poorer_across_families() -> Iterator[tuple[str, Library]]:
    """Every absorption and every remark that all families share, each with the library that lacks it."""
    rules = library()
    for place, entry in enumerate(rules.absorptions):
        left = (*rules.absorptions[:place], *rules.absorptions[place + 1 :])
        yield f"absorptions {entry.absorber or entry.between}", replace(rules, absorptions=left)
    for name in rules.remarks:
        yield f"remarks {name}", replace(rules, remarks={k: v for k, v in rules.remarks.items() if k != name})


def test_nothing_across_families_can_be_taken_out() -> None:
    idle = [name for name, poorer in poorer_across_families() if all(case.holds(poorer) for case in cases())]
    assert not idle, f"no case fails without: {', '.join(idle)}"
