"""Done to its end, stopped after the needle, or called off before it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractor.document import Document
from extractor.patterns import phrases
from extractor.statements import Statement
from rules.encounter import EvidenceSpan, Status

_IF = re.compile(r"\b(?:if|would|should|could|unless|until|in case|or the|whether)\b", re.IGNORECASE)
_SUCCESS = re.compile(
    r"\b(?:success\w*|technically adequate|"
    r"(?:was|were) (?:then |slowly |subsequently |easily |successfully )*"
    r"(?:obtained|collected|injected|instilled|administered|"
    r"deposited|deployed|delivered|completed|lesioned|ablated|drained)|"
    r"uneventful|free[- ]flowing|clear csf|return of (?:clear|csf|cerebrospinal)|"
    r"satisfactorily|completed|successfully)\b",
    re.IGNORECASE,
)
_NEGATED_SUCCESS = re.compile(r"\b(?:no|not|without|unable|un)\b[^.]{0,40}$|\bun$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Completion:
    """``status`` of the work as a whole; ``doubtful`` where the report tells both an end and a success."""

    status: Status
    evidence: tuple[EvidenceSpan, ...]
    doubtful: bool = False


def read_completion(document: Document, statements: tuple[Statement, ...]) -> Completion:
    """How the procedure ended, by the order in which stopping and success are told."""
    stops: list[tuple[int, int, int]] = []
    called_off: list[tuple[int, int]] = []
    success = -1
    delivered = given = False
    for number, statement in enumerate(statements):
        if not statement.counts:
            continue
        text = statement.sentence.text
        offset = statement.sentence.start
        conditional = bool(_IF.search(text))
        stop = phrases("completion", "stopped").search(text)
        off = phrases("completion", "before_needle").search(text)
        if off and not conditional and not statement.sentence.of("level"):
            called_off.append((offset + off.start(), offset + off.end()))
        if stop and not conditional and not phrases("completion", "enough").search(text):
            stops.append((number, offset + stop.start(), offset + stop.end()))
        good = [m for m in _SUCCESS.finditer(text) if not _NEGATED_SUCCESS.search(text[: m.start()])]
        if good and statement.stance != "claim" and (not stop or good[-1].start() > stop.end()):
            success = number
            delivered = delivered or statement.needle
        given = given or (
            statement.needle
            and not phrases("sentences", "skin").search(text)
            and any(m.plain for m in statement.sentence.of("agents"))
        )
    if called_off and not delivered:
        spans = tuple(document.evidence(*span) for span in called_off[:2])
        return Completion("performed", spans, doubtful=True) if given else Completion("not_performed", spans)
    if not stops or conditional_only(stops, success):
        return Completion("performed", ())
    return Completion("discontinued", tuple(document.evidence(a, b) for _, a, b in stops[:2]))


def conditional_only(stops: list[tuple[int, int, int]], success: int) -> bool:
    """Whether success was told after the last stop: an attempt that failed before the one that did not."""
    return success > stops[-1][0]
