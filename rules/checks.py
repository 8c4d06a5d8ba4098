"""What is checked on every result, whatever family it came from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from rules.claim import facility_edits, professional_component, substituted
from rules.code_model import PairEdit
from rules.draft import Context, Draft, DraftLine
from rules.outcome import Contribution, Finding
from rules.rule_set import Library

_SIDES = frozenset({"50", "LT", "RT"})
_BOTH_SIDES_CODED = (0, 2, 9)


Check = Callable[[Draft, Context], Draft]


def codes_live(draft: Draft, context: Context) -> Draft:
    """A code outside its life on the date of service is taken out and a human looks."""
    for line in draft.lines:
        if not context.library.codes[line.code].lives(context.day):
            draft = draft.told("code_outside_life", [line], line.code)
            draft = replace(draft, lines=tuple(other for other in draft.lines if other != line))
    return draft


def edits_hold(draft: Draft, context: Context) -> Draft:
    """Pairs of codes: column 2 goes, gets a modifier, or a human looks, as the edit in force says."""
    for pair in _pairs_met(draft, context.library):
        if pair.holds(context.day):
            for first in _primaries_first(draft.lines, context):
                for second in _primaries_first(draft.lines, context):
                    if first.code in pair.column_1 and second.code in pair.column_2 and first.code != second.code:
                        draft = _apply_pair(draft, pair, first, second, context)
    return draft


def _primaries_first(lines: Iterable[DraftLine], context: Context) -> list[DraftLine]:
    """The lines in an order of their codes: what takes its add-ons along is looked at before them."""
    codes = context.library.codes
    return sorted(lines, key=lambda line: (codes[line.code].role == "add_on", line.code, line.modifiers))


def _pairs_met(draft: Draft, library: Library) -> list[PairEdit]:
    """The entries of which both columns have a code among the lines, in their order."""
    codes = {line.code for line in draft.lines}
    places = {place for code in codes for place, others in library.pairs_of.get(code, ()) if codes & others}
    return [library.pairs[place] for place in sorted(places)]


def _apply_pair(draft: Draft, pair: PairEdit, first: DraftLine, second: DraftLine, context: Context) -> Draft:
    if first not in draft.lines or second not in draft.lines:
        return draft
    name = f"edits.pair {first.code}/{second.code}"
    both = f"{first.code} and {second.code}"
    if pair.otherwise == "keep":
        return draft.with_step(name, "both are kept in this edition", pair.source)
    if not pair.start_verified:
        draft = _warned_of_tables(draft, pair.source, context, both)
    if pair.indicator and _are_separate(first, second, pair):
        distinct = context.habits.distinct
        modifier = distinct.session if _sessions(first).isdisjoint(_sessions(second)) else distinct.place
        marked = replace(second, modifiers=tuple(sorted({*second.modifiers, modifier}, key=_modifier_order)))
        draft = replace(draft, lines=tuple(marked if line == second else line for line in draft.lines))
        if pair.review_when_separate:
            draft = draft.told(pair.review, [first, second], both)
        return draft.with_step(name, f"separate {pair.separate} or session: {second.code} with {modifier}", pair.source)
    without = _without(draft.lines, second, context)
    if pair.otherwise == "review_both":
        draft = draft.told(pair.review, [first, second], both)
        draft = replace(draft, alternatives=(*draft.alternatives, without))
        return draft.with_step(name, "both suggested, a human decides", pair.source)
    if pair.otherwise == "review_column_1":
        draft = draft.told(pair.review, [first, second], both)
        draft = replace(draft, alternatives=(*draft.alternatives, draft.lines))
    return replace(draft, lines=without).with_step(name, f"{second.code} is included in {first.code}", pair.source)


def _warned_of_tables(draft: Draft, sources: Iterable[str], context: Context, what: str) -> Draft:
    """The draft with a warning where a table among *sources* is valid for other days than this."""
    effective = {source: context.library.sources[source].effective for source in sources}
    others = [source for source, span in effective.items() if span is not None and not span.holds(context.day)]
    if not others:
        return draft
    detail = f"{what}: {', '.join(sorted(others))}"
    return draft.with_finding(Finding("edit_outside_its_table", is_review=False, detail=detail))


def _without(lines: tuple[DraftLine, ...], gone: DraftLine, context: Context) -> tuple[DraftLine, ...]:
    """The lines without one, and without the add-ons that hung on it alone."""
    left = tuple(line for line in lines if line != gone)
    present = {line.code for line in left}
    return tuple(line for line in left if present & (hooks := _hooks(line, context)) or gone.code not in hooks)


def _hooks(line: DraftLine, context: Context) -> frozenset[str]:
    """The codes that an add-on hangs on today; guidance goes with what it guided (see `guidance_hangs`)."""
    code = context.library.codes[line.code]
    return frozenset(code.parents_on(context.day)) if code.role == "add_on" else frozenset()


def _are_separate(first: DraftLine, second: DraftLine, pair: PairEdit) -> bool:
    """Whether another session, another region or (where the edit allows it) another site is stated.

    Two codes of different structures (a joint beside the spinal canal) are told apart by naming them.
    """
    if pair.separate == "structure" or _sessions(first).isdisjoint(_sessions(second)):
        return True
    if pair.separate == "session":
        return False
    ours, theirs = _regions(first), _regions(second)
    if ours and theirs and ours.isdisjoint(theirs):
        return True
    return pair.separate == "site" and bool(first.sites and second.sites) and first.sites.isdisjoint(second.sites)


def _sessions(line: DraftLine) -> frozenset[bool]:
    return frozenset(part.separate for part in line.parts)


def _regions(line: DraftLine) -> frozenset[str]:
    return frozenset(region for part in line.parts for region in part.regions)


def _modifier_order(modifier: str) -> tuple[int, str]:
    order = ("26", "50", "LT", "RT", "52", "53", "74", "59", "XE", "XS")
    return order.index(modifier) if modifier in order else len(order), modifier


def guidance_hangs(draft: Draft, _: Context) -> Draft:
    """Guidance goes with the procedure it guided: where that has no line, neither has its guidance."""
    if not any(part.role == "guidance" for lines in (draft.lines, *draft.alternatives) for part in _parts(lines)):
        return draft
    kept = _with_procedures(draft.lines)
    alternatives = tuple(_with_procedures(lines) for lines in draft.alternatives)
    gone = sorted({line.code for line in draft.lines} - {line.code for line in kept})
    draft = replace(draft, lines=kept, alternatives=alternatives)
    return (
        draft.with_step("checks.guidance", f"{', '.join(gone)}: no line of its procedure is left", {})
        if gone
        else draft
    )


def _parts(lines: tuple[DraftLine, ...]) -> Iterator[Contribution]:
    return (part for line in lines for part in line.parts)


def _with_procedures(lines: tuple[DraftLine, ...]) -> tuple[DraftLine, ...]:
    """The lines, with of each guidance line the parts whose family has another line in the same session."""
    done = {(part.family, part.separate) for part in _parts(lines) if part.role != "guidance"}
    if all((part.family, part.separate) in done for part in _parts(lines)):
        return lines
    trimmed = [
        replace(line, parts=tuple(p for p in line.parts if p.role != "guidance" or (p.family, p.separate) in done))
        for line in lines
    ]
    return tuple(line for line in trimmed if line.parts)


def add_ons_hang(draft: Draft, context: Context) -> Draft:
    """What has a closed list of parents stands beside one of them."""
    present = {line.code for line in draft.lines}
    for line in draft.lines:
        hooks = frozenset(context.library.codes[line.code].parents_on(context.day))
        if hooks and not present & hooks:
            draft = draft.told("add_on_without_primary", [line], line.code)
    return draft


def units_fit(draft: Draft, context: Context) -> Draft:
    """Units above the daily limit are left as counted, and a human looks."""
    for line in draft.lines:
        limit = context.library.codes[line.code].unit_limit
        units = sum(other.units for other in draft.lines if other.code == line.code)
        two_lines = {"LT", "RT"} <= {m for other in draft.lines if other.code == line.code for m in other.modifiers}
        most = limit.of(context.profile.claim) if limit is not None else units
        if units > most and not two_lines:
            draft = _warned_of_tables(
                draft, context.library.codes[line.code].source, context, f"the limit of {line.code}"
            )
            draft = draft.told("unit_limit_exceeded", [line], f"{line.code}: {units} units, limit {most}")
    return draft


def sides_fit(draft: Draft, context: Context) -> Draft:
    """No side on a code that has none."""
    for line in draft.lines:
        if _SIDES & set(line.modifiers) and context.library.codes[line.code].bilateral in _BOTH_SIDES_CODED:
            draft = draft.told("side_modifier_not_allowed", [line], line.code)
    return draft


def unverified_rows(draft: Draft, _: Context) -> Draft:
    """A line that rests on a row nobody has verified says so."""
    doubtful = [line for line in draft.lines if not all(part.verified for part in line.parts)]
    for line in doubtful:
        rules = ", ".join(sorted({part.rule for part in line.parts if not part.verified}))
        draft = draft.with_finding(Finding("rule_not_verified", is_review=False, detail=f"{line.code}: {rules}"))
    return draft


def coverage_may_be_limited(draft: Draft, context: Context) -> Draft:
    """Payers and local coverage decisions may limit what is paid; the codes stay what they are."""
    if not draft.lines:
        return draft
    name = "coverage_may_be_limited"
    source = context.library.warnings[name].source or {}
    draft = draft.with_finding(Finding(name, is_review=False))
    return draft.with_step("checks.coverage", "payers may limit coverage", source)


CHECKS: tuple[Check, ...] = (
    codes_live, substituted, edits_hold, guidance_hangs, add_ons_hang, units_fit, sides_fit, professional_component,
    unverified_rows, facility_edits, coverage_may_be_limited,
)  # fmt: skip
"""In this order, on every result."""
