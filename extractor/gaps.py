"""Template fields left empty where the coding needs a fact."""

from __future__ import annotations

import re

from extractor.document import Document
from extractor.patterns import closing, expression, opening, phrases
from extractor.statements import Statement
from rules.encounter import EvidenceSpan, ReadingDoubt

_CHOSEN = re.compile(r"\[\s?[xX\u2713\u2714]\s?\]|[\u2611\u2612]|\([xX]\)")
"""A box that was ticked: the empty ones beside it are no gaps."""

_FIELD_GAP = 2
"""Characters between a level and an empty field that trails it."""


_LEADER = re.compile(r"\.{4,}\s?(?=\S)")
"""Dots that lead from a label to what was filled in."""

_LEADERS = 3
"""So many of them make a form: there, dots are no gaps unless their line ends with them."""

_NAMED_FIELD = re.compile(r"[{<@].*[A-Za-z].*[}>@]")
"""A field that says what it asks for."""


def find_gaps(document: Document, statements: tuple[Statement, ...]) -> tuple[ReadingDoubt, ...]:
    """One doubt for the empty fields in sentences that tell what was done, unless filled or beside the point."""
    spans: list[EvidenceSpan] = []
    leaders = _leaders(document)
    for statement in statements:
        sentence = statement.sentence
        if not statement.counts or _CHOSEN.search(sentence.text):
            continue
        for match in expression("blanks", "field").finditer(sentence.text):
            place = sentence.start + match.start()
            span = document.evidence(place, sentence.start + match.end())
            if (
                _matters(sentence.text, match.start(), match.end())
                and not _filled(statement, place)
                and place not in leaders
                and not _taken_back(match.group(), span)
            ):
                spans.append(span)
    if not spans:
        return ()
    return (
        ReadingDoubt(reason="template_blank", message="A template field was left empty.", evidence=tuple(spans[:6])),
    )


def _taken_back(field: str, span: EvidenceSpan) -> bool:
    """Whether a field is empty only because a correction took back what stood in it."""
    return not any(c.isalnum() for c in field) and any(c.isalnum() for c in span.quote)


def _leaders(document: Document) -> frozenset[int]:
    """Where dots lead from a label to its value, in a report that is a form of such lines."""
    breaks = {place for place, _ in document.breaks}
    found = [match.start() for match in _LEADER.finditer(document.clean) if match.end() not in breaks]
    return frozenset(found) if len(found) >= _LEADERS else frozenset()


def _matters(text: str, start: int, end: int) -> bool:
    before, after = text[:start].rstrip(" :"), text[end:]
    if opening("blanks", "never_beside").match(after) or closing("blanks", "never_beside").search(before):
        return False
    if _NAMED_FIELD.fullmatch(text[start:end]) and phrases("blanks", "harmless").search(text[start:end]):
        return False
    word = re.match(r"[A-Za-z\[{<(]", text[start:end])
    if start == 0 and not word and re.match(r"\*\s?\S", text[start : end + 2]):
        return False
    return (
        bool(word)
        or not before
        or closing("blanks", "beside").search(before) is not None
        or opening("blanks", "beside").match(after) is not None
    )


def _filled(statement: Statement, place: int) -> bool:
    """Whether the field trails a level that was filled in ("between C7-T1 ____")."""
    return any(0 <= place - m.end <= _FIELD_GAP for m in statement.sentence.of("level"))
