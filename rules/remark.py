"""Review reasons and warnings of a family: what its remarks say, and lines that contradict each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rules.count import row_in_force
from rules.facts import Facts, guidance_readings, in_text_order
from rules.model import Family, Remark
from rules.outcome import Edition, Finding, Notes
from rules.sequence import Place

_SECOND = 2


def look_for_conflicts(family: Family, group: Sequence[Facts], notes: Notes) -> None:
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
                    evidence = group[place].evidence("family")
                    notes.findings.append(Finding("rules_conflict", is_review=True, evidence=evidence, detail=detail))


def run_remarks(family: Family, group: Sequence[Facts], edition: Edition, notes: Notes) -> None:
    """The common remarks and those of the family that hold, each with its evidence."""
    for name, remark in [*edition.common.items(), *family.remarks.items()]:
        rule = f"{family.family}.{name}"
        found = row_in_force(remark.rows.items(), edition.day)
        by = [
            place for place, facts in enumerate(group)
            if facts.hold(remark.when, remark.unless)
        ]  # fmt: skip
        if found is None or found[1].ends or not by:
            notes.step(rule, "says nothing on this date" if by else "its facts do not hold")
            continue
        if remark.of and not _holds(remark, notes):
            notes.step(rule, f"{', '.join(remark.of)}: counted nothing of the kind")
            continue
        start, row = found
        evidence = in_text_order(span for place in by for span in group[place].evidence("family", "sites"))
        is_idle = remark.hinges_on is not None and not any(_hinges(family, group[place], edition.day) for place in by)
        review = None if is_idle else row.review
        reason = review or (row.idle if is_idle else row.warning) or ""
        notes.findings.append(Finding(reason, is_review=review is not None, evidence=evidence, by=frozenset(by)))
        notes.step(rule, reason, applied=True, row=start, source=dict(row.source), evidence=evidence)


def _hinges(family: Family, facts: Facts, day: date) -> bool:
    """Whether the readings of the guidance that the report leaves open have different lines in force."""
    readings = [facts.holding("guidance", {word}) for word in sorted(guidance_readings(facts.procedure))]
    return len({_lines_in_force(family, reading, day) for reading in readings}) > 1


def _lines_in_force(family: Family, facts: Facts, day: date) -> frozenset[str]:
    """The lines that would count something for *facts*; add-ons go with their primaries."""
    return frozenset(
        name for name, line in family.lines.items()
        if (found := row_in_force(line.rows.items(), day)) is not None
        and found[1].counts is not None and facts.hold(line.when, line.unless)
    )  # fmt: skip


def _holds(remark: Remark, notes: Notes) -> bool:
    for line in remark.of:
        if line not in notes.counted:
            continue
        counted, groups = notes.counted[line]
        sites = frozenset().union(*(item.sites for item in counted.items))
        if remark.sites and not set(remark.sites) <= sites:
            continue
        if remark.situation is None:
            return True
        if line not in notes.situations:
            notes.situations[line] = counted.situations | situations_of(groups)
        if remark.situation in notes.situations[line]:
            return True
    return False


def situations_of(groups: tuple[tuple[Place, ...], ...]) -> frozenset[str]:
    """The situations that follow from the items in their code groups."""
    items = [place.item for group in groups for place in group]
    fields = {field for item in items for field, _ in item.fields if field}
    unilateral = {side for item in items if len(item.sides) == 1 for side in item.sides}
    third = [place.item.sides for group in groups for place in group[_SECOND:]]
    levels_in = [max(len(group), len(frozenset().union(*(place.item.sites for place in group)))) for group in groups]
    holds = {
        "several_code_groups": len({place.code for group in groups for place in group}) > 1,
        "several_regions": len(fields) > 1,
        "several_levels_in_group": any(levels > 1 for levels in levels_in),
        "more_than_two_levels_in_group": any(levels > _SECOND for levels in levels_in),
        "sides_differ": len(unilateral) > 1,
        "third_and_more_sides_differ": len(set(third)) > 1,
        "one_only": len(frozenset().union(*(item.sites for item in items))) == 1,
    }
    return frozenset(name for name, is_so in holds.items() if is_so)
