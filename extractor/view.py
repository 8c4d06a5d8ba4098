"""All that was read of a report, as the choice of families and every objection to it see it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from extractor.claims import Claim, Sign, signs_of
from extractor.document import Document
from extractor.mentions import Mention
from extractor.profiles import families
from extractor.statements import Statement
from rules.encounter import ReadingDoubt

TOLD = frozenset({"work", "result"})
STRONG_PLACES = frozenset(
    {
        "foramen",
        "facet_joint",
        "medial_branch",
        "interlaminar",
        "caudal",
        "si_joint",
        "disc",
        "lateral_branch",
        "cervical_puncture",
    }
)


@dataclass(frozen=True, slots=True)
class View:
    """All that was read, and the families chosen from it; ``extra`` are those that the account alone names."""

    document: Document
    statements: tuple[Statement, ...]
    claims: tuple[Claim, ...]
    signs: tuple[Sign, ...]
    others: tuple[tuple[str, Claim], ...]
    chosen: frozenset[str]
    extra: frozenset[str]
    foreign: bool
    acted: bool

    def doubt(self, reason: str, message: str, spans: Iterable[Claim | Sign | Mention]) -> ReadingDoubt:
        """A doubt with the first two spans as its evidence."""
        evidence = tuple(self.document.evidence(s.start, s.end) for s in spans)[:2]
        return ReadingDoubt(reason=reason, message=message, evidence=evidence)


def explained(chosen: Iterable[str]) -> frozenset[str]:
    """Places where the needle of one of these families may be told of."""
    return frozenset(place for f in chosen for place in signs_of(f) | families()[f].explains)
