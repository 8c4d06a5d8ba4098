"""Which family a level belongs to: the one beside it, the one whose title names the level, the one spoken of last."""

from __future__ import annotations

from extractor.claims import Claim, Sign, signs_of
from extractor.mentions import Mention
from extractor.profiles import families
from extractor.statements import Statement
from extractor.uses import Anchor

_FARTHEST = 10_000
Known = dict[tuple[str, ...], str]
"""Levels (their bones) that a title gives to exactly one family."""


def find_anchors(
    number: int, chosen: tuple[str, ...], claims: tuple[Claim, ...], signs: tuple[Sign, ...]
) -> tuple[Anchor, ...]:
    """Where the families in *chosen* are named or signed in one sentence, from left to right."""
    found = {(c.start, c.family, c.end) for c in claims if c.statement == number and c.family in chosen and c.plain}
    for sign in signs:
        if sign.statement == number:
            fitting = [family for family in chosen if sign.place in signs_of(family)]
            if len(fitting) == 1:
                found.add((sign.start, fitting[0], sign.end))
    return tuple(Anchor(*one) for one in sorted(found))


def known_owners(
    statements: tuple[Statement, ...], chosen: tuple[str, ...], claims: tuple[Claim, ...], signs: tuple[Sign, ...]
) -> Known:
    """Levels that the title gives to exactly one family: who owns them where no family stands beside them."""
    owners: dict[tuple[str, ...], set[str]] = {}
    for number, statement in enumerate(statements):
        anchors = find_anchors(number, chosen, claims, signs) if statement.stance == "claim" else ()
        for mention in statement.sentence.of("level") if anchors else ():
            if mention.level is not None:
                owners.setdefault(mention.level.bones, set()).add(owner_of(mention, anchors, "", {}))
    return {bones: named.pop() for bones, named in owners.items() if len(named) == 1}


def owner_of(mention: Mention, anchors: tuple[Anchor, ...], current: str, known: Known) -> str:
    """The family a level mention belongs to; empty where there is none to choose."""
    fallback = known.get(mention.level.bones, current) if mention.level else current
    best, distance = fallback or current, _FARTHEST
    for anchor in anchors:
        if families()[anchor.family].reads == "side":
            continue
        gap = anchor.start - mention.end if anchor.start >= mention.end else mention.start - anchor.end
        if gap < distance:
            best, distance = anchor.family, gap
    return best
