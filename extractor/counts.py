"""Counts in words ("three-level", "a total of four joints", "x 3") held against the places that were read."""

from __future__ import annotations

import re
from itertools import pairwise

from extractor.document import Document
from extractor.patterns import opening
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
_MANY = "two|three|four|five|six|seven|eight|[2-8]"
_THINGS = (
    r"(?:levels?|joints?|facets?|facet joints?|dis[ck]s?|nerves?|vertebral bodies|vertebrae|bodies|medial branches|"
    r"branches|foramina|nerve roots?|roots)"
)
_KINDS = (
    r"(?:(?:facet|lumbar|cervical|thoracic|vertebral|medial|nerve|spinal|separate|different|distinct|left|right) )*"
)
_COUNT = re.compile(
    rf"\b(?:(?P<n>one|single|{_MANY})[\s-]levels?\b|"
    rf"(?:all|the|each of the|these|those)\s(?P<m>{_MANY})\s{_THINGS}\b|"
    rf"(?P<k>{_MANY})\s{_KINDS}{_THINGS}\b|"
    r"(?P<both>both)\s(?:levels|joints|dis[ck]s|bodies|vertebrae))",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"(?<=[a-z)\]])\s?,?\s[x\u00d7]\s?(?P<n>[2-8])\b(?!\s?(?:ml|cc|mg|min|sec|days?|weeks?|/))", re.IGNORECASE
)
_ASIDE = re.compile(r"\s(?:above|below|up|down|higher|lower|caudal|cephalad|from|ago)\b", re.IGNORECASE)
"""After a count: it tells the way to a level."""

_PART = re.compile(
    r"\b(?:other|others|remaining|next|last|first|lower|upper|lowest|lowermost|uppermost|top|bottom|between|"
    r"of the|past|previous|prior|after|at least|only|crossing|over|across)\s(?:the\s)?$",
    re.IGNORECASE,
)
"""Before a count: it counts a part, or what was done another day."""

_SEVERAL, _RIGHT_AFTER, _IN_A_ROW = 2, 4, 14
"""The fewest places that make a list; characters between a count and its list, and between two places of it."""

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
        for match, number in _counts(statement):
            if number not in fitting:
                start = statement.sentence.start
                span = document.evidence(start + match.start(), start + match.end())
                message = f"The report counts {number} where {sorted(fitting)} would fit the levels that were read."
                return [ReadingDoubt(reason="level_conflict", message=message, evidence=(span,))]
    return []


def _counts(statement: Statement) -> list[tuple[re.Match[str], int]]:
    """Every count of places treated in a sentence; a plain count only beside something done."""
    if statement.stance not in {"claim", "work", "result"}:
        return []
    text = statement.sentence.text
    found = []
    for match in _COUNT.finditer(text):
        after, before = text[match.end() :], text[: match.start()]
        if _is_part_of_a_level(statement, match):
            continue
        if (match["n"] and _ASIDE.match(after)) or opening("landmarks", "finding_after").match(after):
            continue
        word = (match["n"] or match["m"] or match["k"] or match["both"]).lower()
        number = _NUMBERS.get(word) or int(word)
        told = statement.stance == "claim" or statement.needle or _is_listed(statement, match, number)
        if match["k"] and (_PART.search(before) or not told):
            continue
        found.append((match, number))
    if statement.stance == "claim":
        ends = {m.end - statement.sentence.start for m in statement.sentence.of("procedure")}
        found.extend((match, int(match["n"])) for match in _TIMES.finditer(text) if match.start() in ends)
    return found


def _is_listed(statement: Statement, match: re.Match[str], number: int) -> bool:
    """Whether so many places follow the count, as in "three nerves, C4, C5 and C6"."""
    place = statement.sentence.start + match.end()
    row = [m for m in statement.sentence.of("level") if m.start >= place]
    if number < _SEVERAL or len(row) < number or row[0].start - place > _RIGHT_AFTER:
        return False
    return all(after.start - before.end <= _IN_A_ROW for before, after in pairwise(row[:number]))


def _is_part_of_a_level(statement: Statement, match: re.Match[str]) -> bool:
    """Whether the number belongs to a level ("the L4-5 joint")."""
    place = statement.sentence.start + match.start()
    return any(m.start <= place < m.end for m in statement.sentence.of("level"))


def _fitting(procedure: Procedure) -> set[int]:
    """Every count the sites allow: places, places by side, nerves, and the joints between nerves."""
    nerves = sum(site.kind == "nerve" for site in procedure.sites)
    places = len(procedure.sites) - nerves
    by_side = sum(2 if site.side == "bilateral" else 1 for site in procedure.sites)
    fitting = {places, nerves, max(nerves - 1, 0), by_side, len(procedure.sites), 2 * max(nerves - 1, 0)}
    return fitting - {0}
