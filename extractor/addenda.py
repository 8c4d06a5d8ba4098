"""What the sentences of an addendum, or a sentence about the text itself, correct: wrong values and right ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from extractor.levels import LevelMention
from extractor.patterns import phrases
from extractor.restated import quoted_back, told_again
from extractor.retakes import Span, Values, between
from extractor.sides import SideMention
from rules.encounter import Side

_CLAUSE = 120
"""Characters before "is an error" within which its subject stands."""


@dataclass(frozen=True, slots=True)
class Correction:
    """Places taken back, sentences that are final, and sentences that correct and do not say what."""

    taken: tuple[Span, ...] = ()
    final: tuple[Span, ...] = ()
    unclear: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class _Wrong:
    """Where in a sentence the wrong value stands; ``plain`` for "Y, not X", which every sentence may say."""

    part: Span
    right_from: int
    plain: bool = False


def read_addendum(clean: str, unit: list[Span], values: Values, account: Values, *, added: bool) -> Correction:
    """What the sentences of *unit* correct in the rest; ``added`` where they are an addendum to it.

    ``account`` are the values of the title, the account and the result alone.
    """
    account = _without(account, unit)
    outside = _without(values, unit)
    taken: list[Span] = []
    final: list[Span] = []
    unclear: list[Span] = []
    scoped: list[Span] = []
    announcing: list[Span] = []
    for number, span in enumerate(unit):
        if span in final:
            continue
        text = clean[slice(*span)]
        wrong = _wrong_part(text, span[0], added=added)
        near = [*unit[number + 1 : number + 2], *unit[max(0, number - 1) : number][::-1]] if added else []
        found = _replace(clean, span, wrong, near, values, outside, account) if wrong else None
        if found is None and added:
            found = _left_out(clean, span, values, account) or _filled(clean, span, values, outside)
        if found:
            taken.extend(found.taken)
            final.extend(found.final)
            scoped.extend(found.unclear)
        elif _asks(text, wrong, values.within([span]), outside, added=added):
            announced = not values.within([span]).in_order()
            (announcing if announced else unclear).append(span)
    left = unclear if final else [*unclear, *announcing]
    if added and (left or scoped):
        again = told_again(clean, unit, values, account)
        if again:
            return Correction(again.taken, again.final)
        quoted = quoted_back(clean, unit)
        left = [span for span in left if span not in quoted]
        taken.extend(quoted)
    return Correction(tuple(taken), tuple(final), (*scoped, *(one for one in left if one not in final)))


def _without(values: Values, unit: list[Span]) -> Values:
    inside = values.within(unit)
    return Values(
        tuple(one for one in values.levels if one not in inside.levels),
        tuple(one for one in values.sides if one not in inside.sides),
    )


def _says(text: str, *keys: str) -> bool:
    return any(phrases("corrections", key).search(text) for key in keys)


def _wrong_part(text: str, offset: int, *, added: bool) -> _Wrong | None:
    """After "not", after "the text states", or before "should read" or "is an error"; ``None`` where nothing is."""
    error = phrases("corrections", "error_after").search(text)
    if error and (added or _says(text, "of_the_text")):
        clause = max(text.rfind(mark, 0, error.start()) for mark in ";,.:")
        return _Wrong(_at(offset, max(clause, error.start() - _CLAUSE, 0), error.start()), offset + error.end())
    misstated = phrases("corrections", "misstated").search(text)
    read = phrases("corrections", "should_read").search(text)
    if read is None and added:
        read = phrases("corrections", "should_be").search(text)
    if misstated and not read:
        return _Wrong(_at(offset, misstated.end(), _phrase_end(text, misstated.end())), offset)
    if read and not (_says(text, "told_elsewhere") and not added):
        return _Wrong(_at(offset, 0, read.start()), offset + read.end())
    denied = phrases("corrections", "not_but").search(text)
    if denied and added and not _says(text, "told_elsewhere"):
        return _Wrong(_at(offset, denied.end(), _phrase_end(text, denied.end())), offset, plain=True)
    return None


def _at(offset: int, start: int, end: int) -> Span:
    return offset + start, offset + end


def _phrase_end(text: str, start: int) -> int:
    """Where the words denied end: at the next comma or stop."""
    return min((place for mark in ",;." if (place := text.find(mark, start)) >= 0), default=len(text))


def _replace(
    clean: str, span: Span, wrong: _Wrong, near: list[Span], values: Values, outside: Values, account: Values
) -> Correction | None:
    """The wrong values with the right ones of the same kind, in the sentence itself or in the one beside it."""
    text = clean[slice(*span)]
    bad = values.within([wrong.part])
    here = _between_parts(values.within([span]), wrong)
    if wrong.plain and not (_says(text, "done") or len(text.split()) <= _TERSE):
        return None
    if not wrong.plain and wrong.right_from > wrong.part[1] and bad.in_order() and here.in_order():
        first = here.in_order()[0]
        if not between().fullmatch(clean, wrong.right_from, first.start) and not _says(text, "should_read", "done"):
            return None
    final = [span]
    beside = [
        one for one in near if values.within([one]).in_order() and not _says(clean[slice(*one)], "told_elsewhere")
    ]
    if not here.in_order() and beside and not wrong.plain:
        here = _between_parts(
            values.within(beside[:1]), _wrong_part(clean[slice(*beside[0])], beside[0][0], added=True)
        )
        final.append(beside[0])
    said = values.within(final)
    names_side = _says(clean[slice(*wrong.part)], "side_nouns")
    names_level = _says(clean[slice(*wrong.part)], "level_nouns")
    levels = _wrong_levels(bad.levels, here.levels, outside, named=names_level)
    sides = _wrong_sides(bad.sides, here.sides, outside, named=names_side)
    if levels is None and sides is None:
        return None
    taken = [(one.start, one.end) for one in bad.in_order() if not _kept(one, here)]
    told = {one.bones for one in said.levels}
    bones = {bone for row in told for bone in row}
    unclear: list[Span] = []
    if levels is not None:
        taken.extend((one.start, one.end) for one in outside.levels if one.bones in levels)
        if any(_says(clean[slice(*one)], "exclusive") for one in final):
            taken.extend((one.start, one.end) for one in outside.levels if one.bones not in told)
    if sides is not None and here.levels and levels is None and any(set(one.bones) - bones for one in account.levels):
        unclear.append(span)
    elif sides is not None:
        taken.extend((one.start, one.end) for one in outside.sides if one.side not in sides)
    return Correction(tuple(taken), tuple(final), tuple(unclear))


_TERSE = 6
"""Words; "Right, not left." says of itself that it corrects."""


def _between_parts(said: Values, wrong: _Wrong | None) -> Values:
    """The values of a sentence that stand outside its wrong part."""
    if wrong is None:
        return said
    start, end = wrong.part
    return Values(
        tuple(one for one in said.levels if not start <= one.start < end),
        tuple(one for one in said.sides if not start <= one.start < end),
    )


def _kept(one: LevelMention | SideMention, right: Values) -> bool:
    if isinstance(one, LevelMention):
        return one.bones in {other.bones for other in right.levels}
    return False


def _wrong_levels(
    bad: Iterable[LevelMention], right: Iterable[LevelMention], outside: Values, *, named: bool
) -> set[tuple[str, ...]] | None:
    """Bones to be taken out of the text; ``None`` where no level is corrected."""
    wrong, good = {one.bones for one in bad}, {one.bones for one in right}
    if not good:
        return None
    if wrong:
        return wrong - good if wrong != good else None
    before = {one.bones for one in outside.levels}
    return before - good if named and len(before) == 1 else None


def _wrong_sides(
    bad: Iterable[SideMention], right: Iterable[SideMention], outside: Values, *, named: bool
) -> set[Side] | None:
    """The sides that remain; ``None`` where no side is corrected."""
    wrong, good = {one.side for one in bad}, {one.side for one in right}
    good -= wrong
    before = {one.side for one in outside.sides}
    if not good or not (wrong or (named and before != good)):
        return None
    return good


def _left_out(clean: str, span: Span, values: Values, account: Values) -> Correction | None:
    """Levels of the account that an addendum says were not done, while others remain."""
    text = clean[slice(*span)]
    denial = phrases("corrections", "left_out").search(text)
    if denial is None or _says(text, "told_elsewhere"):
        return None
    denied = {one.bones for one in values.within([(span[0], span[0] + denial.start())]).levels}
    if not denied or values.within([span]).sides or not {one.bones for one in account.levels} - denied:
        return None
    gone = tuple((one.start, one.end) for one in values.levels if one.bones in denied)
    return Correction(taken=gone, final=(span,))


def _filled(clean: str, span: Span, values: Values, outside: Values) -> Correction | None:
    """A side or level that the rest of the report lacks, added by a sentence that names it as such."""
    text = clean[slice(*span)]
    said = values.within([span])
    side = bool(said.sides) and not outside.sides and _says(text, "side_nouns", "should_read", "done")
    level = bool(said.levels) and not outside.levels and _says(text, "level_nouns", "should_read", "should_be")
    if not (side or level) or _says(text, "told_elsewhere"):
        return None
    return Correction(final=(span,))


def _asks(text: str, wrong: _Wrong | None, said: Values, outside: Values, *, added: bool) -> bool:
    """Whether a sentence corrects, or names another side than the rest, and no value could be taken from it."""
    named = bool(said.in_order()) or _says(text, "side_nouns", "level_nouns", "of_the_text")
    if _says(text, "disclaimer") or (_says(text, "harmless") and not named):
        return False
    if not added:
        return _says(text, "of_the_text") and _says(text, "error") and not _says(text, "told_elsewhere")
    if _says(text, "error"):
        return True
    if _says(text, "told_elsewhere"):
        return False
    if said.in_order() and (_says(text, "left_out") or (wrong and said.within([wrong.part]).in_order())):
        return True
    sides = {one.side for one in outside.sides}
    return bool(said.sides) and not said.levels and bool(sides) and not {one.side for one in said.sides} <= sides
