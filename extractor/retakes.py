"""Corrections in the same breath ("L3-4, correction, L4-5"): what the speaker takes back, and what stays unclear."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from extractor.levels import LevelMention
from extractor.lexicon_files import load
from extractor.patterns import alternation, phrases
from extractor.sides import SideMention

_REACH, _NEAR = 60, 30
"""Characters between a value and the words that take it back: where they mean nothing else, and where they may."""

Span = tuple[int, int]
_LIST = 2
_PAUSES = frozenset({"", ",", ".", ";", ":", "-"})


@dataclass(frozen=True, slots=True)
class Values:
    """Every level and side of a report in order."""

    levels: tuple[LevelMention, ...]
    sides: tuple[SideMention, ...]

    def within(self, spans: Iterable[Span]) -> Values:
        """Those that begin inside one of *spans*."""
        kept = tuple(spans)
        return Values(
            tuple(one for one in self.levels if any(a <= one.start < b for a, b in kept)),
            tuple(one for one in self.sides if any(a <= one.start < b for a, b in kept)),
        )

    def in_order(self) -> list[LevelMention | SideMention]:
        """Levels and sides as they stand in the text."""
        return sorted([*self.levels, *self.sides], key=lambda one: one.start)


@dataclass(frozen=True, slots=True)
class Retakes:
    """Places taken back, and places where something was taken back and nobody can say what."""

    taken: tuple[Span, ...]
    unclear: tuple[Span, ...]


@cache
def between() -> re.Pattern[str]:
    """Small words and punctuation, and nothing else."""
    return re.compile(
        rf"(?:[\s,.;:&/()-]|(?<![A-Za-z0-9])(?:{alternation(load('corrections')['between'])})(?![A-Za-z0-9]))*",
        re.IGNORECASE,
    )


def read_retakes(clean: str, sentences: list[Span], values: Values) -> Retakes:
    """What is taken back inside *sentences* (headings left out), each with the sentence before and after it at hand."""
    taken: list[Span] = []
    unclear: list[Span] = []
    for number, (start, end) in enumerate(sentences):
        text = clean[start:end]
        deleted = phrases("corrections", "deletes").search(text)
        if deleted:
            (taken if number else unclear).extend([*sentences[max(0, number - 1) : number], (start, end)][-2:])
            continue
        for strong in (True, False):
            for cue in phrases("corrections", "inline" if strong else "loose").finditer(text):
                here = (start + cue.start(), start + cue.end())
                window = _window(clean, sentences, number, here)
                found = _take(clean, here, window, values, strong=strong)
                taken.extend(found.taken)
                unclear.extend(found.unclear)
    return Retakes(tuple(taken), tuple(unclear))


def _window(clean: str, sentences: list[Span], number: int, cue: Span) -> Span:
    """Where the values may stand: the sentence, and its neighbour where the words stand at its very edge."""
    start, end = sentences[number]
    if number and not clean[start : cue[0]].strip(" ,.;:-"):
        start = sentences[number - 1][0]
    if number + 1 < len(sentences) and not clean[cue[1] : end].strip(" ,.;:-"):
        end = sentences[number + 1][1]
    return start, end


def _take(clean: str, cue: Span, window: Span, values: Values, *, strong: bool) -> Retakes:
    reach = _REACH if strong else _NEAR
    before = _run(clean, values.within([(window[0], cue[0])]).in_order(), backwards=True)
    after = _run(clean, values.within([(cue[1], window[1])]).in_order())
    near = bool(before) and cue[0] - before[-1].end < reach
    tight = bool(after) and bool(between().fullmatch(clean, cue[1], after[0].start))
    if near and tight:
        taken, sure = _replaced(before, after)
        if not taken and strong:
            same = [one for one in before if any(_same(one, other) for other in after)]
            taken, sure = ([(same[0].start, cue[1])], True) if same else ([], False)
        if taken:
            return Retakes((*taken, cue), () if sure else (cue,))
    counted = re.match(r"[\s,.;:-]*(?:a |the |of )?\d", clean[cue[1] :])
    paused = clean[: cue[0]].rstrip()[-1:] in _PAUSES and clean[cue[1] :].lstrip()[:1] in _PAUSES
    if not strong or (counted and not tight) or not (before or after):
        return Retakes((), ())
    return Retakes((), (cue,) if paused or (near and tight) else ())


def _run(
    clean: str, found: list[LevelMention | SideMention], *, backwards: bool = False
) -> list[LevelMention | SideMention]:
    """The values next to the words of correction that only small words stand between."""
    row = found[::-1] if backwards else found
    run = row[:1]
    for one, other in pairwise(row):
        first, last = (other, one) if backwards else (one, other)
        if first.end > last.start or not between().fullmatch(clean, first.end, last.start):
            break
        run.append(other)
    return run[::-1] if backwards else run


def _same(one: LevelMention | SideMention, other: LevelMention | SideMention) -> bool:
    if isinstance(one, LevelMention) and isinstance(other, LevelMention):
        return one.bones == other.bones
    return isinstance(one, SideMention) and isinstance(other, SideMention) and one.side == other.side


def _replaced(
    before: list[LevelMention | SideMention], after: list[LevelMention | SideMention]
) -> tuple[list[Span], bool]:
    """What the values after a correction replace, and whether one of a list can only be the last."""
    wrong, right = ([one for one in run if isinstance(one, LevelMention)] for run in (before, after))
    taken: list[Span] = []
    sure = True
    if wrong and right and {one.bones for one in wrong} != {one.bones for one in right}:
        sure = len(right) >= len(wrong)
        taken.extend((one.start, one.end) for one in (wrong if len(right) >= _LIST else wrong[-1:]))
    old, new = ([one for one in run if isinstance(one, SideMention)] for run in (before, after))
    if old and new and old[-1].side != new[0].side:
        taken.append((old[-1].start, old[-1].end))
        sure = sure and len(old) == 1
    return taken, sure
