"""An encounter to its adjudication: the sequence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rules.absorb import absorb
from rules.adjudication import Adjudication, Notice, ReviewReason, TraceStep
from rules.beside import gather_beside
from rules.checks import CHECKS
from rules.draft import Context, Draft, DraftLine, merge_lines
from rules.encounter import Encounter, EvidenceSpan
from rules.engine import run_family
from rules.facts import Facts, in_text_order
from rules.frequency import too_often
from rules.library import DEFAULT_PROFILE, Library, library
from rules.model import Meaning
from rules.outcome import Edition, Finding, Outcome
from rules.profile import Profile, habits_on
from rules.read_as import read_procedures


def adjudicate(encounter: Encounter, *, profile: Profile | None = None) -> Adjudication:
    """The code lines, or the reasons why a human must look, for what was done on one date of service."""
    return adjudicate_with(library(), encounter, profile=profile)


def adjudicate_with(rules: Library, encounter: Encounter, *, profile: Profile | None = None) -> Adjudication:
    """The same by the rules given."""
    chosen = profile or rules.profiles[DEFAULT_PROFILE]
    day = encounter.date_of_service or max(family.covers.through for family in rules.families.values())
    read = read_procedures(rules, encounter, day)
    absorbed = absorb(gather_beside(rules.families, read, chosen.setting), rules, day)
    habits = habits_on(rules.styles, chosen, day)
    outcomes = [
        run_family(rules.families[name], session, Edition(day, rules.sided, habits, rules.remarks))
        for name, group in sorted(absorbed.left.items()) for session in _sessions(group)
    ]  # fmt: skip
    findings = [*read.findings, *absorbed.findings, *(found for outcome in outcomes for found in outcome.findings)]
    findings += too_often(rules.families, absorbed.left, encounter.prior, day)
    if encounter.date_of_service is None and read.procedures:
        findings.append(Finding("date_of_service_missing", is_review=True))
    trace = [*read.trace, *absorbed.trace, *(step for outcome in outcomes for step in outcome.trace)]
    draft = _draft(outcomes, findings, trace)
    context = Context(rules, day, chosen, habits, is_component=encounter.professional_component)
    for check in CHECKS:
        draft = check(draft, context)
    return _finish(rules, encounter, chosen, draft)


def _sessions(group: Sequence[Facts]) -> list[tuple[Facts, ...]]:
    """The procedures of the first session, and those of a separate one."""
    separate = [tuple(f for f in group if f.procedure.separate_session is is_separate) for is_separate in (False, True)]
    return [session for session in separate if session]


def _draft(outcomes: Sequence[Outcome], findings: Sequence[Finding], trace: Sequence[TraceStep]) -> Draft:
    contributions = [part for outcome in outcomes for part in outcome.contributions]
    suggestion = merge_lines(contributions, answer="suggestion")
    alternatives: tuple[tuple[DraftLine, ...], ...] = ()
    if any("suggestion" not in part.answers for part in contributions):
        alternatives = (merge_lines(contributions, answer="alternative"),)
    return Draft(suggestion, tuple(findings), alternatives, tuple(trace))


def _finish(rules: Library, encounter: Encounter, profile: Profile, draft: Draft) -> Adjudication:
    doubts = [
        (doubt.reason, doubt.message, doubt.evidence)
        for doubt in encounter.doubts
    ]  # fmt: skip
    found = [
        (finding.id, _message(rules.reasons[finding.id], finding.detail), finding.evidence)
        for finding in draft.findings if finding.is_review
    ]  # fmt: skip
    reasons = _reasons([*doubts, *found])
    warned = {
        (finding.id, _message(rules.warnings[finding.id], finding.detail))
        for finding in draft.findings if not finding.is_review
    }  # fmt: skip
    lines = tuple(line.finish() for line in draft.lines)
    disposition = "review" if reasons else "auto" if lines else "no_procedure"
    return Adjudication.model_validate({
        "date_of_service": encounter.date_of_service,
        "disposition": disposition,
        "lines": lines,
        "review_reasons": reasons,
        "warnings": tuple(Notice(warning=name, message=message) for name, message in sorted(warned)),
        "alternatives": tuple(tuple(line.finish() for line in other) for other in _different(draft)),
        "trace": draft.trace,
        "profile": profile.profile,
        "rules": rules.version,
    })  # fmt: skip


def _different(draft: Draft) -> list[tuple[DraftLine, ...]]:
    """The alternatives that differ from the suggestion and from each other."""
    seen = {frozenset((line.code, line.modifiers, line.units) for line in draft.lines)}
    different = []
    for lines in draft.alternatives:
        shape = frozenset((line.code, line.modifiers, line.units) for line in lines)
        if shape not in seen:
            seen.add(shape)
            different.append(lines)
    return different


def _message(meaning: Meaning, detail: str) -> str:
    return f"{meaning.means} ({detail})" if detail else meaning.means


def _reasons(found: Iterable[tuple[str, str, Sequence[EvidenceSpan]]]) -> tuple[ReviewReason, ...]:
    """Each reason with each message once, its evidence together, by name."""
    merged: dict[tuple[str, str], list[EvidenceSpan]] = {}
    for reason, message, evidence in found:
        merged.setdefault((reason, message), []).extend(evidence)
    return tuple(
        ReviewReason(reason=reason, message=message, evidence=in_text_order(spans))
        for (reason, message), spans in sorted(merged.items(), key=lambda entry: entry[0])
    )
