"""Walk the report once and hand every level and side to the family it belongs to, with where it was said."""

from __future__ import annotations

from extractor.claims import Claim, Sign
from extractor.document import Document
from extractor.levels import LevelMention
from extractor.mentions import Mention
from extractor.owners import Known, find_anchors, known_owners, owner_of
from extractor.patterns import closing, phrases
from extractor.profiles import families
from extractor.side_uses import (
    at_landmarks,
    other_side,
    sides_confirmed,
    sides_in_turn,
    sides_of_family,
    sides_of_pairs,
    sides_repeated,
    turns,
)
from extractor.sides import assign_sides, find_sides
from extractor.site_uses import below_pedicles, can_tell, is_reach_of_contrast, named_nerves, places_of
from extractor.sites import aside_of
from extractor.statements import Statement
from extractor.uses import GONE, LIST_GAP, SOURCES, Gathered, Scene
from rules.encounter import Side

_LISTED = frozenset({"count"})
"""What is said once before a list of levels: where a scan, a count or the contrast went."""


def gather(
    document: Document,
    statements: tuple[Statement, ...],
    chosen: tuple[str, ...],
    claims: tuple[Claim, ...],
    signs: tuple[Sign, ...],
) -> Gathered:
    """Levels and sides of the families in *chosen*, in report order."""
    taken: list[Gathered] = []
    chosen = tuple(family for family in chosen if not families()[family].beside)
    current = chosen[0] if len(chosen) == 1 else ""
    known = known_owners(statements, chosen, claims, signs)
    carried: Side | None = None
    section = -1
    for number, statement in enumerate(statements):
        if statement.stance == "aside":
            taken.append(Gathered(sides=sides_confirmed(Scene(statement, number, "work", (), current), chosen)))
        if not statement.counts or (statement.stance == "work" and statement.taken_back):
            continue
        anchors = find_anchors(number, chosen, claims, signs)
        current = current or (anchors[0].family if anchors else "")
        scene = Scene(statement, number, SOURCES[statement.stance], anchors, current, _only_side(taken))
        sided = bool(find_sides(scene.sentence.text, scene.sentence.start))
        if sided or scene.source != "work" or scene.sentence.section != section:
            carried = turns(scene) if sided and scene.source == "work" else None
        section = scene.sentence.section
        taken.append(_read(document, scene, known, carried))
        current = anchors[-1].family if anchors else current
    return Gathered(
        sites=tuple(use for one in taken for use in one.sites),
        sides=tuple(use for one in taken for use in one.sides),
        landmarks=tuple(mention for one in taken for mention in one.landmarks),
        below_pedicles=tuple(use for one in taken for use in one.below_pedicles),
        unexplained=tuple(mention for one in taken for mention in one.unexplained),
    )


def _only_side(taken: list[Gathered]) -> Side | None:
    """The one side that the account has told of so far."""
    sites = {use.side for one in taken for use in one.sites if use.source == "work" and use.side}
    sides = {use.side for one in taken for use in one.sides if use.source == "work" and not use.loose}
    told = sites | sides
    return told.pop() if len(told) == 1 else None


def _read(document: Document, scene: Scene, known: Known, carried: Side | None) -> Gathered:
    sentence, statement = scene.sentence, scene.statement
    levels = [m for m in sentence.of("level") if m.level is not None]
    if scene.source == "work" and not statement.needle and not scene.anchors and not levels:
        return Gathered(sides=sides_repeated(scene))
    if scene.source != "title" and not statement.needle and phrases("sentences", "flow").search(sentence.text):
        return Gathered()
    owners, landmarks, aside = _sort_levels(document, scene, levels, known)
    pairs = {(a.start, a.end) for a in scene.anchors if families()[a.family].reads == "side"}
    spans = sorted({(m.start, m.end) for m in levels} | pairs)
    other, unread = other_side(scene)
    given, idle = assign_sides(sentence.text, sentence.start, spans, other=other)
    if carried:
        given = {start: carried for start, _ in spans} | given
    places = places_of(scene, levels, owners, given)
    known_starts = aside | {use.start for use in places}
    unexplained = [m for m in levels if m.start not in known_starts] if _tells_of_a_needle(scene) else []
    return Gathered(
        sites=(*places, *named_nerves(scene)),
        sides=(
            *sides_of_pairs(scene, given),
            *sides_of_family(scene, (*idle, *at_landmarks(given, landmarks))),
            *unread,
            *sides_in_turn(scene, given, levels),
        ),
        landmarks=tuple(landmarks),
        below_pedicles=tuple(below_pedicles(document.clean, scene, landmarks, given)),
        unexplained=tuple(unexplained),
    )


def _is_beside(clean: str, level: LevelMention) -> bool:
    """Whether the needle went beside the level: the rest of its list may be where it was left."""
    return bool(closing("landmarks", "beside").search(clean[max(0, level.start - 30) : level.start]))


def _tells_of_a_needle(scene: Scene) -> bool:
    return scene.source == "work" and scene.statement.needle


def _sort_levels(
    document: Document, scene: Scene, levels: list[Mention], known: Known
) -> tuple[dict[int, str], list[Mention], set[int]]:
    """The family of each level that may be a place treated, the bones it is steered by, and levels set apart.

    Levels are set apart, by their start, for a reason: taken back, a bone, a finding, counted, where contrast went.
    """
    owners: dict[int, str] = {}
    landmarks: list[Mention] = []
    aside: set[int] = set()
    last: tuple[int, str | None] | None = None
    for mention in levels:
        level = mention.level
        if level is None or mention.context & GONE:
            aside.add(mention.start)
            continue
        family = owner_of(mention, scene.anchors, scene.current, known)
        reads = families()[family].reads if family else ""
        reach = scene.source != "title" and is_reach_of_contrast(scene, level)
        told_apart = reach or (scene.source != "title" and not can_tell(scene, reads, level))
        why = aside_of(document.clean, level, reads)
        if last and last[1] in _LISTED and mention.start - last[0] < LIST_GAP:
            why = why or last[1]
        last = (mention.end, None if _is_beside(document.clean, level) else why)
        if why or reach:
            aside.add(mention.start)
        if why == "bone":
            landmarks.append(mention)
        elif family and not why and not told_apart:
            owners[level.start] = family
    return owners, landmarks, aside
