"""Code lines while they are being made: contributions of every family merged by code and modifiers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from rules.adjudication import CodeLine, TraceStep
from rules.encounter import EvidenceSpan
from rules.facts import in_text_order
from rules.library import Library
from rules.outcome import Contribution, Finding
from rules.profile import Habits, Profile

_NEIGHBOURS = 2
"""Two interspaces next to each other are two places apart in the order of the spine."""


@dataclass(frozen=True)
class DraftLine:
    """One code with its modifiers and everything that was counted for it."""

    code: str
    modifiers: tuple[str, ...]
    parts: tuple[Contribution, ...]

    @property
    def units(self) -> int:
        """The number of different things counted."""
        fields = {(part.separate, field) for part in self.parts for field in part.fields}
        keys = {(part.separate, part.key) for part in self.parts if not part.fields}
        sessions = {separate for separate, _ in fields}
        return len(keys) + sum(_fields_seen({f for s, f in fields if s == session}) for session in sessions)

    @property
    def sites(self) -> frozenset[str]:
        """The places it was counted at."""
        return frozenset().union(*(part.sites for part in self.parts))

    @property
    def families(self) -> frozenset[str]:
        """The families that gave it."""
        return frozenset(part.family for part in self.parts)

    @property
    def evidence(self) -> tuple[EvidenceSpan, ...]:
        """Every span that proves it."""
        return in_text_order(span for part in self.parts for span in part.evidence)

    def finish(self) -> CodeLine:
        """The line as the answer shows it."""
        source: dict[str, list[str]] = {}
        for part in self.parts:
            for name, locator in part.source.items():
                places = source.setdefault(name, [])
                if locator not in places:
                    places.append(locator)
        return CodeLine(
            code=self.code, modifiers=self.modifiers, units=self.units, family=self.parts[0].family,
            rule=" + ".join(dict.fromkeys(part.rule for part in self.parts)),
            source={name: "; ".join(source[name]) for name in sorted(source)}, evidence=self.evidence,
        )  # fmt: skip


@dataclass(frozen=True)
class Draft:
    """An answer before it is final. A check takes one and returns one."""

    lines: tuple[DraftLine, ...]
    findings: tuple[Finding, ...] = ()
    alternatives: tuple[tuple[DraftLine, ...], ...] = ()
    trace: tuple[TraceStep, ...] = ()

    def with_finding(self, finding: Finding) -> Draft:
        """The draft with one finding more."""
        return replace(self, findings=(*self.findings, finding))

    def told(self, reason: str, lines: Iterable[DraftLine], detail: str) -> Draft:
        """The draft with a review reason about *lines*."""
        evidence = tuple(dict.fromkeys(span for line in lines for span in line.evidence))
        return self.with_finding(Finding(reason, is_review=True, evidence=evidence, detail=detail))

    def with_step(self, rule: str, why: str, source: Mapping[str, str]) -> Draft:
        """The draft with one step more in its trace."""
        step = TraceStep(rule=rule, applied=True, why=why, source=dict(source))
        return replace(self, trace=(*self.trace, step))


@dataclass(frozen=True)
class Context:
    """What a check may know beside the draft; ``is_component`` where the caller bills the professional part alone."""

    library: Library
    day: date
    profile: Profile
    habits: Habits
    is_component: bool = False


def _fields_seen(fields: set[tuple[str, int]]) -> int:
    """How many fields of view: one a region, and one for regions whose treated levels touch at a junction."""
    regions = sorted({region for region, _ in fields})
    root = {region: region for region in regions}

    def find(region: str) -> str:
        while root[region] != region:
            region = root[region]
        return region

    for region, place in fields:
        for other, other_place in fields:
            if region != other and abs(place - other_place) <= _NEIGHBOURS and place != other_place:
                root[find(other)] = find(region)
    return len({find(region) for region in regions})


def merge_lines(contributions: Iterable[Contribution], *, answer: str) -> tuple[DraftLine, ...]:
    """The lines of one answer (``suggestion`` or ``alternative``), guidance last, each family from the head down."""
    lines: dict[tuple[str, tuple[str, ...]], list[Contribution]] = {}
    for part in contributions:
        if answer in part.answers:
            lines.setdefault((part.code, part.modifiers), []).append(part)
    made = [
        DraftLine(code, modifiers, tuple(sorted(parts, key=_in_order))) for (code, modifiers), parts in lines.items()
    ]
    return tuple(sorted(made, key=lambda line: (_in_order(line.parts[0]), line.code, line.modifiers)))


def _in_order(part: Contribution) -> tuple[object, ...]:
    return (part.role == "guidance", part.family, part.separate, part.order, part.line_order, part.key, part.rule,
            tuple(span.start for span in part.evidence))  # fmt: skip
