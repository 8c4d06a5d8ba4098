"""Side words of a sentence, and which of its levels each of them speaks of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from extractor.lexicon_files import load
from extractor.patterns import alternation, closing, expression, opening, phrases
from rules.encounter import Side

_LEADING_GAP = re.compile(
    r"(?:[\s,:]|sided?\b|side\b)*(?:[A-Za-z'&/+-]+\s?(?:joint\s)?){0,7}(?:at|of|the|through|level|levels)?\s?$",
    re.IGNORECASE,
)
_ENDS_PHRASE = re.compile(
    r"\s?(?:[,;.):]|$|and\b|then\b|followed\b|with\b|was\b|were\b|under\b|using\b|&|/|but\b|while\b|in\b|through\b)",
    re.IGNORECASE,
)
_ON_THE = re.compile(r"(?:on|to|of|at|from) (?:the |her |his |both )?$|\($|\bside[d]?[:\s]+$", re.IGNORECASE)
_ARTICLE = re.compile(r"\b(?:the|his|her)\s$", re.IGNORECASE)
_ANSWERED = re.compile(
    r"\s?:\s?(?:done|yes|y|x|\[x\]|performed|treated|injected|ablated|completed|ok)(?=[\s,;.]|$)[\s,;]*", re.IGNORECASE
)
"""A side as a field of a form, answered by yes."""

_CLAUSE = re.compile(r"[;:]|\.\s|,?\s(?:but|while|whereas)\s", re.IGNORECASE)
_LEAD_REACH = 70
"""Characters from a side word within which a place after it may be the one it leads to."""

_LONE_REACH = 90
"""The same where no place stands before the side word, and it can speak of no other."""

_PAIR = 2
_ADJACENT = 40
"""Characters between a place and a side word that hold only a few small words."""


@dataclass(frozen=True, slots=True)
class SideMention:
    """A side word at ``start:end`` of ``clean``; ``trailing`` when it speaks of what came before ("on the left")."""

    side: Side
    start: int
    end: int
    trailing: bool
    phrase_end: bool


@cache
def _pattern() -> re.Pattern[str]:
    lexicon = load("sides")
    both = rf"(?P<both>both(?=,?\s{lexicon['both_before']}))"
    parts = "|".join(f"(?P<{side}>{alternation(lexicon[side])})" for side in ("bilateral", "left", "right"))
    return re.compile(rf"(?<![A-Za-z0-9>])(?:{parts}|{both})(?![A-Za-z0-9])", re.IGNORECASE)


def find_sides(text: str, offset: int) -> tuple[SideMention, ...]:
    """Side words of a sentence that can be the side of a treatment; *offset* is the sentence's place in ``clean``."""
    found: list[SideMention] = []
    for match in _pattern().finditer(text):
        word = match.lastgroup or ""
        side: Side = "bilateral" if word in {"bilateral", "both"} else "left" if word == "left" else "right"
        before, after = text[max(0, match.start() - 80) : match.start()], text[match.end() : match.end() + 40]
        if len(match.group()) == 1 and not expression("sides", "letter").search(f"{before}#{after}"):
            continue
        if side != "bilateral" and (
            opening("sides", "not_after").match(after) or closing("sides", "not_before").search(before)
        ):
            continue
        if side != "bilateral" and (
            expression("sides", "turned_before").search(before) or expression("sides", "pain_after").match(after)
        ):
            continue
        if expression("sides", "seen_after").match(text, match.end()):
            continue
        if side == "right" and expression("sides", "adverb").match(after):
            continue
        if side == "left" and opening("sides", "left_behind").match(after) and not _ARTICLE.search(before):
            continue
        if re.match(r"\s?/\s?(?:left|right|l\b|r\b)", after, re.IGNORECASE) or re.search(
            r"(?:left|right)\s?/\s?$", before, re.IGNORECASE
        ):
            continue
        adverb = match.group().lower().endswith("ally")
        trailing = adverb or bool(_ON_THE.search(before)) or "side" in match.group().lower().split()[-1:]
        found.append(
            SideMention(side, offset + match.start(), offset + match.end(), trailing, bool(_ENDS_PHRASE.match(after)))
        )
    return tuple(_merge_pairs(text, offset, found))


def _merge_pairs(text: str, offset: int, found: list[SideMention]) -> list[SideMention]:
    """``left and right`` with nothing between is one word for both sides."""
    merged: list[SideMention] = []
    for mention in found:
        last = merged[-1] if merged else None
        gap = text[last.end - offset : mention.start - offset] if last else ""
        if (
            last
            and {last.side, mention.side} == {"left", "right"}
            and (
                re.fullmatch(r"\s?(?:and|&|/|\+|as well as|,? then)\s?(?:the |on the )?", gap)
                or (_ANSWERED.fullmatch(gap) and _ANSWERED.match(text, mention.end - offset))
            )
        ):
            merged[-1] = SideMention("bilateral", last.start, mention.end, last.trailing, mention.phrase_end)
        else:
            merged.append(mention)
    return merged


def assign_sides(
    text: str, offset: int, places: list[tuple[int, int]], *, other: SideMention | None = None
) -> tuple[dict[int, Side], tuple[SideMention, ...]]:
    """Side of each place (level span) by its start, and the side words that no place took.

    A leading side holds for the places after it up to the next side or clause; a trailing one ("on the left",
    "bilaterally") for those before it that have none yet. ``other`` is a pronoun ("the other side") already read.
    """
    sides = find_sides(text, offset)
    if other and not any(side.start < other.end and other.start < side.end for side in sides):
        sides = tuple(sorted((*sides, other), key=lambda side: side.start))
    paired = _in_turn(text, offset, sides, places)
    if paired:
        return paired, ()
    labels = {side.end for side in sides}
    cuts = [offset + cut.start() for cut in _CLAUSE.finditer(text) if not _labels(text, cut, labels, places, offset)]
    given: dict[int, Side] = {}
    idle: list[SideMention] = []
    last_taken = offset
    for number, mention in enumerate(sides):
        next_side = sides[number + 1].start if number + 1 < len(sides) else offset + len(text)
        clause_start = max((cut for cut in cuts if cut < mention.start), default=offset)
        clause_end = min((cut for cut in cuts if cut > mention.start), default=offset + len(text))
        before = [p for p in places if max(clause_start, last_taken) <= p[0] < mention.start and p[0] not in given]
        after = [p for p in places if mention.end <= p[0] < min(next_side, clause_end) and p[0] not in given]
        chosen = _choose(text, offset, mention, before, after)
        for place in chosen:
            given[place[0]] = mention.side
        if chosen:
            last_taken = max(mention.end, chosen[-1][1])
        else:
            idle.append(mention)
    return given, tuple(idle)


def _labels(text: str, cut: re.Match[str], ends: set[int], places: list[tuple[int, int]], offset: int) -> bool:
    """Whether a colon only sets off a side from the places after it: "Right: L3-4, L4-5"."""
    sets_off = any(not text[end - offset : cut.start()].strip() for end in ends)
    opens = any(place >= offset + cut.end() and not text[cut.end() : place - offset].strip() for place, _ in places)
    return text[cut.start()] == ":" and sets_off and opens


def says_in_turn(text: str) -> bool:
    """Whether the sides and the levels of a sentence are paired one by one."""
    return bool(phrases("sides", "in_turn").search(text))


def _in_turn(
    text: str, offset: int, sides: tuple[SideMention, ...], places: list[tuple[int, int]]
) -> dict[int, Side] | None:
    """The first side with the first place and so on, where the sentence says "respectively" and the numbers agree."""
    if not says_in_turn(text):
        return None
    row: list[Side] = []
    for mention in sides:
        words = re.findall(r"left|right|lt|rt|[lr]\b", text[mention.start - offset : mention.end - offset].lower())
        named: list[Side] = ["left" if word[0] == "l" else "right" for word in words]
        row.extend(named if mention.side == "bilateral" and len(named) > 1 else [mention.side])
    if len(row) < _PAIR or len(row) != len(places):
        return None
    apart = sides[-1].end <= places[0][0] or places[-1][1] <= sides[0].start
    return {place[0]: side for place, side in zip(places, row, strict=True)} if apart else None


def _choose(
    text: str, offset: int, mention: SideMention, before: list[tuple[int, int]], after: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    if not after:
        return before
    gap = text[mention.end - offset : after[0][0] - offset]
    leads = bool(_LEADING_GAP.fullmatch(gap)) and len(gap) < _LEAD_REACH
    if not before:
        return after if leads or mention.trailing or len(gap) < _LONE_REACH else []
    if mention.trailing or mention.phrase_end:
        direct = re.fullmatch(r"\s?(?:at|,)?\s?(?:the\s)?", gap)
        return after if direct and not _adjacent(text, offset, before[-1], mention) else before
    return after if leads else before


def _adjacent(text: str, offset: int, place: tuple[int, int], mention: SideMention) -> bool:
    """Whether only a few small words stand between a place and the side word after it."""
    gap = text[place[1] - offset : mention.start - offset]
    return len(gap) < _ADJACENT and ";" not in gap
