"""Choices of a form: what stands beside an empty box was not chosen, and is blanked out before reading."""

from __future__ import annotations

import re
from dataclasses import replace

from extractor.document import Document

_BOX = re.compile(r"\[\s?[xX\u2713\u2714]\s?\]|\[\s{0,3}\]|[\u2610\u2611\u2612\u2713\u2714]|\(\s{1,3}\)|\([xX]\)")
_EMPTY = re.compile(r"\[\s*\]|\u2610|\(\s+\)")
_FEWEST_BOXES = 2
"""One box alone gives nothing to choose from."""

_LONGEST_CHOICE = 80
"""Characters; words farther from an empty box than this are not its label."""


def leave_out_unchecked(document: Document) -> Document:
    """The document without the labels of empty boxes, where a form gives boxes to choose from."""
    boxes = list(_BOX.finditer(document.clean))
    if len(boxes) < _FEWEST_BOXES:
        return document
    clean = document.clean
    lines = [start for start, _ in document.breaks]
    for box, following in zip(boxes, [*boxes[1:], None], strict=True):
        if not _EMPTY.fullmatch(box.group()):
            continue
        line_end = next((start for start in lines if start > box.end()), len(clean))
        end = min(following.start() if following else len(clean), line_end, box.end() + _LONGEST_CHOICE)
        clean = clean[: box.end()] + " " * (end - box.end()) + clean[end:]
    return replace(document, clean=clean)
