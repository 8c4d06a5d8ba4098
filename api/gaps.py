"""What a report leaves open that the rules would answer: each missing fact is tried with every value it may have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from rules.adjudicate import adjudicate
from rules.adjudication import Adjudication
from rules.anatomy import Region, interspaces_between
from rules.encounter import Encounter, EvidenceSpan, Guidance, Procedure, Site
from rules.library import library
from rules.model import Family
from rules.profile import Profile

_MISSING = "not_documented"
_SIDES = ("left", "right", "bilateral")
_PLAIN_FACTS = (
    "approach", "purpose", "study", "lesion", "cavity", "catheter", "modality", "contrast", "course", "images",
)  # fmt: skip
"""Facts of one word that a report may leave out, in the order in which they are told."""
_TYPICAL: Mapping[Region, tuple[str, str]] = {
    "cervical": ("C4", "C7"), "thoracic": ("T6", "T9"), "lumbar": ("L2", "L5"), "sacral": ("S1", "S4"),
}  # fmt: skip
"""Bones between which levels are made up to see what one, two and three of them would change."""
_COUNTS = ("one level", "two levels", "three levels")
_FEWEST = 2
"""Values that must be told apart: where only one value is possible nothing is left open."""

Shape = tuple[tuple[str, tuple[str, ...], int], ...]
"""Code lines without their proof: code, modifiers, units."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the lines would be with one value of the missing fact, and which review reasons it would settle."""

    value: str
    lines: Shape
    settles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """A fact that is missing, and what it would change. ``is_needed``: a human must look because it is missing.

    ``procedure`` is its place in the encounter; ``None`` where the fact is one of the whole encounter.
    """

    procedure: int | None
    fact: str
    is_needed: bool
    now: Shape
    answers: tuple[Answer, ...]
    evidence: tuple[EvidenceSpan, ...]


@dataclass(frozen=True, slots=True)
class _Trial:
    fact: str
    value: str
    encounter: Encounter


def find_gaps(encounter: Encounter, *, profile: Profile | None = None) -> tuple[Gap, ...]:
    """Every missing fact that would change the lines or settle a review reason, the needed ones first."""
    base = adjudicate(encounter, profile=profile)
    gaps = [
        gap
        for place, procedure in enumerate(encounter.procedures) if procedure.status != "not_performed"
        for gap in _gaps_of(encounter, place, procedure, base, profile)
    ]  # fmt: skip
    gaps += _date_gap(encounter, base, profile)
    return tuple(sorted(gaps, key=lambda gap: not gap.is_needed))


def _gaps_of(
    encounter: Encounter, place: int, procedure: Procedure, base: Adjudication, profile: Profile | None
) -> Iterator[Gap]:
    family = library().families.get(procedure.family)
    if family is None:
        return
    by_fact: dict[str, list[_Trial]] = {}
    for trial in _trials(encounter, place, procedure, family):
        by_fact.setdefault(trial.fact, []).append(trial)
    for fact, trials in by_fact.items():
        yield from _gap(place, fact, trials, base, profile, _place_of(procedure, fact))


def _gap(
    place: int | None, fact: str, trials: Iterable[_Trial], base: Adjudication, profile: Profile | None,
    evidence: tuple[EvidenceSpan, ...],
) -> Iterator[Gap]:  # fmt: skip
    now, held = shape_of(base), _reasons(base)
    answers = []
    for trial in trials:
        tried = adjudicate(trial.encounter, profile=profile)
        if _reasons(tried) <= held:  # a value that raises a new doubt is no answer, for this family does not know it
            answers.append(Answer(trial.value, shape_of(tried), tuple(sorted(held - _reasons(tried)))))
    is_needed = any(answer.settles for answer in answers)
    if is_needed or any(answer.lines != now for answer in answers):
        yield Gap(place, fact, is_needed, now, tuple(answers), evidence)


def shape_of(adjudication: Adjudication) -> Shape:
    """The lines without their proof."""
    return tuple((line.code, line.modifiers, line.units) for line in adjudication.lines)


def _reasons(adjudication: Adjudication) -> frozenset[str]:
    return frozenset(reason.reason for reason in adjudication.review_reasons)


def _trials(encounter: Encounter, place: int, procedure: Procedure, family: Family) -> Iterator[_Trial]:
    def trial(fact: str, value: str, **changed: Any) -> _Trial:  # noqa: ANN401  fields of a procedure
        procedures = list(encounter.procedures)
        procedures[place] = procedure.model_copy(update=changed)
        return _Trial(fact, value, encounter.model_copy(update={"procedures": tuple(procedures)}))

    if _side_is_missing(procedure):
        for side in _SIDES:
            yield trial("side", side, **_with_side(procedure, side))
    if not _has_level(procedure):
        yield from _place_trials(procedure, family, trial)
    yield from _guidance_trials(procedure, trial)
    for fact in _PLAIN_FACTS:
        if getattr(procedure, fact) == _MISSING:
            for value in _values(fact):
                yield trial(fact, value, **{fact: value})


def _place_trials(procedure: Procedure, family: Family, trial: Any) -> Iterator[_Trial]:  # noqa: ANN401  the maker above
    if _has_own_region_only(family):
        for region in () if procedure.regions else get_args(Region):
            yield trial("region", region, regions=(region,))
        return
    known = procedure.regions or _implied(procedure, family)
    for region in known or get_args(Region):
        for count, words in enumerate(_COUNTS, start=1):
            told = words if known else f"{words}, {region}"
            yield trial("level", told, **_with_levels(procedure, family, region, count))


def _values(fact: str) -> tuple[str, ...]:
    allowed = get_args(Procedure.model_fields[fact].annotation)
    return tuple(value for value in allowed if value != _MISSING)


def _guidance_trials(procedure: Procedure, trial: Any) -> Iterator[_Trial]:  # noqa: ANN401  the maker above
    if procedure.guidance == _MISSING:
        for modality in get_args(Guidance):
            if modality == "none":
                yield trial("guidance", modality, guidance=modality)
            elif modality != _MISSING:
                yield trial("guidance", modality, guidance=modality, guidance_use="needle_placement", images="stored")
    elif procedure.guidance != "none" and procedure.guidance_use != "needle_placement":
        yield trial("guidance_use", "needle_placement", guidance_use="needle_placement")


def _side_is_missing(procedure: Procedure) -> bool:
    if procedure.sites:
        return any(site.side == _MISSING for site in procedure.sites)
    return procedure.side == _MISSING


def _with_side(procedure: Procedure, side: str) -> dict[str, Any]:
    sites = tuple(
        site.model_copy(update={"side": side}) if site.side == _MISSING else site for site in procedure.sites
    )  # fmt: skip
    return {"side": side, "sites": sites}


def _has_level(procedure: Procedure) -> bool:
    places = (procedure.levels, procedure.vertebral_bodies, procedure.nerves)
    return any(places) or any(site.kind != "side" for site in procedure.sites)


def _implied(procedure: Procedure, family: Family) -> tuple[Region, ...]:
    """The region that the approach or the family itself stands for."""
    region = family.region_by_approach.get(procedure.approach, family.region)
    return (region,) if region else ()


def _has_own_region_only(family: Family) -> bool:
    """Whether the family is counted without levels, so that none is asked for."""
    return family.place in ("encounter", "region", "side")


def _with_levels(procedure: Procedure, family: Family, region: Region, count: int) -> dict[str, Any]:
    upper, lower = _TYPICAL[region]
    spaces = interspaces_between(upper, lower)[:count]
    side = procedure.side
    if family.place == "vertebral_body":
        sites = tuple(Site(kind="vertebral_body", name=space.partition("-")[0], side=side) for space in spaces)
    elif region == "sacral":
        sites = tuple(Site(kind="foramen", name=space.partition("-")[0], side=side) for space in spaces)
    else:
        sites = tuple(Site(kind="interspace", name=space, side=side) for space in spaces)
    return {"sites": (*procedure.sites, *sites), "levels": (), "regions": procedure.regions or (region,)}


def _place_of(procedure: Procedure, fact: str) -> tuple[EvidenceSpan, ...]:
    """The words beside which the fact belongs: those of the same fact in part, else of the sites, else of the name."""
    near = {"guidance_use": ("guidance",), "images": ("guidance",), "side": ("sites", "family")}.get(fact, ("family",))
    for key in near:
        if procedure.evidence_for.get(key):
            return procedure.evidence_for[key][:2]
    return procedure.evidence[:1]


def _date_gap(encounter: Encounter, base: Adjudication, profile: Profile | None) -> list[Gap]:
    """The date of service, where it is missing: tried with the first and the last day that the families cover."""
    if encounter.date_of_service is not None or not encounter.procedures:
        return []
    families = [library().families[p.family] for p in encounter.procedures if p.family in library().families]
    if not families:
        return []
    days = sorted({max(f.covers.start for f in families), min(f.covers.through for f in families)})
    trials = [
        _Trial("date_of_service", day.isoformat(), encounter.model_copy(update={"date_of_service": day}))
        for day in days
    ]  # fmt: skip
    return list(_gap(None, "date_of_service", trials, base, profile, ()))
