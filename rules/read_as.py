"""Which family each procedure of an encounter is coded by, and which are coded by none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rules.adjudication import TraceStep
from rules.count import row_in_force
from rules.encounter import Encounter, Procedure
from rules.facts import gather_facts
from rules.library import Library
from rules.model import Family
from rules.outcome import Finding
from rules.profile import NO_SETTING


class UnknownReasonError(ValueError):
    """A doubt names a review reason that is not in reasons.yaml."""


@dataclass(frozen=True)
class ReadProcedure:
    """A performed procedure and the family that codes it."""

    family: str
    procedure: Procedure


@dataclass(frozen=True)
class Read:
    """The procedures to code, what was said about the others, and the families performed that have no rules."""

    procedures: tuple[ReadProcedure, ...]
    findings: tuple[Finding, ...]
    trace: tuple[TraceStep, ...]
    without_rules: frozenset[str] = frozenset()


def read_procedures(rules: Library, encounter: Encounter, day: date) -> Read:
    """Every procedure that was performed in a family the rules cover on *day*."""
    for doubt in encounter.doubts:
        if doubt.reason not in rules.reasons:
            raise UnknownReasonError(f"the doubt {doubt.reason!r} is not in reasons.yaml: use one of those or add it")
    procedures: list[ReadProcedure] = []
    findings: list[Finding] = []
    trace = [
        TraceStep(rule=f"seen.{seen.family}", applied=False, why=seen.why, evidence=(seen.evidence,))
        for seen in encounter.seen
    ]
    for procedure in encounter.procedures:
        family = rules.families.get(procedure.family)
        if procedure.status == "not_performed":
            trace.append(_step(procedure, "it was not performed"))
        elif family is None:
            evidence, name = procedure.evidence, procedure.family
            findings.append(Finding("family_without_rules", is_review=True, evidence=evidence, detail=name))
            trace.append(_step(procedure, "no rules here for this family"))
        else:
            read, found, steps = _read_as(rules, family, procedure, day)
            findings += found
            trace += steps
            if read is not None:
                procedures.append(read)
    trace.sort(key=lambda step: step.model_dump_json())
    done = {procedure.family for procedure in encounter.procedures if procedure.status != "not_performed"}
    return Read(tuple(procedures), tuple(findings), tuple(trace), frozenset(done - set(rules.families)))


def _read_as(
    rules: Library, family: Family, procedure: Procedure, day: date
) -> tuple[ReadProcedure | None, list[Finding], list[TraceStep]]:
    if not family.read_as and family.covers.holds(day):
        return ReadProcedure(family.family, procedure), [], []
    findings: list[Finding] = []
    trace: list[TraceStep] = []
    facts = gather_facts(procedure, family, setting=NO_SETTING, beside=frozenset())
    for name, read_as in sorted(family.read_as.items()):
        found = row_in_force(read_as.rows.items(), day)
        if found is None or found[1].family is None or not facts.hold(read_as.when):
            continue
        start, row = found
        if row.review:
            findings.append(Finding(row.review, is_review=True, evidence=facts.evidence("family")))
        trace.append(TraceStep(rule=f"{family.family}.{name}@{start}", applied=True, why=f"coded as {row.family}",
                               row=start, source=dict(row.source), evidence=facts.evidence("family")))  # fmt: skip
        family = rules.families[row.family or family.family]
        break
    if not family.covers.holds(day):
        span = f"{family.family}: {family.covers.start} to {family.covers.through}"
        findings.append(Finding("edition_not_covered", is_review=True, evidence=facts.evidence("family"), detail=span))
        return None, findings, trace
    return ReadProcedure(family.family, procedure), findings, trace


def _step(procedure: Procedure, why: str) -> TraceStep:
    return TraceStep(rule=procedure.family, applied=False, why=why, evidence=procedure.evidence)
