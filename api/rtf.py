"""The plain text in an RTF document, read in one bounded pass however hostile the document."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"\\(?P<word>[A-Za-z]{1,32})(?P<number>-?\d{1,10})?[ ]?"
    r"|\\'(?P<byte>[0-9A-Fa-f]{2})"
    r"|\\(?P<symbol>[\s\S])"
    r"|(?P<brace>[{}])"
    r"|(?P<text>[^\\{}\r\n]+)"
)
_START = re.compile(r"\s*\{\\rtf")
_WORDS = {
    "par": "\n", "sect": "\n\n", "page": "\n\n", "line": "\n", "row": "\n", "cell": "\t", "nestcell": "\t", "tab": "\t",
    "emdash": "\u2014", "endash": "\u2013", "emspace": " ", "enspace": " ", "bullet": "\u2022",
    "lquote": "\u2018", "rquote": "\u2019", "ldblquote": "\u201c", "rdblquote": "\u201d",
}  # fmt: skip
_SYMBOLS = {"~": " ", "_": "-", "{": "{", "}": "}", "\\": "\\", "\n": "\n", "\r": "\n"}
# Groups that hold no words of the report: tables of the format, pictures, page furniture, links' addresses.
_NOT_TEXT = frozenset(
    {
        "fonttbl", "colortbl", "stylesheet", "listtable", "listoverridetable", "rsidtbl", "generator", "info",
        "pict", "object", "objdata", "themedata", "colorschememapping", "datastore", "latentstyles", "xmlnstbl",
        "fldinst", "header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf",
        "bkmkstart", "bkmkend", "annotation", "atnid", "atnauthor", "filetbl", "revtbl", "mailmerge",
    }
)  # fmt: skip
_HIGHEST_UNIT = 0xFFFF
MOST_MARKS = 300_000
"""Control words, braces and runs of text that are read; a report written in Word has a few thousand."""


class RtfError(ValueError):
    """An RTF document that is not read; the message says which limit it breaks."""


def is_rtf(text: str) -> bool:
    """Whether *text* begins as an RTF document does."""
    return _START.match(text) is not None


def text_of_rtf(document: str) -> str:
    """The words of *document* in order; unknown control words count for nothing, open braces end with the text."""
    reader = _Reader()
    place = marks = 0
    while place < len(document):
        token = _TOKEN.match(document, place)
        if token is None:  # a line break of the file, or a backslash at its end: neither is a word
            place += 1
        else:
            place = token.end() + reader.take(token)
        marks += 1
        if marks > MOST_MARKS:
            raise RtfError(f"it has more than {MOST_MARKS:,} RTF marks")
    return reader.text()


@dataclass(slots=True)
class _Group:
    """What holds inside one pair of braces; an inner group begins with what holds around it."""

    skipped: bool = False
    fallback: int = 1  # characters that follow a \\u for readers that know no Unicode


@dataclass(slots=True)
class _Reader:
    """The text so far, and the groups that are open."""

    out: list[str] = field(default_factory=list)
    coded: bytearray = field(default_factory=bytearray)  # bytes in the code page, kept together for double-byte ones
    codepage: str = "cp1252"
    group: _Group = field(default_factory=_Group)
    outer: list[_Group] = field(default_factory=list)
    to_drop: int = 0

    def take(self, token: re.Match[str]) -> int:
        """Read one token; the number of raw characters after it that are no RTF at all."""
        word = token["word"]
        if token["brace"]:
            self._brace(token["brace"])
        elif word in _NOT_TEXT or token["symbol"] == "*":
            self.group.skipped = True
        elif word is not None:
            return self._word(word, token["number"])
        elif not self.group.skipped:
            self._characters(token)
        return 0

    def text(self) -> str:
        """Everything said, surrogate pairs as the one character they stand for."""
        self._say("")
        return "".join(self.out).encode("utf-16-le", errors="surrogatepass").decode("utf-16-le", errors="replace")

    def _brace(self, brace: str) -> None:
        self.to_drop = 0
        if brace == "{":
            self.outer.append(self.group)
            self.group = _Group(skipped=self.group.skipped, fallback=self.group.fallback)
        else:
            self.group = self.outer.pop() if self.outer else _Group()

    def _word(self, word: str, number: str | None) -> int:
        if word == "bin":
            return max(0, int(number or 0))
        if word == "uc":
            self.group.fallback = max(0, int(number or 1))
        elif word == "ansicpg":
            self.codepage = _codepage(number, otherwise=self.codepage)
        elif word == "u" and number is not None and not self.group.skipped:
            unit = int(number) & _HIGHEST_UNIT  # negative numbers stand for the upper half
            self._say(chr(unit) if unit else "")
            self.to_drop = self.group.fallback
        elif word in _WORDS and not self.group.skipped:
            self._one(_WORDS[word])
        return 0

    def _characters(self, token: re.Match[str]) -> None:
        if token["text"] is not None:
            self._say(token["text"][self.to_drop :])
            self.to_drop = max(0, self.to_drop - len(token["text"]))
        elif token["symbol"] is not None:
            self._one(_SYMBOLS.get(token["symbol"], ""))
        elif self.to_drop:
            self.to_drop -= 1
        else:
            self.coded.append(int(token["byte"], 16))

    def _one(self, piece: str) -> None:
        if self.to_drop:
            self.to_drop -= 1
        else:
            self._say(piece)

    def _say(self, piece: str) -> None:
        if self.coded:
            self.out.append(self.coded.decode(self.codepage, errors="replace"))
            self.coded.clear()
        self.out.append(piece)


def _codepage(number: str | None, *, otherwise: str) -> str:
    try:
        return codecs.lookup(f"cp{number}").name
    except LookupError:
        return otherwise
