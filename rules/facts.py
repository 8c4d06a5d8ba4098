"""One procedure as the facts a ``when`` may test: what was given, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from rules import encounter as form
from rules.anatomy import VERTEBRAE, Region, is_vertebra, region_of
from rules.encounter import EvidenceSpan, Procedure, Side, Site
from rules.model import Condition, Family, Line
from rules.nerves import is_facet_nerve
from rules.profile import Claim, Payer

GIVEN: Mapping[str, Any] = {
    "status": form.Status, "approach": form.Approach, "side": form.Side, "guidance": form.Guidance,
    "guidance_use": form.GuidanceUse, "images": form.Image, "purpose": form.Purpose, "study": form.Study,
    "lesion": form.Lesion, "cavity": form.Cavity, "catheter": form.Catheter, "modality": form.Modality,
    "contrast": form.Contrast, "share": form.Share, "course": form.Course,
}  # fmt: skip
"""Facts that are a field of the procedure; ``guidance`` is the modality that steered the needle (see `guidance_of`)."""

VOCABULARY: Mapping[str, frozenset[str] | None] = {
    **{fact: frozenset(get_args(words)) for fact, words in GIVEN.items()},
    "agents": frozenset(get_args(form.Agent)),
    "other_guidance": frozenset(get_args(form.Guidance)),
    "named_guidance": frozenset(get_args(form.Guidance)),
    "region": frozenset(get_args(Region)),
    "site": None,
    "site_kind": frozenset(get_args(form.SiteKind)),
    "level": frozenset({"documented", "not_documented"}),
    "separate_session": frozenset({"yes", "no"}),
    "payer": frozenset(get_args(Payer)),
    "claim": frozenset(get_args(Claim)),
    "with": None,
    "studied": None,
}
"""Every fact a condition may name, with its words; ``None`` where the words are names of sites or families."""

_FOR_NEEDLE = ("needle_placement", "not_documented")
_MODALITIES = tuple(word for word in get_args(form.Guidance) if word not in ("none", "not_documented"))
_NEEDS_IMAGE = ("ultrasound",)
"""Modalities that count as guidance with a stored image only."""


@dataclass(frozen=True)
class Facts:
    """A procedure with its sites in canonical form and the words every fact holds."""

    procedure: Procedure
    sites: tuple[Site, ...]
    regions: tuple[Region, ...]
    unreadable: tuple[str, ...]
    values: Mapping[str, frozenset[str]]

    def fails(self, condition: Condition) -> str | None:
        """The first fact that does not hold, in words; ``None`` where all hold."""
        for fact, wanted in condition.items():
            held = self.values[fact]
            if held.isdisjoint(wanted):
                return f"{fact} is {' and '.join(sorted(held)) or 'nothing'}, not {' or '.join(wanted)}"
        return None

    def hold(self, condition: Condition, exception: Condition | None = None) -> bool:
        """Whether all of *condition* holds and, where there is one, not all of *exception*."""
        return self._all_hold(condition) and not (exception and self._all_hold(exception))

    def _all_hold(self, condition: Condition) -> bool:
        for fact, wanted in condition.items():  # noqa: SIM110  asked most often of all: a loop is twice as fast
            if self.values[fact].isdisjoint(wanted):
                return False
        return True

    def refusal(self, line: Line) -> str | None:
        """Why *line* does not apply, in words; ``None`` where it does."""
        failed = self.fails(line.when)
        if failed is None and not self.hold({}, line.unless):
            return "the exception holds: " + ", ".join(f"{k} is {' or '.join(v)}" for k, v in line.unless.items())
        return failed

    def holding(self, fact: str, words: Iterable[str]) -> Facts:
        """The same facts with other words for one of them."""
        return replace(self, values={**self.values, fact: frozenset(words)})

    def evidence(self, *keys: str) -> tuple[EvidenceSpan, ...]:
        """The spans that prove these facts, or the procedure's own where none is kept for them, in text order."""
        spans = {span for key in keys for span in self.procedure.evidence_for.get(key, ())}
        return in_text_order(spans or self.procedure.evidence)


def in_text_order(spans: Iterable[EvidenceSpan]) -> tuple[EvidenceSpan, ...]:
    """Each span once, from the start of the text."""
    return tuple(sorted(set(spans), key=lambda span: (span.start, span.end, span.quote)))


def guidance_of(procedure: Procedure) -> str:
    """The modality by which this provider steered the needle; marking the skin or watching contrast is no guidance."""
    return procedure.guidance if procedure.guidance_use in _FOR_NEEDLE else "none"


def guidance_readings(procedure: Procedure) -> frozenset[str]:
    """Every modality that may have steered the needle by what the report leaves open; one where it leaves nothing."""
    steered = guidance_of(procedure)
    readings = {steered, *procedure.other_guidance} - {"not_documented"} or {"none"}
    if procedure.guidance_use not in _FOR_NEEDLE:
        readings |= {procedure.guidance} if procedure.guidance in _MODALITIES else set(_MODALITIES)
    if steered in _NEEDS_IMAGE and procedure.images != "stored":
        readings.add("none")
    return frozenset(readings)


def is_site_name(name: str) -> bool:
    """Whether *name* is a bone, a nerve or the space between two neighbouring bones."""
    upper, _, lower = name.partition("-")
    if lower:
        return is_vertebra(upper) and is_vertebra(lower) and VERTEBRAE.index(lower) - VERTEBRAE.index(upper) == 1
    return is_vertebra(name) or is_facet_nerve(name)


def _level_site(name: str, side: Side) -> Site:
    if "-" in name:
        return Site(kind="interspace", name=name, side=side)
    return Site(kind="foramen" if name.startswith("S") else "vertebral_body", name=name, side=side)


def sites_of(procedure: Procedure) -> tuple[Site, ...]:
    """The exact sites, or the ones that the short fields name."""
    if procedure.sites:
        return procedure.sites
    side = procedure.side
    return (
        *(_level_site(name, side) for name in procedure.levels),
        *(Site(kind="vertebral_body", name=name, side=side) for name in procedure.vertebral_bodies),
        *(Site(kind="nerve", name=name, side=side) for name in procedure.nerves),
    )


def gather_facts(procedure: Procedure, family: Family, *, setting: Mapping[str, str], beside: frozenset[str]) -> Facts:
    """The facts of *procedure* as *family* reads it, by a profile's *setting*, with the families *beside* it."""
    all_sites = sites_of(procedure)
    sites = tuple(site for site in all_sites if site.kind == "side" or is_site_name(site.name))
    unreadable = tuple(sorted({site.name for site in all_sites} - {site.name for site in sites}))
    regions = _regions(procedure, family, sites)
    values: dict[str, frozenset[str]] = {fact: frozenset({getattr(procedure, fact)}) for fact in GIVEN}
    values |= {
        "guidance": frozenset({guidance_of(procedure)}),
        "agents": frozenset(procedure.agents),
        "other_guidance": frozenset(procedure.other_guidance),
        "named_guidance": frozenset({procedure.guidance}),
        "region": frozenset(regions),
        "site": frozenset(site.name for site in sites),
        "site_kind": frozenset(site.kind for site in sites),
        "level": frozenset({"documented" if any(s.kind != "side" for s in all_sites) else "not_documented"}),
        "separate_session": frozenset({"yes" if procedure.separate_session else "no"}),
        "with": beside,
        "studied": frozenset({"none"}),
        **{fact: frozenset({word}) for fact, word in setting.items()},
    }
    return Facts(procedure, sites, regions, unreadable, values)


def _regions(procedure: Procedure, family: Family, sites: tuple[Site, ...]) -> tuple[Region, ...]:
    """The regions given; else those of the sites; else what the approach or the family implies."""
    found: set[Region] = set(procedure.regions)
    if not found and family.sites_tell_region:
        found = {region_of(site.name.partition("-")[0]) for site in sites if site.kind != "side"}
    if not found and procedure.approach in family.region_by_approach:
        found = {family.region_by_approach[procedure.approach]}
    if not found and family.region is not None:
        found = {family.region}
    return tuple(region for region in get_args(Region) if region in found)
