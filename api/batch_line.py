"""One line of a batch: a JSON object in, one JSON line out, whatever happens in between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from api.faults import InternalFaultError, contained
from api.reading import InputError, decode, read_date, read_text
from api.service import Settings, code_reading


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the input file, without its line end; ``number`` counts from 1, blank lines included."""

    number: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What the output gets for a line: one line of JSON, and the sentence that says why when it is an error."""

    number: int
    raw: bytes
    problem: str | None = None


def code_line(line: Line, *, settings: Settings) -> Answer:
    """The result for *line*, or an error object in its place; text of the report is in neither log nor error."""
    name = f"Line {line.number}"
    report_id: str | None = None
    try:
        with contained(name):
            text, warnings = decode(line.raw, name=name)
            item = _object(text, name=name)
            report_id = _report_id(item, name=name)
            reading = read_text(_text(item, name=name), name=name, warnings=warnings)
            result = code_reading(
                reading,
                report_id=report_id,
                date_of_service=_date(item, name=name),
                settings=settings,
            )
            return Answer(number=line.number, raw=result.to_json())
    except InputError as fault:
        return _error(line.number, report_id, kind=fault.kind, message=str(fault))
    except InternalFaultError as fault:
        return _error(line.number, report_id, kind="internal_fault", message=str(fault))


def id_of_line(raw: bytes) -> str | None:
    """The report id that :func:`code_line` would give the line, ``None`` where it has none that can be read."""
    try:
        text, _ = decode(raw, name="")
        return _report_id(_object(text, name=""), name="")
    except InputError:
        return None


def _object(text: str, *, name: str) -> dict[str, Any]:
    try:
        item = orjson.loads(text)
    except orjson.JSONDecodeError:
        item = None
    if not isinstance(item, dict):
        raise InputError("not_json", f'{name} is not a JSON object with "id", "text" and "date_of_service".')
    return item


def _report_id(item: dict[str, Any], *, name: str) -> str:
    report_id = item.get("id")
    if isinstance(report_id, int) and not isinstance(report_id, bool):
        return str(report_id)
    if not isinstance(report_id, str) or not report_id:
        raise InputError("no_id", f'{name} has no "id": every report needs one, a string or a whole number.')
    return report_id


def _text(item: dict[str, Any], *, name: str) -> str:
    text = item.get("text")
    if not isinstance(text, str):
        raise InputError("no_text", f'{name} has no "text": it must be there and be a string.')
    return text


def _date(item: dict[str, Any], *, name: str) -> date | None:
    value = item.get("date_of_service")
    if value is None:
        return None
    if not isinstance(value, str):
        raise InputError("bad_date", f'{name} has a "date_of_service" that is not a string written YYYY-MM-DD.')
    try:
        return read_date(value)
    except InputError as fault:
        raise InputError(fault.kind, f"{name}: {fault}") from None


def _error(number: int, report_id: str | None, *, kind: str, message: str) -> Answer:
    error = {"kind": kind, "line": number, "message": message}
    return Answer(number=number, raw=orjson.dumps({"report_id": report_id, "error": error}), problem=message)
