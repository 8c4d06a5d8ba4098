"""Sides that a sentence says of a family rather than of a level, and "the same was done on the other side"."""

from __future__ import annotations

from dataclasses import replace

from extractor.mentions import Mention
from extractor.patterns import closing, opening, phrases
from extractor.profiles import families
from extractor.sides import SideMention, find_sides, says_in_turn
from extractor.uses import Anchor, Scene, SideUse
from rules.encounter import Side

_SHORT = 30
"""Characters between a side and the words that say it was left alone, or what it is the side of."""

_OPPOSITE: dict[Side | None, Side] = {"left": "right", "right": "left"}


def sides_of_pairs(scene: Scene, given: dict[int, Side]) -> list[SideUse]:
    """Sides given to paired structures without a level, such as a sacroiliac joint."""
    return [
        SideUse(a.family, scene.source, given[a.start], a.start, a.end)
        for a in scene.anchors
        if families()[a.family].reads == "side" and a.start in given and not _is_spared(scene, a)
    ]


def _is_spared(scene: Scene, anchor: Anchor) -> bool:
    """Whether the words between a paired structure and the next one say that it was left alone."""
    sentence = scene.sentence
    end = min((a.start for a in scene.anchors if a.start > anchor.start), default=sentence.end)
    text = sentence.text[anchor.end - sentence.start : end - sentence.start]
    return scene.source == "work" and bool(phrases("sentences", "untreated").search(text))


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
    acted = repeats or (scene.statement.needle and _says(sentence.text, "repeat_act"))
    found: list[SideUse] = []
    for mention in idle:
        family = _nearest(scene, mention)
        if family and not _left_alone(sentence.text, mention.end - sentence.start):
            again = repeats or _done_next(scene, mention)
            found.append(SideUse(family, scene.source, mention.side, mention.start, mention.end, again, acted or again))
    other = phrases("sentences", "other_side").search(sentence.text)
    if other and scene.current and not sentence.of("level") and not _elsewhere(scene, other.start(), other.end()):
        start, end = sentence.start + other.start(), sentence.start + other.end()
        if acted:
            found.append(SideUse(scene.family, scene.source, "bilateral", start, end, repeats=True))
        elif scene.source == "work" and _says(sentence.text, "side_act"):
            found.append(_unread(scene, start, end))
    return found


def sides_repeated(scene: Scene) -> tuple[SideUse, ...]:
    """Sides of a sentence with no level and no family.

    They decide only where it says that the work was repeated there or done there next; else they must not differ.
    """
    sentence = scene.sentence
    if not scene.current:
        return ()
    sides = find_sides(sentence.text, sentence.start)
    if _says(sentence.text, "repeat", "other_side") or any(_done_next(scene, side) for side in sides):
        return tuple(sides_of_family(scene, sides))
    goes_on = _says(sentence.text, "side_act", "sequence")
    if not goes_on or _says(sentence.text, "untreated", "not_repeated", "flow", "story"):
        return ()
    return tuple(SideUse(scene.current, scene.source, s.side, s.start, s.end, strong=True, loose=True) for s in sides)


def other_side(scene: Scene) -> tuple[SideMention | None, tuple[SideUse, ...]]:
    """Words for the other side in a sentence with levels: the side not treated so far, or one that cannot be known."""
    sentence = scene.sentence
    found = phrases("sentences", "other_side").search(sentence.text)
    if found is None or scene.source != "work" or not sentence.of("level"):
        return None, ()
    if _elsewhere(scene, found.start(), found.end()):
        return None, ()
    start, end = sentence.start + found.start(), sentence.start + found.end()
    here = {side.side for side in find_sides(sentence.text[: found.start()], sentence.start)}
    side = here.pop() if len(here) == 1 else scene.side
    if side in _OPPOSITE:
        after_the = bool(closing("sides", "on_the").search(sentence.text[: found.start()]))
        return SideMention(_OPPOSITE[side], start, end, trailing=after_the, phrase_end=True), ()
    return None, (_unread(scene, start, end),) if scene.family else ()


def sides_in_turn(scene: Scene, given: dict[int, Side], levels: list[Mention]) -> tuple[SideUse, ...]:
    """A sentence that pairs sides and levels one by one, and whose pairs could not be told."""
    sentence = scene.sentence
    sides = find_sides(sentence.text, sentence.start)
    if not scene.family or not says_in_turn(sentence.text) or not sides or len(levels) <= 1:
        return ()
    both = {given.get(m.start) for m in levels}
    if both == {"left", "right"}:
        return ()
    several = len(sides) > 1 or sides[0].side == "bilateral"
    return (replace(_unread(scene, sides[0].start, sides[0].end), strong=True),) if several else ()


def sides_confirmed(scene: Scene, chosen: tuple[str, ...]) -> tuple[SideUse, ...]:
    """Sides of a time-out, said right before a level or a chosen procedure: they must not differ from the account."""
    sentence = scene.sentence
    if not phrases("sides", "time_out").search(sentence.text):
        return ()
    named = [m for m in sentence.of("procedure") if m.name in chosen]
    places = [*sentence.of("level"), *named]
    found = []
    for side in find_sides(sentence.text, sentence.start):
        if not any(0 <= m.start - side.end < _SHORT for m in places):
            continue
        near = min(named, key=lambda m: abs(m.start - side.end), default=None)
        family = near.name if near else scene.current
        if family:
            found.append(SideUse(family, "work", side.side, side.start, side.end, strong=True, loose=True))
    return tuple(found)


def turns(scene: Scene) -> Side | None:
    """The side to which the work turned, for the levels that the next sentences name without one."""
    sentence = scene.sentence
    if (
        sentence.of("level")
        or not _says(sentence.text, "turns_to")
        or _says(sentence.text, "untreated", "not_repeated")
    ):
        return None
    sides = {side.side for side in find_sides(sentence.text, sentence.start)}
    return sides.pop() if len(sides) == 1 else None


def _unread(scene: Scene, start: int, end: int) -> SideUse:
    return SideUse(scene.family, scene.source, "not_documented", start, end, loose=True, unread=True)


def _says(text: str, *keys: str) -> bool:
    return any(phrases("sentences", key).search(text) for key in keys)


def _elsewhere(scene: Scene, start: int, end: int) -> bool:
    """Whether "the other side" is where nothing was done, where the needle came from, or a side of something else."""
    text = scene.sentence.text
    return bool(
        _says(text, "untreated", "not_repeated")
        or closing("sides", "other_not_before").search(text[:start])
        or opening("sides", "other_not_after").match(text[end:])
    )


def _done_next(scene: Scene, mention: SideMention) -> bool:
    """Whether the words after a side say that it was done, while the account has told of the opposite one alone."""
    if scene.source != "work" or mention.side != _OPPOSITE.get(scene.side):
        return False
    return bool(opening("sentences", "side_done").match(scene.sentence.text[mention.end - scene.sentence.start :]))


def _repeats(text: str) -> bool:
    """Whether the sentence says that the work was done again, rather than that something was alike."""
    return not _says(text, "not_repeated") and _says(text, "repeat") and _says(text, "repeat_act")


def _nearest(scene: Scene, mention: SideMention) -> str:
    if not scene.anchors:
        return scene.current
    return min(scene.anchors, key=lambda a: min(abs(a.start - mention.end), abs(mention.start - a.end))).family


def _left_alone(text: str, end: int) -> bool:
    """Whether the words right after a side say that it was not treated."""
    found = phrases("sentences", "untreated").search(text, end)
    return found is not None and found.start() - end < _SHORT
