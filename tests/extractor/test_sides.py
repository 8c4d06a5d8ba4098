"""Side words, what looks like one, and which of the places in a sentence each of them speaks of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.document import read
from extractor.levels import find_levels
from extractor.sides import SideMention, assign_sides, find_sides
from rules.encounter import Side

WORDS: dict[str, list[Side]] = {
    "left": ["left"], "right": ["right"], "Lt L4-5": ["left"], "RT L4-5": ["right"], "L4-5 (L)": ["left"],
    "L4-5 (R)": ["right"], "left-sided": ["left"], "bilateral": ["bilateral"], "bilaterally": ["bilateral"],
    "B/L L4-5": ["bilateral"], "bilat": ["bilateral"], "both sides": ["bilateral"], "both L4-5 joints": ["bilateral"],
    "both sacroiliac joints": ["bilateral"], "left and right": ["bilateral"], "the right and the left": ["bilateral"],
    "right then left": ["bilateral"], "left & right": ["bilateral"], "by lateral": ["bilateral"],
    "left L3-4 and right L4-5": ["left", "right"],
}  # fmt: skip
NO_SIDES = (
    "left lateral decubitus position", "the right arm", "left leg pain", "right-sided sciatica",
    "left anterior oblique",
    "rotated to the left", "the head turned to the right", "the needle was left in place", "the patient left the room",
    "catheter left in situ", "right hand IV", "left iliac crest", "right-handed", "left/right", "leftover",
    "bright", "upright", "alright", "C-arm obliqued to the left", "lying on her right side down",
    "left paracentral disc",
    "both needles", "both the patient and his wife", "right internal jugular", "pain on the left",
)  # fmt: skip
SCOPES: dict[str, dict[str, Side]] = {
    "right L3-4, L4-5 and L5-S1": {"L3-4": "right", "L4-5": "right", "L5-S1": "right"},
    "L3-4, L4-5 and L5-S1 on the right": {"L3-4": "right", "L4-5": "right", "L5-S1": "right"},
    "left L3-4 and right L4-5": {"L3-4": "left", "L4-5": "right"},
    "L3-4 on the left and L4-5 on the right": {"L3-4": "left", "L4-5": "right"},
    "L3-4 (left), L4-5 (right)": {"L3-4": "left", "L4-5": "right"},
    "left L3-4; right L4-5, L5-S1": {"L3-4": "left", "L4-5": "right", "L5-S1": "right"},
    "bilateral L4-5 and left L5-S1": {"L4-5": "bilateral", "L5-S1": "left"},
    "L3-4 on the right, L4-5 bilaterally": {"L3-4": "right", "L4-5": "bilateral"},
    "left facet joint injections at L3-4 and L4-5": {"L3-4": "left", "L4-5": "left"},
    "L3-4 and L4-5 bilaterally": {"L3-4": "bilateral", "L4-5": "bilateral"},
    "right facet joint at L4-5, the arm resting": {"L4-5": "right"},
    "L4-5 with the left arm raised": {},
    "L4-5": {},
}  # fmt: skip


def found(text: str) -> tuple[SideMention, ...]:
    return find_sides(read(text).clean, 0)


@pytest.mark.parametrize(("text", "sides"), WORDS.items())
def test_side_words(text: str, sides: list[Side]) -> None:
    assert [mention.side for mention in found(text)] == sides


@pytest.mark.parametrize("text", NO_SIDES)
def test_words_that_are_no_side_of_a_treatment(text: str) -> None:
    assert found(text) == ()


@pytest.mark.parametrize(("text", "scopes"), SCOPES.items())
def test_which_levels_a_side_speaks_of(text: str, scopes: dict[str, Side]) -> None:
    offset = 100
    places = [(offset + level.start, offset + level.end) for level in find_levels(text)]
    given_sides, _ = assign_sides(text, offset, places)
    assert {
        text[start - offset : end - offset]: given_sides[start] for start, end in places if start in given_sides
    } == scopes


def test_a_side_without_a_level_is_handed_back() -> None:
    given_sides, idle = assign_sides("The needle went in on the left.", 0, [])
    assert given_sides == {}
    assert [mention.side for mention in idle] == ["left"]


def test_offsets_are_those_of_the_text() -> None:
    [mention] = find_sides("on the left side", 50)
    assert (mention.start, mention.end) == (57, 66)


PIECES = st.sampled_from(
    ["left", "right", "bilateral", "both", "L4-5", "L5-S1", "and", ",", ";", "on the", "arm", ".", "(", ")"]
)


@given(st.lists(PIECES, max_size=30).map(" ".join))
def test_every_place_has_one_side_at_most_and_no_side_is_lost(text: str) -> None:
    places = [(level.start, level.end) for level in find_levels(text)]
    given_sides, idle = assign_sides(text, 0, places)
    assert set(given_sides) <= {start for start, _ in places}
    assert {mention.side for mention in find_sides(text, 0)} == {*given_sides.values(), *(one.side for one in idle)}
