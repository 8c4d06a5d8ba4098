"""What comes in, turned into text with an honest word on how, or refused with one sentence that names the limit."""

from __future__ import annotations

import codecs
import re
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from api.rtf import RtfError, is_rtf, text_of_rtf

LARGEST_REPORT = 5_000_000
"""A report of this many bytes or more is refused; real ones are a thousand times smaller."""

STANDARD_INPUT = "-"
_MORE_CONTROLS_THAN_TEXT = 0.05
_CONTROLS = bytes(n for n in range(32) if n not in b"\t\n\r\f\v\x1b") + b"\x7f"
_BINARY_STARTS = (b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"\xd0\xcf\x11\xe0")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

ReadingWarning = Literal["decoded_as_cp1252", "rtf_extracted"]


class InputError(ValueError):
    """An input that cannot be coded; its message is one sentence for a person and holds nothing of the text."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Reading:
    """A report as the extractor gets it. Evidence offsets count characters of ``text``."""

    text: str
    warnings: tuple[tuple[ReadingWarning, str], ...] = ()


def read_file(path: str) -> Reading:
    """The report in a file, or on standard input where *path* is ``-``."""
    name = input_name(path)
    try:
        if path == STANDARD_INPUT:
            raw = sys.stdin.buffer.read(LARGEST_REPORT + 1)
        else:
            with Path(path).open("rb") as stream:
                raw = stream.read(LARGEST_REPORT + 1)
    except OSError as fault:
        raise InputError("unreadable", f"{name} cannot be read: {fault.strerror or type(fault).__name__}.") from None
    return read_bytes(raw, name=name)


def input_name(path: str) -> str:
    """What an input is called in a message."""
    return "standard input" if path == STANDARD_INPUT else path


def read_bytes(raw: bytes, *, name: str) -> Reading:
    """*raw* as text: UTF-8, UTF-16 with its mark, or cp1252 and a warning that says so."""
    _refuse_size(len(raw), name=name)
    text, warnings = decode(raw, name=name)
    return read_text(text, name=name, warnings=warnings)


def read_text(text: str, *, name: str, warnings: tuple[tuple[ReadingWarning, str], ...] = ()) -> Reading:
    """*text* as received, checked; of RTF the plain text in it, with a warning that offsets refer to that."""
    _refuse_size(len(text), name=name)
    if "\0" in text:
        raise InputError("not_text", f"{name} is not a text: it holds NUL characters, which no report may.")
    if is_rtf(text):
        try:
            text = text_of_rtf(text)
        except RtfError as fault:
            raise InputError("too_large", f"{name} is too large: {fault}; send plain text.") from None
        message = "The report was RTF; evidence quotes and offsets refer to the plain text taken out of it."
        warnings = (*warnings, ("rtf_extracted", message))
    if not text.strip():
        raise InputError("empty", f"{name} is empty: a report needs at least one word.")
    return Reading(text=text, warnings=warnings)


def decode(raw: bytes, *, name: str) -> tuple[str, tuple[tuple[ReadingWarning, str], ...]]:
    """Text of *raw* without its byte order mark, and the warning due where it had to be taken for cp1252."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return raw.decode("utf-16"), ()
        except UnicodeDecodeError:
            raise InputError("not_text", f"{name} is not a text: it begins as UTF-16 and does not go on so.") from None
    _refuse_binary(raw, name=name)
    try:
        return raw.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        pass
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        raise InputError("not_text", f"{name} is not a text: it is neither UTF-8, UTF-16 nor cp1252.") from None
    return text, (("decoded_as_cp1252", "The report is not UTF-8; it was read as cp1252 (Windows Western)."),)


def read_date(value: str) -> date:
    """The day written ``YYYY-MM-DD``; anything else is refused."""
    try:
        if _ISO_DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise InputError("bad_date", "The date of service is not a day of the calendar written YYYY-MM-DD.")


def _refuse_size(size: int, *, name: str) -> None:
    if size >= LARGEST_REPORT:
        limit = f"{LARGEST_REPORT // 1_000_000} MB ({LARGEST_REPORT:,} bytes)"
        raise InputError("too_large", f"{name} is too large: a report must be smaller than {limit}.")


def _refuse_binary(raw: bytes, *, name: str) -> None:
    if b"\0" in raw:
        raise InputError("not_text", f"{name} is not a text: it holds NUL bytes, which no report may.")
    controls = len(raw) - len(raw.translate(None, _CONTROLS))
    if raw.startswith(_BINARY_STARTS) or controls > _MORE_CONTROLS_THAN_TEXT * len(raw):
        raise InputError("not_text", f"{name} is not a text: it looks like a binary file; send plain text or RTF.")
