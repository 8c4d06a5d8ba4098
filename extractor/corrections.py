"""Dictated corrections: the words taken back are blanked out before anything reads them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from extractor.document import Document
from extractor.layout import Layout
from extractor.levels import LevelMention, find_levels
from extractor.patterns import phrases
from extractor.sides import SideMention, find_sides

_REACH = 60
"""How many characters a correction word may stand from what it takes back or puts in its place."""

_Span = tuple[int, int]


def correct(document: Document, layout: Layout) -> tuple[Document, tuple[_Span, ...]]:
    """The document without what was taken back, and the sentences that correct (their facts are final)."""
    clean = document.clean
    levels = find_levels(clean)
    taken: list[_Span] = []
    final: list[_Span] = []
    bounds = [*layout.starts, len(clean)]
    sentences = list(pairwise(bounds))
    for start, end in sentences:
        text = clean[start:end]
        for cue in phrases("corrections", "inline").finditer(text):
            taken.extend(_taken_inline(text, start, start + cue.start(), start + cue.end(), levels))
    addenda = [
        [s for s in sentences if part.start <= s[0] < part.end]
        for part in layout.sections
        if part.role == "addendum"
        or (part.role == "attestation" and phrases("corrections", "correction_of").search(clean[part.body : part.end]))
    ]
    inside = {span for addendum in addenda for span in addendum}
    units = [
        *addenda,
        *(
            [span]
            for span in sentences
            if span not in inside and phrases("corrections", "should_read").search(clean[span[0] : span[1]])
        ),
    ]
    sides = find_sides(clean, 0) if units else ()
    for unit in units:
        wrong = _taken_by_addendum(clean, unit, levels, sides)
        if wrong is not None:
            final.extend(unit)
            taken.extend(wrong)
    return replace(document, clean=_blank(clean, taken)), tuple(final)


def _blank(clean: str, spans: Iterable[_Span]) -> str:
    kept = list(clean)
    for start, end in spans:
        kept[start:end] = " " * (end - start)
    return "".join(kept)


def _taken_inline(
    text: str, offset: int, cue_start: int, cue_end: int, levels: tuple[LevelMention, ...]
) -> list[_Span]:
    """The level or side just before a spoken correction, when one of the same kind follows it."""
    before = [lv for lv in levels if cue_start - _REACH <= lv.end <= cue_start and lv.start >= offset]
    after = [lv for lv in levels if cue_end <= lv.start <= cue_end + _REACH]
    sides = find_sides(text, offset)
    side_before = [s for s in sides if cue_start - _REACH <= s.end <= cue_start]
    side_after = [s for s in sides if cue_end <= s.start <= cue_end + _REACH]
    taken: list[_Span] = []
    if before and after and cue_start - before[-1].end < _REACH // 2:
        taken.append((before[-1].start, before[-1].end))
    if side_before and side_after and side_before[-1].side != side_after[0].side:
        taken.append((side_before[-1].start, side_before[-1].end))
    return taken


def _taken_by_addendum(
    clean: str, unit: list[_Span], levels: tuple[LevelMention, ...], every_side: tuple[SideMention, ...]
) -> list[_Span] | None:
    """Every mention, in the whole report, of the level or side that these sentences declare wrong.

    ``None`` where they correct nothing: an addendum that only adds something tells of the work like any other part.
    """
    wrong_parts = [(start + a, start + b) for start, end in unit for a, b in [_wrong_part(clean[start:end])] if b > a]
    if not wrong_parts:
        return None
    inside = [lv for lv in levels if any(start <= lv.start < end for start, end in unit)]
    wrong_levels = [lv for lv in inside if _within(lv.start, wrong_parts)]
    right_levels = [lv for lv in inside if lv not in wrong_levels]
    sides = [s for start, end in unit for s in find_sides(clean[start:end], start)]
    wrong_sides = [s for s in sides if _within(s.start, wrong_parts)]
    right_sides = [s for s in sides if s not in wrong_sides and s.side not in {w.side for w in wrong_sides}]
    if not (right_levels or right_sides):
        return None
    taken: list[_Span] = []
    if wrong_levels and right_levels:
        names = {lv.bones for lv in wrong_levels} - {lv.bones for lv in right_levels}
        taken.extend((lv.start, lv.end) for lv in levels if lv.bones in names)
    if right_sides and (wrong_sides or not (wrong_levels and right_levels)):
        keep = {s.side for s in right_sides}
        taken.extend((s.start, s.end) for s in every_side if s.side not in keep)
    return taken


def _within(place: int, parts: list[_Span]) -> bool:
    return any(start <= place < end for start, end in parts)


def _wrong_part(text: str) -> _Span:
    """Where in a correcting sentence the wrong value stands: after "not", or before "should read" or "is an error"."""
    error = phrases("corrections", "error_after").search(text)
    if error:
        clause = max(text.rfind(mark, 0, error.start()) for mark in ";,.:")
        return (max(clause, error.start() - 2 * _REACH, 0), error.start())
    denied = phrases("corrections", "not_but").search(text)
    read = phrases("corrections", "should_read").search(text)
    if denied and (not read or denied.start() > read.start()):
        return (denied.end(), _phrase_end(text, denied.end()))
    if read:
        return (0, read.start())
    return (denied.end(), _phrase_end(text, denied.end())) if denied else (0, 0)


def _phrase_end(text: str, start: int) -> int:
    """Where the words denied end: at the next comma or stop."""
    return min((place for mark in ",;." if (place := text.find(mark, start)) >= 0), default=len(text))
