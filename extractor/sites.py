"""From the words for a level to the place that was treated, by what the family counts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractor.levels import LevelMention
from extractor.mentions import Sentence
from extractor.patterns import closing, opening, phrases
from rules.encounter import SiteKind

_NERVE_AFTER = re.compile(
    r"(?:[\s,]|and|&|\(|the|right|left|bilateral|[CTLS]\d{1,2}|-|/|at|levels?|\d|respectively)*\s?"
    r"(?:medial|median|medical|lateral|dorsal|posterior|primary|facet)?\s?(?:joint )?"
    r"(?:branch|branches|nerves?|ram[iu]s?|ramus|rami|mbb?s?|mbn|drs?|roots?)\b",
    re.IGNORECASE,
)
_NERVE_BEFORE = re.compile(
    r"(?:branch|branches|nerves?|ramus|rami|roots?|mbbs?|blocks?|injections?|neurotomy|ablation|rfa|lesions?|"
    r"rhizotomy|denervation)"
    r"(?: blocks?| injections?| ablation| rfa| nerves?)?"
    r"(?:\s(?:of|at|to|on|for|over|supplying|innervating|the|were|was|performed|levels?|right|left|bilateral|both|"
    r"sides?)|[\s,:(-])*"
    r"(?:[CTLS]\d{1,2}(?:\s?(?:,|and|&|/|-|through|to)\s?)*)*$",
    re.IGNORECASE,
)
_JOINT_NEAR = re.compile(r"\b(?:facet|facets|joint|joints|z joint|zygapophys\w+)\b", re.IGNORECASE)
_BRANCH_WORDS = re.compile(
    r"\b(?:medial|median|medical) branch|\bmbb?s?\b|\bdrs?\b|\bdorsal ram|\bbranches\b", re.IGNORECASE
)
_DISC = re.compile(r"\s(?:intervertebral )?dis[ck]s?\b", re.IGNORECASE)
_BECAUSE = re.compile(r"\b(?:because|since the|as the|owing to|due to)\b[^.;]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """``sites`` as (kind, name); ``doubt`` says why another reading is as good (``notation``, ``kind``)."""

    sites: tuple[tuple[SiteKind, str], ...]
    doubt: str = ""


def aside_of(clean: str, level: LevelMention, reads: str) -> str | None:
    """Why a level is no place treated: ``bone`` (a landmark), ``finding``, ``count``; ``None`` when it may be one."""
    before, after = clean[max(0, level.start - 60) : level.start], clean[level.end : level.end + 50]
    if closing("landmarks", "count_before").search(before) and not _between_levels(before):
        return "count"
    if _is_landmark(level, reads, before, after):
        return "bone"
    reason = bool(_BECAUSE.search(clean[max(0, level.start - 120) : level.start]))
    return "finding" if reason or _is_finding(level, reads, before, after) else None


def _is_landmark(level: LevelMention, reads: str, before: str, after: str) -> bool:
    """Whether the level is a bone, or of a bone a disc, that the needle passed or was counted from."""
    if reads != "body" and (
        opening("landmarks", "body_after").match(after) or closing("landmarks", "body_before").search(before)
    ):
        return True
    if level.kind == "single" and (
        opening("landmarks", "bone_after").match(after) or closing("landmarks", "bone_before").search(before)
    ):
        return True
    return reads == "body" and level.kind == "pair" and bool(opening("landmarks", "disc_after").match(after))


def _is_finding(level: LevelMention, reads: str, before: str, after: str) -> bool:
    """Whether the level is where something was found: a disc of a joint or foramen family, or words of disease."""
    if reads in {"joint", "foramen"} and level.kind == "pair" and _DISC.match(after):
        return True
    return bool(
        opening("landmarks", "finding_after").match(after) or closing("landmarks", "finding_before").search(before)
    )


def _between_levels(before: str) -> bool:
    return bool(re.search(r"\bfrom\s?$", before)) and not phrases("landmarks", "count_before").search(before)


def read_site(level: LevelMention, reads: str, sentence: Sentence, *, branch_family: bool) -> Reading:
    """The sites that a level mention names for a family reading *reads* (see ``procedures.yaml``)."""
    if reads == "body":
        return _bodies(level)
    if reads == "joint":
        return _joints(level, sentence, branch_family=branch_family)
    if reads == "foramen":
        return _foramina(level)
    kind: SiteKind = "interspace"
    names = level.interspaces
    if reads == "interspace" and len(names) > 1:
        return Reading(tuple((kind, name) for name in names), "notation")
    if not names:
        return Reading((), "kind")
    return Reading(tuple((kind, name) for name in names))


def _bodies(level: LevelMention) -> Reading:
    doubt = "notation" if level.kind == "pair" else ""
    return Reading(tuple(("vertebral_body", bone) for bone in level.vertebrae), doubt)


def _joints(level: LevelMention, sentence: Sentence, *, branch_family: bool) -> Reading:
    nerve = _names_nerves(level, sentence, branch_family=branch_family)
    if level.kind == "pair" and not (nerve and (level.loose or level.chained)):
        return Reading((("interspace", level.interspaces[0]),))
    if level.kind == "pair":
        return Reading(tuple(("nerve", bone) for bone in level.bones), "" if level.chained else "notation")
    if level.kind == "range":
        if nerve:
            return Reading(tuple(("nerve", bone) for bone in level.vertebrae))
        return Reading(tuple(("interspace", name) for name in level.interspaces))
    if nerve:
        return Reading((("nerve", level.bones[0]),))
    return Reading((("vertebral_body", level.bones[0]),), "notation")


def _names_nerves(level: LevelMention, sentence: Sentence, *, branch_family: bool) -> bool:
    text, offset = sentence.text, sentence.start
    before, after = (
        text[max(0, level.start - offset - 70) : level.start - offset],
        text[level.end - offset : level.end - offset + 70],
    )
    if level.kind == "single" and re.match(
        r"[\s,]*(?:and |, )?(?:[CTLS]\d{1,2}[\s,]*(?:and )?)*(?:facet|joints?)\b", after, re.IGNORECASE
    ):
        return False
    if _NERVE_AFTER.match(after):
        return True
    if level.kind == "pair":
        return False
    if _BRANCH_WORDS.search(text):
        return True
    if _JOINT_NEAR.search(text):
        return False
    return branch_family or bool(_NERVE_BEFORE.search(before))


def _foramina(level: LevelMention) -> Reading:
    if level.kind == "pair":
        return Reading((("foramen", level.interspaces[0]),))
    if level.kind == "range":
        return Reading(tuple(("foramen", name) for name in level.interspaces), "notation")
    return Reading((("nerve", level.bones[0]),))
