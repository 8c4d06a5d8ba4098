"""Level mentions in every notation, and what only looks like one: the words of the text, and what they name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.document import read
from extractor.levels import LevelMention, find_levels
from rules.anatomy import VERTEBRAE, bones_between

PAIRS = {
    "L4-5": "L4-L5", "L4-L5": "L4-L5", "L4/5": "L4-L5", "L4/L5": "L4-L5", "L45": "L4-L5", "L34": "L3-L4",
    "L5-S1": "L5-S1", "L5-1": "L5-S1", "L51": "L5-S1", "L5S1": "L5-S1", "L5-S-1": "L5-S1", "L5/S1": "L5-S1",
    "C7-T1": "C7-T1", "C7T1": "C7-T1", "C7-1": "C7-T1", "C7-D1": "C7-T1", "T12-L1": "T12-L1", "T12-1": "T12-L1",
    "D12-L1": "T12-L1", "D1-2": "T1-T2", "T910": "T9-T10", "T1011": "T10-T11", "T1112": "T11-T12", "T89": "T8-T9",
    "T9-10": "T9-T10", "C0-1": "C0-C1", "C1-2": "C1-C2", "S1-S2": "S1-S2", "L-4-5": "L4-L5", "L-4 - L-5": "L4-L5",
    "L 4/5": "L4-L5", "l4-5": "L4-L5", "L5-4": "L4-L5", "L4L5": "L4-L5", "L4 L5": "L4-L5", "L4 5": "L4-L5",
    "lumbar 3-4": "L3-L4", "lumbar four five": "L4-L5", "L four L five": "L4-L5", "L for L five": "L4-L5",
    "lumbar four to five": "L4-L5", "cervical five six": "C5-C6", "cervical 7 thoracic 1": "C7-T1",
    "atlantoaxial": "C1-C2", "atlanto-axial": "C1-C2", "atlantooccipital": "C0-C1", "lumbosacral disc": "L5-S1",
    "cervicothoracic junction": "C7-T1", "between L4 and L5": "L4-L5", "between the laminae of C6 and C7": "C6-C7",
}  # fmt: skip
SINGLES = {
    "L4": "L4", "L 4": "L4", "L-4": "L4", "the L5 root": "L5", "D12 vertebra": "T12", "C8": "C8", "S1 foramen": "S1",
    "lumbar five": "L5", "thoracic 8": "T8", "third lumbar": "L3", "Second Lumbar vertebra": "L2", "first sacral": "S1",
    "at L4, 2 cc": "L4", "L3 2 ml": "L3", "L4 5 cc": "L4", "S1 1 ml": "S1", "T8 10:30": "T8", "L1 1/2 inch": "L1",
}  # fmt: skip
RANGES = {
    "L3-S1": "L3-S1", "L3 to S1": "L3-S1", "L3 through S1": "L3-S1", "L3 thru S1": "L3-S1", "S1-L4": "L4-S1",
    "C3-C7": "C3-C7", "T10-L1": "T10-L1", "T12 to L2": "T12-L2", "L4 through 5": "L4-L5", "L5 through 1": "L5-S1",
    "T1-12": "T1-T12", "L5-S2": "L5-S2",
}  # fmt: skip
LISTS = {
    "L3, 4 and 5": ["L3", "L4", "L5"], "L3,4,5": ["L3", "L4", "L5"], "L4 and 5": ["L4", "L5"], "L4 & L5": ["L4", "L5"],
    "L4, and 5": ["L4", "L5"], "L3,L4,L5": ["L3", "L4", "L5"], "L5 and S1": ["L5", "S1"], "L4 L4-5": ["L4", "L4-L5"],
    "L3-4, 4-5": ["L3-L4", "L4-L5"], "L4-5 and 5-1": ["L4-L5", "L5-S1"], "L4-5, L5-S1": ["L4-L5", "L5-S1"],
    "L4-5 & L5-S1": ["L4-L5", "L5-S1"], "L3-L4-L5": ["L3-L4", "L4-L5"], "C5/6/7": ["C5-C6", "C6-C7"],
    "L3/L4/L5": ["L3-L4", "L4-L5"], "L4-5-S1": ["L4-L5", "L5-S1"], "L5-4-3": ["L4-L5", "L3-L4"],
    "L4/5/S1": ["L4-L5", "L5-S1"], "L45 and L51": ["L4-L5", "L5-S1"], "L4-5L5-S1": ["L4-L5", "L5-S1"],
    "lumbar three four and four five": ["L3-L4", "L4-L5"], "1. L3 2. L4": ["L3", "L4"], "L3 2. Left": ["L3"],
    "L4-5 and S1": ["L4-L5", "S1"], "T11-12 and T12-L1": ["T11-T12", "T12-L1"],
}  # fmt: skip
NONE = (
    "", "L", "lumbar", "L-spine 2 views", "C-arm 5 degrees", "T1 weighted", "T2 hyperintense signal", "T13", "L0", "L6",
    "L9", "L10-11", "TL5", "L4.3", "L123", "L2345", "2L4", "50 mg", "D50", "22 gauge", "XL4", "COL4A5",
    "first lumbar pass",
    "third lumbar injection", "L4-L4",
)  # fmt: skip
DOSES = (
    "1 ml", "2 cc", "5 mg", "40 mg", "10 mcg", "22 gauge", "25 g", "3.5 inch", "2 needles", "9 cm", "30 degrees",
    "2 minutes", "90 seconds", "2 times", "x 2", "60 Hz", "2 views", "4 tubes", "1 unit",
)  # fmt: skip


def found(text: str) -> tuple[LevelMention, ...]:
    return find_levels(read(text).clean)


def named(text: str) -> list[str]:
    return ["-".join(level.bones) for level in found(text)]


@pytest.mark.parametrize(("text", "name"), PAIRS.items())
def test_neighbours_are_an_interspace(text: str, name: str) -> None:
    assert named(text) == [name]
    assert found(text)[0].interspaces == (name,)


@pytest.mark.parametrize(("text", "name"), SINGLES.items())
def test_one_bone(text: str, name: str) -> None:
    assert [(level.kind, level.bones, level.interspaces) for level in found(text)] == [("single", (name,), ())]


@pytest.mark.parametrize(("text", "ends"), RANGES.items())
def test_ends_of_a_range(text: str, ends: str) -> None:
    [level] = found(text)
    assert (level.kind, "-".join(level.bones)) == ("range", ends)
    assert level.vertebrae == bones_between(*level.bones)
    assert len(level.interspaces) == len(level.vertebrae) - 1


@pytest.mark.parametrize(("text", "names"), LISTS.items())
def test_lists_are_read_one_by_one(text: str, names: list[str]) -> None:
    assert named(text) == names


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_level(text: str) -> None:
    assert named(text) == []


@pytest.mark.parametrize("dose", DOSES)
@pytest.mark.parametrize("level", ["L4-5", "L3-4,", "at L4-5 and"])
def test_a_quantity_after_a_level_is_no_level(level: str, dose: str) -> None:
    assert len(named(f"{level} {dose}")) == 1


@pytest.mark.parametrize(
    ("text", "loose"), [("L4 L5", True), ("L4/L5", True), ("L4-L5", False), ("L4/5", False), ("L4-5", False)]
)
def test_two_bones_with_little_between_may_be_a_list(text: str, loose: object) -> None:
    assert found(text)[0].loose is loose


@pytest.mark.parametrize("text", [*PAIRS, *SINGLES, *RANGES, *LISTS])
def test_spans_are_inside_the_text_and_in_order(text: str) -> None:
    padded = f"A needle, {text}, and no more."
    levels = found(padded)
    assert named(padded) == named(text)
    assert [level.start for level in levels] == sorted(level.start for level in levels)
    for level in levels:
        words = padded[level.start : level.end]
        assert words == words.strip()
        assert level.start < level.end <= len(padded)


BONES = st.sampled_from([bone for bone in VERTEBRAE if bone not in {"C0", "S2", "S3", "S4", "S5"}])
PIECES = st.sampled_from(
    ["L", "T", "C", "S", "4", "5", "12", "1", "-", "/", ",", " ", "and", "to", "lumbar", "five", ".", "ml"]
)


@given(BONES, BONES, st.sampled_from(["-", " - ", "/", " to ", " through "]))
def test_any_two_bones_are_read_with_what_lies_between(upper: str, lower: str, join: str) -> None:
    if upper != lower:
        [level] = find_levels(f"{upper}{join}{lower}")
        assert level.vertebrae == bones_between(upper, lower)
        assert (level.kind == "pair") == (len(level.vertebrae) == 2 and join not in {" to ", " through "})


@given(st.one_of(st.text(), st.lists(PIECES).map("".join), st.lists(PIECES).map(" ".join)))
def test_no_text_breaks_the_reading(text: str) -> None:
    for level in find_levels(text):
        assert isinstance(level, LevelMention)
        assert 0 <= level.start < level.end <= len(text)
        assert set(level.bones) <= {*VERTEBRAE, "C8"}
