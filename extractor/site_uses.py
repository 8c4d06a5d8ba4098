"""From the levels of a sentence to places treated: landmarks, findings and the reach of contrast set apart."""

from __future__ import annotations

import re
from itertools import pairwise

from extractor.levels import LevelMention
from extractor.lexicon_files import load
from extractor.mentions import Mention
from extractor.patterns import phrases
from extractor.polarity import clause_around, denials
from extractor.profiles import families
from extractor.sites import read_site
from extractor.uses import GONE, LIST_GAP, Scene, SiteUse
from rules.anatomy import interspace_below, is_vertebra
from rules.encounter import Side

_CLAUSE = 110
"""Characters within which a level and what became of it stand."""

_FLOW = 90
"""Characters from a word of spread to the level that contrast reached."""

_EXCEPTED = 20
"""Characters from a word of exception to its level."""

_BEFORE, _AFTER = 30, 20
"""Characters around a bone within which its pedicle is named."""

_PEDICLE = re.compile(r"\bpedicles?\b", re.IGNORECASE)


def is_reach_of_contrast(scene: Scene, level: LevelMention) -> bool:
    """Whether a level is only where contrast went: after a word of spread, with no needle word between."""
    before = scene.sentence.text[: level.start - scene.sentence.start]
    flows = list(phrases("sentences", "flow").finditer(before))
    if not flows:
        return False
    gap = before[flows[-1].end() :]
    return not phrases("sentences", "needle").search(gap) and len(gap) < _FLOW


def can_tell(scene: Scene, reads: str, level: LevelMention) -> bool:
    """Whether a level outside the title can be a place treated, by what the family reads and where it is said."""
    statement = scene.statement
    if reads == "region":
        return statement.needle and level.kind == "pair"
    if reads == "body" and scene.source == "work":
        turns = any(phrases("sentences", key).search(scene.sentence.text) for key in ("repeat", "turns_to"))
        return bool(statement.needle or scene.anchors or turns)
    if level.kind == "range" and reads in {"interspace", "foramen"}:
        return len(level.interspaces) == 1 and reads == "interspace" and statement.needle
    if level.kind == "single" and reads in {"interspace", "disc"}:
        return False
    return scene.source != "result" or reads == "disc" or _result_tells(scene)


def _result_tells(scene: Scene) -> bool:
    """Whether a result names places of the work: beside a procedure or a needle, or to say that they were left out."""
    failed = phrases("completion", "level_failed").search(scene.sentence.text)
    return bool(failed or scene.sentence.of("procedure") or (scene.anchors and scene.statement.needle))


def places_of(scene: Scene, levels: list[Mention], owners: dict[int, str], given: dict[int, Side]) -> list[SiteUse]:
    """The places that the levels in *owners* name for their families."""
    uses: list[SiteUse] = []
    branch = _names_branches(scene)
    first = min(given, default=0)
    for mention in levels:
        level = mention.level
        family = owners.get(mention.start, "")
        if level is None or not family or families()[family].reads == "side":
            continue
        reads = families()[family].reads
        reading = read_site(level, reads, scene.sentence, branch_family=branch)
        sites = reading.sites or ((("vertebral_body", level.bones[0]),) if reading.doubt else ())
        if scene.source != "title" and reads == "joint" and reading.doubt and sites[0][0] == "vertebral_body":
            continue
        failed = _failed(scene, levels, level) or _denied(scene, level)
        side = given.get(level.start)
        doubt = "" if level.broken else reading.doubt
        strong = scene.source == "title" or scene.statement.needle or _repeats(scene)
        bare = side is None and level.start < first
        uses.extend(
            SiteUse(family, scene.source, kind, name, side, level.start, level.end, doubt, failed, strong, bare)
            for kind, name in sites
        )
    return uses


def named_nerves(scene: Scene) -> list[SiteUse]:
    """Nerves that have a name instead of a number."""
    names = load("facts")["named_nerves"]
    if not scene.family or families()[scene.family].reads != "joint":
        return []
    return [
        SiteUse(scene.family, scene.source, "nerve", names[m.name], None, m.start, m.end)
        for m in scene.sentence.of("anatomy")
        if m.name in names and not m.context & GONE
    ]


def below_pedicles(clean: str, scene: Scene, landmarks: list[Mention], given: dict[int, Side]) -> list[SiteUse]:
    """The foramen under a pedicle that the needle was brought to: it names the level where nothing else does."""
    if not scene.family or families()[scene.family].reads != "foramen":
        return []
    found = []
    for level in (m.level for m in landmarks):
        if level is None or level.kind != "single" or not is_vertebra(level.bones[0]):
            continue
        around = clean[max(0, level.start - _BEFORE) : level.end + _AFTER]
        below = interspace_below(level.bones[0])
        if below and _PEDICLE.search(around):
            side = given.get(level.start)
            found.append(SiteUse(scene.family, scene.source, "foramen", below, side, level.start, level.end))
    return found


def _repeats(scene: Scene) -> bool:
    return bool(phrases("sentences", "repeat").search(scene.sentence.text))


def _names_branches(scene: Scene) -> bool:
    """Whether a procedure of the sentence is named for the branches it blocks or burns."""
    sentence = scene.sentence
    return any(
        "branch" in sentence.text[m.start - sentence.start : m.end - sentence.start].lower()
        for m in sentence.of("procedure")
    )


def _failed(scene: Scene, levels: list[Mention], level: LevelMention) -> bool:
    """Whether the words between a level and the next one say that it was not reached."""
    sentence = scene.sentence
    following = min((m.start for m in levels if m.start >= level.end), default=sentence.end)
    start = level.end - sentence.start
    stop = min(start + _CLAUSE, following - sentence.start)
    found = phrases("completion", "level_failed").search(sentence.text, start, stop)
    return found is not None and ";" not in sentence.text[start : found.start()]


def _denied(scene: Scene, level: LevelMention) -> bool:
    """Whether the clause of a level says that the work was not done there, and nothing after it takes that back.

    Contrast or a steroid that was not given says nothing of the needle, so such a clause is left to doubt.
    """
    sentence = scene.sentence
    text, place = sentence.text, level.start - sentence.start
    start, end = clause_around(text, place)
    told = [d for d in denials(text) if start <= d.start < end and d.kind != "bare"]
    if any(d.kind == "except" and 0 <= place - d.end <= _EXCEPTED for d in told):
        return True
    beside = [m for m in sentence.of("level") if start <= m.start - sentence.start < end]
    one_list = all(b.start - a.end < LIST_GAP for a, b in pairwise(beside))
    first, last = beside[0].start - sentence.start, beside[-1].end - sentence.start
    apart = all(d.end <= first or d.start >= last for d in told)
    unsure = phrases("polarity", "not_the_work").search(text, start, end) or phrases("polarity", "acts").search(
        text, end
    )
    return bool(told) and scene.source == "work" and one_list and apart and not unsure
