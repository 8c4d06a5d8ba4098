"""What else is known of a procedure: guidance, agents, purpose, study, lesion, cavity, catheter."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from extractor.document import Document
from extractor.given import use_of
from extractor.mentions import Mention
from extractor.patterns import phrases
from extractor.statements import Statement
from rules.encounter import Agent, EvidenceSpan, Guidance, GuidanceUse

_MODALITIES: tuple[Guidance, ...] = ("fluoroscopy", "ct", "ultrasound", "mr")
_MARKING = re.compile(
    r"\b(?:mark(?:ed|ing|er)?|skin (?:was )?marked|count(?:ed|ing)?|level localization|localize the level)\b",
    re.IGNORECASE,
)
_DURING = re.compile(
    r"\b(?:advanc\w+|insert\w+|direct\w+|guid\w+|inject\w+|introduc\w+|cannulat\w+|punctur\w+|contrast|needle|needles|continuous|intermittent|live|watch\w*|looking)\b",
    re.IGNORECASE,
)
_STEERS = re.compile(r"guid|fluoro|control|locali", re.IGNORECASE)
_TAKEN = "csf_removed"
"""The one class of substance that is not given but taken."""

_NONE = re.compile(r"(?:none|no\b|not |n/?a\b|nil|0)", re.IGNORECASE)
_SPREAD = re.compile(
    r"\b(?:contrast|dye|omnipaque|isovue|iohexol|iopamidol)\b[^;]{0,120}?\b(?:spread|flow\w*|outlin\w+|pattern|fill\w*|confirm\w+|show\w*|demonstrat\w+|reveal\w+|opacif\w+|uptake|epidurogram|arthrogram)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class GuidanceFact:
    """Which modality, how it was used, and ``conflict`` where the report both affirms and denies it."""

    guidance: Guidance
    use: GuidanceUse
    others: tuple[Guidance, ...] = ()
    evidence: tuple[EvidenceSpan, ...] = ()
    conflict: bool = False
    cone_beam: bool = False


def told(statements: Iterable[Statement], *keys: str) -> tuple[tuple[int, int], ...]:
    """Places in sentences that count where a fact of ``facts.yaml`` is stated."""
    pattern = phrases("facts", *keys)
    return tuple(
        (s.sentence.start + m.start(), s.sentence.start + m.end())
        for s in statements
        if s.counts
        for m in pattern.finditer(s.sentence.text)
    )


def says(statements: Iterable[Statement], *keys: str) -> bool:
    """Whether a fact of ``facts.yaml`` is stated anywhere that counts."""
    pattern = phrases("facts", *keys)
    return any(s.counts and pattern.search(s.sentence.text) for s in statements)


def read_guidance(
    document: Document, statements: tuple[Statement, ...], *, scanned_after: bool = False
) -> GuidanceFact:
    """The imaging that steered the needle, from all sentences that count.

    ``scanned_after``: the report tells of a CT study too, so that CT images alone do not mean guidance.
    """
    found: list[tuple[Mention, Statement]] = [(m, s) for s in statements if s.counts for m in s.sentence.of("guidance")]
    if scanned_after:
        found = [(m, s) for m, s in found if m.name != "ct" or _STEERS.search(document.clean[m.start : m.end])]
    tomographs = {m.end for m, _ in found if m.name in {"ct", "ct_images"}}
    found = [(m, s) for m, s in found if not (m.name == "fluoroscopy" and tomographs & {m.start, m.start - 1})]
    images = frozenset({"cone_beam_ct"} if scanned_after else {"cone_beam_ct", "ct_images"})
    used = [
        (m, s)
        for m, s in found
        if (m.name in _MODALITIES or m.name in images)
        and not m.context & {"negated", "historical", "planned", "consent", "conditional", "other"}
    ]
    denied = [
        (m, s)
        for m, s in found
        if m.name == "without" and not m.context & {"historical", "planned", "consent", "conditional", "other"}
    ]
    denied += [(m, s) for m, s in found if m.name in _MODALITIES and "negated" in m.context]
    landmark = [m for m, _ in found if m.name == "landmark"]
    headed = [
        s
        for s in statements
        if s.counts
        and phrases("guidance", "fluoroscopy").search(s.sentence.heading)
        and not _NONE.match(s.sentence.text)
    ]
    names = {"ct" if m.name == "ct_images" else m.name for m, _ in used} | ({"fluoroscopy"} if headed else set())
    modalities = tuple(name for name in _MODALITIES if name in names or (name == "ct" and "cone_beam_ct" in names))
    spans = tuple(document.evidence(m.start, m.end) for m, _ in (used or denied)[:6]) or tuple(
        document.evidence(s.sentence.start, s.sentence.end) for s in headed[:1]
    )
    cone = "cone_beam_ct" in names
    if not modalities:
        if denied or landmark:
            return GuidanceFact("none", "not_documented", evidence=spans)
        rooms = [m for m, _ in found if m.name == "place"]
        if rooms:
            span = document.evidence(rooms[0].start, rooms[0].end)
            return GuidanceFact("not_documented", "contrast_only", evidence=(span,))
        spread = next((s for s in statements if s.counts and _SPREAD.search(s.sentence.text)), None)
        if spread:
            span = document.evidence(spread.sentence.start, spread.sentence.end)
            return GuidanceFact("not_documented", "contrast_only", evidence=(span,))
        return GuidanceFact("not_documented", "not_documented")
    first = _leading(modalities, used)
    others = tuple(name for name in modalities if name != first)
    use: GuidanceUse = "needle_placement" if _during(used) or headed else "marking_only"
    return GuidanceFact(first, use, others, spans, any(_denies(m, document, modalities) for m, _ in denied), cone)


_DENIED: tuple[tuple[str, str], ...] = (
    ("fluoroscopy", r"fluoro|x.?ray|c.arm|radiograph|radiolog"),
    ("ct", r"\bct\b|tomograph"),
    ("ultrasound", r"ultraso|sonograph"),
)


def _denies(mention: Mention, document: Document, modalities: tuple[Guidance, ...]) -> bool:
    """Whether a denial speaks of a modality that was used; one that names none denies them all."""
    if mention.name != "without":
        return mention.name in modalities
    words = document.clean[mention.start : mention.end].lower()
    named = {name for name, pattern in _DENIED if re.search(pattern, words)}
    return not named or bool(named & set(modalities))


def _leading(modalities: tuple[Guidance, ...], used: list[tuple[Mention, Statement]]) -> Guidance:
    """With two modalities, the one of the title, else CT before fluoroscopy before ultrasound."""
    titled = [m.name for m, s in used if s.stance == "claim" and m.name in modalities]
    if len(set(titled)) == 1:
        return next(name for name in modalities if name == titled[0])
    return "ct" if "ct" in modalities else modalities[0]


def _during(used: list[tuple[Mention, Statement]]) -> bool:
    """Whether imaging steered the needle: not where the account only marks or counts with it."""
    told = [s.sentence.text for _, s in used if s.stance != "claim"]
    marks = [text for text in told if _MARKING.search(text)]
    steers = [text for text in told if _DURING.search(_MARKING.sub("", text))]
    return bool(steers) or not marks


def read_agents(statements: tuple[Statement, ...]) -> tuple[Agent, ...]:
    """Classes of what was given or taken, in order of name."""
    names = {
        m.name
        for s in statements
        if s.counts
        for m in s.sentence.of("agents")
        if m.name == _TAKEN and not m.context & {"negated", "historical", "planned", "consent"}
        or m.name != _TAKEN and use_of(s, m) != "elsewhere"
    }
    return tuple(sorted(names))  # type: ignore[arg-type]  # agents.yaml has no other names; tested
