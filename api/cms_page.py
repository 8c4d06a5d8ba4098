"""`spinecoder rules import-cms`: quarterly files into a folder, and a page on what changed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from api.cms_changes import Change, against_shipped, between
from api.cms_files import cms_files
from api.cms_rows import CmsRow, Kind, first_day, quarter_of, read_rows
from api.cms_store import keep, kept, quarter_before
from api.tables import Page, Table
from rules.rule_set import Library


def import_page(files: Iterable[Path], into: Path, *, library: Library, quarter: str | None) -> Page:
    """Everything is read before anything is kept, so a bad file leaves the folder as it was."""
    read: dict[tuple[Kind, str], dict[str, list[CmsRow]]] = {}
    told: list[tuple[str, ...]] = []
    for path in files:
        for file in cms_files(path):
            kind, count, rows = read_rows(file, library.codes)
            when = quarter_of(file, quarter)
            read.setdefault((kind, when), {})[file.name] = rows
            told.append((file.name, kind, when, f"{count:,}", f"{len(rows):,}"))
    tables = [Table("Kept", ("file", "table", "quarter", "rows", "rows of codes known here"), tuple(told))]
    for (kind, when), parts in sorted(read.items()):
        keep(into, kind, when, parts)
        tables += _changes(into, kind, when, library)
    about = (f"Kept in {into}, every quarter in a file of its own. No result depends on it.",)
    return Page("Quarterly tables of CMS", about, tuple(tables))


def _changes(folder: Path, kind: Kind, quarter: str, library: Library) -> list[Table]:
    rows = kept(folder, kind, quarter)
    before = quarter_before(folder, kind, quarter)
    shipped = list(against_shipped(kind, rows, first_day(quarter), library))
    tables = [_table(f"{kind} {quarter}: the shipped rules of {first_day(quarter)} say otherwise", "shipped", shipped)]
    if before is not None:
        changed = list(between(kept(folder, kind, before), rows))
        tables.insert(0, _table(f"{kind} {quarter}: changed since {before}", before, changed))
    return tables


def _table(title: str, before: str, changes: list[Change]) -> Table:
    return Table(title, ("about", before, "table"), tuple(changes), "nothing")
