"""The trace of one report as a person reads it: what was read, every rule considered, what came of it."""

from __future__ import annotations

from api.result import Result
from api.wording import Style, cited, claimed, heading, procedure_facts, quotes, safe, section, seen_mentions
from rules.adjudication import TraceStep


def render_trace(result: Result, *, style: Style) -> str:
    """Every rule that was considered, in order: what it gave, or why it did not apply."""
    lines = [f"{claimed(line)}   {cited(line.source)}{quotes(line.evidence)}" for line in result.lines]
    read = [procedure_facts(procedure) for procedure in result.encounter.procedures] or ["nothing that counts"]
    doubts = [f"{doubt.reason}: {safe(doubt.message)}{quotes(doubt.evidence)}" for doubt in result.encounter.doubts]
    reasons = [f"{r.reason}: {safe(r.message)}{quotes(r.evidence)}" for r in result.review_reasons]
    parts = [
        style.strong(heading(result)),
        *section("Read from the report", read, style=style),
        *section("Seen, not counted", seen_mentions(result), style=style),
        *section("Doubts while reading", doubts, style=style),
        *section("Rules considered", [_step(step) for step in result.trace], style=style),
        *section("Lines", lines, style=style),
        *section("Why a human must look", reasons, style=style),
        *section("Warnings", [f"{w.warning}: {safe(w.message)}" for w in result.warnings], style=style),
        *section("Made with", [_made_with(result)], style=style),
    ]
    return "\n".join(parts) + "\n"


def _made_with(result: Result) -> str:
    made = result.versions
    return f"profile {result.profile}; spinecoder {made.spinecoder}, lexicon {made.lexicon}, rules {made.rules}"


def _step(step: TraceStep) -> str:
    row = f"   row of {step.row}" if step.row else ""
    gave = f"   -> {step.code}" if step.code else ""
    applied = "applied" if step.applied else "not applied"
    return f"{step.rule}{row}{gave}   {applied}: {safe(step.why)}   {cited(step.source)}{quotes(step.evidence)}"
