"""What the rules say, as pages: one code, one family on a day, one family through time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from api.reading import InputError
from api.tables import Page, Table
from api.wording import cited
from rules.chronicle import Entry, boundaries, entries_of, periods
from rules.code_model import Absorption, Code, PairEdit
from rules.model import Family
from rules.rule_set import Library

_PERIODS_A_TABLE = 5
_OPEN = "open"
_SPAN = ("from", "through")


def code_page(library: Library, code: str, *, on: date | None) -> Page:
    """A code: its life, what gives it, what it stands beside and what it excludes; on one day, or through all."""
    if code not in library.codes:
        near = ", ".join(known for known in sorted(library.codes) if known[:3] == code[:3])
        hint = f" There are {near}." if near else ""
        raise InputError("no_code", f"The rules know no code {code}.{hint}")
    entry = library.codes[code]
    given = [e for family in library.families.values() for e in entries_of(family) if code in e.codes]
    about = [f"Valid from {entry.first} to {entry.last or 'today'}; cited: {cited(dict(entry.source))}."]
    if on is not None:
        about.append(f"On {on} it is {'valid' if entry.lives(on) else 'not valid'}.")
    tables = (
        Table("Facts", ("fact", "value"), tuple(_facts(entry))),
        Table("Stands beside one of", ("from", "codes"),
              tuple((str(p.start), ", ".join(p.codes)) for p in entry.parents), "no closed list"),
        Table("Given by", ("family", "line", *_SPAN, "says", "counts", "when", "source"),
              tuple((e.family, e.name, *_span(e), e.says, e.counts, e.when, cited_entry(e)) for e in _on(given, on)),
              "no row of any family"),
        Table("Pairs", ("column", "with", "indicator", "separate", "otherwise", *_SPAN, "source"),
              tuple(_pairs(library, code, on)), "no edit"),
        Table("Written in its place", ("code", "claim", *_SPAN, "source"),
              tuple((s.by, f"{s.payer}, {s.claim}", str(s.start), str(s.through or _OPEN), cited(dict(s.source)))
                    for s in library.substitutions if s.code == code), "nothing"),
    )  # fmt: skip
    return Page(f"Code {code}", tuple(about), tables)


def family_page(library: Library, name: str, *, on: date | None) -> Page:
    """A family as it is coded on a day; without one, on the last day that somebody has read sources for."""
    family = _family(library, name)
    day = on or family.covers.through
    entries = [entry for entry in entries_of(family) if entry.holds(day)]
    return Page(f"Family {name} on {day}", _about(family), tuple(family_tables(library, family, entries, day=day)))


def family_tables(library: Library, family: Family, entries: Iterable[Entry], *, day: date) -> Iterator[Table]:
    """The tables of *entries* that are in force on *day*, and the families this one holds or is held by."""
    found = list(entries)
    coded = [e for e in found if e.part == "lines" and not e.is_closed]
    yield Table("Lines", ("line", "codes", "counts", "when", "since", "source"),
                tuple((e.name, e.says, e.counts, e.when, str(e.start), cited_entry(e)) for e in coded),
                "no line on this date")  # fmt: skip
    ended = [e for e in found if e.part == "lines" and e.is_closed]
    if ended:
        yield Table("Lines without a code on this date", ("line", "because", "since", "source"),
                    tuple((e.name, e.says, str(e.start), cited_entry(e)) for e in ended))  # fmt: skip
    for part, title in (("junctions", "Junction levels"), ("read_as", "Coded as another family")):
        rows = tuple((e.name, e.says, e.when, str(e.start), cited_entry(e)) for e in found if e.part == part)
        if rows:
            yield Table(title, ("name", "says", "when", "since", "source"), rows)
    remarks = [e for e in found if e.part in ("remarks", "frequency") and not e.is_closed]
    yield Table("Review and warnings", ("remark", "says", "when", "since", "source"),
                tuple((e.name, e.says, e.when, str(e.start), cited_entry(e)) for e in remarks),
                "none of its own")  # fmt: skip
    beside = tuple(_held(a) for a in library.absorptions if a.holds(day) and family.family in _names(a))
    if beside:
        yield Table("Beside other families", ("what", "where", "when", "says", "source"), beside)


def timeline_page(library: Library, name: str) -> Page:
    """A family through time: for each line what it gives between the days on which something changes."""
    family = _family(library, name)
    entries = entries_of(family)
    tables = [*_grids(family, [e for e in entries if e.part == "lines"])]
    for part, title in (("junctions", "Junction levels"), ("read_as", "Coded as another family"),
                        ("remarks", "Review and warnings"), ("frequency", "Frequency")):  # fmt: skip
        rows = tuple((e.name, *_span(e), e.says, e.when, cited_entry(e)) for e in entries if e.part == part)
        if rows:
            tables.append(Table(title, ("name", *_SPAN, "says", "when", "source"), rows))
    return Page(f"Family {name} through time", (*_about(family), "= is as in the column before."), tuple(tables))


def _grids(family: Family, lines: list[Entry]) -> Iterator[Table]:
    spans = periods(boundaries(family, "lines"), family.covers.through)
    for place in range(0, len(spans), _PERIODS_A_TABLE):
        shown = spans[place : place + _PERIODS_A_TABLE]
        names = dict.fromkeys(entry.name for entry in lines)
        rows = [(name, *_through(lines, name, [start for start, _ in shown])) for name in names]
        title = f"Lines, {shown[0][0]} to {shown[-1][1]}"
        yield Table(title, ("line", *(f"from {start}" for start, _ in shown)), tuple(rows))


def _through(lines: list[Entry], name: str, days: list[date]) -> Iterator[str]:
    """What a line says on each day; ``=`` where it says the same as on the day before in the list."""
    before = None
    for day in days:
        says = next((entry.says for entry in lines if entry.name == name and entry.holds(day)), "")
        yield "=" if says and says == before else says
        before = says


def _family(library: Library, name: str) -> Family:
    if name in library.without_rules:
        raise InputError("no_family", f"The family {name} is recognised and has no rules here.")
    if name not in library.families:
        raise InputError("no_family", f"There is no family {name}; there are {', '.join(sorted(library.families))}.")
    return library.families[name]


def _about(family: Family) -> tuple[str, ...]:
    covers = f"Sources were read for {family.covers.start} to {family.covers.through}."
    return family.about, f"A site is of the kind: {family.place.replace('_', ' ')}. {covers}"


def _facts(entry: Code) -> Iterator[tuple[str, str]]:
    limit = entry.unit_limit
    yield "role", entry.role.replace("_", "-")
    yield "sides", "LT, RT or 50" if entry.sided else "none"
    if limit is not None:
        facility = f", {limit.facility} in a facility" if limit.facility is not None else ""
        yield "most units a day", f"{limit.units}{facility} (adjudication indicator {limit.mai})"
    yield "bilateral indicator", "not in the table" if entry.bilateral is None else str(entry.bilateral)
    yield (
        "professional and technical part",
        {1: "yes: 26 applies", 0: "no", 9: "concept does not apply"}.get(
            entry.pctc if entry.pctc is not None else -1, "not in the table"
        ),
    )


def _pairs(library: Library, code: str, on: date | None) -> Iterator[tuple[str, ...]]:
    """The pairs of *code*, those that say the same in one row."""
    same: dict[tuple[str, ...], set[str]] = {}
    for pair in library.pairs:
        for column, own, others in (("1", pair.column_1, pair.column_2), ("2", pair.column_2, pair.column_1)):
            alive = [other for other in others if _overlap(library.codes[other], library.codes[code], pair, on)]
            if code in own and alive:
                told = (str(pair.indicator), pair.separate, f"{pair.otherwise} ({pair.review})", str(pair.start),
                        str(pair.through or _OPEN), cited(dict(pair.source)))  # fmt: skip
                same.setdefault((column, *told), set()).update(alive)
    for (column, *rest), found in sorted(same.items()):
        yield (column, ", ".join(sorted(found)), *rest)


def _overlap(other: Code, code: Code, pair: PairEdit, on: date | None) -> bool:
    """Whether both codes live at one time while the pair is in force; on the day asked about, where there is one."""
    if on is not None:
        return pair.holds(on) and other.lives(on) and code.lives(on)
    start = max(other.first, code.first, pair.start)
    return all(end is None or start <= end for end in (other.last, code.last, pair.through))


def _on(entries: Iterable[Entry], on: date | None) -> list[Entry]:
    return [entry for entry in entries if on is None or entry.holds(on)]


def _span(entry: Entry) -> tuple[str, str]:
    return str(entry.start), str(entry.through)


def cited_entry(entry: Entry) -> str:
    """The sources of a row, and whether somebody has verified it."""
    return cited(dict(entry.source)) + ("" if entry.verified else " (not verified)")


def _names(entry: Absorption) -> tuple[str | None, ...]:
    return entry.between or (entry.absorber, entry.absorbed)


def _held(entry: Absorption) -> tuple[str, str, str, str, str]:
    what = " and ".join(entry.between) if entry.between else f"{entry.absorber} holds {entry.absorbed}"
    when = "; ".join(f"{fact} is {' or '.join(words)}" for side in (entry.absorber_when, entry.absorbed_when)
                     for fact, words in side.items())  # fmt: skip
    return what, entry.where, when, f"review {entry.review}" if entry.review else "", cited(dict(entry.source))
