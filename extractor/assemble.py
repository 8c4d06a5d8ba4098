"""Claims, places and facts to the procedures of the encounter."""

from __future__ import annotations

from typing import Any

from extractor.choose import Choice
from extractor.claims import Claim, Sign
from extractor.completion import read_completion
from extractor.counts import count_doubts
from extractor.cross_checks import cross_doubts
from extractor.details import read_details
from extractor.document import Document
from extractor.facts import read_agents, told
from extractor.gather import gather
from extractor.guidance import GuidanceFact, read_guidance
from extractor.level_doubts import level_doubts
from extractor.lexicon_files import load
from extractor.profiles import families
from extractor.proof import proof_doubts
from extractor.regions import regions_named, regions_of_sites, regions_studied
from extractor.resolve import Places, resolve
from extractor.statements import Statement
from extractor.studies import studies_after
from extractor.title_checks import title_doubts
from rules.anatomy import Region
from rules.encounter import Approach, EvidenceSpan, Procedure, ReadingDoubt, Side, Site

_ENOUGH = 4
"""Spans that prove a fact as well as all of them would."""


def assemble(
    document: Document,
    statements: tuple[Statement, ...],
    choice: Choice,
    claims: tuple[Claim, ...],
    signs: tuple[Sign, ...],
) -> tuple[tuple[Procedure, ...], tuple[ReadingDoubt, ...]]:
    """Every procedure done, in order of family, and the doubts met while putting them together."""
    gathered = gather(document, statements, choice.chosen, claims, signs)
    completion = read_completion(document, statements)
    if not choice.chosen or completion.status == "not_performed":
        return (), ()
    guidance = read_guidance(document, statements, scanned_after=any(families()[f].followed_by for f in choice.chosen))
    shared = {"status": completion.status, "agents": read_agents(statements), **_guidance_fields(guidance)}
    procedures: list[Procedure] = []
    doubts: list[ReadingDoubt] = []
    for family in choice.chosen:
        places = resolve(document, statements, family, gathered)
        doubts.extend(places.doubts)
        spans = {
            "guidance": guidance.evidence,
            "status": completion.evidence,
            **_spans(document, family, claims, places),
        }
        procedure = _procedure(statements, family, claims, places, {**shared, **_evidence(spans)})
        procedures.append(procedure)
        if follower := families()[family].followed_by:
            studies, unclear = studies_after(document, statements, follower, procedure)
            procedures.extend(studies)
            doubts.extend(unclear)
    if any(families()[f].imaging for f in choice.chosen):
        doubts.extend(_guidance_doubts(guidance))
    if guidance.guidance == "not_documented" and any(families()[f].imaging == "expected" for f in choice.chosen):
        doubts.append(_no_imaging())
    doubts.extend(_catheter_doubts(procedures))
    doubts.extend(_region_doubts(document, procedures, signs))
    doubts.extend(count_doubts(document, statements, procedures))
    doubts.extend(level_doubts(document, statements, gathered, procedures))
    doubts.extend(title_doubts(document, statements, claims, procedures))
    doubts.extend(cross_doubts(document, statements, claims, signs, procedures))
    doubts.extend(proof_doubts(document, statements, signs, procedures))
    if completion.doubtful:
        message = "Parts of the report tell that it was called off, others that it was done."
        doubts.append(ReadingDoubt(reason="completion_conflict", message=message, evidence=completion.evidence))
    return tuple(procedures), tuple(doubts)


def _procedure(
    statements: tuple[Statement, ...], family: str, claims: tuple[Claim, ...], places: Places, shared: dict[str, Any]
) -> Procedure:
    profile = families()[family]
    sites = places.sites
    if profile.reads == "side" and not any(site.kind == "side" for site in sites):
        sites = (Site(kind="side", name="", side=places.side),)
    return Procedure(
        family=family,
        approach=_approach(family, statements, sites),
        regions=_regions(family, statements, claims, sites),
        levels=tuple(s.name for s in sites if s.kind in {"interspace", "foramen"}),
        vertebral_bodies=tuple(s.name for s in sites if s.kind == "vertebral_body"),
        nerves=tuple(s.name for s in sites if s.kind == "nerve"),
        side=_common_side(sites, places),
        sites=sites,
        **shared,
        **read_details(profile.facts, statements),
    )


def _spans(
    document: Document, family: str, claims: tuple[Claim, ...], places: Places
) -> dict[str, tuple[EvidenceSpan, ...]]:
    named = [c for c in claims if c.family == family and c.plain][:_ENOUGH]
    family_spans = tuple(document.evidence(c.start, c.end) for c in named)
    return {"family": family_spans, "sites": places.site_evidence, "side": places.side_evidence}


def _evidence(spans: dict[str, tuple[EvidenceSpan, ...]]) -> dict[str, Any]:
    """The same spans by fact and, each once, as a whole."""
    every = sorted({span for one in spans.values() for span in one}, key=lambda span: (span.start, span.end))
    return {"evidence": tuple(every), "evidence_for": {fact: one for fact, one in spans.items() if one}}


def _common_side(sites: tuple[Site, ...], places: Places) -> Side:
    said = {site.side for site in sites}
    return said.pop() if len(said) == 1 else places.side


def _approach(family: str, statements: tuple[Statement, ...], sites: tuple[Site, ...]) -> Approach:
    """The approach that the place of the needle means, else the first that a title names or the account tells."""
    names = families()[family].approaches
    meant = {load("facts")["approach_levels"].get(site.name) for site in sites}
    for name in names:
        if name in meant:
            return name
    titles = tuple(s for s in statements if s.stance == "claim")
    account = tuple(s for s in statements if s.stance != "claim")
    for part in (titles, account):
        for name in names:
            if told(part, "approach", name):
                return name
    return "not_documented"


def _regions(
    family: str, statements: tuple[Statement, ...], claims: tuple[Claim, ...], sites: tuple[Site, ...]
) -> tuple[Region, ...]:
    how = families()[family].regions
    if how == "studied":
        return regions_studied(family, statements, claims)
    if how == "sites" or how == "named":  # noqa: PLR1714 - mypy narrows a comparison, not a membership
        return regions_of_sites(sites) or regions_named(family, statements, claims)
    return (how,)


def _guidance_fields(fact: GuidanceFact) -> dict[str, Any]:
    return {"guidance": fact.guidance, "guidance_use": fact.use, "other_guidance": fact.others}


def _region_doubts(document: Document, procedures: list[Procedure], signs: tuple[Sign, ...]) -> list[ReadingDoubt]:
    """A puncture that belongs to the lumbar spine, told with a level or a route of the neck."""
    neck = [s for s in signs if s.place == "cervical_puncture"]
    return [
        ReadingDoubt(
            reason="region_conflict",
            message="The procedure belongs to the lumbar spine, and a level or route of the neck is told.",
            evidence=tuple(document.evidence(s.start, s.end) for s in neck[:2]),
            procedure=number,
        )
        for number, procedure in enumerate(procedures)
        if procedure.family in families()
        and families()[procedure.family].regions == "lumbar"
        and (neck or "cervical" in regions_of_sites(procedure.sites))
    ]


def _no_imaging() -> ReadingDoubt:
    message = "This procedure is steered by imaging, and the report names none."
    return ReadingDoubt(reason="imaging_modality_unclear", message=message, evidence=())


def _catheter_doubts(procedures: list[Procedure]) -> list[ReadingDoubt]:
    """A catheter that was threaded and of which neither removal nor staying is told."""
    return [
        ReadingDoubt(
            reason="reading_uncertain",
            message="A catheter was threaded; whether it stayed is not told.",
            procedure=number,
        )
        for number, procedure in enumerate(procedures)
        if procedure.catheter == "not_documented"
        and procedure.family in families()
        and families()[procedure.family].reads == "interspace"
        and "catheter" in families()[procedure.family].facts
    ]


def _guidance_doubts(fact: GuidanceFact) -> list[ReadingDoubt]:
    if fact.conflict:
        return [
            ReadingDoubt(
                reason="guidance_conflict",
                message="Imaging guidance is both stated and denied, or left as a choice.",
                evidence=fact.evidence,
            )
        ]
    if fact.idle:
        return [
            ReadingDoubt(
                reason="imaging_modality_unclear",
                message="A modality is named, and nothing tells that it was used.",
                evidence=fact.evidence,
            )
        ]
    if fact.cone_beam:
        return [
            ReadingDoubt(
                reason="imaging_modality_unclear",
                message="Cone-beam CT is named; whether it counts as CT is for a human.",
                evidence=fact.evidence,
            )
        ]
    return []
