"""What a family answers while and after it is run: contributions to code lines, findings, trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from rules.adjudication import TraceStep
from rules.count import Counted
from rules.encounter import EvidenceSpan
from rules.model import Remark, Role
from rules.profile import Habits
from rules.sequence import Place


@dataclass(frozen=True)
class Contribution:
    """What one dated row adds to a code line: a thing counted (``key``), with its proof.

    ``answers`` tells whether it belongs to the suggested lines, to the alternative, or to both.
    """

    code: str
    modifiers: tuple[str, ...]
    key: tuple[str, str]
    role: Role
    family: str
    rule: str
    source: Mapping[str, str]
    evidence: tuple[EvidenceSpan, ...]
    order: int
    line_order: int
    by: frozenset[int]
    fields: frozenset[tuple[str, int]] = frozenset()
    sites: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    verified: bool = True
    separate: bool = False
    answers: frozenset[str] = frozenset({"suggestion", "alternative"})


@dataclass(frozen=True)
class Finding:
    """A review reason (``is_review``) or a warning, with its evidence and what it hangs on."""

    id: str
    is_review: bool
    evidence: tuple[EvidenceSpan, ...] = ()
    detail: str = ""
    by: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Outcome:
    """What a family answers for one session."""

    contributions: tuple[Contribution, ...] = ()
    findings: tuple[Finding, ...] = ()
    trace: tuple[TraceStep, ...] = ()


@dataclass(frozen=True)
class Edition:
    """What the engine looks things up in: the day, the sided codes, the site's habits, the remarks on every family."""

    day: date
    sided: frozenset[str]
    habits: Habits
    common: Mapping[str, Remark] = field(default_factory=dict)


@dataclass
class Notes:
    """What a family has said so far, while it is being run."""

    contributions: list[Contribution] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    trace: list[TraceStep] = field(default_factory=list)
    counted: dict[str, tuple[Counted, tuple[tuple[Place, ...], ...]]] = field(default_factory=dict)
    situations: dict[str, frozenset[str]] = field(default_factory=dict)

    def step(self, rule: str, why: str, **more: object) -> None:
        """Write one step of the trace."""
        if more:
            self.trace.append(TraceStep.model_validate({"rule": rule, "applied": False, "why": why, **more}))
        else:
            self.trace.append(_not_applied(rule, why))


@lru_cache(maxsize=4096)
def _not_applied(rule: str, why: str) -> TraceStep:
    """A step that says why a rule did not apply; most of a trace is such steps, the same ones every time."""
    return TraceStep(rule=rule, applied=False, why=why)
