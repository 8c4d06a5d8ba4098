"""Levels of the spine in every notation: L4-5, L4/L5, L45, "lumbar four five", "L3 through S1", "L3, 4 and 5"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from extractor.level_names import REGIONS, LevelKind, dashed, named_levels
from rules.anatomy import bones_between, interspace, is_vertebra

_WORDS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "for": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
_LAST = {"C": 8, "T": 12, "L": 5, "S": 5}
_BELOW = {"C": "T", "T": "L", "L": "S"}
_MOST_DIGITS = 2
"""Digits of the number of a level; two that are no level, or more, are two levels written together (L45, T1112)."""

_NUMBER = (
    r"(?:\d{1,4}(?![\d%ABD-KM-RU-Zabd-km-ru-z_]|\.\d)|(?<=[CTLctl]\s)for(?=\s(?:L\s?)?(?:five|5)\b)|"
    r"(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b)"
)
_LETTER = (
    rf"(?<![A-Za-z0-9.])(?:(?:[CTDLS]|Th)(?=\s?-?\s?\d)|[CTDLS](?=\s(?:{_NUMBER}))|"
    rf"(?:cervical|thoracic|dorsal|lumbar|sacral)(?=\s?-?\s?(?:{_NUMBER})))"
)
_BONE = rf"(?:{_LETTER}\s?-?\s?{_NUMBER})"
_GLUED = r"(?:(?<=\d)[CTLS]\d{1,2}(?!\d))"
_JOIN = (
    r"(?:\s?(?:-{1,2}|/|~)\s?|\s(?:to|through|thru|into|down to|up to|on|down through)\s|"
    r",?\s?(?:and\s|[&+]\s?)|,\s?|\s)"
)
_CHAIN = re.compile(rf"{_BONE}(?:{_GLUED}|{_JOIN}(?:{_BONE}|{_NUMBER}))*", re.IGNORECASE)
_RANGES = frozenset({"to", "through", "thru", "down to", "up to", "down through"})
_BINDING = _RANGES | {"-", "--", "/", "~", "on"}
_PIECE = re.compile(
    rf"(?P<join>{_JOIN})?"
    r"(?:(?P<letter>Th|[CTDLS]|cervical|thoracic|dorsal|lumbar|sacral)(?=[\s\d-])\s?-?\s?)?"
    rf"(?P<number>{_NUMBER})",
    re.IGNORECASE,
)
_BROKEN = re.compile(r"(?:\s?[-/]\s?|[:_.(~]|--)[CTLS]?\d{1,2}", re.IGNORECASE)
"""What follows a level that was written in a way nobody can be sure of: "L5-L6", "C5(6)", "L4-1"."""

_DORSAL = re.compile(
    r"\s(?:vertebra\w*|bod(?:y|ies)|level|disc|disk|facet|pedicle|fracture|compression|nerve|root|joint|interspace|"
    r"lamina)",
    re.IGNORECASE,
)
_NOT_A_LEVEL_AFTER = re.compile(
    r":\d|(?:\s?(?:-|to)\s?\d{1,2}(?:\.\d+)?)?\s?-?\s?(?:%|(?:ml|mls|cc|ccs|mg|mcg|g|gm|cm|mm|gauge|ga|inch|inches|in\.|percent|mhz|hz|degrees?|units?|hours?|hrs?|"
    r"minutes?|min|seconds?|sec|weeks?|days?|months?|years?|times|views?|levels|tubes?|vials?|pass|passes|tries|attempts?|half|o'clock|weighted|"
    r"needles?|milliliters?|millilitres?|milligrams?|micrograms?|to \d+ (?:ml|cc|mg)|injections?\b|french|fr|kg|lbs?|"
    r"patients?|point|different|separate|total|more|other|additional|lesions?)\b)",
    re.IGNORECASE,
)
_COUNTS = re.compile(r"[\s-]levels?\b", re.IGNORECASE)
_THE = re.compile(r"\bthe\s(?:\w+\s)?$", re.IGNORECASE)
_OPENS_BETWEEN = re.compile(r"\bbetween\s(?:the\s)?(?:\w+\s){0,2}(?:of\s)?(?:the\s)?$", re.IGNORECASE)
_WEIGHTED = re.compile(
    r"^\s?N[0-3X]\b|^[^.]{0,12}\b(?:weighted|hyperintens|hypointens|signal|flair|stir|sequence)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class LevelMention:
    """``bones`` from the head down: one for ``single``, two neighbours for ``pair``, both ends for ``range``.

    ``loose`` marks a pair written as two bones with only a space or a slash between them ("L4 L5"), which may also
    be a list of two; ``broken`` one that goes on in a way that cannot be read ("L5-L6"); ``chained`` a pair of a
    chain of three bones or more ("L3/4/5").
    """

    kind: LevelKind
    bones: tuple[str, ...]
    start: int
    end: int
    loose: bool = False
    broken: bool = False
    chained: bool = False

    @property
    def interspaces(self) -> tuple[str, ...]:
        """The interspaces that the words name; none for a single bone."""
        if self.kind == "single":
            return ()
        row = bones_between(self.bones[0], self.bones[-1])
        return tuple(name for a, b in pairwise(row) if (name := interspace(a, b)))

    @property
    def vertebrae(self) -> tuple[str, ...]:
        """Every bone that the words name or span."""
        return bones_between(self.bones[0], self.bones[-1])


@dataclass(frozen=True, slots=True)
class _Bone:
    names: tuple[str, ...]
    start: int
    end: int
    join: str
    lettered: bool


def find_levels(clean: str) -> tuple[LevelMention, ...]:
    """All level mentions of *clean* in order; offsets are places in *clean*."""
    clean = dashed(clean)
    found: list[LevelMention] = []
    for chain in _CHAIN.finditer(clean):
        found.extend(_read_chain(clean, chain.start(), chain.end()))
    found.extend(LevelMention(kind, bones, start, end) for kind, bones, start, end in named_levels(clean))
    return tuple(sorted(_between(clean, found), key=lambda level: (level.start, level.end)))


def _between(clean: str, found: list[LevelMention]) -> list[LevelMention]:
    """Two bones in "between the laminae of L4 and L5" name the interspace, and become one mention."""
    joined: list[LevelMention] = []
    for level in sorted(found, key=lambda one: one.start):
        last = joined[-1] if joined else None
        if (
            last
            and last.kind == level.kind == "single"
            and is_vertebra(last.bones[0])
            and is_vertebra(level.bones[0])
            and interspace(last.bones[0], level.bones[0])
            and re.fullmatch(r"\s?(?:and|&)\s(?:the\s)?", clean[last.end : level.start])
            and _OPENS_BETWEEN.search(clean[max(0, last.start - 60) : last.start])
        ):
            joined[-1] = LevelMention("pair", (last.bones[0], level.bones[0]), last.start, level.end)
        else:
            joined.append(level)
    return joined


def _read_chain(clean: str, start: int, end: int) -> list[LevelMention]:
    bones: list[_Bone] = []
    region = ""
    place = start
    while place < end:
        piece = _PIECE.match(clean, place, end)
        if piece is None:
            break
        letter, join = piece["letter"], (piece["join"] or "").strip().lower()
        first = piece.start("letter") if letter else piece.start("number")
        if letter:
            region = REGIONS.get(letter.lower(), letter[0].upper()).replace("D", "T")
        names = _names(region, piece["number"], bones[-1].names[-1] if bones and not letter else None)
        if not names or _is_another_number(clean, piece, first):
            break
        if bones and not letter and join == "" and not _goes_on(clean, bones[-1].names[-1], names[0], piece.end()):
            break
        if region == "T" and _WEIGHTED.match(clean[piece.end() : piece.end() + 24]):
            return []
        if letter and _is_a_small_letter(clean, letter, piece.start("letter")):
            break
        region = names[-1][0]
        bones.append(_Bone(names, first, piece.end(), join, bool(letter)))
        place = piece.end()
    levels = _group(bones)
    goes_on = _BROKEN.match(clean, bones[-1].end) if bones else None
    if levels and goes_on and not _NOT_A_LEVEL_AFTER.match(clean, goes_on.end()):
        levels[-1] = replace(levels[-1], broken=True)
    if bones and clean[bones[0].start].upper() == "D" and len(bones) == 1 and not _DORSAL.match(clean, bones[0].end):
        return []
    return levels


def _is_a_small_letter(clean: str, letter: str, place: int) -> bool:
    """Whether a small letter apart from its number is rather a word of its own ("c 5"); an "l" is a level."""
    return len(letter) == 1 and letter.islower() and letter != "l" and clean[place + 1 : place + 2] == " "


def _is_another_number(clean: str, piece: re.Match[str], start: int) -> bool:
    """Whether a number is an amount ("L4-5, 2 ml"), or with its region counts levels ("lumbar two level fusion").

    An article shows that one level is meant ("at the lumbar four level").
    """
    letter = piece["letter"]
    if not letter:
        tight = piece["join"] in {"-", "/"}
        return not tight and bool(_NOT_A_LEVEL_AFTER.match(clean, piece.end()))
    article = _THE.search(clean[max(0, start - 20) : start])
    return len(letter) > len("Th") and not article and bool(_COUNTS.match(clean, piece.end()))


def _goes_on(clean: str, before: str, after: str, end: int) -> bool:
    """Whether a bare number after a space continues a level ("L4 5") instead of opening a list item ("L3 2. Left")."""
    if not (is_vertebra(before) and is_vertebra(after)) or re.match(r"[.)]\s?(?:[A-Z]|$)", clean[end : end + 3]):
        return False
    return bones_between(before, after) == (before, after)


def _names(region: str, number: str, previous: str | None) -> tuple[str, ...]:
    """Bones that a number means: ``("L", "4")`` one, ``("L", "45")`` two; ``5-1`` after L5 means S1."""
    value = _WORDS.get(number.lower())
    if value is None:
        value = int(number)
    digits = number if number.isdigit() else str(value)
    if (
        previous
        and value == 1
        and int(previous[1:]) == (7 if previous[0] == "C" else _LAST[previous[0]])
        and previous[0] in _BELOW
    ):
        return (f"{_BELOW[previous[0]]}1",)
    if value <= _LAST[region] and (value > 0 or region == "C") and len(digits) <= _MOST_DIGITS:
        return (f"{region}{value}",)
    if len(digits) == _MOST_DIGITS:
        return _pair_of(region, int(digits[0]), int(digits[1]))
    if region == "T" and len(digits) in (3, 4):
        cut = len(digits) - 2
        return _pair_of(region, int(digits[:cut]), int(digits[cut:]))
    return ()


def _pair_of(region: str, upper: int, lower: int) -> tuple[str, ...]:
    top = f"{region}{upper}"
    bottom = (
        f"{_BELOW[region]}1"
        if lower == 1 and upper == (7 if region == "C" else _LAST[region]) and region in _BELOW
        else f"{region}{lower}"
    )
    if is_vertebra(top) and is_vertebra(bottom) and interspace(top, bottom):
        return (top, bottom)
    return ()


def _group(bones: list[_Bone]) -> list[LevelMention]:
    """Join neighbours of a chain: a dash or slash makes a pair or a range, a comma or "and" starts anew."""
    found: list[LevelMention] = []
    place = 0
    while place < len(bones):
        bone = bones[place]
        if len(bone.names) > 1:
            found.append(LevelMention("pair", bone.names, bone.start, bone.end))
            place += 1
            continue
        run = [bone]
        while place + len(run) < len(bones) and _binds(run[-1], bones[place + len(run)]):
            run.append(bones[place + len(run)])
        found.extend(_read_run(run))
        place += len(run)
    return found


def _binds(before: _Bone, after: _Bone) -> bool:
    if len(after.names) != 1 or len(before.names) != 1:
        return False
    if after.join in _BINDING:
        return True
    return after.join == "" and interspace(before.names[0], after.names[0]) is not None


def _read_run(run: list[_Bone]) -> list[LevelMention]:
    names = [bone.names[0] for bone in run]
    if len(run) == 1:
        if not is_vertebra(names[0]) and names[0] != "C8":
            return []
        return [LevelMention("single", (names[0],), run[0].start, run[0].end)]
    if any(not is_vertebra(name) for name in names):
        return [LevelMention("single", (name,), b.start, b.end) for name, b in zip(names, run, strict=True)]
    found: list[LevelMention] = []
    for before, after in pairwise(run):
        a, b = before.names[0], after.names[0]
        loose = after.join in {"", "/"} and after.lettered
        word = after.join in _RANGES
        kind: LevelKind = "pair" if interspace(a, b) and not word else "range"
        if a == b:
            continue
        first, last = (a, b) if bones_between(a, b)[0] == a else (b, a)
        odd = first != a and not after.lettered and kind == "range"
        chained = len(run) > len((a, b))
        found.append(LevelMention(kind, (first, last), before.start, after.end, loose and kind == "pair", odd, chained))
    return found
