"""What a table of CMS says, as one kind of row for all of its forms: pairs, unit limits, parents of add-ons."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from api.cms_files import Cells, CmsFile
from api.reading import InputError

Kind = Literal["ptp-practitioner", "ptp-outpatient", "mue-practitioner", "mue-outpatient", "add-on"]
_CODE = re.compile(r"[0-9A-Z]{4}[0-9A-Z]")
_ROWS_ABOVE = 30
"""The heading of every table stands among its first rows."""

_VERSION = re.compile(r"(?:ccipra|ccioph)-v([0-9]{2})([0-3])r")
_FIRST_VERSION = 1994  # version 30.0 is January of the thirtieth year after this one
_QUARTER = re.compile(r"([0-9]{4})q([1-4])")
_EFFECTIVE = re.compile(r"eff_([0-9]{2})-[0-9]{2}-([0-9]{4})")
_SETTINGS = {"practitioner": ("ccipra", "practitioner"), "outpatient": ("ccioph", "outpatient", "hospital", "oph")}
_CENTURY = 2000
_FIXED_WIDTHS = (7, 5)
"""Digits of a date in the add-on text: a year of four or of two, and the day of the year."""


@dataclass(frozen=True, order=True)
class CmsRow:
    """One row: the code it is about, the other code where it is about two, and what it says of them and when."""

    code: str
    other: str
    says: str
    first: str
    last: str

    def holds(self, day: date) -> bool:
        """Whether the row is in force on *day*; the last day is included."""
        return (not self.first or self.first <= day.isoformat()) and (not self.last or day.isoformat() <= self.last)


@dataclass(frozen=True)
class _Reader:
    heading: Sequence[str]
    read: Callable[[dict[str, str]], CmsRow | None]

    def __call__(self, rows: Iterable[Cells]) -> Iterator[CmsRow]:
        for cells in rows:
            named = dict(zip(self.heading, cells, strict=False))
            if (row := self.read(named)) is not None:
                yield row


def quarter_of(file: CmsFile, given: str | None) -> str:
    """The quarter as ``2024q3``: given, or told by the name of the file as CMS writes it."""
    name = file.name.lower()
    told = (given or "").lower() or name
    if found := _QUARTER.search(told):
        return f"{found[1]}q{found[2]}"
    if given is None and (found := _VERSION.search(name)):
        return f"{int(found[1]) + _FIRST_VERSION}q{int(found[2]) + 1}"
    if given is None and (found := _EFFECTIVE.search(name)):
        return f"{found[2]}q{(int(found[1]) + 2) // 3}"
    raise InputError("no_quarter", f"The name of {file.name} tells no quarter: say --quarter, such as 2024q3.")


def first_day(quarter: str) -> date:
    """The first day of service of a quarter."""
    return date(int(quarter[:4]), 3 * int(quarter[-1]) - 2, 1)


def read_rows(file: CmsFile, known: Collection[str]) -> tuple[Kind, int, list[CmsRow]]:
    """What the table is, how many rows it has, and those of them that are about codes in *known* alone."""
    rows = file.rows()
    above: list[Cells] = []
    for cells in rows:
        above.append(cells)
        if reader := _reader(file, [_plain(cell) for cell in cells]):
            kind, read = reader
            found = list(read(rows))
            if not found:
                raise InputError("no_row", f"{file.name} has the heading of a table and no row that can be read.")
            return kind, len(found), sorted({row for row in found if {row.code, row.other} - {""} <= set(known)})
        if len(above) > _ROWS_ABOVE:
            break
    fixed = list(_fixed_width(file))
    if fixed:
        return "add-on", len(fixed), sorted({row for row in fixed if {row.code, row.other} <= set(known)})
    raise InputError("no_table", f"{file.name} is no table of pairs, unit limits or add-ons as CMS publishes them.")


def _reader(file: CmsFile, heading: Sequence[str]) -> tuple[Kind, _Reader] | None:
    """The reader that the heading of a table asks for, once it is the heading."""
    if "column1" in heading and "column2" in heading:
        setting = _setting(file)
        return ("ptp-outpatient" if setting == "outpatient" else "ptp-practitioner"), _Reader(heading, _pair)
    if units := next(filter(_is_limit, heading), None):
        if "practitioner" not in units and "outpatient" not in units:
            raise InputError("no_table", f"{file.name} holds the limits of suppliers, which no rule here uses.")
        return ("mue-outpatient" if "outpatient" in units else "mue-practitioner"), _Reader(heading, _limit)
    if "addoncode" in heading and "primarycode" in heading:
        return "add-on", _Reader(heading, _parent)
    return None


def _setting(file: CmsFile) -> str:
    name = file.name.lower()
    for setting, words in _SETTINGS.items():
        if any(word in name for word in words):
            return setting
    raise InputError(
        "no_setting", f"The name of {file.name} does not tell whether it is for practitioners or outpatients."
    )


def _pair(named: dict[str, str]) -> CmsRow | None:
    one, two = named.get("column1", ""), named.get("column2", "")
    indicator = _starting(named, "modifier")[:1]
    if not (_CODE.fullmatch(one) and _CODE.fullmatch(two) and indicator.isdigit()):
        return None
    last = _starting(named, "deletion") or _starting(named, "lastdate")
    return CmsRow(one, two, indicator, _day(_starting(named, "effective")), _day(last))


def _limit(named: dict[str, str]) -> CmsRow | None:
    code = _starting(named, "hcpcs") or named.get("code", "")
    units = next((cell for name, cell in named.items() if _is_limit(name)), "")
    mai = (_starting(named, "mueadjudication") or named.get("mai", ""))[:1]
    if not (_CODE.fullmatch(code) and units.isdigit()):
        return None
    return CmsRow(code, "", f"{units} units, indicator {mai}" if mai else f"{units} units", "", "")


def _is_limit(heading: str) -> bool:
    """Whether a column holds limits: of one setting as published, or of the first of those that a repackager joined."""
    return heading.endswith("muevalues") or heading in ("muepractitioner", "mueoutpatient")


def _parent(named: dict[str, str]) -> CmsRow | None:
    code, primary = named.get("addoncode", ""), named.get("primarycode", "")
    if not (_CODE.fullmatch(code) and _CODE.fullmatch(primary)):
        return None
    ends = [_day(_starting(named, key)) for key in ("aoceditdel", "aocdel", "primarycodedel")]
    said = f"type {_starting(named, 'aocedittype')}"
    return CmsRow(code, primary, said, _day(_starting(named, "aocediteff")), min(filter(None, ends), default=""))


def _fixed_width(file: CmsFile) -> Iterator[CmsRow]:
    """The add-on table as text: type, add-on, its end, primary, its end, first and last day, one after the other."""
    if file.name.lower().endswith(".xlsx"):
        return
    lines = [line for line in file.lines() if line.strip()]
    for width in _FIXED_WIDTHS:
        day = rf"([0-9]{{{width}}}| {{{width}}})"
        form = re.compile(rf"([123])({_CODE.pattern}){day}({_CODE.pattern}){day}{day}{day}?.*")
        read = [form.fullmatch(line) for line in lines]
        if lines and all(read):
            for found in filter(None, read):
                kind, code, own_end, primary, primary_end, start, end = (part or "" for part in found.groups())
                ends = [_day(part) for part in (own_end, primary_end, end)]
                yield CmsRow(code, primary, f"type {kind}", _day(start), min(filter(None, ends), default=""))
            return


def _plain(cell: str) -> str:
    """A heading without anything but its letters and figures, in lower case."""
    return re.sub(r"[^a-z0-9]", "", cell.lower())


def _starting(named: dict[str, str], start: str) -> str:
    return next((cell for name, cell in named.items() if name.startswith(start)), "")


def _day(cell: str) -> str:
    """A day of one of the tables as ``YYYY-MM-DD``; nothing where the table has none."""
    digits = re.sub(r"[^0-9]", "", re.split("[ .]", cell, maxsplit=1)[0])
    try:
        if len(digits) == len("YYYYMMDD"):
            return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()
        if len(digits) in _FIXED_WIDTHS:
            year = int(digits[:-3]) + (0 if len(digits) == _FIXED_WIDTHS[0] else _CENTURY)
            return (date(year, 1, 1) + timedelta(days=int(digits[-3:]) - 1)).isoformat()
    except ValueError:
        pass
    return ""
