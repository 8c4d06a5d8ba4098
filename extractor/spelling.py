"""Abbreviations, slips of the keyboard and words that a speech recogniser misheard, each as the word it stands for."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import replace
from functools import cache

from extractor.document import Document
from extractor.lexicon_files import load
from extractor.mishearing import misheard
from extractor.phrases import expand
from extractor.pipeline import literals

_WORD = re.compile(r"[A-Za-z]{8,}")
"""Words long enough that one wrong letter leaves no doubt which word was meant."""

_LEADER = re.compile(r"(?<=[A-Za-z)])\s?\.{3,}\s?(?=\S)")
_FEWEST_LEADERS = 3
"""Dotted lines that make a form; fewer may be gaps or pauses."""

_Edit = tuple[int, int, str]


def spell(document: Document) -> Document:
    """*document* with every known short or broken form in ``clean`` written out.

    Later readers so need each word in one form only; evidence still shows the words as received.
    """
    edits = _edits(document)
    if not edits:
        return document
    clean: list[str] = []
    origin: list[int] = []
    starts, shifts = [0], [0]
    place = shift = 0
    for start, end, word in edits:
        clean.append(document.clean[place:start])
        clean.append(word)
        origin.extend(document.origin[place:start])
        origin.extend(document.origin[min(start + step, end - 1)] for step in range(len(word) - 1))
        origin.append(document.origin[end - 1])
        shift += len(word) - (end - start)
        starts.append(end)
        shifts.append(shift)
        place = end
    clean.append(document.clean[place:])
    origin.extend(document.origin[place:])
    breaks = tuple((at + shifts[bisect_right(starts, at) - 1], strength) for at, strength in document.breaks)
    return replace(document, clean="".join(clean), origin=tuple(origin), breaks=breaks)


def _edits(document: Document) -> list[_Edit]:
    """What to write instead, from left to right, none over another."""
    clean = document.clean
    pattern, words = _short_forms()
    found = [(m.start(), m.end(), words[" ".join(m.group().lower().split())]) for m in pattern.finditer(clean)]
    after, branches = _after_levels()
    found += [(m.start("form"), m.end("form"), branches[m["form"].lower()]) for m in after.finditer(clean)]
    found += [
        (m.start(), m.end(), meant)
        for m in _WORD.finditer(clean)
        if (meant := _meant(m.group().lower())) and meant != m.group().lower()
    ]
    found += misheard(clean)
    found += _leaders(document)
    kept: list[_Edit] = []
    for edit in sorted(found):
        if not kept or edit[0] >= kept[-1][1]:
            kept.append(edit)
    return kept


def _leaders(document: Document) -> list[_Edit]:
    """Dots that lead from a label to its value, as the colon they stand for, in a form of such lines."""
    breaks = {place for place, _ in document.breaks}
    found = [m.span() for m in _LEADER.finditer(document.clean) if m.end() not in breaks]
    return [(start, end, ": ") for start, end in found] if len(found) >= _FEWEST_LEADERS else []


def _by_form(key: str) -> dict[str, str]:
    return {
        form: word for word, forms in load("spelling")[key].items() for pattern in forms for form in expand(pattern)
    }


def _alternatives(forms: dict[str, str]) -> str:
    return "|".join(re.escape(form).replace(r"\ ", r"\s") for form in sorted(forms, key=lambda one: (-len(one), one)))


@cache
def _short_forms() -> tuple[re.Pattern[str], dict[str, str]]:
    forms = _by_form("words")
    return re.compile(rf"(?<![A-Za-z0-9])(?:{_alternatives(forms)})(?![A-Za-z0-9'])", re.IGNORECASE), forms


@cache
def _after_levels() -> tuple[re.Pattern[str], dict[str, str]]:
    """Short forms that mean something only right after the number of a level."""
    forms = _by_form("after_a_level")
    level = r"(?<![A-Za-z0-9])[CTLSctls]\d{1,2}(?:[-/,][CTLSctls]?\d{1,2})?\s"
    return re.compile(rf"{level}(?P<form>(?i:{_alternatives(forms)}))(?![A-Za-z0-9']|\.?\s[A-Z][a-z])"), forms


@cache
def _near() -> dict[str, str]:
    """Every long word of the field with one letter left out, and the word; forms shared by two words are dropped."""
    found: dict[str, str] = {}
    shared: set[str] = set()
    for word in load("spelling")["long_words"]:
        for form in {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}:
            if found.setdefault(form, word) != word:
                shared.add(form)
    return {form: word for form, word in found.items() if form not in shared}


@cache
def _known() -> frozenset[str]:
    return frozenset(word for literal, _ in literals() for word in literal.split())


@cache
def _meant(word: str) -> str:
    """The word of the field that *word* is one letter away from, or empty."""
    if word in _known() or word.removesuffix("s") in _near():
        return ""
    forms = (word, *(word[:place] + word[place + 1 :] for place in range(len(word))))
    meant = {_near()[form] for form in forms if form in _near()}
    return next((one for one in sorted(meant) if _one_letter(one, word)), "") if len(meant) == 1 else ""


def _one_letter(one: str, other: str) -> bool:
    """Whether one letter was left out, put in, replaced or changed places with its neighbour."""
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rests = (
        (one[start + 1 :], other[start + 1 :]),
        (one[start + 1 :], other[start:]),
        (one[start:], other[start + 1 :]),
        (one[start : start + 2][::-1] + one[start + 2 :], other[start:]),
    )
    return any(a == b for a, b in rests)
