"""Words taken back are blanked out, everywhere, at their place; what only sounds like a correction takes back none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.corrections import correct
from extractor.document import read
from extractor.layout import lay_out

TAKEN = {
    "At L3-4, correction, L4-5.": ["L3-4", "correction"],
    "At L3-4, I mean L4-5.": ["L3-4", "I", "mean"],
    "At L3-4, sorry, L4-5.": ["L3-4", "sorry"],
    "At the left, I mean right, joint.": ["left", "I", "mean"],
    "At the left L3-4, correction, right L4-5 joint.": ["left", "L3-4", "correction"],
    "At L3-4, or rather L4-5.": ["L3-4", "rather"],
    "At L3-4. Correction: the side is right.": [],
    "Sorry for the delay. At L3-4 and L4-5.": [],
    "At L3-4, rather slowly.": [],
    "At L3-4. Then a needle, of 22, correction, 25 gauge.": [],
    "The left L4-5.\nADDENDUM: L4-5 should read L5-S1.": ["L4-5", "L4-5"],
    "The left L4-5.\nADDENDUM: It was the right side, not the left.": ["left", "left"],
    "The left L4-5.\nADDENDUM: Left is an error. The right L4-5 was injected.": ["left", "Left"],
    "The left L4-5.\nADDENDUM: Sent to Dr Vane.": [],
    "The left L4-5.\nADDENDUM: The left L5-S1 was injected too.": [],
    "The left L4-5. He was not in pain on the right.": [],
}  # fmt: skip


def taken(text: str) -> list[str]:
    """The words of *text* that are blank after correction, run by run."""
    document = read(text)
    corrected = correct(document, lay_out(document)).document
    assert len(corrected.clean) == len(document.clean)
    blanked = "".join(
        old if new == " " != old else "\n" for old, new in zip(document.clean, corrected.clean, strict=True)
    )
    return [words for words in blanked.split("\n") if words]


@pytest.mark.parametrize(("text", "words"), TAKEN.items())
def test_what_is_taken_back(text: str, words: list[str]) -> None:
    assert taken(text) == words


def test_sentences_that_correct_are_final() -> None:
    document = read("The left L4-5.\nADDENDUM: It was the right side, not the left.")
    final = correct(document, lay_out(document)).final
    words = [document.clean[a:b].strip() for a, b in final]
    assert words[-1] == "It was the right side, not the left."
    assert "The left L4-5." not in words


WORDS = ["left", "right", "both", "L3-4", "L4-5", "L5-S1", "The", "joint", ".", ",", "\n", "was injected", "ADDENDUM:"]
CUES = ["correction,", "I mean", "not", "should read", "is an error.", "sorry"]


@given(st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join))
def test_without_words_of_correction_nothing_is_taken_back(text: str) -> None:
    assert taken(text) == []


@given(st.lists(st.sampled_from([*WORDS, *CUES]), max_size=30).map(" ".join))
def test_nothing_is_moved(text: str) -> None:
    assert all(word in text.replace("\n", " ") for word in taken(text))
