"""Words that deny, except or give up what stands beside them, told from denials that do no harm."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from extractor.patterns import expression, phrases

_REACH = 60
"""Characters after a word of denial within which stands what was denied."""

_BREAK = re.compile(r"[;.]\s|,\s(?:and|so)\s|\b(?:but|however|although|though|whereas|while)\b", re.IGNORECASE)
"""Where a clause ends that a word of denial may not reach across."""


Kind = Literal["except", "give_up", "act", "bare"]


@dataclass(frozen=True, slots=True)
class Denial:
    """A place of a text where something is denied: excepted, given up, an act of a needle or a drug, or anything."""

    start: int
    end: int
    kind: Kind


def denials(text: str) -> Iterator[Denial]:
    """Every denial in *text* that is not harmless."""
    for match in phrases("polarity", "excepts").finditer(text):
        yield Denial(match.start(), match.end(), "except")
    for match in expression("polarity", "leaves").finditer(text):
        yield Denial(match.start(), match.end(), "bare")
    for match in phrases("polarity", "gives_up").finditer(text):
        yield Denial(match.start(), match.end(), "give_up")
    for match in phrases("polarity", "denies").finditer(text):
        scope = text[match.end() : match.end() + _REACH]
        end = _BREAK.search(scope)
        scope = scope[: end.start()] if end else scope
        act = phrases("polarity", "acts").search(scope)
        harmless = phrases("polarity", "harmless").search(scope)
        if harmless and (act is None or harmless.start() < act.start()):
            continue
        if phrases("polarity", "unwanted_places").search(scope, act.end() if act else 0):
            continue
        yield Denial(match.start(), match.end(), "act" if act else "bare")


def clause_around(text: str, place: int) -> tuple[int, int]:
    """Start and end of the clause of *text* in which *place* lies."""
    start, end = 0, len(text)
    for match in _BREAK.finditer(text):
        if match.end() <= place:
            start = match.end()
        elif match.start() > place:
            end = match.start()
            break
    return start, end
