"""The clean copy of a text: folded for reading, and every character knows where it came from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.document import LONGEST_WORD, fold_words, read

FOLDED = {
    "L4\u20135": "L4-5", "L4\u2014L5": "L4-L5", "L4\u20115": "L4-5", "L4\u22125": "L4-5",
    "patient\u2019s": "patient's", "\u201cspinal\u201d": '"spinal"',
    "a\u00a0b": "a b", "a\u2009b": "a b", "a\tb": "a b", "a  b": "a b", "a \n b": "a b", "a\r\nb": "a b", "a\rb": "a b",
    " a ": "a", "\n\na": "a", "left-sided": "left sided", "x-ray": "x ray", "C-arm": "C arm", "z-joint": "z joint",
    "L5-S1": "L5-S1", "T12-L1": "T12-L1", "well-being": "well being", "• item": "* item", "fa\u00adcet": "facet",
    "L4\u200b-5": "L4-5", "\ufeffL4": "L4", "a\x07b": "ab", "é": "é", "e\u0301": "e\u0301", "": "",
    "\U00013000": "\U00013000", "🙂": "", "a 🙂 b": "a b", "L4-5 🙂\nL5": "L4-5 L5",
    " \n ": "",
    "\x00": "",
}  # fmt: skip


@pytest.mark.parametrize(("text", "clean"), FOLDED.items())
def test_clean_copy(text: str, clean: str) -> None:
    assert read(text).clean == clean


def test_line_breaks_are_kept_beside_the_copy() -> None:
    document = read("a\nb\n\nc\r\nd\re\n \nf")
    assert document.clean == "a b c d e f"
    assert [(document.clean[place], strength) for place, strength in document.breaks] == [
        ("b", 1), ("c", 2), ("d", 1), ("e", 1), ("f", 2),
    ]  # fmt: skip


def test_a_run_without_spaces_holds_nothing_to_read() -> None:
    assert read("a " + "x" * (LONGEST_WORD + 1) + " b").clean == "a b"
    assert read("a " + "x" * LONGEST_WORD + " b").clean == "a " + "x" * LONGEST_WORD + " b"


def test_evidence_is_the_text_as_received() -> None:
    text = "The left\u00a0L4\u2013\n5 fa\u00adcet joint."
    document = read(text)
    start = document.clean.index("L4")
    span = document.evidence(start, start + len("L4- 5 facet"))
    assert (span.quote, span.start) == ("L4\u2013\n5 fa\u00adcet", 9)


DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
ODD = st.text(st.sampled_from("aL45 -\u2013\u2014\n\r\t\u00a0\u200b\ufeff\u00ad\u2019\u201c🙂e\u0301İß…\u2028\x00\x1b"))


@given(st.one_of(st.text(), ODD))
def test_every_character_knows_where_it_came_from(text: str) -> None:
    document = read(text)
    clean, origin = document.clean, document.origin
    assert len(clean) == len(origin)
    assert list(origin) == sorted(set(origin))
    assert "  " not in clean
    assert clean == clean.strip(" ")
    assert all(
        char == " " or fold_words(text[place]) == char or text[place] in DASHES
        for char, place in zip(clean, origin, strict=True)
    )
    assert all(0 < place < len(clean) or place == 0 for place, _ in document.breaks)
    for start in range(0, len(clean), 7):
        span = document.evidence(start, min(start + 5, len(clean)))
        assert text[span.start : span.end] == span.quote


@given(st.one_of(st.text(), ODD))
def test_folding_keeps_the_length(text: str) -> None:
    assert len(fold_words(text)) == len(text)


@given(st.one_of(st.text(), ODD))
def test_a_clean_copy_is_clean(text: str) -> None:
    clean = read(text).clean
    assert read(clean).clean == clean
