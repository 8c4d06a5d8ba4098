"""Regions of the spine: those of the places treated, or the ones a study looked at."""

from __future__ import annotations

import re

from extractor.claims import Claim
from extractor.mentions import Sentence
from extractor.statements import Statement
from rules.anatomy import Region, region_of
from rules.encounter import Site

_WORDS: tuple[tuple[re.Pattern[str], tuple[Region, ...]], ...] = (
    (
        re.compile(
            r"\b(?:total|complete|entire|whole|full|pan)[\s-]?(?:spine|spinal|myelogram|myelography)|"
            r"\bpanmyelogram|\bthree regions?\b",
            re.IGNORECASE,
        ),
        ("cervical", "thoracic", "lumbar"),
    ),
    (re.compile(r"\bcervicothoracic\b", re.IGNORECASE), ("cervical", "thoracic")),
    (re.compile(r"\bthoracolumbar\b", re.IGNORECASE), ("thoracic", "lumbar")),
    (re.compile(r"\bcervical\b", re.IGNORECASE), ("cervical",)),
    (re.compile(r"\b(?:thoracic|dorsal spine)\b", re.IGNORECASE), ("thoracic",)),
    (re.compile(r"\b(?:lumbar|lumbosacral|lumbo sacral)\b", re.IGNORECASE), ("lumbar",)),
    (re.compile(r"\b(?:sacral|caudal|sacrum)\b", re.IGNORECASE), ("sacral",)),
)
_AFTER = re.compile(r"\b(?:after|following|post|subsequent to)[\s-](?:the\s|a\s|an\s)?(?:\w+\s){0,2}$", re.IGNORECASE)
_NOT_STUDIED = re.compile(
    r"\b(?:cervical|thoracic|lumbar) "
    r"(?:puncture|drain|subarachnoid|interspace|approach|thecal|level|injection|injected|route|needle|access|cistern|"
    r"root|lordosis)|\b(?:cervicothoracic|thoracolumbar|lumbosacral|cervicomedullary) junction",
    re.IGNORECASE,
)


def regions_in(text: str) -> tuple[Region, ...]:
    """Regions named in *text*, from the head down."""
    found = {region for pattern, regions in _WORDS if pattern.search(text) for region in regions}
    return tuple(r for r in ("cervical", "thoracic", "lumbar", "sacral") if r in found)


def regions_of_sites(sites: tuple[Site, ...]) -> tuple[Region, ...]:
    """Regions of the upper bone of every site, from the head down."""
    found = {region_of(site.name.split("-")[0]) for site in sites if site.name}
    return tuple(r for r in ("cervical", "thoracic", "lumbar", "sacral") if r in found)


def regions_named(family: str, statements: tuple[Statement, ...], claims: tuple[Claim, ...]) -> tuple[Region, ...]:
    """Regions named in the sentences that name the family; titles first, the account where titles name none."""
    for stances in ({"claim"}, {"work", "result", "addendum"}):
        texts = [
            statements[c.statement].sentence.text
            for c in claims
            if c.family == family and c.plain and c.stance in stances
        ]
        found = regions_in(" . ".join(texts))
        if found:
            return found
    return regions_in(" . ".join(s.sentence.text for s in statements if s.stance == "claim"))


def regions_studied(family: str, statements: tuple[Statement, ...], claims: tuple[Claim, ...]) -> tuple[Region, ...]:
    """Regions a study looked at: in the title, else in headings and sentences of its findings."""
    named = [c for c in claims if c.family == family and c.plain and c.stance == "claim"]
    own = [c for c in named if not _comes_before(statements[c.statement].sentence, c)]
    titles = " . ".join(_NOT_STUDIED.sub(" ", statements[c.statement].sentence.text) for c in own or named)
    found = tuple(r for r in regions_in(titles) if r != "sacral")
    return found or regions_found(statements) or _region_of_findings(statements)


def _comes_before(sentence: Sentence, claim: Claim) -> bool:
    """Whether a title names the study only as what another one followed ("CT after myelography")."""
    return bool(_AFTER.search(sentence.text[: claim.start - sentence.start]))


def _region_of_findings(statements: tuple[Statement, ...]) -> tuple[Region, ...]:
    """The one region that all levels of the findings lie in; none where they lie in several."""
    levels = [m.level for s in statements if s.stance == "result" for m in s.sentence.of("level") if m.level]
    found = {region_of(level.bones[0]) for level in levels}
    return tuple(found) if len(found) == 1 else ()


def regions_found(statements: tuple[Statement, ...]) -> tuple[Region, ...]:
    """Regions named in headings and opening words of the findings and the impression."""
    texts = [
        f"{s.sentence.heading} {_NOT_STUDIED.sub(' ', s.sentence.text)}" for s in statements if s.stance == "result"
    ]
    return tuple(r for r in regions_in(" . ".join(texts)) if r != "sacral")
