"""Codes and the edits across families as typed values: lives, limits, pairs, absorptions."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, StrictBool, StrictInt, StrictStr, model_validator

from rules.model import Role, Source, Strict, When
from rules.profile import Claim, Payer

Where = Literal["same_site", "same_region", "same_encounter"]


class UnitLimit(Strict):
    """The most units a day, and how firm the limit is (1 line, 2 day, 3 day but open to appeal)."""

    units: StrictInt
    mai: Literal[1, 2, 3]
    facility: StrictInt | None = None

    def of(self, claim: Claim) -> int:
        """The limit of this kind of claim; ``facility`` is written where an outpatient facility has another."""
        return self.facility if claim == "facility" and self.facility is not None else self.units


class Parents(Strict):
    """From a date on, an add-on is only reported beside one of these codes."""

    start: date = Field(alias="from")
    codes: tuple[StrictStr, ...] = Field(min_length=1)


class Code(Strict):
    """One code: its life and the facts every result is checked against."""

    first: date
    last: date | None = None
    role: Role
    sided: StrictBool = False
    parents: tuple[Parents, ...] = ()
    unit_limit: UnitLimit | None = None
    bilateral: Literal[0, 1, 2, 3, 9] | None = None
    pctc: Literal[0, 1, 9] | None = None
    source: Source

    def lives(self, day: date) -> bool:
        """Whether the code is valid for *day*."""
        return self.first <= day and (self.last is None or day <= self.last)

    def parents_on(self, day: date) -> tuple[str, ...]:
        """The codes it may stand beside on *day*; none where it hangs on none or nobody has closed the list."""
        in_force = [parents for parents in self.parents if parents.start <= day]
        return in_force[-1].codes if in_force else ()


class PairEdit(Strict):
    """Codes of which the first column is kept: 0 never both, 1 both only for a separate site, region or session."""

    column_1: tuple[StrictStr, ...] = Field(min_length=1)
    column_2: tuple[StrictStr, ...] = Field(min_length=1)
    indicator: Literal[0, 1]
    start: date = Field(alias="from")
    through: date | None = None
    separate: Literal["site", "region", "session", "structure"] = "region"
    review_when_separate: StrictBool = False
    otherwise: Literal["bundle", "review_both", "review_column_1", "keep"] = "review_both"
    review: StrictStr
    start_verified: StrictBool = False
    source: Source

    def holds(self, day: date) -> bool:
        """Whether the pair is in force on *day*."""
        return self.start <= day and (self.through is None or day <= self.through)


class Substitution(Strict):
    """A code that one kind of claim to one payer writes in place of another."""

    code: StrictStr
    by: StrictStr
    payer: Payer
    claim: Claim
    start: date = Field(alias="from")
    through: date | None = None
    source: Source

    def holds(self, day: date) -> bool:
        """Whether it is in force on *day*."""
        return self.start <= day and (self.through is None or day <= self.through)


class Absorption(Strict):
    """Two families at one place: ``absorber`` is coded and ``absorbed`` is part of it, or neither and a human looks."""

    absorber: StrictStr | None = None
    absorbed: StrictStr | None = None
    between: tuple[StrictStr, StrictStr] | None = None
    where: Where
    absorber_when: When = Field(default_factory=dict)
    absorbed_when: When = Field(default_factory=dict)
    start: date = Field(alias="from")
    through: date | None = None
    review: StrictStr | None = None
    source: Source

    @model_validator(mode="after")
    def _one_form(self) -> Absorption:
        ordered = self.absorber is not None and self.absorbed is not None
        if ordered == (self.between is not None) or (self.between and self.review is None):
            raise ValueError("write `absorber` and `absorbed`, or `between: [a, b]` with a `review` reason")
        return self

    def holds(self, day: date) -> bool:
        """Whether the entry is in force on *day*."""
        return self.start <= day and (self.through is None or day <= self.through)
