"""What the store takes and gives, as values: reports, results, decisions, events."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from rules.adjudication import CodeLine, Disposition

Action = Literal["accept", "edit", "reject", "add"]
Cause = Literal["received", "recoded"]


class Value(BaseModel):
    """A frozen value with no key beyond those written."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A version of a report as a sender gives it; two with one digest are the same version sent twice."""

    report_id: str
    text: str
    date_of_service: date | None = None
    sender_version: str | None = None
    profile: str | None = None
    professional_component: bool = False
    source: str = "api"

    @property
    def digest(self) -> str:
        """What must be equal for a version to be a repeat."""
        told = [self.text, self.date_of_service, self.profile, self.professional_component]
        return hashlib.sha256(orjson.dumps(told)).hexdigest()


def _whole(value: object) -> object:
    """A number, not the words for one; ``1.0`` is a whole number in JSON."""
    if isinstance(value, str | bool):
        raise ValueError("it must be a whole number")  # noqa: TRY004  pydantic takes this one for a fault of the input
    return value


# The bounds stand in front, on the number itself: behind the check they would be missing in the OpenAPI.
Units = Annotated[int, Field(ge=1, le=99), BeforeValidator(_whole)]
Number = Annotated[int, Field(ge=1, le=2**53), BeforeValidator(_whole)]


class Line(Value):
    """A code line as a human decides it."""

    code: str = Field(pattern=r"^[0-9A-Z]{5}$")
    modifiers: tuple[Annotated[str, Field(pattern=r"^[0-9A-Z]{2}$")], ...] = Field(
        default=(), max_length=4, examples=[["LT"]]
    )
    units: Units = 1


class Decision(Value):
    """What a human decided about one result."""

    number: int
    result: int = Field(description="The number of the result that was decided about.")
    action: Action
    lines: tuple[Line, ...]
    reason: str
    made_at: str
    made_by: str


class ResultSummary(Value):
    """One answer to one version, without its content."""

    number: int
    cause: Cause
    disposition: Disposition
    lines: tuple[CodeLine, ...]
    profile: str
    versions: dict[str, str]
    made_at: str
    made_by: str


class Version(Value):
    """One version of a report with every answer and decision that it got, oldest first."""

    version: int
    sender_version: str | None
    content: str = Field(description="SHA-256 of what tells this version from another.")
    date_of_service: str | None
    source: str
    received_at: str
    received_by: str
    results: tuple[ResultSummary, ...]
    decisions: tuple[Decision, ...]


class Found(Value):
    """A report as a search lists it: its newest version and the newest answer to that, without text."""

    number: int
    report_id: str
    version: int
    received_at: str
    date_of_service: str | None
    source: str
    disposition: Disposition
    lines: tuple[Line, ...]
    reasons: tuple[str, ...]
    families: tuple[str, ...]
    profile: str
    decided: Action | None = Field(description="The last decision about that answer.")


class Event(Value):
    """One event of the audit."""

    number: int
    at: str
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
    before: str
    hash: str
