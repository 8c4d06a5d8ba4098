"""The rules as dated entries: what each row says from which day through which, and what two days differ in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from rules.model import ADDITIONAL, NO_LINE, Cell, Condition, Family, Line, Remark, Row
from rules.rule_set import Library

Part = Literal["lines", "remarks", "junctions", "read_as", "frequency"]
ONE_DAY = timedelta(days=1)
_IN_WORDS = {"bundled": "inside another line", "none": "no line"}
_COUNTED = {"guidance_region": "field of view", "study_region": "region studied"}
_UNIT = {
    "once": "once", "each": "each", "first": "the first", "first_two": "the first two as one",
    "each_additional": "each further one", "second": "the second", "third_and_more_once": "the third and further, once",
}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One dated row: where it stands, the days it is in force (both included), and what it says."""

    family: str
    part: Part
    name: str
    start: date
    through: date
    says: str
    counts: str
    when: str
    source: Mapping[str, str]
    verified: bool = True
    codes: tuple[str, ...] = ()
    is_closed: bool = False

    def holds(self, day: date) -> bool:
        """Whether the row is in force on *day*."""
        return self.start <= day <= self.through


def entries_of(family: Family) -> tuple[Entry, ...]:
    """Every dated row of *family*: lines, junctions, what is read as another family, remarks."""
    remarks = _remarks(family.family, family.remarks, family.covers.through)
    return (*_lines(family), *_junctions(family), *_read_as(family), *remarks, *_frequency(family))


def boundaries(family: Family, *parts: Part) -> tuple[date, ...]:
    """The first days of all rows of these parts (of all parts where none is named), from the first day covered."""
    wanted = [entry for entry in entries_of(family) if not parts or entry.part in parts]
    return tuple(sorted({family.covers.start, *(entry.start for entry in wanted if entry.start <= entry.through)}))


def periods(starts: Iterable[date], through: date) -> tuple[tuple[date, date], ...]:
    """The spans between *starts*, the last one through *through*."""
    ordered = sorted(starts)
    ends = [*(start - ONE_DAY for start in ordered[1:]), through]
    return tuple(zip(ordered, ends, strict=True))


@dataclass(frozen=True)
class Difference:
    """What one place says on two days."""

    family: str
    place: str
    before: str
    after: str


def differences(library: Library, first: date, second: date) -> tuple[Difference, ...]:
    """Every line, junction and remark of every family, and every code and pair, that says something else."""
    found: list[Difference] = []
    for family in library.families.values():
        before, after = (_told(family, day) for day in (first, second))
        found += [
            Difference(family.family, place, before.get(place, ""), after.get(place, ""))
            for place in sorted({*before, *after}) if before.get(place, "") != after.get(place, "")
        ]  # fmt: skip
    common = common_entries(library)
    before, after = ({e.name: e.says for e in common if e.holds(day)} for day in (first, second))
    found += [
        Difference("every family", f"remarks.{name}", before.get(name, ""), after.get(name, ""))
        for name in sorted({*before, *after}) if before.get(name) != after.get(name)
    ]  # fmt: skip
    found += _codes_between(library, first, second)
    found += _pairs_between(library, first, second)
    return tuple(found)


def _told(family: Family, day: date) -> dict[str, str]:
    if not family.covers.holds(day):
        return {"covers": "not covered"}
    in_force = [entry for entry in entries_of(family) if entry.holds(day)]
    return {f"{e.part}.{e.name}": " | ".join(filter(None, (e.says, e.counts))) for e in in_force}


def _codes_between(library: Library, first: date, second: date) -> Iterator[Difference]:
    for code, entry in sorted(library.codes.items()):
        before, after = ("valid" if entry.lives(day) else "not valid" for day in (first, second))
        if before != after:
            yield Difference("code_set", code, before, after)
        hung = [", ".join(entry.parents_on(day)) for day in (first, second)]
        if hung[0] != hung[1]:
            yield Difference("code_set", f"{code} parents", hung[0], hung[1])


def _pairs_between(library: Library, first: date, second: date) -> Iterator[Difference]:
    before, after = (_pairs_on(library, day) for day in (first, second))
    for column_1, told in sorted({*before, *after}):
        names = [before.get((column_1, told), set()), after.get((column_1, told), set())]
        gone, new = (", ".join(sorted(names[place] - names[1 - place])) for place in (0, 1))
        if gone or new:
            yield Difference("pairs", f"{column_1}, {told}", gone, new)


def _pairs_on(library: Library, day: date) -> dict[tuple[str, str], set[str]]:
    """Column 2 codes of every column 1 code and indicator, where both live and the edit holds on *day*."""
    found: dict[tuple[str, str], set[str]] = {}
    for pair in library.pairs:
        if pair.holds(day):
            told = f"indicator {pair.indicator}, {pair.otherwise}"
            alive = {code for code in pair.column_2 if library.codes[code].lives(day)}
            for code in pair.column_1:
                if library.codes[code].lives(day):
                    found.setdefault((code, told), set()).update(alive)
    return found


def in_words(condition: Condition, exception: Condition) -> str:
    """A condition and its exception as a sentence."""
    told = "; ".join(f"{fact} is {' or '.join(words)}" for fact, words in condition.items())
    but = " and ".join(f"{fact} is {' or '.join(words)}" for fact, words in exception.items())
    return told + (f"{'; ' if told else ''}unless {but}" if but else "")


def _lines(family: Family) -> Iterator[Entry]:
    for name, line in family.lines.items():
        ends = _ends(family, line)
        for (start, through), row in zip(periods(line.rows, family.covers.through), line.rows.values(), strict=True):
            last = min([through, *(day - ONE_DAY for day in ends if day > start)])
            codes = tuple(sorted({code for cell in row.cells().values() for code in _codes(cell)}))
            yield Entry(
                family.family, "lines", name, start, last, _cells(row), _counts(line, row),
                f"beside {line.of}" if line.of else in_words(line.when, line.unless), row.source, row.verified, codes,
                is_closed=not codes,
            )  # fmt: skip


def _ends(family: Family, line: Line) -> list[date]:
    """The days on which the line that an add-on hangs on ends."""
    return [day for day, row in family.lines[line.of].rows.items() if row.counts is None] if line.of else []


def _codes(cell: Cell) -> Iterator[str]:
    for code in (cell.code, cell.both_sides, cell.alternative):
        if code is not None and code not in NO_LINE:
            yield code


def _cells(row: Row) -> str:
    by_text: dict[str, list[str]] = {}
    for region, cell in row.cells().items():
        by_text.setdefault(_cell(cell), []).append(region)
    told = [text if "any" in regions else f"{text} {'/'.join(regions)}" for text, regions in by_text.items()]
    more = [f"review {row.review}"] * bool(row.review) + [f"warning {row.warning}"] * bool(row.warning)
    return "; ".join([*told, *more])


def _cell(cell: Cell) -> str:
    more = [
        f"both sides {cell.both_sides}" if cell.both_sides else "",
        f"or {cell.alternative}" if cell.alternative else "",
        f"review {cell.review}" if cell.review else "", f"warning {cell.warning}" if cell.warning else "",
    ]  # fmt: skip
    told = ", ".join(filter(None, more))
    return _IN_WORDS.get(cell.code, cell.code) + (f" ({told})" if told else "")


def _counts(line: Line, row: Row) -> str:
    if row.counts is None and row.units not in ADDITIONAL:
        return ""
    what = _COUNTED.get(row.counts, row.counts.replace("_", " ")) if row.counts else ""
    counted = f"once an {what}" if row.counts == "encounter" else f"{_UNIT[row.units]} {what}".rstrip()
    session = f", one primary a session ({', '.join(row.prefer)} first)" if row.primary == "per_session" else ""
    return f"{line.role.replace('_', '-')}: {counted}{session}"


def _junctions(family: Family) -> Iterator[Entry]:
    for site, rows in family.junctions.items():
        for (start, through), row in zip(periods(rows, family.covers.through), rows.values(), strict=True):
            yield Entry(family.family, "junctions", site, start, through, _says(row.region, row.review, row.warning),
                        "", "", row.source, row.verified)  # fmt: skip


def _read_as(family: Family) -> Iterator[Entry]:
    for name, read_as in family.read_as.items():
        for (start, through), row in zip(periods(read_as.rows, family.covers.through), read_as.rows.values(),
                                         strict=True):  # fmt: skip
            says = _says(f"coded as {row.family}", row.review, None) if row.family else "ends"
            when = in_words(read_as.when, {})
            yield Entry(family.family, "read_as", name, start, through, says, "", when, row.source,
                        is_closed=row.family is None)  # fmt: skip


def common_entries(library: Library) -> tuple[Entry, ...]:
    """Every dated row of the remarks that are made on all families."""
    through = max(family.covers.through for family in library.families.values())
    return tuple(_remarks("every family", library.remarks, through))


def _remarks(family: str, remarks: Mapping[str, Remark], through: date) -> Iterator[Entry]:
    for name, remark in remarks.items():
        when = "; ".join(filter(None, (
            in_words(remark.when, remark.unless), f"{' or '.join(remark.of)} counts" if remark.of else "",
            (remark.situation or "").replace("_", " "), " and ".join(remark.sites),
        )))  # fmt: skip
        for (start, end), row in zip(periods(remark.rows, through), remark.rows.values(), strict=True):
            says = _says("", row.review, row.warning) or "ends"
            if row.idle:
                says += f"; warning {row.idle} where no line hinges on the {remark.hinges_on}"
            yield Entry(
                family, "remarks", name, start, end, says, "", when, row.source, row.verified, is_closed=row.ends
            )


def _frequency(family: Family) -> Iterator[Entry]:
    for name, limit in family.frequency.items():
        when = in_words(limit.when, {})
        for (start, end), row in zip(periods(limit.rows, family.covers.through), limit.rows.values(), strict=True):
            says = f"warning {row.warning} above {row.most} sessions in {row.months} months"
            yield Entry(family.family, "frequency", name, start, end, says, "", when, row.source)


def _says(text: str, review: str | None, warning: str | None) -> str:
    return ", ".join(
        filter(None, (text, f"review {review}" if review else "", f"warning {warning}" if warning else ""))
    )
