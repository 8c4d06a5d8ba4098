"""The report as received, and a clean copy to read from whose every character knows where it came from."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rules.encounter import EvidenceSpan

_SAME = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-"),
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032`\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"'),
        **dict.fromkeys(
            "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t\x0b\x0c", " "
        ),
        **dict.fromkeys("\u2022\u25cf\u25aa\u25e6\u2023\u2219\u00b7*", "*"),
        **dict.fromkeys(map(chr, range(0x1F300, 0x1FB00)), " "),
        "\u2044": "/",
        "\u2026": ".",
        "\u2028": "\n",
        "\u2029": "\n",
    }
)
"""Typographic dashes, quotes, spaces, bullets, emoji and line breaks, each with the plain character it stands for."""

_DROPPED = frozenset("\u200b\u200c\u200d\ufeff\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e")
LONGEST_WORD = 120
"""Runs of more characters than this without a space hold nothing clinical; tokenising them costs quadratic time."""

_RUN = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")
_LETTER_HYPHEN = re.compile(
    r"(?<=[A-Za-z])-(?=[A-Za-z]{2})|(?<=[A-Za-z]{2})-(?=[A-Za-z])|(?<=\b[czCZ])-(?=(?:arm|joint)\b)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Document:
    """``text`` as received; ``clean`` for reading; ``origin[i]`` is the place of ``clean[i]`` in ``text``.

    In ``clean`` dashes and quotes are plain, white space is single, hyphens between words are spaces, and a line
    break of the text survives only as an entry of ``breaks`` (a place in ``clean``, and how strong the break is:
    1 a new line, 2 a blank line).
    """

    text: str
    clean: str
    origin: tuple[int, ...]
    breaks: tuple[tuple[int, int], ...]

    def evidence(self, start: int, end: int) -> EvidenceSpan:
        """The span of ``text`` behind ``clean[start:end]``, exact to the character."""
        first, last = self.origin[start], self.origin[end - 1] + 1
        return EvidenceSpan(quote=self.text[first:last], start=first, end=last)


def fold_words(text: str) -> str:
    """*text* with plain dashes and quotes, and a space in place of each hyphen between letters; same length."""
    return _LETTER_HYPHEN.sub(" ", text.translate(_SAME))


def read(text: str) -> Document:
    """Fold *text* to its clean form; nothing that could carry a fact is lost, and every offset can be mapped back."""
    folded = text.translate(_SAME).replace("\r\n", " \n").replace("\r", "\n")
    folded = _RUN.sub(lambda run: " " * len(run.group()), folded)
    kept: list[str] = []
    origin: list[int] = []
    breaks: list[tuple[int, int]] = []
    newlines = 0
    pending_space = False
    for place, char in enumerate(folded):
        if char in _DROPPED or (char < " " and char != "\n"):
            continue
        if char == "\n":
            newlines += 1
            pending_space = True
        elif char == " ":
            pending_space = True
        else:
            if pending_space and kept:
                kept.append(" ")
                origin.append(place - 1)
            if newlines:
                breaks.append((len(kept), min(newlines, 2)))
            newlines, pending_space = 0, False
            kept.append(char)
            origin.append(place)
    clean = _LETTER_HYPHEN.sub(" ", "".join(kept))
    return Document(text=text, clean=clean, origin=tuple(origin), breaks=tuple(breaks))
