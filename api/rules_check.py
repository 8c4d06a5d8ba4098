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
    about = (
        f"Rules {library.version}: {len(library.families)} families with {rows} dated rows, {len(library.codes)} codes, "
        f"{len(library.pairs)} entries of pairs, {len(library.absorptions)} of families beside each other, "
        f"{len(library.reasons)} review reasons, {len(library.warnings)} warnings, {len(library.sources)} sources, "
        f"{len(library.profiles)} profiles.",
        f"They load, and {len(HOUSE_RULES)} house rules were asked: {len(found)} complaints.",
    )
    table = Table("Complaints", ("where", "what"), tuple((c.where, c.what) for c in found), "none")
    return Page("Check of the rules", about, (table,)), found


def unverified_page(library: Library) -> Page:
    """Every row that is nobody's published word, and every pair whose first day is not known."""
    found = list(unverified(library))
    tables = tuple(
        Table(title, ("where", "says", "from", "source"),
              tuple((u.where, u.what, str(u.start), u.source) for u in found if u.where.startswith("pairs ") is is_pair))
        for title, is_pair in (("Rows", False), ("Pairs whose first day is not known", True))
    )  # fmt: skip
    return Page("Not verified", (f"Rules {library.version}; results that rest on these carry a warning.",), tables)
