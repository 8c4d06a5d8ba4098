"""House rules on data that loads: what is written and never used, and facts that do not go together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from rules.chronicle import entries_of
from rules.model import NO_LINE, Strict
from rules.rule_set import Library

_SIDED = 1
_FAR = date.max


@dataclass(frozen=True)
class Complaint:
    """One thing that breaks a house rule: where it stands, and what is wrong."""

    where: str
    what: str


@dataclass(frozen=True)
class Unverified:
    """One thing that is nobody's published word, or whose first day is not known."""

    where: str
    what: str
    start: date
    source: str


Rule = Callable[[Library], Iterator[Complaint]]


def complaints(library: Library) -> tuple[Complaint, ...]:
    """Everything that breaks a house rule, in the order of the rules."""
    return tuple(complaint for rule in HOUSE_RULES for complaint in rule(library))


def every_code_is_used(library: Library) -> Iterator[Complaint]:
    """A code that no row gives, no pair, parent or substitution names, is dead weight."""
    used = {code for family in library.families.values() for entry in entries_of(family) for code in entry.codes}
    used |= {code for pair in library.pairs for code in (*pair.column_1, *pair.column_2)}
    used |= {code for entry in library.codes.values() for parents in entry.parents for code in parents.codes}
    used |= {entry.by for entry in library.substitutions}
    for code in sorted(set(library.codes) - used):
        yield Complaint(f"code_set {code}", "no row, pair, parent list or substitution names it")


def every_source_is_used(library: Library) -> Iterator[Complaint]:
    """A source that nothing cites."""
    for source in sorted(set(library.sources) - set(_named(library, "source"))):
        yield Complaint(f"sources.yaml {source}", "nothing cites it")


def every_word_is_used(library: Library) -> Iterator[Complaint]:
    """A reason or a warning that is said to come from rows and that no row gives."""
    given = {*_named(library, "review"), *_named(library, "warning"), *_named(library, "idle")}
    for file, words in (("reasons.yaml", library.reasons), ("warnings.yaml", library.warnings)):
        for name, meaning in words.items():
            if meaning.by == "rows" and name not in given:
                yield Complaint(f"{file} {name}", "no row gives it: say who does in `by`, or take it out")
            if meaning.by == "reading" and name in given:
                yield Complaint(f"{file} {name}", "a row gives it: it is not the reading's alone")


def roles_agree(library: Library) -> Iterator[Complaint]:
    """The role of a code is that of every line that gives it."""
    for family in library.families.values():
        for name, line in family.lines.items():
            for start, row in line.rows.items():
                for cell in row.cells().values():
                    for code in filter(None, (cell.code, cell.both_sides, cell.alternative)):
                        role = library.codes[code].role if code not in NO_LINE else line.role
                        if role != line.role:
                            where = f"families/{family.family}.yaml {name} {start}"
                            yield Complaint(where, f"a line of role {line.role} gives {code}, of role {role}")


def add_ons_have_parents(library: Library) -> Iterator[Complaint]:
    """An add-on code says from its first day what it hangs on, and its parents live with it."""
    for code, entry in library.codes.items():
        if entry.role == "add_on" and not (entry.parents and entry.parents[0].start <= entry.first):
            yield Complaint(f"code_set {code}", "an add-on without parents from its first day")
        for parents in entry.parents:
            for parent in parents.codes:
                other = library.codes[parent]
                if max(other.first, parents.start) > min(other.last or _FAR, entry.last or _FAR):
                    yield Complaint(f"code_set {code}", f"its parent {parent} never lives beside it")


def sides_agree(library: Library) -> Iterator[Complaint]:
    """A code takes LT, RT and 50 where the fee schedule's bilateral indicator says so and the code is not the side."""
    cells = [cell for family in library.families.values() for line in family.lines.values()
             for row in line.rows.values() for cell in row.cells().values()]  # fmt: skip
    by_side = {cell.code for cell in cells if cell.both_sides}
    for code, entry in library.codes.items():
        if code not in by_side and entry.bilateral is not None and entry.sided != (entry.bilateral == _SIDED):
            yield Complaint(f"code_set {code}", f"sided is {entry.sided} and the bilateral indicator {entry.bilateral}")


def pairs_meet(library: Library) -> Iterator[Complaint]:
    """Every code of a pair meets, while the pair is in force, one of the other column."""
    for place, pair in enumerate(library.pairs):
        for own, others in ((pair.column_1, pair.column_2), (pair.column_2, pair.column_1)):
            for code in own:
                if not any(_meet(library, code, other, pair.start, pair.through) for other in others if other != code):
                    yield Complaint(
                        f"edits/pairs.yaml entry {place + 1}", f"{code} never lives beside the other column"
                    )


def rows_lie_in_what_is_covered(library: Library) -> Iterator[Complaint]:
    """No row begins before or after the days that somebody has read sources for."""
    for family in library.families.values():
        for entry in entries_of(family):
            if not family.covers.holds(entry.start):
                where = f"families/{family.family}.yaml {entry.part}.{entry.name} {entry.start}"
                yield Complaint(where, f"outside {family.covers.start} to {family.covers.through}")


HOUSE_RULES: tuple[Rule, ...] = (
    every_code_is_used, every_source_is_used, every_word_is_used, roles_agree, add_ons_have_parents, sides_agree,
    pairs_meet, rows_lie_in_what_is_covered,
)  # fmt: skip


def unverified(library: Library) -> Iterator[Unverified]:
    """Rows that are nobody's published word, and pairs whose first day is not known."""
    for family in library.families.values():
        for entry in entries_of(family):
            if not entry.verified:
                where = f"{family.family} {entry.part}.{entry.name}"
                yield Unverified(where, entry.says, entry.start, _cited(entry.source))
    for pair in library.pairs:
        if not pair.start_verified:
            what = f"{', '.join(pair.column_2)}; indicator {pair.indicator}; {pair.otherwise}"
            yield Unverified(f"pairs {', '.join(pair.column_1)}", what, pair.start, _cited(pair.source))


def _cited(source: object) -> str:
    return "; ".join(f"{name}: {place}" for name, place in source.items()) if isinstance(source, dict) else ""


def _meet(library: Library, one: str, other: str, start: date, through: date | None) -> bool:
    first, second = library.codes[one], library.codes[other]
    return max(first.first, second.first, start) <= min(end or _FAR for end in (first.last, second.last, through))


def _named(library: Library, key: str) -> Iterator[str]:
    """Every word that stands under *key* anywhere; under ``source``, every source."""
    for part in (
        library.families, library.codes, library.absorptions, library.pairs, library.remarks, library.substitutions,
        library.styles, library.reasons, library.warnings,
    ):  # fmt: skip
        yield from _below(part, key)


def _below(value: object, key: str) -> Iterator[str]:
    if isinstance(value, Strict):
        value = value.model_dump()
    if isinstance(value, dict):
        for name, item in value.items():
            if name == key and isinstance(item, dict):
                yield from item
            elif name == key and isinstance(item, str):
                yield item
            else:
                yield from _below(item, key)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _below(item, key)
