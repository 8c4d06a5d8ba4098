"""Levels written by ordinals, names or Roman numerals, and the odd separators that stand for a dash."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from rules.anatomy import bones_between, interspace, is_vertebra

REGIONS = {"cervical": "C", "thoracic": "T", "dorsal": "T", "lumbar": "L", "sacral": "S"}
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12, "1st": 1, "2nd": 2, "3rd": 3, **{f"{n}th": n for n in range(4, 13)},
}  # fmt: skip
_ORD = "|".join(sorted(_ORDINALS, key=len, reverse=True))
_ORDINAL = re.compile(
    rf"\b(?P<between>between (?:the )?)?(?P<ordinals>(?:(?:{_ORD})(?P<join>,? and |, | & |-| ))*(?:{_ORD}))\s"
    r"(?P<region>cervical|thoracic|dorsal|lumbar|sacral)\b"
    r"(?!\s(?:attempt|pass|block|injection|epidural))",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b(?:(?P<aa>atlanto\s?axial)|(?P<ao>atlanto\s?occipital)|"
    r"(?P<ls>lumbosacral (?:interspace|disc|disk|facet|facets))|"
    r"(?P<ct>cervicothoracic (?:junction|interspace)))",
    re.IGNORECASE,
)
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10, "XI": 11,
          "XII": 12}  # fmt: skip
_NUMERAL = "|".join(sorted(_ROMAN, key=len, reverse=True))
_ROMANS = re.compile(
    rf"(?<![A-Za-z0-9])(?P<a>[CTL])[\s-]?(?P<m>{_NUMERAL})\s?[-/ ]\s?"
    rf"(?P<b>[CTLS]?)[\s-]?(?P<n>{_NUMERAL})(?![A-Za-z0-9])"
)
"""Two numerals, for a single one may be an initial; capitals only."""

_SEPARATED = re.compile(
    r"(?<![A-Za-z0-9.])(?P<a>[CTL])(?P<m>\d{1,2})(?P<mark>[._:|\\])(?P<b>[CTLS]?)(?P<n>\d{1,2})(?![\d.,:%]?\d|%|\s?(?:ml|cc|mg)\b)",
    re.IGNORECASE,
)
LevelKind = Literal["pair", "range", "single"]
Named = tuple[LevelKind, tuple[str, ...], int, int]
"""Kind, bones, start, end."""


def dashed(clean: str) -> str:
    """*clean* with a dash in place of a full stop, colon or other mark between two neighbours (L4.5, C5:6, L4_L5)."""

    def dash(match: re.Match[str]) -> str:
        upper, lower = _bones(match["a"], int(match["m"]), match["b"], int(match["n"]))
        if not (is_vertebra(upper) and is_vertebra(lower) and bones_between(upper, lower) == (upper, lower)):
            return match.group()
        place = match.start("mark") - match.start()
        return f"{match.group()[:place]}-{match.group()[place + 1 :]}"

    return _SEPARATED.sub(dash, clean)


def named_levels(clean: str) -> Iterator[Named]:
    """Levels by ordinals, by names of their own and by Roman numerals."""
    for match in _ORDINAL.finditer(clean):
        yield from _ordinals(match)
    for match in _NAMED.finditer(clean):
        kind = match.lastgroup or ""
        pair = {"aa": ("C1", "C2"), "ao": ("C0", "C1"), "ls": ("L5", "S1"), "ct": ("C7", "T1")}[kind]
        yield "pair", pair, match.start(), match.end()
    for match in _ROMANS.finditer(clean):
        upper, lower = _bones(match["a"], _ROMAN[match["m"]], match["b"], _ROMAN[match["n"]])
        if is_vertebra(upper) and is_vertebra(lower) and interspace(upper, lower):
            yield "pair", (upper, lower), match.start(), match.end()


def _ordinals(match: re.Match[str]) -> Iterator[Named]:
    letter = REGIONS[match["region"].lower()]
    words = re.findall(rf"\b(?:{_ORD})\b", match["ordinals"], re.IGNORECASE)
    names = [name for word in words if is_vertebra(name := f"{letter}{_ORDINALS[word.lower()]}")]
    start, end = match.start("ordinals"), match.end()
    bound = match["between"] or match["join"] in {"-", " "}
    if bound and len(words) == len(names) == len(("upper", "lower")) and interspace(*names):
        yield "pair", (names[0], names[1]), start, end
        return
    for name in names:
        yield "single", (name,), start, end


def _bones(first: str, upper: int, second: str, lower: int) -> tuple[str, str]:
    """The two bones; a lower number one after the last bone of a region belongs to the next region."""
    first = first.upper()
    last = {"C": 7, "T": 12, "L": 5}[first]
    below = {"C": "T", "T": "L", "L": "S"}[first]
    second = second.upper() or (below if upper == last and lower == 1 else first)
    return f"{first}{upper}", f"{second}{lower}"
