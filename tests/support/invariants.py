"""What holds of every answer, whatever the encounter; and rules and encounters with their order turned round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from rules.adjudication import Adjudication, CodeLine
from rules.code_model import PairEdit
from rules.encounter import Encounter, Procedure
from rules.library import Library, library

SIDES = {"50", "LT", "RT"}
DISTINCT = {"59", "XE", "XS"}
LISTS = ("sites", "levels", "vertebral_bodies", "nerves", "regions", "agents", "other_guidance")


def broken(answer: Adjudication, *, claim: str = "professional") -> list[str]:
    """Everything in *answer* that may not be, in words; nothing where all is well."""
    return [*_disposition(answer), *(_lines(answer, claim) if answer.lines else ())]


def _disposition(answer: Adjudication) -> Iterator[str]:
    expected = "review" if answer.review_reasons else "auto" if answer.lines else "no_procedure"
    if answer.disposition != expected:
        yield f"{answer.disposition} with {len(answer.lines)} lines and {len(answer.review_reasons)} reasons"


def _lines(answer: Adjudication, claim: str) -> Iterator[str]:
    rules = library()
    day = answer.date_of_service or max(family.covers.through for family in rules.families.values())
    present = {line.code for line in answer.lines}
    reasons = {reason.reason for reason in answer.review_reasons}
    for line in answer.lines:
        code = rules.codes[line.code]
        if not code.lives(day):
            yield f"{line.code} does not live on {day}"
        if (parents := code.parents_on(day)) and not present.intersection(parents):
            yield f"{line.code} without its primary"
        if SIDES.intersection(line.modifiers) and not code.sided:
            yield f"{line.code} takes no side"
        if not line.source or not line.rule or line.units < 1:
            yield f"{line.code} without source, rule or units"
        if not any(place in named_rows() for place in line.rule.split(" + ")):
            yield f"{line.rule} is no row"
        yield from _units(line, answer, reasons, claim)
    yield from _together(answer, day)


def _together(answer: Adjudication, day: date) -> Iterator[str]:
    if all(library().codes[line.code].role == "guidance" for line in answer.lines):
        yield "guidance alone"
    present = {line.code for line in answer.lines}
    shapes = [(line.code, line.modifiers) for line in answer.lines]
    if len(set(shapes)) < len(shapes):
        yield "two lines of one code and modifiers"
    for one in present:
        for two in present & forbidden().get(one, {}).keys():
            if any(start <= day and (through is None or day <= through) for start, through in forbidden()[one][two]):
                yield f"{one} and {two}, which are never both"
    marked = {line.code for line in answer.lines if DISTINCT.intersection(line.modifiers)}
    for one in present:
        for two in (present - marked) & bundled().get(one, {}).keys():
            if any(start <= day and (through is None or day <= through) for start, through in bundled()[one][two]):
                yield f"{two} beside {one}, which holds it, without a modifier"


def _units(line: CodeLine, answer: Adjudication, reasons: set[str], claim: str) -> Iterator[str]:
    limit = library().codes[line.code].unit_limit
    own = [other for other in answer.lines if other.code == line.code]
    is_two_lines = {"LT", "RT"} <= {modifier for other in own for modifier in other.modifiers}
    if limit is None or is_two_lines or "unit_limit_exceeded" in reasons:
        return
    if sum(other.units for other in own) > limit.of(claim):  # type: ignore[arg-type]  # claims of profiles
        yield f"{line.code} over its limit and no word of it"


@cache
def forbidden() -> dict[str, dict[str, list[tuple[date, date | None]]]]:
    """For each code the codes that an edit never pays beside it, and when."""
    return _met(pair for pair in library().pairs if pair.indicator == 0)


@cache
def bundled() -> dict[str, dict[str, list[tuple[date, date | None]]]]:
    """For each code the codes that an edit takes into it unless they are marked as separate, and when."""
    return _met(pair for pair in library().pairs if pair.otherwise in ("bundle", "review_column_1"))


def _met(pairs: Iterable[PairEdit]) -> dict[str, dict[str, list[tuple[date, date | None]]]]:
    found: dict[str, dict[str, list[tuple[date, date | None]]]] = {}
    for pair in pairs:
        for one in pair.column_1:
            for two in pair.column_2:
                if one != two:
                    found.setdefault(one, {}).setdefault(two, []).append((pair.start, pair.through))
    return found


@cache
def named_rows() -> frozenset[str]:
    return frozenset(
        f"{family.family}.{name}@{start}"
        for family in library().families.values() for name, line in family.lines.items() for start in line.rows
    )  # fmt: skip


def shape(answer: Adjudication) -> tuple[Any, ...]:
    """An answer without the order of what is in it."""
    return (
        answer.disposition,
        frozenset((line.code, line.modifiers, line.units) for line in answer.lines),
        frozenset((reason.reason, reason.message) for reason in answer.review_reasons),
        frozenset((notice.warning, notice.message) for notice in answer.warnings),
        frozenset(
            frozenset((line.code, line.modifiers, line.units) for line in other) for other in answer.alternatives
        ),
    )


def turned(encounter: Encounter) -> Encounter:
    """The same facts in the other order."""
    procedures = tuple(_turned(procedure) for procedure in reversed(encounter.procedures))
    return encounter.model_copy(update={"procedures": procedures})


def _turned(procedure: Procedure) -> Procedure:
    return procedure.model_copy(update={name: tuple(reversed(getattr(procedure, name))) for name in LISTS})


@cache
def turned_library() -> Library:
    """The shipped rules with every dictionary of them in the other order; dates keep theirs."""
    rules = library()
    families = {
        name: family.model_copy(update={
            part: dict(reversed(getattr(family, part).items()))
            for part in ("lines", "remarks", "junctions", "read_as", "region_by_approach")
        })
        for name, family in reversed(rules.families.items())
    }  # fmt: skip
    return replace(
        rules, families=families, codes=dict(reversed(rules.codes.items())),
        remarks=dict(reversed(rules.remarks.items())), reasons=dict(reversed(rules.reasons.items())),
        warnings=dict(reversed(rules.warnings.items())), profiles=dict(reversed(rules.profiles.items())),
    )  # fmt: skip
