"""The CT or MR that follows an injection of contrast: told, told for other regions, or named and not understood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from extractor.document import Document
from extractor.facts import affirmed, says
from extractor.patterns import expression, phrases
from extractor.regions import regions_found, regions_in
from extractor.statements import Statement
from rules.anatomy import Region
from rules.encounter import EvidenceSpan, Procedure, ReadingDoubt

_SPANS = 3
"""Spans that prove a study as well as all of them would."""

_HEADED = frozenset({"findings", "unknown", "title", "technique"})
"""Parts whose heading may name the study that they tell of."""


def studies_after(
    document: Document, statements: tuple[Statement, ...], family: str, before: Procedure
) -> tuple[tuple[Procedure, ...], tuple[ReadingDoubt, ...]]:
    """The study of *family* that followed *before*; a doubt where CT is named and nothing tells whether it was this."""
    told = tuple(s for s in statements if s.counts and _tells(s))
    studies = (_study(document, statements, told, family, before),) if told else ()
    if told:
        odd = next((s for s in statements if s.counts and _denies(s)), None)
        message = "A CT after the contrast is told of, and denied."
    else:
        odd = next((s for s in statements if s.counts and _names(s)), None)
        message = "CT is named, and whether the spine was scanned after the contrast is not told."
    if odd is None:
        return studies, ()
    span = document.evidence(odd.sentence.start, odd.sentence.end)
    return studies, (ReadingDoubt(reason="reading_uncertain", message=message, evidence=(span,)),)


def _denies(statement: Statement) -> bool:
    return bool(expression("studies", "denied").search(statement.sentence.text))


def _no_field(text: str) -> bool:
    """Whether a text is a field of a form, answered by no."""
    return bool(expression("blanks", "denied_field").fullmatch(text))


def _tells(statement: Statement) -> bool:
    """Whether a sentence tells of the scan: by a phrase for it, a way to the scanner, a heading or title of its own."""
    text = statement.sentence.text
    if expression("studies", "proposed").search(text) or _denies(statement) or _no_field(text):
        return False
    if affirmed(text, phrases("facts", "ct_after")):
        return True
    if not _names(statement):
        return False
    if statement.stance == "claim":
        return True
    headed = statement.sentence.role in _HEADED and expression("studies", "ct").search(statement.sentence.heading)
    went = expression("studies", "went").search(text)
    return bool(headed or went or affirmed(text, expression("studies", "scanned")))


def _names(statement: Statement) -> bool:
    """Whether a sentence names CT, and neither as guidance or of another organ, nor as denied, earlier or to come."""
    sentence = statement.sentence
    text = f"{sentence.heading}: {sentence.text}" if sentence.role in _HEADED else sentence.text
    guided = [(m.start - sentence.start, m.end - sentence.start) for m in sentence.of("guidance")]
    offset = len(text) - len(sentence.text)
    named = [
        m
        for m in expression("studies", "ct").finditer(text)
        if not expression("studies", "other_ct").match(text, m.end())
        and not any(start <= m.start() - offset < end for start, end in guided)
    ]
    return bool(named) and not expression("studies", "not_now").search(text) and not _no_field(text)


def _study(
    document: Document,
    statements: tuple[Statement, ...],
    told: tuple[Statement, ...],
    family: str,
    before: Procedure,
) -> Procedure:
    """The scan, for the regions its title names, else for those where it is told of that the contrast reached."""
    named = _scanned(s.sentence.text for s in told)
    titled = _scanned(_title_of(s) for s in told)
    regions = (
        titled or tuple(r for r in named if r in before.regions) or before.regions or named or regions_found(statements)
    )
    return Procedure(
        family=family,
        regions=regions,
        modality="mr" if says(statements, "mr_after") else "ct",
        contrast="with",
        evidence=tuple(_spans(document, told))[:_SPANS],
    )


def _scanned(texts: Iterable[str]) -> tuple[Region, ...]:
    """The regions named in *texts*; the sacrum is a part of the lumbar study."""
    return tuple(r for r in regions_in(" . ".join(texts)) if r != "sacral")


def _title_of(statement: Statement) -> str:
    """The words after "CT" in a title, or all of them where none of these names a region; nothing elsewhere."""
    text = statement.sentence.text
    if statement.stance != "claim":
        return ""
    found = expression("studies", "ct").search(text)
    after = text[found.end() :] if found else ""
    return after if regions_in(after) else text


def _spans(document: Document, told: tuple[Statement, ...]) -> Iterator[EvidenceSpan]:
    for statement in told:
        sentence = statement.sentence
        found = phrases("facts", "ct_after").search(sentence.text) or expression("studies", "ct").search(sentence.text)
        start, end = found.span() if found else (0, len(sentence.text))
        yield document.evidence(sentence.start + start, sentence.start + end)
