"""Choices of a form: what stands beside an empty box was not chosen, and is blanked out before reading."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from extractor.document import Document

_BOX = re.compile(
    r"\[\s?[xX\u2713\u2714*Yy]\s?\]|\[\s{0,3}\]|\[\s?[Nn]\s?\]|[\u2610\u2611\u2612\u2713\u2714\u25cb]|\(\s{1,3}\)|\([xX*]\)"
)
_EMPTY = re.compile(r"\[\s*[Nn]?\s*\]|[\u2610\u25cb]|\(\s+\)")
_STRUCK = re.compile(r"~~[^~\n]{1,80}~~")
_LONGEST_CHOICE = 80
"""Characters; words farther from an empty box than this are not its label."""


def leave_out_unchecked(document: Document) -> Document:
    """The document without the labels of empty boxes and without what was struck out."""
    clean = _STRUCK.sub(lambda struck: " " * len(struck.group()), document.clean)
    lines = [0, *(start for start, _ in document.breaks), len(clean)]
    for start, end in pairwise(lines):
        boxes = list(_BOX.finditer(clean, start, end))
        if boxes:
            clean = _read_line(clean, start, end, boxes)
    return replace(document, clean=clean)


def _read_line(clean: str, start: int, end: int, boxes: list[re.Match[str]]) -> str:
    """One line with the labels of its empty boxes blanked; a label stands after its box, or before it in some forms."""
    lead = clean[start : boxes[0].start()]
    labels_first = not clean[boxes[-1].end() : end].strip() and bool(lead.rpartition(":")[2].strip())
    for place, box in enumerate(boxes):
        if not _EMPTY.fullmatch(box.group()):
            continue
        if labels_first:
            colon = clean.rfind(":", start, box.start()) + 1
            first = max(boxes[place - 1].end() if place else start, colon, box.start() - _LONGEST_CHOICE)
            last = box.start()
        else:
            first = box.end()
            following = boxes[place + 1].start() if place + 1 < len(boxes) else end
            last = min(following, box.end() + _LONGEST_CHOICE)
        clean = clean[:first] + " " * (last - first) + clean[last:]
    return clean
