"""One family through its rule file: which rows answer for the date, what they count, what they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rules.count import Counted, Item, count, row_in_force
from rules.encounter import EvidenceSpan
from rules.facts import Facts, in_text_order
from rules.model import NO_LINE, Cell, Family, Line, Role, Row
from rules.outcome import Contribution, Edition, Finding, Notes, Outcome
from rules.remark import look_for_conflicts, run_remarks
from rules.sequence import Place, places_for, seen_in

_EVIDENCE: Mapping[Role, tuple[str, ...]] = {
    "primary": ("family", "sites", "side"),
    "add_on": ("family", "sites", "side"),
    "interpretation": ("family", "sites", "study", "guidance"),
    "guidance": ("guidance",),
}


def run_family(family: Family, group: Sequence[Facts], edition: Edition) -> Outcome:
    """The contributions, findings and trace of the procedures of *family* that belong to one session."""
    notes = Notes()
    for name, line in family.lines.items():
        if line.role != "add_on":
            _run_line(family, name, line, group, edition, notes)
    look_for_conflicts(family, group, notes)
    run_remarks(family, group, edition, notes)
    explained: set[int] = {place for finding in notes.findings if finding.is_review for place in finding.by}
    coded = {place for part in notes.contributions if part.role != "guidance" for place in part.by}
    for place in sorted(set(range(len(group))) - coded - explained):
        evidence = group[place].evidence("family")
        notes.findings.append(Finding("no_rule_applies", is_review=True, evidence=evidence, by=frozenset({place})))
    return Outcome(tuple(notes.contributions), tuple(notes.findings), tuple(notes.trace))


def _run_line(family: Family, name: str, line: Line, group: Sequence[Facts], edition: Edition, notes: Notes) -> None:
    rule = f"{family.family}.{name}"
    chosen: list[int] = []
    refusals: set[str] = set()
    for place, facts in enumerate(group):
        failed = facts.refusal(line)
        if failed is None:
            chosen.append(place)
        else:
            refusals.add(failed)
    if not chosen:
        notes.step(rule, "; ".join(sorted(refusals)))
        return
    found = row_in_force(line.rows.items(), edition.day)
    if found is None:
        notes.step(rule, f"begins on {next(iter(line.rows))}")
        return
    start, row = found
    if row.counts is None:
        _note_closed(rule, start, row, notes)
        return
    counted = count(row.counts, [group[place] for place in chosen], family, edition.day)
    counted = _as_placed(counted, chosen)
    row = row.for_regions(len({item.name for item in counted.items if item.region}))
    groups = places_for(row, counted.items, edition.sided)
    notes.counted[name] = (counted, groups)
    writer = _Writer(family, group, edition, notes)
    writer.say_gaps(counted)
    writer.write(name, line, start, row, [place for places in groups for place in places if place.leads])
    for other_name, other in family.lines.items():
        if other.of == name:
            writer.run_add_on(other_name, other, groups)


def _note_closed(rule: str, start: date, row: Row, notes: Notes) -> None:
    words = {cell.code for cell in row.cells().values()}
    why = "included in another line of this edition" if "bundled" in words else "this edition has ended the line"
    notes.step(rule, why, row=start, source=dict(row.source))


def _as_placed(counted: Counted, chosen: Sequence[int]) -> Counted:
    """The items with the places of their procedures in the whole group instead of among the chosen."""
    if chosen[-1] == len(chosen) - 1:  # those chosen are the first of the group, and keep their places
        return counted
    items = tuple(replace(item, by=frozenset(chosen[place] for place in item.by)) for item in counted.items)
    return replace(counted, items=items)


@dataclass(frozen=True)
class _Writer:
    family: Family
    group: Sequence[Facts]
    edition: Edition
    notes: Notes

    def evidence(self, by: Iterable[int], role: Role) -> tuple[EvidenceSpan, ...]:
        return in_text_order(span for place in by for span in self.group[place].evidence(*_EVIDENCE[role]))

    def find(self, reason: str, by: Iterable[int], role: Role = "primary", detail: str = "", *,
             is_review: bool = True) -> None:  # fmt: skip
        self.notes.findings.append(Finding(reason, is_review, self.evidence(by, role), detail, frozenset(by)))

    def say_gaps(self, counted: Counted) -> None:
        by = frozenset().union(*(item.by for item in counted.items))
        for gap in sorted(counted.gaps):
            self.find(gap, by)
        for seat, row in counted.junctions:
            touched = frozenset().union(*(item.by for item in counted.items if seat in item.sites))
            if row.review:
                self.find(row.review, touched, detail=seat)
            if row.warning:
                self.find(row.warning, touched, detail=seat, is_review=False)
            if not row.verified:
                self.find("rule_not_verified", touched, detail=f"junction {seat}", is_review=False)
            self.notes.step(f"{self.family.family}.junctions.{seat}", f"coded as {row.region}", applied=True,
                            source=dict(row.source))  # fmt: skip

    def run_add_on(self, name: str, line: Line, groups: tuple[tuple[Place, ...], ...]) -> None:
        rule = f"{self.family.family}.{name}"
        found = row_in_force(line.rows.items(), self.edition.day)
        if found is None:
            self.notes.step(rule, f"begins on {next(iter(line.rows))}")
            return
        start, row = found
        rest = [tuple(place for place in group if not place.leads and not place.alone) for group in groups]
        chosen = [place for places in rest for place in seen_in(row.units, places)]
        if not chosen:
            self.notes.step(rule, "nothing is left to count beside the primary line", row=start)
            return
        self.write(name, line, start, row, chosen)

    def write(self, name: str, line: Line, start: date, row: Row, places: Sequence[Place]) -> None:
        rule = f"{self.family.family}.{name}@{start}"
        wrote = False
        for place in places:
            cell = row.cell(place.item.region)
            by = place.item.by
            if cell is None:
                self.find("no_code_in_edition" if place.item.region else "region_missing", by, detail=rule)
                self.notes.step(rule, f"no cell for region {place.item.region or 'unknown'}", row=start)
                continue
            wrote = self._write_cell(rule, name, line, row, cell, place, start) or wrote
        if wrote:
            by = frozenset().union(*(place.item.by for place in places))
            if row.review:
                self.find(row.review, by, line.role)
            if row.warning:
                self.find(row.warning, by, line.role, is_review=False)

    def _write_cell(self, rule: str, name: str, line: Line, row: Row, cell: Cell, place: Place, start: date) -> bool:
        item = place.item
        if cell.review:
            self.find(cell.review, item.by, line.role)
        if cell.warning:
            self.find(cell.warning, item.by, line.role, is_review=False)
        if cell.both_sides and not item.sides:
            self.find("side_missing", item.by, line.role)
        both = frozenset({"suggestion", "alternative"})
        code = cell.both_sides if cell.both_sides and item.bilateral else cell.code
        options = [(code, frozenset({"suggestion"}) if cell.alternative else both)]
        if cell.alternative:
            options.append((cell.alternative, frozenset({"alternative"})))
        for code, answers in options:
            if code in NO_LINE:
                self.notes.step(rule, "included in another line of this edition" if code == "bundled" else "no line",
                                row=start, source=dict(row.source))  # fmt: skip
                continue
            for modifiers in self._modifiers(code, line.role, item):
                part = Contribution(
                    code=code, modifiers=modifiers, key=place.key, role=line.role, family=self.family.family, rule=rule,
                    source=row.source, evidence=self.evidence(item.by, line.role), order=item.order,
                    line_order=list(self.family.lines).index(name), by=item.by, sites=item.sites,
                    fields=item.fields if item.kind == "guidance_region" else frozenset(),
                    regions=frozenset(region for region, _ in item.fields if region), verified=row.verified,
                    separate=self.group[0].procedure.separate_session, answers=answers,
                )  # fmt: skip
                self._add(part, start)
        return True

    def _add(self, contribution: Contribution, start: date) -> None:
        self.notes.contributions.append(contribution)
        self.notes.step(
            contribution.rule, f"{' '.join(filter(None, contribution.key))} counts", applied=True, row=start,
            code=contribution.code, source=dict(contribution.source), evidence=contribution.evidence,
        )  # fmt: skip

    def _modifiers(self, code: str, role: Role, item: Item) -> list[tuple[str, ...]]:
        completion = self.edition.habits.completion
        told = {"discontinued": (completion.discontinued,), "reduced": (completion.reduced,)}
        done = () if role == "guidance" else told.get(item.status, ())
        if code not in self.edition.sided:
            return [done]
        if not item.sides:
            self.find("side_missing", item.by, role)
            return [done]
        if not item.bilateral:
            return [("LT" if "left" in item.sides else "RT", *done)]
        both = self.edition.habits.bilateral
        style = both.add_on if role == "add_on" else both.primary
        return [("50", *done)] if style == "modifier_50" else [("RT", *done), ("LT", *done)]
