"""What must be told before a report can speak for itself: a needle, a past tense, and more than an anaesthetic."""

from __future__ import annotations

import re

from extractor.claims import Sign, signs_of
from extractor.document import Document
from extractor.given import given
from extractor.patterns import phrases
from extractor.profiles import families
from extractor.statements import Statement
from rules.encounter import Procedure, ReadingDoubt

_PAST = re.compile(r"\b(?:was|were|had|did|got|went|took|gave|came|felt|saw|put|\w{3,}ed)\b", re.IGNORECASE)
_NOW = re.compile(r"\b(?:is|are|will be|to be|be)\s(?:\w+ly\s|then\s)?\w{3,}(?:ed|en|wn|t)\b", re.IGNORECASE)
_NUMBING = frozenset({"anesthetic", "opioid", "saline", "contrast", "csf_removed", "antibiotic"})


def proof_doubts(
    document: Document, statements: tuple[Statement, ...], signs: tuple[Sign, ...], procedures: list[Procedure]
) -> list[ReadingDoubt]:
    """Doubts about work of which the account gives no proof that it was done here and now, and for its own sake."""
    chosen = [p.family for p in procedures if p.family in families()]
    account = tuple(s for s in statements if s.counts and s.stance != "claim")
    doubts = [*_no_needle(document, statements, signs, chosen), *_no_past(document, statements, account)]
    for procedure in procedures:
        if procedure.guidance in {"none", "not_documented"} and procedure.family in chosen:
            doubts.extend(_anesthetic_alone(document, account, procedure.family))
    return doubts


def _doubt(message: str, document: Document, spans: list[Statement]) -> ReadingDoubt:
    evidence = tuple(document.evidence(s.sentence.start, s.sentence.end) for s in spans[:2])
    return ReadingDoubt(reason="performed_unclear", message=message, evidence=evidence)


def _no_needle(
    document: Document,
    statements: tuple[Statement, ...],
    signs: tuple[Sign, ...],
    chosen: list[str],
) -> list[ReadingDoubt]:
    """A procedure of which nothing but its name, its title or its results are told."""
    told = any(
        phrases("sentences", "needle_words").search(f"{s.sentence.heading} {s.sentence.text}")
        for s in statements
        if s.counts
    )
    brought = any(s.reached and any(s.place in signs_of(f) for f in chosen) for s in signs)
    if told or brought:
        return []
    doubt = _doubt("No needle is told of.", document, [s for s in statements if s.sentence.of("procedure")])
    told_in_passing = any(families()[f].narrative for f in chosen)
    return [doubt.model_copy(update={"reason": "told_without_note"}) if told_in_passing else doubt]


def _no_past(
    document: Document, statements: tuple[Statement, ...], account: tuple[Statement, ...]
) -> list[ReadingDoubt]:
    """An account that tells what is done, as a leaflet or a consent does, and never what was done."""
    needle = [s for s in statements if s.counts and s.needle]
    now = [s for s in needle if _NOW.search(s.sentence.text) and not _PAST.search(_NOW.sub(" ", s.sentence.text))]
    if not now or any(_PAST.search(_NOW.sub(" ", s.sentence.text)) for s in (*account, *needle)):
        return []
    return [_doubt("The account tells what is done, not what was done.", document, now)]


def _anesthetic_alone(document: Document, account: tuple[Statement, ...], family: str) -> list[ReadingDoubt]:
    """An epidural without imaging into which nothing but an anaesthetic went: it may have been anaesthesia."""
    if not families()[family].anesthetic:
        return []
    went_in = list(given(account))
    if not went_in or any(m.name not in _NUMBING for _, m in went_in):
        return []
    return [_doubt("Nothing but an anesthetic was given; this may be anesthesia.", document, [s for s, _ in went_in])]
