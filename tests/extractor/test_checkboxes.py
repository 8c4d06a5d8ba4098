"""Labels of empty boxes are blanked out, each at its place; those of ticked boxes stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.checkboxes import leave_out_unchecked
from extractor.document import read

LEFT_STANDING = {
    "[x] Left [ ] Right": "[x] Left [ ]",
    "[ ] Left [x] Right": "[ ] [x] Right",
    "[X] Left [] Right": "[X] Left []",
    "☒ Left ☐ Right": "☒ Left ☐",
    "☑ Left ☐ Right": "☑ Left ☐",
    "(x) Left ( ) Right": "(x) Left ( )",
    "[ ] L3-4 [x] L4-5 [x] L5-S1": "[ ] [x] L4-5 [x] L5-S1",
    "[ ] Left [ ] Right": "[ ] [ ]",
    "[ ] Left\n[x] Right\nMore words": "[ ] [x] Right More words",
    "[x] Left\n[ ] Right\nMore words": "[x] Left [ ] More words",
    "[x] Left": "[x] Left",
    "no boxes": "no boxes",
    "": "",
}


@pytest.mark.parametrize(("text", "standing"), LEFT_STANDING.items())
def test_what_is_left_standing(text: str, standing: str) -> None:
    document = leave_out_unchecked(read(text))
    assert " ".join(document.clean.split()) == standing
    assert len(document.clean) == len(document.origin)


def test_words_far_from_a_box_are_not_its_label() -> None:
    far = "word " * 40
    assert "word word" in leave_out_unchecked(read(f"[x] yes [ ] no {far}")).clean


@given(
    st.lists(st.sampled_from(["[x]", "[ ]", "☐", "☒", "( )", "left", "L4-5", "\n", "words"]), max_size=30).map(" ".join)
)
def test_nothing_moves(text: str) -> None:
    before = read(text)
    after = leave_out_unchecked(before)
    assert (after.text, after.origin, after.breaks) == (before.text, before.origin, before.breaks)
    assert len(after.clean) == len(before.clean)
    assert all(new in (old, " ") for old, new in zip(before.clean, after.clean, strict=True))
