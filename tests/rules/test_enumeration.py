"""Hundreds of thousands of encounters, the same ones every time: what must hold of every answer holds of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import combinations_with_replacement, product
from typing import Any

import pytest
from encounters import core, days_of, sampled
from invariants import broken, shape, turned, turned_library
from rule_cases import cases

from rules.adjudicate import adjudicate_with
from rules.encounter import Encounter, Procedure
from rules.library import library

FAMILIES = sorted(library().families)
EDITIONS = [(name, day) for name in FAMILIES for day in days_of(library().families[name])]
SAMPLED = 1500  # an edition of a family
ORDINARY = 2  # sets of other facts of a family: with the first every approach and agent is asked too
PLACES = {"family", "sites", "levels", "vertebral_bodies", "nerves", "regions", "side", "guidance"}
WANTED = defaultdict(lambda: ("auto",), sacroplasty=("review",))  # cement in the sacrum always needs a human
EVERY = 5  # each fifth is also asked with its order, and that of the rules, turned round
AS_MANY = 3  # encounters of a family that meet those of every other
SESSIONS = (False, True)


def check(encounter: Encounter, *, profile: str, is_turned: bool) -> None:
    rules = library()
    chosen = rules.profiles[profile]
    answer = adjudicate_with(rules, encounter, profile=chosen)
    wrong = broken(answer, claim=chosen.claim)
    assert not wrong, f"{wrong} of {encounter!r} by {profile}"
    if is_turned:
        other = adjudicate_with(turned_library(), turned(encounter), profile=turned_library().profiles[profile])
        assert shape(other) == shape(answer), f"order matters to {encounter!r}"


@cache
def ordinary() -> dict[str, list[dict[str, Any]]]:
    """The facts beside place, side and guidance of the first reports of each family that need no review."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in FAMILIES}
    for case in cases():
        alone = case.encounter.procedures
        if len(alone) == 1 and case.expect["disposition"] in WANTED[alone[0].family]:
            facts = alone[0].model_dump(exclude_defaults=True, exclude=PLACES)
            if facts not in found[alone[0].family]:
                found[alone[0].family].append(facts)
    return {name: facts[:ORDINARY] for name, facts in found.items()}


@cache
def met() -> dict[str, list[Procedure]]:
    """A few procedures of each family, out of its cases, that have lines on some day."""
    found: dict[str, list[Procedure]] = {name: [] for name in FAMILIES}
    for case in cases():
        alone = case.encounter.procedures
        if len(alone) == 1 and case.expect["lines"] and alone[0] not in found[alone[0].family]:
            found[alone[0].family].append(alone[0])
    return {name: procedures[:AS_MANY] for name, procedures in found.items()}


def encounters(name: str, day: date) -> Iterator[Encounter]:
    for place, facts in enumerate(ordinary()[name]):
        yield from core(library().families[name], day, facts, is_whole=place == 0)


@pytest.mark.parametrize(("name", "day"), EDITIONS, ids=str)
def test_every_set_of_levels_sides_guidance_approaches_and_agents(name: str, day: date) -> None:
    for number, encounter in enumerate(encounters(name, day)):
        check(encounter, profile="medicare_professional", is_turned=number % EVERY == 0)


@pytest.mark.parametrize(("name", "day"), EDITIONS, ids=str)
def test_everything_that_the_rules_of_a_family_tell_apart(name: str, day: date) -> None:
    profiles = sorted(library().profiles)
    for number, encounter in sampled(library().families[name], day, SAMPLED):
        check(encounter, profile=profiles[number % len(profiles)], is_turned=number % EVERY == 0)


PAIRS = list(combinations_with_replacement(FAMILIES, 2))
DAYS = sorted({day for _, day in EDITIONS})


@pytest.mark.parametrize("first", FAMILIES)
def test_every_family_beside_every_other(first: str) -> None:
    procedures = met()
    number = 0
    for second in (two for one, two in PAIRS if one == first):
        for one, two, is_separate, day in product(procedures[first], procedures[second], SESSIONS, DAYS[::2]):
            other = two.model_copy(update={"separate_session": is_separate})
            number += 1
            encounter = Encounter(date_of_service=day, procedures=(one, other))
            check(encounter, profile="medicare_professional", is_turned=number % EVERY == 0)


def test_there_are_hundreds_of_thousands() -> None:
    alone = sum(1 for name, day in EDITIONS for _ in encounters(name, day))
    assert alone + SAMPLED * len(EDITIONS) > 500_000
