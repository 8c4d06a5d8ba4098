"""Which procedures of an encounter are part of another: declared priority, never the order they come in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rules.adjudication import TraceStep
from rules.code_model import Absorption
from rules.count import count
from rules.encounter import Site
from rules.facts import Facts
from rules.library import Library
from rules.model import Family
from rules.outcome import Finding

Seat = tuple[str, str]
_SITE_KIND = {"joint": "interspace", "interspace": "interspace", "foramen": "foramen",
              "vertebral_body": "vertebral_body", "side": "side"}  # fmt: skip


@dataclass(frozen=True)
class Absorbed:
    """What is left to code of every family, and what was said on the way."""

    left: Mapping[str, tuple[Facts, ...]]
    findings: tuple[Finding, ...]
    trace: tuple[TraceStep, ...]


def absorb(groups: Mapping[str, Sequence[Facts]], library: Library, day: date) -> Absorbed:
    """The procedures that remain when every entry in force has been applied to the encounter as it was read."""
    gone: dict[str, set[int]] = {family: set() for family in groups}
    trimmed = {family: list(group) for family, group in groups.items()}
    findings: list[Finding] = []
    trace: list[TraceStep] = []
    for entry in library.absorptions:
        names = entry.between or (entry.absorber or "", entry.absorbed or "")
        if names[0] not in groups or names[1] not in groups or not entry.holds(day):
            continue
        absorber, absorbed = (library.families[name] for name in names)
        for place, facts in enumerate(groups[names[1]]):
            others = [
                other for other in groups[names[0]]
                if other is not facts and other.hold(entry.absorber_when) and not _apart(other, facts)
            ]  # fmt: skip
            if not facts.hold(entry.absorbed_when):
                continue
            shared = _shared(entry, absorber, others, absorbed, facts, day)
            if shared is None:
                continue
            if entry.review:
                evidence = (*facts.evidence("family"), *(span for o in others for span in o.evidence("family")))
                findings.append(Finding(entry.review, is_review=True, evidence=evidence, detail=" and ".join(names)))
            why = f"{names[1]} is part of {names[0]} ({entry.where})" if not entry.between else f"{' and '.join(names)}"
            trace.append(TraceStep(rule=f"absorptions.{names[0]}.{names[1]}", applied=True, why=why, row=entry.start,
                                   source=dict(entry.source), evidence=facts.evidence("family")))  # fmt: skip
            if entry.between:
                continue
            left = tuple(seat for seat in _seats(absorbed, [facts], day) if not _meets(seat, shared))
            if entry.where != "same_site" or not left:
                gone[names[1]].add(place)
                continue
            sites = tuple(Site(kind=_SITE_KIND[absorbed.place], name=name, side=side) for name, side in left)
            trimmed[names[1]][place] = replace(facts, sites=sites)
    remaining = {
        family: tuple(facts for place, facts in enumerate(group) if place not in gone[family])
        for family, group in trimmed.items()
    }
    return Absorbed({family: group for family, group in remaining.items() if group}, tuple(findings), tuple(trace))


def _apart(one: Facts, other: Facts) -> bool:
    return one.procedure.separate_session != other.procedure.separate_session


def _shared(
    entry: Absorption, absorber: Family, others: Sequence[Facts], absorbed: Family, facts: Facts, day: date
) -> frozenset[Seat] | None:
    """The seats that both have, an empty set where the region or the encounter is enough, or ``None``."""
    if not others:
        return None
    if entry.where == "same_encounter":
        return frozenset()
    if entry.where == "same_region":
        regions = {region for other in others for region in other.regions}
        return frozenset() if regions & set(facts.regions) or not regions or not facts.regions else None
    ours = frozenset(seat for other in others for seat in _seats(absorber, [other], day))
    return frozenset(seat for seat in _seats(absorbed, [facts], day) if _meets(seat, ours)) or None


def _seats(family: Family, group: Sequence[Facts], day: date) -> tuple[Seat, ...]:
    """The places treated as the family reads them, once for each side where the family has sides."""
    if family.place in ("region", "encounter"):
        return tuple((site.name, "not_documented") for facts in group for site in facts.sites)
    items = [item for item in count(family.place, group, family, day).items if item.kind != "region"]
    sided = family.place in ("joint", "foramen", "side")
    return tuple((item.name, side) for item in items
                 for side in ((sorted(item.sides) if sided else ()) or ("not_documented",)))  # fmt: skip


def _meets(seat: Seat, others: frozenset[Seat]) -> bool:
    """Whether one of *others* is the same place on the same side; a side not documented meets either."""
    return any(seat[0] == name and (seat[1] == side or "not_documented" in (seat[1], side)) for name, side in others)
