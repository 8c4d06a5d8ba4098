"""What a site decides for itself: whose rules, whose claim, and how it writes what a code leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeVar

from pydantic import Field, StrictBool, StrictStr, model_validator

from rules.model import Source, Strict

Payer = Literal["medicare", "cpt"]
Claim = Literal["professional", "facility"]
BothSides = Literal["modifier_50", "two_lines"]
Row = TypeVar("Row")


class BilateralRow(Strict):
    """How a code done on both sides is written, from a date on: for add-ons and for all other sided codes."""

    primary: BothSides
    add_on: BothSides
    source: Source


class DistinctRow(Strict):
    """The modifier on the second code of a pair: for another session, and for another site or region."""

    session: StrictStr
    place: StrictStr
    source: Source


class CompletionRow(Strict):
    """The modifiers of what was stopped after the needle was in, and of what was done in part."""

    discontinued: StrictStr
    reduced: StrictStr
    source: Source


class Styles(Strict):
    """The ways of writing a claim that a profile chooses from, each with its dated rows."""

    bilateral: Mapping[StrictStr, Mapping[date, BilateralRow]]
    distinct: Mapping[StrictStr, Mapping[date, DistinctRow]]
    completion: Mapping[Claim, Mapping[date, CompletionRow]]


class Profile(Strict):
    """A payer, a kind of claim and the habits of a site. ``payer`` and ``claim`` are facts that rows may test."""

    profile: StrictStr = Field(pattern=r"^[a-z][a-z0-9_]*$")
    about: StrictStr
    payer: Payer
    claim: Claim
    bilateral: StrictStr
    distinct: StrictStr
    professional_component: StrictBool = False

    @model_validator(mode="after")
    def _bills_one_part(self) -> Profile:
        if self.professional_component and self.claim == "facility":
            raise ValueError("`professional_component` belongs to a professional claim, and this one is a facility's")
        return self

    @property
    def setting(self) -> Mapping[str, str]:
        """The facts that a profile adds to those of the report."""
        return {"payer": self.payer, "claim": self.claim}


NO_SETTING: Mapping[str, str] = {"payer": "", "claim": ""}
"""Where nobody's claim is asked about yet."""


@dataclass(frozen=True)
class Habits:
    """The rows of a profile's styles that are in force on one day."""

    bilateral: BilateralRow
    distinct: DistinctRow
    completion: CompletionRow


def habits_on(styles: Styles, profile: Profile, day: date) -> Habits:
    """The last row of each style that is not after *day*, the first row before all of them."""
    return Habits(
        _row(styles.bilateral[profile.bilateral], day), _row(styles.distinct[profile.distinct], day),
        _row(styles.completion[profile.claim], day),
    )  # fmt: skip


def _row(rows: Mapping[date, Row], day: date) -> Row:
    in_force = [row for start, row in rows.items() if start <= day] or [next(iter(rows.values()))]
    return in_force[-1]
