"""What an answer is worth against gold: right, wrong, for review with need or without, missed, invented."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from corpus.gold import ClaimLine, Expected, GoldReport

Outcome = Literal[
    "right_and_auto",
    "wrong_and_auto",
    "review_needed",
    "review_needless",
    "no_procedure_right",
    "missed",
    "invented",
    "failed",
]
Disposition = Literal["auto", "review", "no_procedure", "failed"]

NOT_COMPARED = frozenset({"26", "TC", "51", "59", "XE", "XP", "XS", "XU", "KX"})
"""Modifiers that depend on who bills and on what else was done that day."""

_BOTH_SIDES = "50"
_SIDES = ("LT", "RT")
_SIDES_ON_TWO_LINES_FROM = date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the product said of a report."""

    disposition: Disposition
    lines: tuple[ClaimLine, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scored:
    """One report on one date of service. ``right_lines``: the lines are gold's or one of its alternatives."""

    report: GoldReport
    day: date
    expected: Expected
    answer: Answer
    outcome: Outcome
    right_lines: bool

    @property
    def is_codable(self) -> bool:
        """Whether gold has lines."""
        return bool(self.expected.lines)

    @property
    def is_signable(self) -> bool:
        """Whether gold has lines and wants no human: what could be auto at best."""
        return self.is_codable and self.expected.review is not True

    @property
    def is_invented(self) -> bool:
        """Lines, whether auto or for review, where gold has no procedure at all."""
        return bool(self.answer.lines) and not self.expected.lines and self.expected.review is False


def score(report: GoldReport, day: date, answer: Answer, *, add_ons: Collection[str]) -> Scored:
    """*answer* against the gold of *report* on *day*."""
    expected = report.expected[day]
    right = any(
        _claimed(answer.lines, day=day, add_ons=add_ons) == _claimed(lines, day=day, add_ons=add_ons)
        for lines in (expected.lines, *expected.alternatives)
    )
    return Scored(report, day, expected, answer, _outcome(expected, answer, right_lines=right), right)


def _outcome(expected: Expected, answer: Answer, *, right_lines: bool) -> Outcome:
    if answer.disposition == "failed":
        return "failed"
    if answer.disposition == "auto":
        is_right = right_lines and bool(expected.lines) and expected.review is not True
        return "right_and_auto" if is_right else "wrong_and_auto"
    if answer.disposition == "no_procedure":
        return "missed" if expected.lines or expected.review is True else "no_procedure_right"
    if expected.review is not False:
        return "review_needed"
    return "invented" if answer.lines and not expected.lines else "review_needless"


def _claimed(
    lines: Iterable[ClaimLine], *, day: date, add_ons: Collection[str]
) -> Counter[tuple[str, tuple[str, ...]]]:
    """Units by code and compared modifiers; from 2020 an add-on on both sides is written as a line for each."""
    units: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for line in lines:
        modifiers = tuple(sorted(set(line.modifiers) - NOT_COMPARED))
        if _BOTH_SIDES in modifiers and line.code in add_ons and day >= _SIDES_ON_TWO_LINES_FROM:
            rest = set(modifiers) - {_BOTH_SIDES}
            for side in _SIDES:
                units[line.code, tuple(sorted({*rest, side}))] += line.units
        else:
            units[line.code, modifiers] += line.units
    return units
