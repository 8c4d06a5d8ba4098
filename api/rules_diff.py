"""What changes in the rules between two days, and which stored results would change with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import orjson
from pydantic import ValidationError

from api.reading import InputError
from api.tables import Page, Table
from rules.adjudicate import adjudicate
from rules.adjudication import Adjudication, CodeLine
from rules.chronicle import Difference, differences
from rules.encounter import Encounter
from rules.profile import Profile
from rules.rule_set import Library

_ACROSS = ("code_set", "pairs")


def diff_page(library: Library, first: date, second: date) -> Page:
    """Everything that the rules say otherwise on *second* than on *first*."""
    found = differences(library, first, second)
    rows = tuple((d.family, d.place, d.before, d.after) for d in found if d.family not in _ACROSS)
    tables = (
        Table("Families", ("family", "place", str(first), str(second)), rows),
        _across("Codes", "code_set", found, first, second),
        _across("Pairs", "pairs", found, first, second),
    )
    about = (f"Rules {library.version}.", *_uncovered(library, first, second))
    return Page(f"The rules of {first} and of {second}", about, tables)


def _uncovered(library: Library, *days: date) -> Iterator[str]:
    """Says of a day that lies outside what every family covers that nothing is coded on it."""
    for day in days:
        if not any(family.covers.holds(day) for family in library.families.values()):
            yield f"Nobody has read sources for {day}: nothing is coded on that day (edition_not_covered)."


def _across(title: str, kind: str, found: tuple[Difference, ...], first: date, second: date) -> Table:
    rows = tuple((d.place, d.before, d.after) for d in found if d.family == kind)
    return Table(title, ("place", str(first), str(second)), rows)


def results_page(results: Path, first: date, second: date, *, profile: Profile | None) -> Page:
    """The stored results whose encounter would be answered otherwise on *second* than on *first*."""
    rows: list[tuple[str, ...]] = []
    count = 0
    for report_id, encounter in _stored(results):
        count += 1
        before, after = (
            adjudicate(encounter.model_copy(update={"date_of_service": day}), profile=profile)
            for day in (first, second)
        )
        if _seen(before) != _seen(after):
            rows.append((report_id, *_seen(before), *_seen(after)))
    columns = ("report", f"lines {first}", f"review {first}", f"lines {second}", f"review {second}")
    about = f"{len(rows)} of {count} stored results would change."
    return Page(f"Stored results on {first} and on {second}", (about,), (Table("Would change", columns, tuple(rows)),))


def _seen(answer: Adjudication) -> tuple[str, str]:
    reasons = sorted({reason.reason for reason in answer.review_reasons})
    return ", ".join(sorted(map(_line, answer.lines))), ", ".join(reasons)


def _line(line: CodeLine) -> str:
    return "-".join((line.code, *line.modifiers)) + f" x{line.units}"


def _stored(results: Path) -> Iterator[tuple[str, Encounter]]:
    """The encounters of a file of results; lines that are errors hold none."""
    try:
        raw = results.read_bytes()
    except OSError as fault:
        raise InputError("unreadable", f"{results} cannot be read: {fault.strerror}.") from None
    for number, line in enumerate(raw.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            item = orjson.loads(line)
            if "error" in item:
                continue
            yield str(item["report_id"]), Encounter.model_validate(item["encounter"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValidationError):
            raise InputError("not_a_result", f"Line {number} of {results} is not a result of spinecoder.") from None
