"""Addenda that say over several sentences what was wrong and then tell again what was done."""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractor.patterns import phrases
from extractor.retakes import Span, Values

_QUOTED = re.compile(r"\"([^\"]{8,160})\"")
_DENIES = re.compile(r"\b(?:not|never|nothing|no|none|neither|without)\b", re.IGNORECASE)
_NOT_BY_US = re.compile(r"\b(?:will|would|should|to be|scheduled|next|last|ago)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Restated:
    """Places taken back and the sentences that are final."""

    taken: tuple[Span, ...]
    final: tuple[Span, ...]


def quoted_back(clean: str, unit: list[Span]) -> tuple[Span, ...]:
    """Words of the account that an addendum quotes as wrong, there and in the sentence that quotes them."""
    taken: list[Span] = []
    for start, end in unit:
        text = clean[start:end]
        quote = _QUOTED.search(text)
        if quote is None or not phrases("corrections", "error").search(_QUOTED.sub(" ", text)):
            continue
        words = re.compile(r"\s+".join(re.escape(word) for word in quote[1].strip(" .").split()), re.IGNORECASE)
        places = [m.span() for m in words.finditer(clean) if not any(a <= m.start() < b for a, b in unit)]
        if places and quote[1].count(" "):
            taken.extend([*places, (start, end)])
    return tuple(taken)


def told_again(clean: str, unit: list[Span], values: Values, account: Values) -> Restated | None:
    """The side or the levels as an addendum tells them anew after it called the old ones wrong; else ``None``."""
    texts = {span: clean[slice(*span)] for span in unit}
    wrong = " . ".join(t for t in texts.values() if phrases("corrections", "error").search(t))
    done = [span for span, text in texts.items() if _tells_the_work(text) and values.within([span]).in_order()]
    if not wrong or not done:
        return None
    said = values.within(done)
    rest = values.within([span for span in unit if span not in done])
    sides, levels = {one.side for one in said.sides}, {one.bones for one in said.levels}
    before = {one.side for one in account.sides}
    treated = {one.bones for one in account.levels}
    bones = {bone for row in treated for bone in row}
    if any(not set(row) <= bones for row in levels) and len(levels) != 1:
        return None
    names_side = _says(" . ".join(texts.values()), "side_nouns") or bool({one.side for one in rest.sides} & before)
    if names_side and len(sides) == 1 and before and not sides & before:
        gone = [*account.sides, *rest.sides]
        return Restated(tuple((one.start, one.end) for one in gone), tuple(done))
    exclusive = any(_says(texts[span], "exclusive") for span in done)
    if _says(wrong, "level_nouns") and levels and exclusive and levels <= treated and sides <= (before or sides):
        odd = [one for one in (*account.levels, *rest.levels) if one.bones not in levels]
        return Restated(tuple((one.start, one.end) for one in odd), tuple(done))
    return None


def _says(text: str, key: str) -> bool:
    return bool(phrases("corrections", key).search(text))


def _tells_the_work(text: str) -> bool:
    """Whether a sentence tells of what was done, and denies, plans or calls wrong nothing."""
    return bool(
        _says(text, "done") and not _says(text, "error") and not _DENIES.search(text) and not _NOT_BY_US.search(text)
    )
