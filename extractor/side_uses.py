"""Sides that a sentence says of a family rather than of a level, and "the same was done on the other side"."""

from __future__ import annotations

from extractor.mentions import Mention
from extractor.patterns import phrases
from extractor.profiles import families
from extractor.sides import SideMention, find_sides
from extractor.uses import Scene, SideUse
from rules.encounter import Side

_SHORT = 30
"""Characters between a side and the words that say it was left alone."""


def sides_of_pairs(scene: Scene, given: dict[int, Side]) -> list[SideUse]:
    """Sides given to paired structures without a level, such as a sacroiliac joint."""
    return [
        SideUse(a.family, scene.source, given[a.start], a.start, a.end)
        for a in scene.anchors
        if families()[a.family].reads == "side" and a.start in given
    ]


def at_landmarks(given: dict[int, Side], landmarks: list[Mention]) -> tuple[SideMention, ...]:
    """Sides said of a landmark ("the L5 pedicle on the right") are sides of the work."""
    return tuple(
        SideMention(given[m.start], m.start, m.end, trailing=False, phrase_end=False)
        for m in landmarks
        if m.start in given
    )


def sides_of_family(scene: Scene, idle: tuple[SideMention, ...]) -> list[SideUse]:
    """Side words that no level took, and words for the side not treated yet."""
    sentence = scene.sentence
    repeats = _repeats(sentence.text)
    acted = repeats or (scene.statement.needle and bool(phrases("sentences", "repeat_act").search(sentence.text)))
    found: list[SideUse] = []
    for mention in idle:
        family = _nearest(scene, mention)
        if family and not _left_alone(sentence.text, mention.end - sentence.start):
            found.append(SideUse(family, scene.source, mention.side, mention.start, mention.end, repeats, acted))
    other = phrases("sentences", "other_side").search(sentence.text)
    treated = not any(phrases("sentences", key).search(sentence.text) for key in ("untreated", "not_repeated"))
    if other and treated and scene.current and acted and not sentence.of("level"):
        start, end = sentence.start + other.start(), sentence.start + other.end()
        found.append(SideUse(scene.family, scene.source, "bilateral", start, end, repeats=True))
    return found


def sides_repeated(scene: Scene) -> tuple[SideUse, ...]:
    """Sides of a sentence with no level and no family: only where it says that the work was repeated."""
    text = scene.sentence.text
    if not scene.current or not any(phrases("sentences", key).search(text) for key in ("repeat", "other_side")):
        return ()
    return tuple(sides_of_family(scene, find_sides(text, scene.sentence.start)))


def _repeats(text: str) -> bool:
    """Whether the sentence says that the work was done again, rather than that something was alike."""
    alike = phrases("sentences", "not_repeated").search(text)
    return not alike and all(phrases("sentences", key).search(text) for key in ("repeat", "repeat_act"))


def _nearest(scene: Scene, mention: SideMention) -> str:
    if not scene.anchors:
        return scene.current
    return min(scene.anchors, key=lambda a: min(abs(a.start - mention.end), abs(mention.start - a.end))).family


def _left_alone(text: str, end: int) -> bool:
    """Whether the words right after a side say that it was not treated."""
    found = phrases("sentences", "untreated").search(text, end)
    return found is not None and found.start() - end < _SHORT
