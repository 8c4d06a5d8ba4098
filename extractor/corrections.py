"""Dictated corrections: the words taken back are blanked out before anything reads them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from extractor.addenda import read_addendum
from extractor.document import Document
from extractor.layout import Layout, Section
from extractor.levels import find_levels
from extractor.patterns import phrases
from extractor.retakes import Span, Values, read_retakes
from extractor.sides import find_sides
from rules.encounter import ReadingDoubt

_ACCOUNT = frozenset({
    "title", "preamble", "site", "technique", "body", "details", "unknown", "findings", "impression",
})  # fmt: skip
_ADDED = frozenset({"addendum", "attestation"})


@dataclass(frozen=True, slots=True)
class Corrected:
    """The document without what was taken back, the sentences that correct (their facts are final), and the doubts."""

    document: Document
    final: tuple[Span, ...]
    doubts: tuple[ReadingDoubt, ...]


def correct(document: Document, layout: Layout) -> Corrected:
    """What the report says after its own corrections, and where it corrects without saying what."""
    clean = document.clean
    parts = [(part, _sentences(layout, part)) for part in layout.sections]
    every = [span for _, spans in parts for span in spans]
    values = Values(find_levels(clean), tuple(side for a, b in every for side in find_sides(clean[a:b], a)))
    account = values.within([span for part, spans in parts if part.role in _ACCOUNT for span in spans])
    taken: list[Span] = []
    final: list[Span] = []
    unclear: list[Span] = []
    for part, spans in parts:
        spoken = read_retakes(clean, spans, values)
        taken.extend(spoken.taken)
        unclear.extend(spoken.unclear)
        added = _is_addendum(clean, part)
        for unit in [spans] if added else [[span] for span in spans]:
            found = read_addendum(clean, unit, values, account, added=added)
            taken.extend(found.taken)
            final.extend(found.final)
            unclear.extend(found.unclear)
    denied = [span for part, spans in parts for span in spans if _denies(clean, span, values, part)]
    doubts = [
        *_doubts(document, "negation_conflict", "The report says that nothing was done, beside its account.", denied),
        *_doubts(
            document,
            "correction_unclear",
            "A correction does not name both what is wrong and what is right.",
            [span for span in unclear if span not in denied],
        ),
    ]
    return Corrected(replace(document, clean=_blank(clean, taken)), tuple(final), tuple(doubts))


def _sentences(layout: Layout, part: Section) -> list[Span]:
    """The sentences of a part without its heading."""
    inside = [start for start in layout.starts if part.body <= start < part.end]
    return [span for span in pairwise([*inside, part.end]) if span[0] < span[1]]


def _is_addendum(clean: str, part: Section) -> bool:
    if part.role == "addendum":
        return True
    return part.role == "attestation" and bool(
        phrases("corrections", "correction_of").search(clean[part.body : part.end])
    )


def _denies(clean: str, span: Span, values: Values, part: Section) -> bool:
    """Whether a sentence takes back the procedure as a whole, rather than one of its places."""
    text = clean[slice(*span)]
    if part.role in _ADDED and phrases("corrections", "misfiled").search(text):
        return True
    denial = phrases("corrections", "denies").search(text)
    if denial is None or part.role not in _ACCOUNT | _ADDED or values.within([span]).in_order():
        return False
    rest = phrases("corrections", "whole").sub("", text[denial.end() :])
    return not rest.strip(" .,;")


def _doubts(document: Document, reason: str, message: str, spans: Iterable[Span]) -> list[ReadingDoubt]:
    places = [(a, a + len(document.clean[a:b].rstrip())) for a, b in sorted(set(spans))]
    evidence = tuple(document.evidence(a, b) for a, b in places[:3] if a < b)
    return [ReadingDoubt(reason=reason, message=message, evidence=evidence)] if places else []


def _blank(clean: str, spans: Iterable[Span]) -> str:
    kept = list(clean)
    for start, end in spans:
        kept[start:end] = " " * (end - start)
    return "".join(kept)
