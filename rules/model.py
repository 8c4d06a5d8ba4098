"""The rule files as typed values: what a family, a line, a dated row, a code, an edit may say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StrictStr, model_validator

from rules.anatomy import Region

Counts = Literal[
    "vertebral_body", "interspace", "joint", "nerve", "foramen", "side",
    "region", "study_region", "guidance_region", "encounter",
]  # fmt: skip
Units = Literal[
    "once", "each", "first", "first_two", "each_additional", "second", "third_and_more_once",
]  # fmt: skip
Place = Literal["joint", "foramen", "interspace", "vertebral_body", "side", "region", "encounter"]
Role = Literal["primary", "add_on", "interpretation", "guidance"]
Situation = Literal[
    "several_code_groups", "several_regions", "several_levels_in_group", "more_than_two_levels_in_group",
    "sides_differ", "third_and_more_sides_differ", "nerve_left_over", "nerves_and_joints_differ",
    "joint_nerves_incomplete", "third_occipital_beside_neighbours", "one_only",
]  # fmt: skip
Source = Annotated[Mapping[StrictStr, StrictStr], Field(min_length=1)]
Condition = Mapping[StrictStr, tuple[StrictStr, ...]]

NO_LINE = ("bundled", "none")
"""Cells that are no code: inside another line of the encounter, or this line has ended."""
ADDITIONAL: tuple[Units, ...] = ("each_additional", "second", "third_and_more_once")


class Strict(BaseModel):
    """A value of the rule files: frozen, and without any key that is not in the vocabulary."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _listed(condition: object) -> object:
    if not isinstance(condition, Mapping):
        return condition
    return {fact: tuple(value) if isinstance(value, list) else (value,) for fact, value in condition.items()}


When = Annotated[Condition, BeforeValidator(_listed)]
Listed = Annotated[
    tuple[StrictStr, ...], BeforeValidator(lambda value: value if isinstance(value, list | tuple) else (value,))
]


class Cell(Strict):
    """What one region gets in a row: a code, ``bundled`` or ``none``, and what a human must be told.

    ``both_sides`` is the code instead where both sides were treated and the side is the code, not a modifier.
    """

    code: StrictStr
    both_sides: StrictStr | None = None
    alternative: StrictStr | None = None
    review: StrictStr | None = None
    warning: StrictStr | None = None
    alone: StrictBool = False


def _cell(value: object) -> object:
    return {"code": value} if isinstance(value, str) else value


CellOrCode = Annotated[Cell, BeforeValidator(_cell)]


class Row(Strict):
    """One edition of one line: everything about the line that changes on a date, with its source.

    ``several`` is the one code for more than one region, where a code says "two or more".
    """

    counts: Counts | None = None
    units: Units = "once"
    primary: Literal["per_code_group", "per_session"] = "per_code_group"
    prefer: tuple[Region, ...] = ()
    any: CellOrCode | None = None
    cervical: CellOrCode | None = None
    thoracic: CellOrCode | None = None
    lumbar: CellOrCode | None = None
    sacral: CellOrCode | None = None
    several: CellOrCode | None = None
    review: StrictStr | None = None
    warning: StrictStr | None = None
    verified: StrictBool = True
    source: Source

    def cells(self) -> dict[str, Cell]:
        """The cells that are written down, by region, ``any`` or ``several``."""
        named = {"any": self.any, "cervical": self.cervical, "thoracic": self.thoracic,
                 "lumbar": self.lumbar, "sacral": self.sacral, "several": self.several}  # fmt: skip
        return {region: cell for region, cell in named.items() if cell is not None}

    def cell(self, region: Region | None) -> Cell | None:
        """The cell that answers for *region*; ``None`` where this edition has nothing to say about it."""
        return self.any or (self.cells().get(region) if region else None)

    def for_regions(self, named: int) -> Row:
        """The row itself; or, where it has a code for several and that many were named, that code once for all."""
        if self.several is None or named <= 1:
            return self
        one = dict.fromkeys(("cervical", "thoracic", "lumbar", "sacral", "several"))
        return self.model_copy(update={**one, "any": self.several, "units": "once"})

    @model_validator(mode="after")
    def _has_cells(self) -> Row:
        if not self.cells():
            raise ValueError("a row needs a cell: `any`, or a region (cervical, thoracic, lumbar, sacral)")
        if self.any is not None and len(self.cells()) > 1:
            raise ValueError("`any` answers for every region: write either `any` or regions, not both")
        return self


class Line(Strict):
    """One code line a family can produce, through all its editions."""

    role: Role = "primary"
    of: StrictStr | None = None
    when: When = Field(default_factory=dict)
    unless: When = Field(default_factory=dict)
    beside: tuple[StrictStr, ...] = ()
    rows: Mapping[date, Row] = Field(min_length=1)

    @model_validator(mode="after")
    def _add_ons_hang(self) -> Line:
        if (self.role == "add_on") != (self.of is not None):
            raise ValueError("an add_on line names its primary line in `of`, and only an add_on line does")
        if self.role == "add_on" and (self.when or self.unless):
            raise ValueError("an add_on line applies when its primary line does: take `when` and `unless` out")
        for start, row in self.rows.items():
            coded = any(cell.code not in NO_LINE or cell.alternative for cell in row.cells().values())
            if (row.units in ADDITIONAL) != (self.role == "add_on") and coded:
                raise ValueError(f"row {start}: units {' | '.join(ADDITIONAL)} belong to add_on lines, only to them")
            if self.role == "add_on" and row.counts is not None:
                raise ValueError(f"row {start}: an add_on line counts what its primary line counts: take `counts` out")
            if self.role != "add_on" and row.counts is None and coded:
                raise ValueError(f"row {start}: `counts` is missing: say what one unit is")
        return self


class RemarkRow(Strict):
    """What a remark says from its date: a review reason, a warning, or (``ends``) nothing any more.

    ``idle`` is the warning in the place of the reason where the lines do not hinge on the fact (see `Remark`).
    """

    review: StrictStr | None = None
    idle: StrictStr | None = None
    warning: StrictStr | None = None
    ends: StrictBool = False
    verified: StrictBool = True
    source: Source

    @model_validator(mode="after")
    def _says_one_thing(self) -> RemarkRow:
        if [bool(self.review), bool(self.warning), self.ends].count(True) != 1:
            raise ValueError("a remark row says one of: `review: <reason>`, `warning: <warning>`, `ends: true`")
        return self


class Remark(Strict):
    """A review reason or a warning that hangs on facts (``when``, ``unless``) or on what a line counted (``of``).

    With ``hinges_on`` it is a reason only where another reading of that fact would have other lines in force.
    """

    when: When = Field(default_factory=dict)
    unless: When = Field(default_factory=dict)
    of: Listed = ()
    hinges_on: Literal["guidance"] | None = None
    situation: Situation | None = None
    sites: tuple[StrictStr, ...] = ()
    rows: Mapping[date, RemarkRow] = Field(min_length=1)

    @model_validator(mode="after")
    def _looks_at_something(self) -> Remark:
        if (not self.of) != (self.situation is None and not self.sites):
            raise ValueError("`situation` and `sites` look at what a line counted: name the line in `of`")
        if not (self.when or self.unless or self.of):
            raise ValueError("a remark needs `when`, `unless` or `of`")
        if any((row.idle is None) == (self.hinges_on is not None and row.review is not None)
               for row in self.rows.values()):  # fmt: skip
            raise ValueError("`idle: <warning>` stands beside `review` exactly where the remark has `hinges_on`")
        return self


class JunctionRow(Strict):
    """The region a junction level is coded in from a date on."""

    region: Region
    review: StrictStr | None = None
    warning: StrictStr | None = None
    verified: StrictBool = True
    source: Source


class ReadAsRow(Strict):
    """From this date the procedure is coded by ``family`` instead."""

    family: StrictStr | None
    review: StrictStr | None = None
    source: Source


class ReadAs(Strict):
    """A procedure named for one family and done as another."""

    when: When
    rows: Mapping[date, ReadAsRow] = Field(min_length=1)


class FrequencyRow(Strict):
    """From this date: the most sessions within so many months, this one counted; what is said where they are more."""

    most: StrictInt
    months: StrictInt
    warning: StrictStr
    source: Source


class Frequency(Strict):
    """How often a payer covers a family: sessions of these families, of one region, of these purposes."""

    families: tuple[StrictStr, ...] = Field(min_length=1)
    when: When = Field(default_factory=dict)
    purposes: tuple[StrictStr, ...] = ()
    rows: Mapping[date, FrequencyRow] = Field(min_length=1)


class Span(Strict):
    """Dates of service, both ends included."""

    start: date = Field(alias="from")
    through: date

    def holds(self, day: date) -> bool:
        """Whether *day* lies inside."""
        return self.start <= day <= self.through


class Family(Strict):
    """Everything one family can produce, through all editions."""

    family: StrictStr
    about: StrictStr
    place: Place
    covers: Span
    region: Region | None = None
    region_by_approach: Mapping[StrictStr, Region] = Field(default_factory=dict)
    injected_by: tuple[StrictStr, ...] = ()
    sites_tell_region: StrictBool = True
    read_as: Mapping[StrictStr, ReadAs] = Field(default_factory=dict)
    junctions: Mapping[StrictStr, Mapping[date, JunctionRow]] = Field(default_factory=dict)
    lines: Mapping[StrictStr, Line] = Field(min_length=1)
    remarks: Mapping[StrictStr, Remark] = Field(default_factory=dict)
    frequency: Mapping[StrictStr, Frequency] = Field(default_factory=dict)


class Meaning(Strict):
    """A review reason or a warning: what it says, and what a human must decide or may expect.

    ``by`` tells who gives it: rows, the engine and its checks, or the reading of the text. ``source`` stands here
    where no row says it: what a check of every result says.
    """

    means: StrictStr
    decide: StrictStr
    by: Literal["rows", "engine", "reading"] = "rows"
    source: Source | None = None


class SourceEntry(Strict):
    """A published text or table that rows cite; ``effective`` are the days of a table that is valid for a quarter."""

    title: StrictStr
    publisher: StrictStr
    note: StrictStr
    address: StrictStr | None = None
    effective: Span | None = None
