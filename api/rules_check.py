"""The house rules on the rule data as a page, and what in it nobody has verified."""

from __future__ import annotations

from api.tables import Page, Table
from rules.chronicle import entries_of
from rules.house import HOUSE_RULES, Complaint, complaints, unverified
from rules.rule_set import Library


def check_page(library: Library) -> tuple[Page, tuple[Complaint, ...]]:
    """What was counted and what breaks a house rule; loading has refused everything else already."""
    found = complaints(library)
    rows = sum(len(entries_of(family)) for family in library.families.values())
    counts = {
        "families": library.families, "codes": library.codes, "entries of pairs": library.pairs,
        "entries of families beside each other": library.absorptions, "review reasons": library.reasons,
        "warnings": library.warnings, "sources": library.sources, "profiles": library.profiles,
    }  # fmt: skip
    about = (
        f"Rules {library.version}: {rows} dated rows, {', '.join(f'{len(v)} {name}' for name, v in counts.items())}.",
        f"They load, and {len(HOUSE_RULES)} house rules were asked: {len(found)} complaints.",
    )
    table = Table("Complaints", ("where", "what"), tuple((c.where, c.what) for c in found), "none")
    return Page("Check of the rules", about, (table,)), found


def unverified_page(library: Library) -> Page:
    """Every row that is nobody's published word, and every pair whose first day is not known."""
    rows: dict[bool, list[tuple[str, ...]]] = {False: [], True: []}
    for entry in unverified(library):
        rows[entry.where.startswith("pairs ")].append((entry.where, entry.what, str(entry.start), entry.source))
    columns = ("where", "says", "from", "source")
    titles = {"Rows": rows[False], "Pairs whose first day is not known": rows[True]}
    tables = tuple(Table(title, columns, tuple(found)) for title, found in titles.items())
    return Page("Not verified", (f"Rules {library.version}; results that rest on these carry a warning.",), tables)
