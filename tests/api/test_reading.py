"""What comes in is read, read with a warning, or refused by one sentence that names it and the limit."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import pytest

from api.reading import LARGEST_REPORT, InputError, read_bytes, read_date, read_file, read_text

PLAIN = "Caf\u00e9 \u2013 L4-L5 \u201cTuohy\u201d"


@pytest.mark.parametrize(
    "raw",
    [
        PLAIN.encode(),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        b"\xff\xfe" + PLAIN.encode("utf-16-le"),
        b"\xfe\xff" + PLAIN.encode("utf-16-be"),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16 little", "utf-16 big"],
)
def test_unicode_is_read_without_a_word(raw: bytes) -> None:
    reading = read_bytes(raw, name="a.txt")
    assert (reading.text, reading.warnings) == (PLAIN, ())


def test_windows_text_is_read_and_the_result_says_so() -> None:
    reading = read_bytes(PLAIN.encode("cp1252"), name="a.txt")
    assert reading.text == PLAIN
    assert [warning for warning, _ in reading.warnings] == ["decoded_as_cp1252"]


@pytest.mark.parametrize("text", ["a\rb\r\rc", "a\r\nb", "\tL4-L5 \x1b[31m red \u202e", "x" * 200_000, "a:" * 16_000])
def test_text_is_kept_to_the_character(text: str) -> None:
    assert read_bytes(text.encode(), name="a.txt").text == text


@pytest.mark.usefixtures("must_end")
@pytest.mark.parametrize(
    ("raw", "kind", "says"),
    [
        (b"", "empty", "a.txt is empty: a report needs at least one word."),
        (b" \r\n\t ", "empty", "a.txt is empty"),
        (b"\xef\xbb\xbf", "empty", "a.txt is empty"),
        (b"needle\0placed", "not_text", "a.txt is not a text: it holds NUL bytes"),
        (b"\xff\xfeabc", "not_text", "a.txt is not a text: it begins as UTF-16"),
        (b"\xff\xfea\0\0\0", "not_text", "a.txt is not a text: it holds NUL characters"),
        (b"%PDF-1.7 stream of words", "not_text", "a.txt is not a text: it looks like a binary file"),
        (bytes(range(1, 32)) * 3, "not_text", "a.txt is not a text: it looks like a binary file"),
        (b"\xe9 \x81 \x8d", "not_text", "a.txt is not a text: it is neither UTF-8, UTF-16 nor cp1252."),
        (b"a" * LARGEST_REPORT, "too_large", "a.txt is too large: a report must be smaller than 5 MB (5,000,000 bytes"),
        (rb"{\rtf1 \par }", "empty", "a.txt is empty"),
        (rb"{\rtf1 " + b"{}" * 400_000, "too_large", "a.txt is too large: it has more than 300,000 RTF marks"),
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused(raw: bytes, kind: str, says: str) -> None:
    with pytest.raises(InputError) as refusal:
        read_bytes(raw, name="a.txt")
    assert refusal.value.kind == kind
    assert str(refusal.value).startswith(says)


def test_the_largest_report_is_one_byte_under_the_limit() -> None:
    assert len(read_bytes(b"a " * (LARGEST_REPORT // 2 - 1) + b"a", name="a.txt").text) == LARGEST_REPORT - 1


def test_text_that_came_as_text_is_held_to_the_same_limits() -> None:
    for text in ("", "\0", "a" * LARGEST_REPORT):
        with pytest.raises(InputError):
            read_text(text, name="Line 1")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(InputError, match="cannot be read: "):
            read_file(str(path))


def test_no_more_is_read_of_an_endless_input_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a" * (2 * LARGEST_REPORT))))
    with pytest.raises(InputError, match="standard input is too large"):
        read_file("-")


def test_a_date_is_a_day_of_the_calendar() -> None:
    assert read_date("2006-06-01") == dt.date(2006, 6, 1)
    for wrong in ("2006-6-1", "20060601", "06/01/2006", "2006-02-30", "2006-W01-1", "", "2006-06-01T00:00"):
        with pytest.raises(InputError, match="YYYY-MM-DD"):
            read_date(wrong)
