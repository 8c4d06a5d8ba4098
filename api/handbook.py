"""The handbook: every family by year, the codes, and what changed on which day, in Markdown made from the data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from api.rules_pages import cited_entry, family_tables
from api.tables import Table, markdown_table
from rules.chronicle import ONE_DAY, Entry, boundaries, common_entries, differences, entries_of, periods
from rules.model import Family
from rules.rule_set import Library

_OPEN = "today"
_INTRODUCTION = (
    "Made from the rule data by `spinecoder rules handbook`; a test keeps it true, so nothing is edited here.",
    "What the words of the tables mean is told in [rules/README.md](../rules/README.md), where a source is found in",
    "[rules/sources.yaml](../rules/sources.yaml). Code numbers stand without the descriptors of the code book, which",
    "are licensed. A row that is not verified rests on nobody's published word.",
)


def handbook(library: Library) -> str:
    """The whole page, with its last line end."""
    parts = ["# Handbook of the rules", "\n".join(_INTRODUCTION), "## Families", "\n".join(_index(library))]
    for family in library.families.values():
        parts += _family(library, family)
    parts += [
        "## Said of every family",
        markdown_table(_dated(common_entries(library))),
        "## Families without rules",
        "Recognised in a report and not coded here: a human looks.",
        markdown_table(Table("", ("family", "what it is"), tuple(library.without_rules.items()))),
        "## Changes by date",
        "What the lines of the families say otherwise from a day on.",
        markdown_table(_changes(library)),
        "## Codes",
        markdown_table(_codes(library)),
        "## Profiles",
        markdown_table(_profiles(library)),
    ]
    return "\n\n".join(parts) + "\n"


def _index(library: Library) -> Iterator[str]:
    for name, family in library.families.items():
        yield f"- [{name}](#{name}): {family.about}"


def _family(library: Library, family: Family) -> Iterator[str]:
    yield f"## {family.family}"
    covers = _span(family.covers.start, family.covers.through)
    yield f"{family.about} A site is of the kind: {family.place.replace('_', ' ')}. Sources were read for {covers}."
    entries = entries_of(family)
    for start, through in periods(boundaries(family, "lines"), family.covers.through):
        in_force = [entry for entry in entries if entry.part == "lines" and entry.holds(start)]
        yield f"### {family.family}, {_span(start, through)}"
        yield from (
            markdown_table(_without_since(table), level=0)
            for table in family_tables(library, family, in_force, day=start) if table.title == "Lines"
        )  # fmt: skip
    others = [entry for entry in entries if entry.part != "lines"]
    if others:
        yield f"### {family.family}: junction levels, other readings, review and warnings"
        yield markdown_table(_dated(others))
    held = [
        t for t in family_tables(library, family, [], day=family.covers.through) if t.title == "Beside other families"
    ]
    for table in held:
        yield f"### {family.family} beside other families"
        yield markdown_table(table, level=0)


def _dated(entries: Iterable[Entry]) -> Table:
    rows = tuple((e.name, _span(e.start, e.through), e.says, e.when, cited_entry(e)) for e in entries)
    return Table("", ("name", "days", "says", "when", "source"), rows)


def _without_since(table: Table) -> Table:
    kept = [place for place, column in enumerate(table.columns) if column != "since"]
    rows = tuple(tuple(row[place] for place in kept) for row in table.rows)
    return Table(table.title, tuple(table.columns[place] for place in kept), rows, table.empty)


def _span(start: date, through: date) -> str:
    """Whole years as years, everything else as days."""
    is_whole = start == date(start.year, 1, 1) and through + ONE_DAY == date(through.year + 1, 1, 1)
    first, last = (str(start.year), str(through.year)) if is_whole else (str(start), str(through))
    return first if first == last else f"{first} to {last}"


def _changes(library: Library) -> Table:
    days = {
        day for family in library.families.values() for day in boundaries(family, "lines") if day > family.covers.start
    }
    rows = tuple(
        (str(day), d.family, d.place.removeprefix("lines."), d.before, d.after)
        for day in sorted(days) for d in differences(library, day - ONE_DAY, day) if d.place.startswith("lines.")
    )  # fmt: skip
    return Table("", ("from", "family", "line", "before", "after"), rows)


def _codes(library: Library) -> Table:
    given: dict[str, set[str]] = {}
    for family in library.families.values():
        for entry in entries_of(family):
            for code in entry.codes:
                given.setdefault(code, set()).add(family.family)
    rows = tuple(
        (code, entry.role.replace("_", "-"), str(entry.first), str(entry.last or _OPEN), "yes" if entry.sided else "no",
         str(entry.unit_limit.units) if entry.unit_limit else "", ", ".join(sorted(given.get(code, ()))))
        for code, entry in sorted(library.codes.items())
    )  # fmt: skip
    return Table("", ("code", "role", "in use from", "through", "sides", "most units a day", "families"), rows)


def _profiles(library: Library) -> Table:
    rows = tuple((p.profile, p.payer, p.claim, p.bilateral, p.distinct, p.about) for p in library.profiles.values())
    return Table("", ("profile", "payer", "claim", "both sides", "separate services", "about"), rows)
