"""Beyond what is enumerated: any encounter that the form can hold, on any day, by any profile."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from invariants import broken, shape, turned, turned_library

from rules.adjudicate import adjudicate_with
from rules.anatomy import VERTEBRAE, Region
from rules.encounter import Agent, Encounter, Guidance, Procedure, Side, Site
from rules.facts import GIVEN
from rules.library import library

FAMILIES = [*sorted(library().families), *sorted(library().without_rules), "no_such_family"]
SPACES = [f"{upper}-{lower}" for upper, lower in pairwise(VERTEBRAE)]
NAMES = {
    "interspace": [*SPACES, "L4-S1"], "vertebral_body": list(VERTEBRAE), "nerve": [*VERTEBRAE, "TON", "C8"],
    "foramen": [*SPACES, "S1", "S2"], "side": [""],
}  # fmt: skip


@st.composite
def sites(draw: st.DrawFn) -> Site:
    kind = draw(st.sampled_from(sorted(NAMES)))
    return Site.model_validate({
        "kind": kind, "name": draw(st.sampled_from(NAMES[kind])), "side": draw(st.sampled_from(get_args(Side))),
    })  # fmt: skip


@st.composite
def procedures(draw: st.DrawFn) -> Procedure:
    facts = {
        fact: draw(st.sampled_from(get_args(words))) for fact, words in sorted(GIVEN.items()) if draw(st.booleans())
    }
    return Procedure.model_validate({
        "family": draw(st.sampled_from(FAMILIES)), **facts,
        "sites": draw(st.lists(sites(), max_size=6)),
        "regions": draw(st.lists(st.sampled_from(get_args(Region)), max_size=2, unique=True)),
        "agents": draw(st.lists(st.sampled_from(get_args(Agent)), max_size=2, unique=True)),
        "other_guidance": draw(st.lists(st.sampled_from(get_args(Guidance)), max_size=1)),
        "separate_session": draw(st.booleans()),
    })  # fmt: skip


@st.composite
def encounters(draw: st.DrawFn) -> Encounter:
    return Encounter(
        date_of_service=draw(st.none() | st.dates(date(2005, 12, 1), date(2027, 1, 31))),
        procedures=tuple(draw(st.lists(procedures(), min_size=1, max_size=4))),
        professional_component=draw(st.booleans()),
    )


@pytest.mark.parametrize("profile", sorted(library().profiles))
@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(encounter=encounters())
def test_what_holds_of_every_answer_holds_of_any(profile: str, encounter: Encounter) -> None:
    rules = library()
    chosen = rules.profiles[profile]
    answer = adjudicate_with(rules, encounter, profile=chosen)
    assert broken(answer, claim=chosen.claim) == []
    assert answer.profile == profile
    other = adjudicate_with(turned_library(), turned(encounter), profile=turned_library().profiles[profile])
    assert shape(other) == shape(answer)
