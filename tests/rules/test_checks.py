"""What no shipped rule lets happen: made to happen, so that the check that stands against it is seen to work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from invariants import broken
from rule_cases import seen

from rules.adjudicate import adjudicate_with
from rules.adjudication import Adjudication, CodeLine
from rules.checks import edits_hold
from rules.claim import professional_component
from rules.draft import Context, Draft, DraftLine
from rules.encounter import Encounter, Procedure
from rules.house import HOUSE_RULES, complaints
from rules.library import Library, library
from rules.outcome import Contribution
from rules.profile import habits_on

JOINTS = Procedure(family="facet_injection", levels=("L4-L5", "L5-S1"), side="left")
PUNCTURE = Procedure(family="lumbar_puncture", purpose="diagnostic")


def with_code(code: str, **facts: Any) -> Library:
    rules = library()
    return replace(rules, codes={**rules.codes, code: rules.codes[code].model_copy(update=facts)})


def with_line(family: str, name: str, **facts: Any) -> Library:
    rules = library()
    whole = rules.families[family]
    lines = {**whole.lines, name: whole.lines[name].model_copy(update=facts)}
    return replace(rules, families={**rules.families, family: whole.model_copy(update={"lines": lines})})


OTHER = library().codes["64472"].parents
FAULTS: Mapping[str, tuple[Library, Procedure, list[str]]] = {
    "code_outside_life": (with_code("64475", last=date(2005, 12, 31)), JOINTS, ["64476 LT"]),
    "add_on_without_primary": (with_code("64476", parents=OTHER), JOINTS, ["64475 LT", "64476 LT"]),
    "side_modifier_not_allowed": (with_code("64476", bilateral=0), JOINTS, ["64475 LT", "64476 LT"]),
    "rules_conflict": (with_line("lumbar_puncture", "therapeutic", when={}), PUNCTURE, ["62270", "62272"]),
}
"""Reasons that only a fault in the rules can give: the faulty rules, a procedure, and the lines that are left."""


@pytest.mark.parametrize("reason", FAULTS)
def test_a_fault_of_the_rules_is_told(reason: str) -> None:
    rules, procedure, lines = FAULTS[reason]
    answer = adjudicate_with(
        replace(rules, pairs=()), Encounter(date_of_service=date(2006, 6, 1), procedures=(procedure,))
    )
    assert reason in seen(answer)["reasons"]
    assert seen(answer)["lines"] == sorted(lines)


def part(code: str, *, region: str, is_separate: bool = False) -> Contribution:
    return Contribution(
        code=code, modifiers=(), key=("a", region), role="primary", family="f", rule="r", source={"decision": "D"},
        evidence=(), order=0, line_order=0, by=frozenset({0}), sites=frozenset({region}), regions=frozenset({region}),
        separate=is_separate,
    )  # fmt: skip


def draft_of(*parts: Contribution) -> Draft:
    return Draft(tuple(DraftLine(p.code, (), (p,)) for p in parts))


def context(day: date, profile: str = "medicare_professional") -> Context:
    rules = library()
    chosen = rules.profiles[profile]
    return Context(rules, day, chosen, habits_on(rules.styles, chosen, day))


def meetings() -> list[tuple[int, str, str, date]]:
    """Every pair of codes of every entry, on the first and the last day on which it can be met."""
    rules = library()
    found = []
    for place, pair in enumerate(rules.pairs):
        for one in pair.column_1:
            for two in pair.column_2:
                first, second = rules.codes[one], rules.codes[two]
                start = max(pair.start, first.first, second.first)
                end = min(day for day in (pair.through, first.last, second.last, date(2026, 12, 31)) if day)
                if one != two and start <= end:
                    found += [(place, one, two, start), (place, one, two, end)]
    return found


def test_every_pair_is_met_and_answered_as_its_entry_says() -> None:
    rules = library()
    told = meetings()
    assert {place for place, *_ in told} == set(range(len(rules.pairs)))
    for place, one, two, day in told:
        pair = rules.pairs[place]
        alone = replace(context(day), library=replace(rules, pairs=(pair,)))
        left = edits_hold(draft_of(part(one, region="lumbar"), part(two, region="lumbar")), alone)
        reasons = {finding.id for finding in left.findings if finding.is_review}
        codes = {line.code for line in left.lines}
        says = (one, two, day)
        if pair.separate == "structure":
            assert {line.code: line.modifiers for line in left.lines} == {one: (), two: ("59",)}, says
            assert not reasons, says
            continue
        assert codes == ({one} if pair.otherwise in ("bundle", "review_column_1") else {one, two}), says
        assert reasons == ({pair.review} if pair.otherwise.startswith("review") else set()), says
        apart = edits_hold(draft_of(part(one, region="lumbar"), part(two, region="x", is_separate=True)), alone)
        modifiers = {line.code: line.modifiers for line in apart.lines}
        if pair.indicator == 0:
            assert set(modifiers) == codes, says
        elif pair.otherwise != "keep":
            assert modifiers == {one: (), two: ("59",)}, says


def test_a_pair_that_is_never_paid_is_never_kept() -> None:
    assert {pair.otherwise for pair in library().pairs if pair.indicator == 0} == {"review_column_1"}


def test_a_profile_that_bills_the_component_puts_26() -> None:
    rules = library()
    billed = rules.profiles["medicare_professional"].model_copy(update={"professional_component": True})
    draft = draft_of(part("72265", region="lumbar"), part("62284", region="lumbar"))
    answer = professional_component(draft, replace(context(date(2006, 6, 1)), profile=billed))
    assert {line.code: line.modifiers for line in answer.lines} == {"72265": ("26",), "62284": ()}


def test_the_shipped_data_keeps_every_house_rule() -> None:
    assert complaints(library()) == ()


BROKEN_HOUSES: Mapping[str, Callable[[Library], Library]] = {
    "every_code_is_used": lambda rules: replace(rules, codes={**rules.codes, "00000": rules.codes["64475"]}),
    "every_source_is_used": lambda rules: replace(rules, sources={**rules.sources, "new": rules.sources["decision"]}),
    "every_word_is_used": lambda rules: replace(rules, reasons={**rules.reasons, "new": rules.reasons["ton_count"]}),
    "roles_agree": lambda _: with_code("64476", role="primary"),
    "add_ons_have_parents": lambda _: with_code("64476", parents=()),
    "sides_agree": lambda _: with_code("64494", sided=False),
    "pairs_meet": lambda _: with_code("62284", first=date(2026, 1, 1), last=date(2026, 1, 2)),
    "rows_lie_in_what_is_covered": lambda rules: replace(rules, families={
        name: family.model_copy(update={"covers": family.covers.model_copy(update={"start": date(2006, 2, 1)})})
        for name, family in rules.families.items()
    }),
}  # fmt: skip


@pytest.mark.parametrize("rule", HOUSE_RULES, ids=lambda rule: rule.__name__)
def test_a_house_rule_that_is_broken_is_seen(rule: Callable[[Library], Any]) -> None:
    assert list(rule(BROKEN_HOUSES[rule.__name__](library())))


def line(code: str, *modifiers: str, units: int = 1) -> CodeLine:
    return CodeLine(code=code, modifiers=modifiers, units=units, family="facet_injection",
                    rule="facet_injection.first_joint@2006-01-01", source={"decision": "D-1"})  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([line("64493")], "does not live"),
        ([line("64476", "LT")], "without its primary"),
        ([line("62311", "LT")], "takes no side"),
        ([line("62290", units=6)], "over its limit"),
        ([line("76005")], "guidance alone"),
        ([line("64475", "LT"), line("64475", "LT")], "two lines of one code"),
        ([line("62284"), line("62270")], "which holds it, without a modifier"),
        ([line("62284"), line("62311")], "which are never both"),
        ([line("62311").model_copy(update={"rule": "made.up@2006-01-01"})], "is no row"),
        ([line("62311").model_copy(update={"source": {}})], "without source"),
    ],
)
def test_what_may_not_be_is_seen_by_those_who_look_for_it(lines: list[CodeLine], words: str) -> None:
    answer = Adjudication(
        date_of_service=date(2006, 6, 1), disposition="auto", lines=tuple(lines), profile="p", rules="r"
    )
    assert any(words in found for found in broken(answer))
