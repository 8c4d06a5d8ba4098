"""The text and the date of a FHIR R4 DiagnosticReport, from wherever in it they stand."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import date
from html.parser import HTMLParser
from typing import Any

from api.reading import InputError, decode, read_date

_BLOCKS = ("p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4")
_DAY = len("YYYY-MM-DD")


def text_of(report: Mapping[str, Any]) -> str:
    """The words of *report*: its presented form in plain text, else its narrative, else its conclusion; or ``""``."""
    for form in _list(report.get("presentedForm")):
        words = _presented(form)
        if words.strip():
            return words
    narrative = report.get("text")
    if isinstance(narrative, Mapping) and isinstance(narrative.get("div"), str):
        reader = _Words()
        reader.feed(narrative["div"])
        reader.close()
        if reader.words.strip():
            return reader.words
    conclusion = report.get("conclusion")
    return conclusion if isinstance(conclusion, str) else ""


def day_of(report: Mapping[str, Any]) -> date | None:
    """The day on which it was done, where the report tells one."""
    period = report.get("effectivePeriod")
    told = report.get("effectiveDateTime") or (period.get("start") if isinstance(period, Mapping) else None)
    if not isinstance(told, str):
        return None
    try:
        return read_date(told[:_DAY])
    except InputError:
        return None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _presented(form: object) -> str:
    if not isinstance(form, Mapping) or not isinstance(form.get("data"), str):
        return ""
    kind = form.get("contentType", "text/plain")
    if not isinstance(kind, str) or kind.partition(";")[0].strip() not in ("text/plain", "text/rtf", "application/rtf"):
        return ""
    try:
        return decode(base64.b64decode(form["data"], validate=True), name="The presented form")[0]
    except (binascii.Error, ValueError):
        return ""


class _Words(HTMLParser):
    """The words of a narrative, a line a block."""

    def __init__(self) -> None:
        super().__init__()
        self.words = ""

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  the library's form
        if tag in _BLOCKS and self.words:
            self.words += "\n"
