"""Report to encounter: the sequence of the reading, a screen."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import pairwise

from extractor.assemble import assemble
from extractor.checkboxes import leave_out_unchecked
from extractor.choose import Choice, choose
from extractor.claims import Claim, Sign, find_claims, find_others, find_signs
from extractor.corrections import correct
from extractor.document import Document, read
from extractor.gaps import find_gaps
from extractor.header_date import header_dates
from extractor.layout import lay_out
from extractor.mentions import find_sentences
from extractor.patterns import phrases
from extractor.spelling import spell
from extractor.statements import Statement, read_statements
from extractor.view import STRONG_PLACES
from rules.encounter import Encounter, EvidenceSpan, Procedure, ReadingDoubt

_ANOTHER_DAY = re.compile(
    r"\b(?:on (?:the )?\w+ \d{1,2}|january|february|march|april|may|june|july|august|september|october|november|"
    r"december|relief|helped|last|ago|earlier|today (?:she|he|they))\b",
    re.IGNORECASE,
)
_DRUGS = frozenset({"steroid", "anesthetic", "injectate"})


def extract(text: str, *, date_of_service: date | None = None) -> Encounter:
    """What the report says was done; ``date_of_service`` as the caller knows it, else the one its header gives."""
    document = leave_out_unchecked(spell(read(text)))
    layout = lay_out(document)
    corrections = correct(document, layout)
    corrected = corrections.document
    statements = _final_statements(read_statements(find_sentences(corrected, layout)), corrections.final)
    claims, signs, others = find_claims(statements), find_signs(statements), find_others(statements)
    choice = choose(corrected, statements, claims, signs, others)
    procedures, doubts = assemble(corrected, statements, choice, claims, signs)
    gaps = (*corrections.doubts, *find_gaps(corrected, statements)) if procedures else ()
    doubts = (*doubts, *_untold(corrected, choice, procedures, signs, statements, others))
    kept = choice.doubts if procedures or not choice.chosen else ()
    service, date_doubts = _date(header_dates(corrected, layout), date_of_service)
    if not procedures and not kept:
        date_doubts = ()
    return Encounter(
        date_of_service=service,
        procedures=procedures,
        doubts=(*date_doubts, *kept, *doubts, *gaps, *_unclear(choice, procedures, statements)),
        seen=choice.seen,
    )


def _final_statements(statements: tuple[Statement, ...], final: tuple[tuple[int, int], ...]) -> tuple[Statement, ...]:
    """Sentences that correct are final; what else stands in an addendum tells of the work like any other."""
    result = []
    for statement in statements:
        corrects = any(start <= statement.sentence.start < end for start, end in final)
        if corrects:
            plain = tuple(
                replace(m, context=m.context - {"conditional", "planned", "negated"})
                for m in statement.sentence.mentions
            )
            result.append(replace(statement, stance="addendum", sentence=replace(statement.sentence, mentions=plain)))
        else:
            result.append(replace(statement, stance="work" if statement.stance == "addendum" else statement.stance))
    return tuple(result)


def _date(
    found: tuple[tuple[date, EvidenceSpan], ...], given: date | None
) -> tuple[date | None, tuple[ReadingDoubt, ...]]:
    if given is None and len(found) == 1:
        return found[0][0], ()
    odd = [(value, span) for value, span in found if value != given] if given else list(found)
    if not odd:
        return given, ()
    return given, (
        ReadingDoubt(
            reason="date_of_service_conflict",
            message="The dates of service of the report and of its sender, or two in the report, differ.",
            evidence=tuple(span for _, span in odd[:3]),
        ),
    )


def _untold(
    document: Document,
    choice: Choice,
    procedures: tuple[Procedure, ...],
    signs: tuple[Sign, ...],
    statements: tuple[Statement, ...],
    others: tuple[tuple[str, Claim], ...],
) -> tuple[ReadingDoubt, ...]:
    """An instrument, a drug and a place of the spine, in a report from which no procedure could be read."""
    told = [s for s in statements if s.stance == "work" and not phrases("sentences", "skin").search(s.sentence.text)]
    places = [(s.start, s.end) for s in signs if s.stance in {"claim", "work"} and s.place in STRONG_PLACES]
    places = places or [(m.start, m.end) for s in told for m in s.plain("level")]
    drug = any(m.name in _DRUGS for s in told for m in s.plain("agents"))
    explained = any(
        kind in {"outside", "open_surgery"} and c.context <= {"planned"} and c.family != "plain_imaging"
        for kind, c in others
    )
    explained |= any(phrases("sentences", "labor").search(s.sentence.text) for s in statements)
    if procedures or choice.doubts or explained:
        return ()
    if not (choice.acted and places and drug):
        return _told_aside(document, statements)
    spans = tuple(document.evidence(*place) for place in places[:2])
    message = "An instrument, a drug and a place of the spine are told of, and no procedure could be read."
    return (ReadingDoubt(reason="performed_unclear", message=message, evidence=spans),)


def _told_aside(document: Document, statements: tuple[Statement, ...]) -> tuple[ReadingDoubt, ...]:
    """Work told in a part that tells of none, such as a history or an assessment, with needle, place and substance."""
    for first, second in pairwise(s for s in statements if s.stance == "aside"):
        told = [first, second] if second.sentence.number - first.sentence.number == 1 else [first]
        plain = [m for s in told for m in s.sentence.mentions if m.plain]
        story = any(
            phrases("sentences", key).search(s.sentence.text) for s in told for key in ("story", "teaching", "consent")
        ) or any(s.sentence.role == "consent" or _ANOTHER_DAY.search(s.sentence.text) for s in told)
        tells = (
            any(phrases("sentences", "needle_words").search(s.sentence.text) for s in told)
            and any(m.kind == "level" or (m.kind == "anatomy" and m.name in STRONG_PLACES) for m in plain)
            and any(m.kind == "agents" and m.name in _DRUGS for m in plain)
        )
        if tells and not story:
            span = document.evidence(first.sentence.start, first.sentence.end)
            message = "A needle, a drug and a place of the spine are told of outside the account."
            return (ReadingDoubt(reason="performed_unclear", message=message, evidence=(span,)),)
    return ()


def _unclear(
    choice: Choice, procedures: tuple[Procedure, ...], statements: tuple[Statement, ...]
) -> tuple[ReadingDoubt, ...]:
    """A procedure that is named, while nothing tells that anything was done or given."""
    if not procedures or choice.acted or any(s.sentence.of("agents") for s in statements if s.counts):
        return ()
    return (
        ReadingDoubt(
            reason="performed_unclear",
            message="The procedure is named, but nothing tells that it was done.",
            evidence=(),
        ),
    )
