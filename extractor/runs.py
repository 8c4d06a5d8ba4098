"""Sentences that run on without an end: cut at their semicolons, or where they get too long to read at a fair cost."""

from __future__ import annotations

import re
from itertools import pairwise

_SEMICOLON = re.compile(r";\s(?=\S)")
_LONG_STRING, _FEWEST_SEMICOLONS = 300, 4
"""Characters and semicolons of a sentence that is a whole account."""

_LONGEST_SENTENCE = 1500
"""Characters; whole dictated reports without a full stop are shorter."""


def after_semicolons(clean: str, starts: set[int]) -> set[int]:
    """Where the parts of a sentence begin that is an account of its own, strung together by semicolons."""
    found: set[int] = set()
    for start, end in pairwise([*sorted(starts | {0}), len(clean)]):
        marks = list(_SEMICOLON.finditer(clean, start, end)) if end - start > _LONG_STRING else []
        if len(marks) >= _FEWEST_SEMICOLONS:
            found.update(mark.end() for mark in marks)
    return found


def cuts_of_long_runs(clean: str, starts: set[int]) -> set[int]:
    """Places that cut what runs on without an end, so that the cost of a report stays linear in its length."""
    cuts: set[int] = set()
    bounds = [*sorted(starts | {0}), len(clean)]
    for start, end in pairwise(bounds):
        place = start + _LONGEST_SENTENCE
        while place < end:
            space = clean.find(" ", place, end)
            if space < 0:
                break
            cuts.add(space + 1)
            place = space + 1 + _LONGEST_SENTENCE
    return cuts
