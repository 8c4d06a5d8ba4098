"""What a claim writes in its own way once its lines are found: other codes, 26, and whose edits were checked."""

from __future__ import annotations

from dataclasses import replace

from rules.draft import Context, Draft, DraftLine
from rules.outcome import Finding


def substituted(draft: Draft, context: Context) -> Draft:
    """Codes that this kind of claim to this payer writes in place of others."""
    for entry in context.library.substitutions:
        asked = (context.profile.payer, context.profile.claim) == (entry.payer, entry.claim)
        if asked and entry.holds(context.day) and any(line.code == entry.code for line in draft.lines):
            lines = _written(draft.lines, entry.code, entry.by)
            others = tuple(_written(other, entry.code, entry.by) for other in draft.alternatives)
            draft = replace(draft, lines=lines, alternatives=others)
            name = f"substitutions {entry.code}/{entry.by}"
            draft = draft.with_step(name, f"a {entry.claim} claim writes {entry.by}", entry.source)
    return draft


def _written(lines: tuple[DraftLine, ...], code: str, by: str) -> tuple[DraftLine, ...]:
    return tuple(replace(line, code=by) if line.code == code else line for line in lines)


def professional_component(draft: Draft, context: Context) -> Draft:
    """26 on the codes that have a technical part, where the caller or the profile bills the professional part alone."""
    if not (context.is_component or context.profile.professional_component):
        return draft
    if context.profile.claim != "professional":
        return draft.with_step("checks.component", f"a {context.profile.claim} claim has no professional component", {})
    lines = tuple(
        replace(line, modifiers=("26", *line.modifiers)) if context.library.codes[line.code].pctc == 1 else line
        for line in draft.lines
    )
    return replace(draft, lines=lines)


def facility_edits(draft: Draft, context: Context) -> Draft:
    """On a facility's claim, what was checked are the edits for practitioners."""
    if not draft.lines or context.profile.claim != "facility":
        return draft
    return draft.with_finding(Finding("facility_edits_assumed", is_review=False))
