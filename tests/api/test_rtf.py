"""RTF pasted in gives the words it shows and nothing of its machinery, in bounded time."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.reading import read_text
from api.rtf import MOST_MARKS, RtfError, _Reader, is_rtf, text_of_rtf

HEAD = r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss Helvetica;}}{\*\generator Riched20;}{\colortbl;\red0;}"


@pytest.mark.parametrize(
    ("rtf", "text"),
    [
        (r"\f0\fs24 PROCEDURE: \b Right\b0  L4\par injection\line done}", "PROCEDURE: Right L4\ninjection\ndone"),
        (r"Caf\'e9 5\~mL \{x\} a\\b C7\_T1}", "Caf\u00e9 5 mL {x} a\\b C7-T1"),
        (r"L4\u8211?L5 \uc2\u8211??L6 \uc0\u8212 x}", "L4\u2013L5 \u2013L6 \u2014x"),
        (r"\u-10179?\u-8704? \u-10179? lone}", "\U0001f600 \ufffd lone"),
        (r"a{\header Name 123}{\*\bkmkstart x}b{\pict\bin5 {{{{{}c{\field{\*\fldinst LINK y}{\fldrslt z}}}", "abcz"),
        ("one\r\ntwo\\\nthree}", "onetwo\nthree"),
        (r"a\cell b\row c\tab d}", "a\tb\nc\td"),
        (r"{\b open and never closed", "open and never closed"),
        (r"too many}}} after", "too many after"),
        (r"\ansicpg99999 x\'e9\unknownword7 y}", "x\u00e9y"),
        (r"ends with \ ".rstrip(), "ends with "),
    ],
)  # fmt: skip
def test_words_come_out(rtf: str, text: str) -> None:
    assert text_of_rtf(HEAD + rtf) == text


def test_double_byte_characters_are_read_together() -> None:
    assert text_of_rtf(r"{\rtf1\ansicpg932 \'83\'65\'83\'58}") == "\u30c6\u30b9"


def test_only_what_begins_as_rtf_is_rtf() -> None:
    assert is_rtf(" \r\n{\\rtf1 x}")
    assert not is_rtf("See {\\rtf1 x}")


def test_the_reader_is_told_what_offsets_refer_to() -> None:
    reading = read_text(HEAD + "Needle at L4.}", name="a.rtf")
    assert reading.text == "Needle at L4."
    assert [warning for warning, _ in reading.warnings] == ["rtf_extracted"]


@pytest.mark.usefixtures("must_end")
@pytest.mark.parametrize(
    "piece", [r"{\field{\*\fldinst{ HYPERLINK ", "{", "}", r"\'e9", r"\u8211?", "\\", "a\n", r"\bin9999999999 "]
)
def test_no_more_of_hostile_documents_is_read_than_of_any_other(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What reading takes is the marks that are read: a bound on those holds on every machine."""
    marks = 0

    class Counted(_Reader):
        def take(self, token: re.Match[str]) -> int:
            nonlocal marks
            marks += 1
            return super().take(token)

    monkeypatch.setattr("api.rtf._Reader", Counted)
    with contextlib.suppress(RtfError):
        text_of_rtf(r"{\rtf1 " + piece * (4_900_000 // len(piece)))
    assert 0 < marks <= MOST_MARKS + 1


@given(st.text(alphabet="ab\\{}'*-u0123456789 \n\r\u00e9", max_size=200))
def test_any_document_gives_a_text(body: str) -> None:
    assert isinstance(text_of_rtf("{\\rtf1" + body), str)
