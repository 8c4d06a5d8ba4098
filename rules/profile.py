"""What a site decides for itself: whose payment rules, and how both sides of an add-on are written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import Field, StrictStr

from rules.model import Source, Strict

BilateralStyle = Literal["modifier_50", "two_lines"]


class StyleRow(Strict):
    """How a code done on both sides is written, from a date on: for add-ons and for all other sided codes."""

    add_on: BilateralStyle
    primary: BilateralStyle
    source: Source


class Profile(Strict):
    """A payer and the habits of a site. ``payer`` is a fact that rows may test."""

    profile: StrictStr
    about: StrictStr
    payer: StrictStr
    bilateral: Mapping[date, StyleRow] = Field(min_length=1)

    def bilateral_style(self, day: date, *, is_add_on: bool) -> BilateralStyle:
        """The way both sides are written on *day*: the last row not after it, the first row before all of them."""
        rows = [row for start, row in self.bilateral.items() if start <= day] or [next(iter(self.bilateral.values()))]
        return rows[-1].add_on if is_add_on else rows[-1].primary
