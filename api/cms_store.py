"""A folder that keeps every quarter of every table of CMS, cut to the codes that the rules know."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from api.cms_rows import CmsRow, Kind
from api.reading import InputError

_COLUMNS = ("code", "other", "says", "first", "last", "file")


def keep(folder: Path, kind: Kind, quarter: str, parts: Mapping[str, Iterable[CmsRow]]) -> None:
    """Keep the rows of each file (*parts*, by its name); a file that was kept before is replaced, others stay."""
    path = folder / kind / f"{quarter}.csv"
    old = [entry for entry in _entries(path) if entry[-1] not in parts] if path.exists() else []
    new = [(row.code, row.other, row.says, row.first, row.last, name) for name, rows in parts.items() for row in rows]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(_COLUMNS)
            writer.writerows(sorted({*old, *new}))
    except OSError as fault:
        raise InputError("unwritable", f"{path} cannot be written: {fault.strerror}.") from None


def kept(folder: Path, kind: Kind, quarter: str) -> frozenset[CmsRow]:
    """The rows of one quarter."""
    return frozenset(CmsRow(*entry[:-1]) for entry in _entries(folder / kind / f"{quarter}.csv"))


def quarter_before(folder: Path, kind: Kind, quarter: str) -> str | None:
    """The last quarter before this one that is kept."""
    earlier = sorted(path.stem for path in (folder / kind).glob("*.csv") if path.stem < quarter)
    return earlier[-1] if earlier else None


def _entries(path: Path) -> list[tuple[str, str, str, str, str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))
    except (OSError, UnicodeDecodeError, csv.Error):
        rows = []
    if not rows or tuple(rows[0]) != _COLUMNS or any(len(row) != len(_COLUMNS) for row in rows):
        raise InputError(
            "unreadable", f"{path} is not what import-cms keeps: move it away and import the quarter again."
        )
    return [(a, b, c, d, e, f) for a, b, c, d, e, f in rows[1:]]
