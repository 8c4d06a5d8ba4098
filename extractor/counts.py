"""Counts in words ("three-level", "all four joints", "both levels") held against the places that were read."""

from __future__ import annotations

import re

from extractor.document import Document
from extractor.profiles import families
from extractor.statements import Statement
from rules.encounter import Procedure, ReadingDoubt

_NUMBERS = {
    "one": 1,
    "single": 1,
    "two": 2,
    "both": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
}
_N = r"(?P<n>one|single|two|three|four|five|six|seven|eight|[1-8])"
_THINGS = (
    r"(?:levels?|joints?|facets?|facet joints?|dis[ck]s?|nerves?|vertebral bodies|vertebrae|bodies|medial branches)"
)
_COUNT = re.compile(
    rf"\b(?:{_N}[\s-]levels?\b(?!\s(?:above|below|up|down|higher|lower|caudal|cephalad|from))"
    rf"|(?:all|the|each of the|these|those)\s{_N.replace('?P<n>', '?P<m>')}\s{_THINGS}\b"
    r"|(?P<both>both)\s(?:levels|joints|dis[ck]s|bodies|vertebrae))",
    re.IGNORECASE,
)
_COUNTED = frozenset({"joint", "foramen", "disc", "body"})


def count_doubts(
    document: Document, statements: tuple[Statement, ...], procedures: list[Procedure]
) -> list[ReadingDoubt]:
    """A doubt where the report counts otherwise than its levels were read; only where one family was done."""
    counted = [p for p in procedures if p.family in families() and families()[p.family].reads in _COUNTED]
    if len(counted) != 1 or not counted[0].sites:
        return []
    fitting = _fitting(counted[0])
    for statement in statements:
        if statement.stance not in {"claim", "work", "result"}:
            continue
        for match in _COUNT.finditer(statement.sentence.text):
            word = (match["n"] or match["m"] or match["both"]).lower()
            number = _NUMBERS.get(word) or int(word)
            if number not in fitting:
                start = statement.sentence.start
                span = document.evidence(start + match.start(), start + match.end())
                message = f"The report counts {number} where {sorted(fitting)} would fit the levels that were read."
                return [ReadingDoubt(reason="level_conflict", message=message, evidence=(span,))]
    return []


def _fitting(procedure: Procedure) -> set[int]:
    """Every count the sites allow: places, places by side, nerves, and the joints between nerves."""
    nerves = sum(site.kind == "nerve" for site in procedure.sites)
    places = len(procedure.sites) - nerves
    by_side = sum(2 if site.side == "bilateral" else 1 for site in procedure.sites)
    fitting = {places, nerves, max(nerves - 1, 0), by_side, len(procedure.sites), 2 * max(nerves - 1, 0)}
    return fitting - {0}
