"""The imaging by which a needle was steered, and how it was used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from extractor.document import Document
from extractor.mentions import Mention, Sentence
from extractor.patterns import phrases
from extractor.statements import Statement
from rules.encounter import EvidenceSpan, Guidance, GuidanceUse

_MODALITIES: tuple[Guidance, ...] = ("fluoroscopy", "ct", "ultrasound", "mr")
_MARKING = re.compile(
    r"\b(?:mark(?:ed|ing|er)?|skin (?:was )?marked|count(?:ed|ing)?|level localization|localize the level)\b",
    re.IGNORECASE,
)
_DURING = re.compile(
    r"\b(?:advanc\w+|insert\w+|direct\w+|guid\w+|inject\w+|introduc\w+|cannulat\w+|punctur\w+|contrast|needles?|"
    r"continuous|intermittent|live|watch\w*|looking|steer\w*|passed|driven|walked|dropped|positioned|down the beam)\b",
    re.IGNORECASE,
)
_STEERS = re.compile(r"guid|fluoro|control|locali", re.IGNORECASE)
_NONE = re.compile(r"(?:none|no\b|not |n/?a\b|nil|0)", re.IGNORECASE)
_NEAR = 25
"""Characters before a modality within which a word says that work was done under it."""

_VERB = re.compile(r"\b(?:is|are|was|were|has|had|have|be|being|been)\b", re.IGNORECASE)
_OR_AFTER = re.compile(
    r"\s?(?:guidance )?(?:/|or |and/or )\s?(?:a |the )?(?:ct|fluoro\w*|ultraso\w+|x ray)\b", re.IGNORECASE
)
_OR_BEFORE = re.compile(
    r"\b(?:ct|fluoro\w*|ultraso\w+|x ray)(?: guidance)?\s?(?:/| or | and/or )\s?(?:a |the )?$", re.IGNORECASE
)
_USED = re.compile(r"\s(?:guidance\s)?(?:was|were)\s(?:\w+ly\s)?(?:used|utili[sz]ed|employed)\b", re.IGNORECASE)
_NOT_USED = re.compile(
    r"\b(?:not|never)\s(?:\w+ly\s)?"
    r"(?:used|employed|utili[sz]ed|needed|required|available|switched on|called (?:for|on)|brought in)\b",
    re.IGNORECASE,
)
_CHOICE = re.compile(
    r"\s?(?:\w{0,9}\s)?(?:guidance\s)?(?:or|and/or|/|vs\.?|versus)\s?(?:a |an |the )?\s?(?:\w{0,9}\s)?", re.IGNORECASE
)
_SPREAD = re.compile(
    r"\b(?:contrast|dye|omnipaque|isovue|iohexol|iopamidol)\b[^;]{0,120}?\b(?:spread|flow\w*|outlin\w+|pattern|fill\w*|confirm\w+|show\w*|demonstrat\w+|reveal\w+|opacif\w+|uptake|epidurogram|arthrogram)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class GuidanceFact:
    """Which modality, how it was used, and ``conflict`` where the report affirms and denies it or leaves a choice.

    ``idle`` where a modality is named and nothing tells that it was used.
    """

    guidance: Guidance
    use: GuidanceUse
    others: tuple[Guidance, ...] = ()
    evidence: tuple[EvidenceSpan, ...] = ()
    conflict: bool = False
    cone_beam: bool = False
    idle: bool = False


def read_guidance(
    document: Document, statements: tuple[Statement, ...], *, scanned_after: bool = False
) -> GuidanceFact:
    """The imaging that steered the needle, from all sentences that count.

    ``scanned_after``: the report tells of a CT study too, so that CT images alone do not mean guidance.
    """
    found: list[tuple[Mention, Statement]] = [
        (m, s) for s in statements if s.counts and not _steers_something_else(s) for m in s.sentence.of("guidance")
    ]
    if scanned_after:
        found = [(m, s) for m, s in found if m.name != "ct" or _STEERS.search(document.clean[m.start : m.end])]
    tomographs = {m.end for m, _ in found if m.name in {"ct", "ct_images"}}
    found = [(m, s) for m, s in found if not (m.name == "fluoroscopy" and tomographs & {m.start, m.start - 1})]
    images = frozenset({"cone_beam_ct"} if scanned_after else {"cone_beam_ct", "ct_images"})
    used = [
        (m, s)
        for m, s in found
        if (m.name in _MODALITIES or m.name in images)
        and not m.context & {"historical", "planned", "consent", "conditional", "other"}
        and ("negated" not in m.context or _was_under(m, s) or _was_used(m, s))
    ]
    used = [(m, s) for m, s in used if not _is_advice(s)]
    idle = [(m, s) for m, s in used if _stands_idle(s)]
    used = [pair for pair in used if pair not in idle]
    denied = [
        (m, s)
        for m, s in found
        if m.name == "without" and not m.context & {"historical", "planned", "consent", "conditional", "other"}
    ]
    denied += [(m, s) for m, s in used if _unused(m, s)]
    used = [pair for pair in used if pair not in denied]
    denied += [(m, s) for m, s in found if m.name in _MODALITIES and "negated" in m.context and (m, s) not in used]
    fields = [
        s
        for s in statements
        if s.counts
        and phrases("facts", "guidance_fields").fullmatch(s.sentence.heading)
        and _NONE.match(_answer(s.sentence))
    ]
    landmark = [m for m, _ in found if m.name == "landmark"]
    headed = [
        s
        for s in statements
        if s.counts
        and phrases("guidance", "fluoroscopy").search(s.sentence.heading)
        and not _NONE.match(_answer(s.sentence))
    ]
    names = {"ct" if m.name == "ct_images" else m.name for m, _ in used} | ({"fluoroscopy"} if headed else set())
    modalities = tuple(name for name in _MODALITIES if name in names or (name == "ct" and "cone_beam_ct" in names))
    spans = tuple(document.evidence(m.start, m.end) for m, _ in (used or denied)[:6]) or tuple(
        document.evidence(s.sentence.start, s.sentence.end) for s in headed[:1]
    )
    cone = "cone_beam_ct" in names
    if not modalities:
        if denied or landmark or fields:
            spans = spans or tuple(document.evidence(s.sentence.start, s.sentence.end) for s in fields[:1])
            return GuidanceFact("none", "not_documented", evidence=spans)
        rooms = [m for m, _ in found if m.name == "place"]
        if rooms:
            span = document.evidence(rooms[0].start, rooms[0].end)
            return GuidanceFact("not_documented", "contrast_only", evidence=(span,))
        spread = next((s for s in statements if s.counts and _SPREAD.search(s.sentence.text)), None)
        if spread:
            span = document.evidence(spread.sentence.start, spread.sentence.end)
            return GuidanceFact("not_documented", "contrast_only", evidence=(span,))
        spans = tuple(document.evidence(m.start, m.end) for m, _ in idle[:1])
        return GuidanceFact("not_documented", "not_documented", evidence=spans, idle=bool(idle))
    first = _leading(modalities, used)
    others = tuple(name for name in modalities if name != first)
    conflict = any(_denies(m, document, modalities) for m, _ in denied) or _left_open(document, used) or _by_feel(found)
    return GuidanceFact(first, _use(used, headed=bool(headed)), others, spans, conflict or bool(fields), cone)


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
    titled = [m.name for m, s in used if s.stance == "claim" and m.plain and m.name in modalities]
    if len(set(titled)) == 1:
        return next(name for name in modalities if name == titled[0])
    return "ct" if "ct" in modalities else modalities[0]


def _answer(sentence: Sentence) -> str:
    """What a field says, without its name where the name is read as a part of the sentence."""
    named = sentence.heading and sentence.text.lower().startswith(f"{sentence.heading}:")
    return (sentence.text[len(sentence.heading) + 1 :] if named else sentence.text).lstrip()


def _use(used: list[tuple[Mention, Statement]], *, headed: bool) -> GuidanceUse:
    """Whether imaging steered the needle: not where the account only marks, counts or looks afterwards with it."""
    told = [s.sentence for _, s in used if s.stance != "claim"]
    if told and not headed and all(_afterwards(one) for one in told):
        return "contrast_only"
    marks = [one.text for one in told if _MARKING.search(one.text)]
    steers = [one.text for one in told if _DURING.search(_MARKING.sub("", one.text))]
    return "needle_placement" if steers or headed or not marks else "marking_only"


def _afterwards(sentence: Sentence) -> bool:
    """Whether the imaging of a sentence came when the work was over."""
    later = phrases("facts", "imaged_after").search(sentence.text)
    return bool(later) and not phrases("sentences", "needle_words").search(sentence.text)


def _steers_something_else(statement: Statement) -> bool:
    """Whether a sentence tells of another procedure or organ and of nothing of the spine, as of a line in a vein."""
    sentence = statement.sentence
    if sentence.of("procedure", "anatomy", "level", "without_rules"):
        return False
    elsewhere = any(m.name == "needle_elsewhere" for m in sentence.of("outside"))
    return elsewhere or bool(phrases("facts", "other_organ").search(sentence.text))


def _was_under(mention: Mention, statement: Statement) -> bool:
    """Whether a negation in the sentence denies the success and not the imaging ("under CT it was not entered")."""
    before = statement.sentence.text[: mention.start - statement.sentence.start]
    return bool(phrases("facts", "under").search(before[-_NEAR:])) and not phrases("facts", "denied_before").search(
        before
    )


def _was_used(mention: Mention, statement: Statement) -> bool:
    """Whether the words after a modality say that it was used, whatever else of the sentence was not."""
    text, place = statement.sentence.text, mention.start - statement.sentence.start
    after = text[mention.end - statement.sentence.start :]
    return bool(_USED.match(after)) and not phrases("facts", "denied_before").search(text[:place])


def _unused(mention: Mention, statement: Statement) -> bool:
    """Whether the rest of the sentence says of a modality that it was not used, with no needle or drug between."""
    sentence = statement.sentence
    found = _NOT_USED.search(sentence.text, mention.end - sentence.start)
    if found is None or "." in sentence.text[mention.end - sentence.start : found.start()].rstrip("."):
        return False
    between = sentence.text[mention.end - sentence.start : found.start()]
    others = any(mention.end <= m.start < sentence.start + found.start() for m in sentence.of("agents", "anatomy"))
    return not others and not phrases("sentences", "needle_words").search(between)


def _stands_idle(statement: Statement) -> bool:
    """Whether a whole sentence names a modality without a needle, a place or a word for its use."""
    sentence = statement.sentence
    return (
        statement.stance == "work"
        and not statement.needle
        and bool(_VERB.search(sentence.text))
        and not sentence.of("procedure", "anatomy", "level", "actions")
        and not phrases("facts", "imaging_use").search(sentence.text)
    )


def _is_advice(statement: Statement) -> bool:
    """Whether a result speaks of imaging apart from the needle and its place, as of a study to come."""
    sentence = statement.sentence
    spinal = sentence.of("procedure", "anatomy", "level", "actions", "agents")
    return statement.stance == "result" and not statement.needle and not spinal


def _left_open(document: Document, used: list[tuple[Mention, Statement]]) -> bool:
    """Whether two modalities stand as a choice that nobody made ("fluoroscopy or CT guidance")."""
    if any(
        _OR_AFTER.match(document.clean, m.end) or _OR_BEFORE.search(document.clean, m.start - _NEAR, m.start)
        for m, _ in used
    ):
        return True
    return any(
        first.name != second.name and _CHOICE.fullmatch(document.clean[first.end : second.start])
        for (first, _), (second, _) in pairwise(used)
        if first.end <= second.start
    )


def _by_feel(found: list[tuple[Mention, Statement]]) -> bool:
    """Whether a needle is told to have been brought in by landmarks, in a sentence without imaging."""
    seeing = {id(s) for m, s in found if m.name in _MODALITIES or m.name in {"ct_images", "cone_beam_ct"}}
    return any(
        m.name == "landmark"
        and m.plain
        and id(s) not in seeing
        and s.stance == "work"
        and phrases("sentences", "needle_words").search(s.sentence.text)
        and s.sentence.of("actions")
        for m, s in found
    )
