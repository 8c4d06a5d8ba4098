"""Walk the report once and hand every level and side to the family it belongs to, with where it was said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from extractor.claims import Claim, Sign, signs_of
from extractor.document import Document
from extractor.levels import LevelMention
from extractor.mentions import Mention
from extractor.patterns import phrases
from extractor.profiles import families
from extractor.sides import SideMention, assign_sides, find_sides
from extractor.sites import aside_of, read_site
from extractor.statements import Statement
from rules.anatomy import interspace_below, is_vertebra
from rules.encounter import Side, SiteKind

Source = Literal["title", "work", "result", "addendum"]
_SOURCES: dict[str, Source] = {"claim": "title", "work": "work", "result": "result", "addendum": "addendum"}
_GONE = frozenset({"negated", "historical", "planned", "conditional", "consent", "generic", "other"})
_CLAUSE = 110
"""Characters within which a level and what became of it stand."""

_PEDICLE = re.compile(r"\bpedicles?\b", re.IGNORECASE)
_SHORT = 30
"""Characters between a side and the words that say it was left alone."""


@dataclass(frozen=True, slots=True)
class SiteUse:
    """A place said to be treated: what, on which side, by which words, in which part of the report."""

    family: str
    source: Source
    statement: int
    kind: SiteKind
    name: str
    side: Side | None
    start: int
    end: int
    doubt: str
    failed: bool


@dataclass(frozen=True, slots=True)
class SideUse:
    """A side said of a family without a level; ``repeats`` when the sentence says the work was done again there."""

    family: str
    source: Source
    statement: int
    side: Side
    start: int
    end: int
    repeats: bool


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything said about places, and the level mentions that no family could take."""

    sites: tuple[SiteUse, ...]
    sides: tuple[SideUse, ...]
    stray: tuple[Mention, ...]
    landmarks: tuple[Mention, ...]
    below_pedicles: tuple[SiteUse, ...] = ()


def gather(
    document: Document,
    statements: tuple[Statement, ...],
    chosen: tuple[str, ...],
    claims: tuple[Claim, ...],
    signs: tuple[Sign, ...],
) -> Gathered:
    """Levels and sides of the families in *chosen*, in report order."""
    sites: list[SiteUse] = []
    sides: list[SideUse] = []
    stray: list[Mention] = []
    landmarks: list[Mention] = []
    pedicles: list[SiteUse] = []
    chosen = tuple(family for family in chosen if not families()[family].beside)
    current = chosen[0] if len(chosen) == 1 else ""
    known = _known(statements, chosen, claims, signs)
    for number, statement in enumerate(statements):
        if not statement.counts or (statement.stance == "work" and statement.taken_back):
            continue
        anchors = _anchors(number, chosen, claims, signs)
        if not current and anchors:
            current = anchors[0][1]
        taken = _read_statement(document, number, statement, anchors, current, known)
        sites.extend(taken.sites)
        sides.extend(taken.sides)
        stray.extend(taken.stray)
        landmarks.extend(taken.landmarks)
        pedicles.extend(taken.below_pedicles)
        if anchors:
            current = anchors[-1][1]
    return Gathered(tuple(sites), tuple(sides), tuple(stray), tuple(landmarks), tuple(pedicles))


def _anchors(
    number: int, chosen: tuple[str, ...], claims: tuple[Claim, ...], signs: tuple[Sign, ...]
) -> list[tuple[int, str, int]]:
    """Places of a sentence where a chosen family is named or signed, as (start, family, end)."""
    found = {(c.start, c.family, c.end) for c in claims if c.statement == number and c.family in chosen and c.plain}
    for sign in signs:
        if sign.statement == number:
            fitting = [family for family in chosen if sign.place in signs_of(family)]
            if len(fitting) == 1:
                found.add((sign.start, fitting[0], sign.end))
    return sorted(found)


def _read_statement(
    document: Document,
    number: int,
    statement: Statement,
    anchors: list[tuple[int, str, int]],
    current: str,
    known: dict[tuple[str, ...], str],
) -> Gathered:
    sentence = statement.sentence
    source = _SOURCES[statement.stance]
    if source == "work" and not statement.needle and not anchors and not sentence.of("level"):
        return _idle_sides(number, statement, source, current)
    if phrases("sentences", "flow").search(sentence.text) and source != "title" and not statement.needle:
        return Gathered((), (), (), ())
    levels = [m for m in sentence.of("level") if m.level is not None]
    owners: dict[int, str] = {}
    landmarks: list[Mention] = []
    stray: list[Mention] = []
    for mention in levels:
        family = _owner(mention, anchors, current, known)
        reads = families()[family].reads if family else ""
        level = mention.level
        if level is None or mention.context & _GONE:
            continue
        if source != "title" and (
            _in_flow(sentence.text, sentence.start, level) or not _can_tell(source, reads, level, anchors, statement)
        ):
            landmarks.append(mention)
        elif aside_of(document.clean, level, reads):
            landmarks.append(mention)
        elif not family:
            stray.append(mention)
        else:
            owners[level.start] = family
    side_spans = [(a[0], a[2]) for a in anchors if families()[a[1]].reads == "side"]
    places = sorted({(m.level.start, m.level.end) for m in levels if m.level} | set(side_spans))
    given, idle = assign_sides(sentence.text, sentence.start, places)
    sites = _site_uses(statement, number, source, levels, owners, given)
    sites.extend(_named_nerves(statement, number, source, anchors, current))
    sides = [
        SideUse(a[1], source, number, given[a[0]], a[0], a[2], False)
        for a in anchors
        if families()[a[1]].reads == "side" and a[0] in given
    ]
    sides.extend(_family_sides(statement, number, source, (*idle, *_at_landmarks(given, landmarks)), anchors, current))
    pedicles = _below_pedicles(document.clean, number, source, landmarks, anchors, current, given)
    return Gathered(tuple(sites), tuple(sides), tuple(stray), tuple(landmarks), pedicles)


def _below_pedicles(
    clean: str,
    number: int,
    source: Source,
    landmarks: list[Mention],
    anchors: list[tuple[int, str, int]],
    current: str,
    given: dict[int, Side],
) -> tuple[SiteUse, ...]:
    """The foramen under a pedicle that the needle was brought to: it names the level where nothing else does."""
    family = anchors[-1][1] if anchors else current
    if not family or families()[family].reads != "foramen":
        return ()
    found = []
    for mention in landmarks:
        level = mention.level
        if level is None or level.kind != "single":
            continue
        around = clean[max(0, level.start - 30) : level.end + 20]
        below = interspace_below(level.bones[0]) if is_vertebra(level.bones[0]) else None
        if below and _PEDICLE.search(around):
            found.append(
                SiteUse(
                    family,
                    source,
                    number,
                    "foramen",
                    below,
                    given.get(level.start),
                    level.start,
                    level.end,
                    "",
                    failed=False,
                )
            )
    return tuple(found)


def _at_landmarks(given: dict[int, Side], landmarks: list[Mention]) -> tuple[SideMention, ...]:
    """Sides said of a landmark ("the L5 pedicle on the right") are sides of the work."""
    return tuple(
        SideMention(given[m.start], m.start, m.end, trailing=False, phrase_end=False)
        for m in landmarks
        if m.start in given
    )


def _can_tell(
    source: Source, reads: str, level: LevelMention, anchors: list[tuple[int, str, int]], statement: Statement
) -> bool:
    """Whether a level outside the title can be a place treated: findings tell it only where they name the procedure."""
    if reads == "region":
        return statement.needle and level.kind == "pair"
    if reads == "body" and source == "work":
        text = statement.sentence.text
        return bool(
            statement.needle or anchors or any(phrases("sentences", key).search(text) for key in ("repeat", "turns_to"))
        )
    if (reads in {"interspace", "foramen"} and level.kind == "range") or (
        reads in {"interspace", "disc"} and level.kind == "single"
    ):
        return False
    if source == "result" and reads != "disc":
        return bool(statement.sentence.of("procedure")) or bool(anchors and statement.needle)
    return True


_NAMED_NERVES = {"third_occipital": "TON"}


def _named_nerves(
    statement: Statement, number: int, source: Source, anchors: list[tuple[int, str, int]], current: str
) -> list[SiteUse]:
    """Nerves that have a name instead of a number."""
    family = anchors[-1][1] if anchors else current
    if not family or families()[family].reads != "joint":
        return []
    return [
        SiteUse(family, source, number, "nerve", _NAMED_NERVES[m.name], None, m.start, m.end, "", False)
        for m in statement.sentence.of("anatomy")
        if m.name in _NAMED_NERVES and not m.context & _GONE
    ]


def _in_flow(text: str, offset: int, level: LevelMention) -> bool:
    """Whether a level is only where contrast went: after a word of spread, with no needle word between."""
    before = text[: level.start - offset]
    flows = list(phrases("sentences", "flow").finditer(before))
    if not flows:
        return False
    gap = before[flows[-1].end() :]
    return not phrases("sentences", "needle").search(gap) and len(gap) < 90


def _known(
    statements: tuple[Statement, ...], chosen: tuple[str, ...], claims: tuple[Claim, ...], signs: tuple[Sign, ...]
) -> dict[tuple[str, ...], str]:
    """Levels that the title gives to exactly one family: who owns them where no family stands beside them."""
    owners: dict[tuple[str, ...], set[str]] = {}
    for number, statement in enumerate(statements):
        anchors = _anchors(number, chosen, claims, signs) if statement.stance == "claim" else []
        for mention in statement.sentence.of("level") if anchors else ():
            if mention.level is not None:
                owners.setdefault(mention.level.bones, set()).add(_owner(mention, anchors, "", {}))
    return {bones: families_named.pop() for bones, families_named in owners.items() if len(families_named) == 1}


def _owner(
    mention: Mention, anchors: list[tuple[int, str, int]], current: str, known: dict[tuple[str, ...], str]
) -> str:
    fallback = known.get(mention.level.bones, current) if mention.level else current
    best, distance = fallback or current, 10_000
    for start, family, end in anchors:
        if families()[family].reads in {"side"}:
            continue
        gap = start - mention.end if start >= mention.end else mention.start - end
        if gap < distance:
            best, distance = family, gap
    return best


def _site_uses(
    statement: Statement,
    number: int,
    source: Source,
    levels: list[Mention],
    owners: dict[int, str],
    given: dict[int, Side],
) -> list[SiteUse]:
    sentence = statement.sentence
    uses: list[SiteUse] = []
    branch = any(
        m.name in {"facet_destruction", "facet_injection"}
        and "branch" in sentence.text[m.start - sentence.start : m.end - sentence.start].lower()
        for m in sentence.of("procedure")
    )
    for mention in levels:
        level = mention.level
        if level is None or level.start not in owners:
            continue
        family = owners[level.start]
        reads = families()[family].reads
        if reads in {"side"}:
            continue
        reading = read_site(level, reads, sentence, branch_family=branch, chain=())
        if (
            source != "title"
            and reads == "joint"
            and reading.doubt
            and reading.sites
            and reading.sites[0][0] == "vertebral_body"
        ):
            continue
        following = [m.start for m in levels if m.start >= level.end]
        failed = _failed(
            sentence.text, level.end - sentence.start, (following[0] if following else sentence.end) - sentence.start
        )
        uses.extend(
            SiteUse(
                family,
                source,
                number,
                kind,
                name,
                given.get(level.start),
                level.start,
                level.end,
                reading.doubt,
                failed,
            )
            for kind, name in reading.sites
        )
        if not reading.sites and reading.doubt:
            uses.append(
                SiteUse(
                    family,
                    source,
                    number,
                    "vertebral_body",
                    level.bones[0],
                    given.get(level.start),
                    level.start,
                    level.end,
                    reading.doubt,
                    failed,
                )
            )
    return uses


def _failed(text: str, end: int, until: int) -> bool:
    """Whether the words between a level and the next one say that it was not reached."""
    found = phrases("completion", "level_failed").search(text, end, min(end + _CLAUSE, until))
    return bool(found) and ";" not in text[end : found.start()] if found else False


def _family_sides(
    statement: Statement,
    number: int,
    source: Source,
    idle: tuple[SideMention, ...],
    anchors: list[tuple[int, str, int]],
    current: str,
) -> list[SideUse]:
    text = statement.sentence.text
    repeats = bool(phrases("sentences", "repeat").search(text))
    found: list[SideUse] = []
    for mention in idle:
        family = (
            min(anchors, key=lambda a: min(abs(a[0] - mention.end), abs(mention.start - a[2])))[1]
            if anchors
            else current
        )
        if family and not _left_alone(text, mention.end - statement.sentence.start):
            found.append(SideUse(family, source, number, mention.side, mention.start, mention.end, repeats))
    other = phrases("sentences", "other_side").search(text)
    treated = other and not phrases("sentences", "untreated").search(text)
    if other and treated and current and (statement.needle or repeats):
        start = statement.sentence.start + other.start()
        found.append(
            SideUse(
                anchors[-1][1] if anchors else current,
                source,
                number,
                "bilateral",
                start,
                start + len(other.group()),
                True,
            )
        )
    return found


def _left_alone(text: str, end: int) -> bool:
    """Whether the words right after a side say that it was not treated."""
    found = phrases("sentences", "untreated").search(text, end)
    return bool(found) and found.start() - end < _SHORT if found else False


def _idle_sides(number: int, statement: Statement, source: Source, current: str) -> Gathered:
    """Sides of a sentence with no level and no family: only where it says that the work was repeated."""
    text = statement.sentence.text
    if not current or not (
        phrases("sentences", "repeat").search(text) or phrases("sentences", "other_side").search(text)
    ):
        return Gathered((), (), (), ())
    idle = find_sides(text, statement.sentence.start)
    return Gathered((), tuple(_family_sides(statement, number, source, idle, [], current)), (), ())
