"""What the rules answer: code lines with proof, review reasons, warnings, alternatives and the trace."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from rules.encounter import EvidenceSpan

Disposition = Literal["auto", "review", "no_procedure"]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CodeLine(_Value):
    """One line of a claim: ``rule`` names the dated rows that gave it, ``source`` where they are published."""

    code: str
    modifiers: tuple[str, ...] = ()
    units: int
    family: str
    rule: str
    source: dict[str, str]
    evidence: tuple[EvidenceSpan, ...] = ()


class ReviewReason(_Value):
    """Why a human must look; ``reason`` is an id of ``reasons.yaml``."""

    reason: str
    message: str
    evidence: tuple[EvidenceSpan, ...] = ()


class Notice(_Value):
    """Something to know that changes no line; ``warning`` is an id of ``warnings.yaml``."""

    warning: str
    message: str


class TraceStep(_Value):
    """One rule that was considered, applied or not, and why."""

    rule: str
    applied: bool
    why: str
    row: date | None = None
    code: str | None = None
    source: dict[str, str] = Field(default_factory=dict)
    evidence: tuple[EvidenceSpan, ...] = ()


class Adjudication(_Value):
    """The answer to one encounter; ``review_reasons`` is empty exactly when the disposition is not ``review``."""

    date_of_service: date | None
    disposition: Disposition
    lines: tuple[CodeLine, ...] = ()
    review_reasons: tuple[ReviewReason, ...] = ()
    warnings: tuple[Notice, ...] = ()
    alternatives: tuple[tuple[CodeLine, ...], ...] = ()
    trace: tuple[TraceStep, ...] = ()
    profile: str
    rules: str
