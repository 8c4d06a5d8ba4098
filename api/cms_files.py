"""Tables as CMS publishes them (tab text, CSV, XLSX, and ZIP of these) as rows of cells."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import BinaryIO

from api.reading import InputError

Cells = tuple[str, ...]
_TEXT = (".csv", ".txt")
_SHEETS = (".xlsx",)
_LARGEST_MEMBER = 1_000_000_000
"""Bytes of one table when unpacked; the largest one published is a tenth of this."""


@dataclass(frozen=True)
class CmsFile:
    """One published table: the name that tells what it is, and where its bytes are."""

    name: str
    path: Path
    member: str | None = None

    def rows(self) -> Iterator[Cells]:
        """The cells of every row, without surrounding blanks; what is above the heading comes too."""
        with self._opened() as stream:
            if self.name.lower().endswith(_SHEETS):
                yield from _sheet(stream, name=self.name)
            else:
                yield from _text(io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline=""))

    def lines(self) -> Iterator[str]:
        """The lines of a text, for the one table that has columns of fixed width."""
        with self._opened() as stream:
            for line in io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace"):
                yield line.rstrip("\r\n")

    def _opened(self) -> BinaryIO:
        if self.member is None:
            return self.path.open("rb")
        return io.BytesIO(zipfile.ZipFile(self.path).read(self.member))


def cms_files(path: Path) -> tuple[CmsFile, ...]:
    """The tables in *path*: itself, or every table of a ZIP, where one is there twice its text."""
    try:
        if not zipfile.is_zipfile(path) or path.suffix.lower() in _SHEETS:
            with path.open("rb"):
                return (CmsFile(path.name, path),)
        return _members(path)
    except (OSError, zipfile.BadZipFile) as fault:
        reason = getattr(fault, "strerror", None) or "it is no ZIP"
        raise InputError("unreadable", f"{path} cannot be read: {reason}.") from None


def _members(path: Path) -> tuple[CmsFile, ...]:
    chosen: dict[str, zipfile.ZipInfo] = {}
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    for member in sorted(members, key=lambda info: (PurePath(info.filename).suffix.lower() in _SHEETS, info.filename)):
        if PurePath(member.filename).suffix.lower() not in (*_TEXT, *_SHEETS):
            continue
        if member.file_size > _LARGEST_MEMBER:
            raise InputError("too_large", f"{member.filename} in {path} is too large for a table of CMS.")
        chosen.setdefault(PurePath(member.filename).stem.lower(), member)
    if not chosen:
        raise InputError("no_table", f"{path} holds no table: neither text, CSV nor XLSX.")
    return tuple(CmsFile(PurePath(info.filename).name, path, info.filename) for info in chosen.values())


def _text(stream: io.TextIOWrapper) -> Iterator[Cells]:
    """Rows of tab text or CSV. Tab text is not unquoted: CMS writes quotation marks inside it as they are."""
    start = stream.read(4096)
    stream.seek(0)
    if start.count("\t") > start.count(","):
        for line in stream:
            yield tuple(cell.strip() for cell in line.rstrip("\r\n").split("\t"))
    else:
        for row in csv.reader(stream):
            yield tuple(cell.strip() for cell in row)


def _sheet(stream: BinaryIO, *, name: str) -> Iterator[Cells]:
    try:
        from openpyxl import load_workbook  # noqa: PLC0415  an extra that only this needs
    except ImportError:
        message = f"{name} is XLSX, which needs openpyxl: install spinecoder[cms], or take the text of the same table."
        raise InputError("no_openpyxl", message) from None
    try:
        book = load_workbook(stream, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError):
        raise InputError("unreadable", f"{name} cannot be read: it is no XLSX.") from None
    for row in book.worksheets[0].iter_rows(values_only=True):
        yield tuple("" if cell is None else str(cell).strip() for cell in row)
