"""One family through its rule file: which rows answer for the date, what they count, what they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from rules.adjudication import TraceStep
from rules.anatomy import Region
from rules.count import Counted, Item, count, row_in_force
from rules.encounter import EvidenceSpan
from rules.facts import Facts, in_text_order
from rules.model import NO_LINE, Cell, Code, Family, Line, Remark, Role, Row
from rules.profile import Profile
from rules.sequence import Place, places_for, seen_in

_EVIDENCE: Mapping[Role, tuple[str, ...]] = {
    "primary": ("family", "sites", "side"),
    "add_on": ("family", "sites", "side"),
    "interpretation": ("family", "sites", "study", "guidance"),
    "guidance": ("guidance",),
}
_COMPLETION = {"discontinued": ("53",), "reduced": ("52",)}


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
    """What the engine looks things up in: the day, the codes, the profile, the remarks on every family."""

    day: date
    codes: Mapping[str, Code]
    profile: Profile
    common: Mapping[str, Remark] = field(default_factory=dict)


@dataclass
class _Notes:
    contributions: list[Contribution] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    trace: list[TraceStep] = field(default_factory=list)
    answered: dict[int, set[str]] = field(default_factory=dict)
    counted: dict[str, tuple[Counted, tuple[tuple[Place, ...], ...]]] = field(default_factory=dict)

    def step(self, rule: str, why: str, **more: object) -> None:
        self.trace.append(TraceStep.model_validate({"rule": rule, "applied": False, "why": why, **more}))


def run_family(family: Family, group: Sequence[Facts], edition: Edition) -> Outcome:
    """The contributions, findings and trace of the procedures of *family* that belong to one session."""
    notes = _Notes()
    for name, line in family.lines.items():
        if line.role != "add_on":
            _run_line(family, name, line, group, edition, notes)
    _look_for_conflicts(family, group, notes)
    _run_remarks(family, group, edition, notes)
    explained = frozenset().union(*(finding.by for finding in notes.findings if finding.is_review))
    for place in sorted(set(range(len(group))) - set(notes.answered) - explained):
        notes.findings.append(Finding("no_rule_applies", True, group[place].evidence("family"), by=frozenset({place})))
    return Outcome(tuple(notes.contributions), tuple(notes.findings), tuple(notes.trace))


def _run_line(family: Family, name: str, line: Line, group: Sequence[Facts], edition: Edition, notes: _Notes) -> None:
    rule = f"{family.family}.{name}"
    chosen: list[int] = []
    refusals: set[str] = set()
    for place, facts in enumerate(group):
        failed = facts.fails(line.when)
        if failed is None and line.unless and facts.fails(line.unless) is None:
            failed = "the exception holds: " + ", ".join(f"{k} is {' or '.join(v)}" for k, v in line.unless.items())
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
    sided = {code for code, entry in edition.codes.items() if entry.sided}
    groups = places_for(row, counted.items, sided)
    notes.counted[name] = (counted, groups)
    writer = _Writer(family, group, edition, notes)
    writer.say_gaps(counted)
    writer.write(name, line, start, row, [place for places in groups for place in places if place.leads])
    for other_name, other in family.lines.items():
        if other.of == name:
            writer.run_add_on(other_name, other, groups)


def _note_closed(rule: str, start: date, row: Row, notes: _Notes) -> None:
    words = {cell.code for cell in row.cells().values()}
    why = "included in another line of this edition" if "bundled" in words else "this edition has ended the line"
    notes.step(rule, why, row=start, source=dict(row.source))


def _as_placed(counted: Counted, chosen: Sequence[int]) -> Counted:
    """The items with the places of their procedures in the whole group instead of among the chosen."""
    items = tuple(
        Item(i.kind, i.name, i.region, i.sides, i.status, frozenset(chosen[place] for place in i.by), i.order,
             i.fields, i.sites)
        for i in counted.items
    )  # fmt: skip
    return Counted(items, counted.situations, counted.gaps, counted.junctions)


@dataclass(frozen=True)
class _Writer:
    family: Family
    group: Sequence[Facts]
    edition: Edition
    notes: _Notes

    def evidence(self, by: Iterable[int], role: Role) -> tuple[EvidenceSpan, ...]:
        return in_text_order(span for place in by for span in self.group[place].evidence(*_EVIDENCE[role]))

    def find(self, reason: str, by: Iterable[int], role: Role = "primary", detail: str = "", *,
             is_review: bool = True) -> None:  # fmt: skip
        self.notes.findings.append(
            Finding(reason, is_review, self.evidence(by, role), detail, frozenset(by))
        )

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
            for number in by:
                self.notes.answered.setdefault(number, set())
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

    def _write_cell(
        self, rule: str, name: str, line: Line, row: Row, cell: Cell, place: Place, start: date
    ) -> bool:
        item = place.item
        if cell.review:
            self.find(cell.review, item.by, line.role)
        if cell.warning:
            self.find(cell.warning, item.by, line.role, is_review=False)
        both = frozenset({"suggestion", "alternative"})
        options = [(cell.code, frozenset({"suggestion"}) if cell.alternative else both)]
        if cell.alternative:
            options.append((cell.alternative, frozenset({"alternative"})))
        for code, answers in options:
            if code in NO_LINE:
                self.notes.step(rule, "included in another line of this edition" if code == "bundled" else "no line",
                                row=start, source=dict(row.source))  # fmt: skip
                continue
            for modifiers in self._modifiers(code, line.role, item):
                self._add(Contribution(
                    code=code, modifiers=modifiers, key=place.key, role=line.role, family=self.family.family,
                    rule=rule, source=row.source, evidence=self.evidence(item.by, line.role), order=item.order,
                    line_order=list(self.family.lines).index(name), by=item.by,
                    fields=item.fields if item.kind == "guidance_region" else frozenset(), sites=item.sites, separate=self.group[0].procedure.separate_session,
                    regions=frozenset(field for field, _ in item.fields if field), verified=row.verified, answers=answers,
                ), start, name)  # fmt: skip
        return True

    def _add(self, contribution: Contribution, start: date, name: str) -> None:
        self.notes.contributions.append(contribution)
        for number in contribution.by:
            self.notes.answered.setdefault(number, set()).add(name)
        self.notes.step(
            contribution.rule, f"{' '.join(filter(None, contribution.key))} counts", applied=True, row=start,
            code=contribution.code, source=dict(contribution.source), evidence=contribution.evidence,
        )  # fmt: skip

    def _modifiers(self, code: str, role: Role, item: Item) -> list[tuple[str, ...]]:
        done = () if role == "guidance" else _COMPLETION.get(item.status, ())
        if not self.edition.codes[code].sided:
            return [done]
        if not item.sides:
            self.find("side_missing", item.by, role)
            return [done]
        if not item.bilateral:
            return [("LT" if "left" in item.sides else "RT", *done)]
        style = self.edition.profile.bilateral_style(self.edition.day, is_add_on=role == "add_on")
        return [("50", *done)] if style == "modifier_50" else [("RT", *done), ("LT", *done)]


def _look_for_conflicts(family: Family, group: Sequence[Facts], notes: _Notes) -> None:
    """Two lines of one role with different codes for one procedure, neither declared beside the other."""
    for place in range(len(group)):
        own = [c for c in notes.contributions if place in c.by and c.role != "add_on"]
        for first in own:
            for second in own:
                names = first.rule, second.rule
                if first.role != second.role or names[0] >= names[1] or first.code == second.code:
                    continue
                lines = [name.partition("@")[0].rpartition(".")[2] for name in names]
                one, two = (family.lines[line] for line in lines)
                if lines[0] != lines[1] and lines[1] not in one.beside and lines[0] not in two.beside:
                    detail = f"{names[0]} gives {first.code}, {names[1]} gives {second.code}"
                    notes.findings.append(Finding("rules_conflict", True, group[place].evidence("family"), detail))


def _run_remarks(family: Family, group: Sequence[Facts], edition: Edition, notes: _Notes) -> None:
    for name, remark in [*edition.common.items(), *family.remarks.items()]:
        rule = f"{family.family}.{name}"
        found = row_in_force(remark.rows.items(), edition.day)
        by = [
            place for place, facts in enumerate(group)
            if facts.fails(remark.when) is None and not (remark.unless and facts.fails(remark.unless) is None)
        ]  # fmt: skip
        if found is None or found[1].ends or not by:
            notes.step(rule, "says nothing on this date" if by else "its facts do not hold")
            continue
        if remark.of and not _holds(remark, notes):
            notes.step(rule, f"{remark.of} did not count anything of the kind")
            continue
        start, row = found
        evidence = in_text_order(span for place in by for span in group[place].evidence("family", "sites"))
        reason = row.review or row.warning or ""
        notes.findings.append(Finding(reason, row.review is not None, evidence, by=frozenset(by)))
        notes.step(rule, reason, applied=True, row=start, source=dict(row.source), evidence=evidence)


def _holds(remark: Remark, notes: _Notes) -> bool:
    for line in remark.of:
        if line not in notes.counted:
            continue
        counted, groups = notes.counted[line]
        sites = frozenset().union(*(item.sites for item in counted.items))
        if remark.sites and not set(remark.sites) <= sites:
            continue
        if remark.situation is None or remark.situation in counted.situations | situations_of(groups):
            return True
    return False


def situations_of(groups: tuple[tuple[Place, ...], ...]) -> frozenset[str]:
    """The situations that follow from the items in their code groups."""
    items = [place.item for group in groups for place in group]
    fields: set[Region | str] = {field for item in items for field, _ in item.fields if field}
    unilateral = {side for item in items if len(item.sides) == 1 for side in item.sides}
    third = [place.item.sides for group in groups for place in group[2:]]
    levels_in = [max(len(group), len(frozenset().union(*(place.item.sites for place in group)))) for group in groups]
    holds = {
        "several_code_groups": len({place.code for group in groups for place in group}) > 1,
        "several_regions": len(fields) > 1,
        "several_levels_in_group": any(levels > 1 for levels in levels_in),
        "more_than_two_levels_in_group": any(levels > 2 for levels in levels_in),
        "sides_differ": len(unilateral) > 1,
        "third_and_more_sides_differ": len(set(third)) > 1,
        "one_only": len(items) == 1,
    }
    return frozenset(name for name, is_so in holds.items() if is_so)
