"""The region and the route that a title names, held against the places that were read."""

from __future__ import annotations

import re
from itertools import pairwise

from extractor.claims import Claim
from extractor.document import Document
from extractor.patterns import phrases
from extractor.profiles import families
from extractor.regions import regions_in
from extractor.statements import Statement
from rules.anatomy import Region, order_of, region_of
from rules.encounter import Procedure, ReadingDoubt, Site

_FAR = 8
"""Places, bones and interspaces counted, between two sites of one procedure that are seldom treated in one session."""

_WORDS = re.compile(r"[A-Za-z]{3,}")
_NAMES = ("procedure", "without_rules", "open_surgery", "outside", "anatomy", "actions", "agents")
"""Kinds of mentions by which a title says what was done."""

_SITES = frozenset({"joint", "foramen", "interspace", "body", "disc"})


def title_doubts(
    document: Document, statements: tuple[Statement, ...], claims: tuple[Claim, ...], procedures: list[Procedure]
) -> list[ReadingDoubt]:
    """Doubts where the title names another region or route than the account, or levels without naming them."""
    doubts: list[ReadingDoubt] = []
    for number, procedure in enumerate(procedures):
        if procedure.family not in families() or families()[procedure.family].reads not in _SITES:
            continue
        titles = [c for c in claims if c.family == procedure.family and c.plain and c.stance == "claim"]
        named = {r for c in titles for r in regions_in(statements[c.statement].sentence.text)}
        found = {region for site in procedure.sites for region in _regions(site)}
        if len(titles) == 1 and named and found and not named & found:
            message = f"The title says {', '.join(sorted(named))}, and the levels are {', '.join(sorted(found))}."
            span = document.evidence(titles[0].start, titles[0].end)
            doubts.append(ReadingDoubt(reason="region_conflict", message=message, evidence=(span,), procedure=number))
        if procedure.approach == "caudal" and any(site.kind == "interspace" for site in procedure.sites):
            message = "A caudal route is named, and an interspace was entered."
            doubts.append(ReadingDoubt(reason="approach_conflict", message=message, procedure=number))
        doubts.extend(_far_apart(statements, number, procedure))
    return [*doubts, *_unnamed(document, statements, procedures), *_not_understood(document, statements, procedures)]


def _far_apart(statements: tuple[Statement, ...], number: int, procedure: Procedure) -> list[ReadingDoubt]:
    """Sites with a wide gap between them, in a report that does not name the regions of both by word or interspace."""
    places = sorted(((order_of(site.name), site) for site in procedure.sites if site.name), key=lambda place: place[0])
    told = [s for s in statements if s.counts]
    named = set(regions_in(" . ".join(s.sentence.text for s in told)))
    levels = ((m.level, s.stance) for s in told for m in s.sentence.of("level"))
    named |= {region_of(at.bones[0]) for at, stance in levels if at and (at.kind != "single" or stance == "claim")}
    for (upper, above), (lower, below) in pairwise(places):
        regions = {*_regions(above)[:1], *_regions(below)[:1]}
        if lower - upper > _FAR and len(regions) > 1 and not regions <= named:
            message = f"{above.name} and {below.name} are read, and the report does not name both regions."
            return [ReadingDoubt(reason="region_conflict", message=message, procedure=number)]
    return []


def _regions(site: Site) -> tuple[Region, ...]:
    return tuple(region_of(bone) for bone in site.name.split("-") if bone)


def _unnamed(document: Document, statements: tuple[Statement, ...], procedures: list[Procedure]) -> list[ReadingDoubt]:
    """Levels that are told of by their place beside another one ("and the one below")."""
    if not any(p.family in families() and families()[p.family].reads in _SITES for p in procedures):
        return []
    told = [
        s.sentence
        for s in statements
        if s.stance in {"claim", "work"}
        and s.sentence.of("level")
        and phrases("sentences", "unnamed_levels").search(s.sentence.text)
    ]
    if not told:
        return []
    span = document.evidence(told[0].start, told[0].end)
    message = "A level is told of by its place beside another one."
    return [ReadingDoubt(reason="level_conflict", message=message, evidence=(span,))]


def _not_understood(
    document: Document, statements: tuple[Statement, ...], procedures: list[Procedure]
) -> list[ReadingDoubt]:
    """A title under its heading in which no word for a procedure, a place or an act is known."""
    titles = [s.sentence for s in statements if s.stance == "claim" and s.sentence.role == "title"]
    if not procedures or not titles:
        return []
    known = any(s.of(*_NAMES) or phrases("sentences", "vague_title").search(s.text) for s in titles) or any(
        s.stance == "claim" and s.sentence.of("procedure") for s in statements
    )
    if known or not any(len(_WORDS.findall(s.text)) > 1 for s in titles):
        return []
    span = document.evidence(titles[0].start, titles[0].end)
    message = "The title names nothing that is known here."
    return [ReadingDoubt(reason="reading_uncertain", message=message, evidence=(span,))]
