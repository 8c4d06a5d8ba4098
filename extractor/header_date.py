"""The date of service as the report's own header gives it."""

from __future__ import annotations

import re
from datetime import date

from extractor.document import Document
from rules.encounter import EvidenceSpan

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LABEL = (
    r"(?:date of (?:service|procedure|exam|examination|study|operation|surgery|injection|treatment)|"
    r"(?:procedure|exam|examination|study|service|operation|surgery|treatment) date|"
    r"dos|performed on|date performed|exam performed)"
)
_DATE = re.compile(
    rf"\b{_LABEL}\s?[:=-]?\s?"
    r"(?:(?P<iso>\d{4}-\d{2}-\d{2})|"
    r"(?P<m>\d{1,2})[/-](?P<d>\d{1,2})[/-](?P<y>\d{4}|\d{2})(?!\d)|"
    r"(?P<mon>[A-Za-z]{3,9})\.? (?P<md>\d{1,2})(?:st|nd|rd|th)?,? (?P<my>\d{4})|"
    r"(?P<ed>\d{1,2})[ -](?P<emon>[A-Za-z]{3,9})\.?,?[ -](?P<ey>\d{4}))",
    re.IGNORECASE,
)
_CENTURY = 2000
"""The century of a year written with two digits."""

_FIRST_WHOLE_YEAR = 100
"""Years below this were written without their century."""


def header_dates(document: Document) -> tuple[tuple[date, EvidenceSpan], ...]:
    """Every date with a label that means the date of service, without repeats; impossible dates are left out."""
    found: dict[date, EvidenceSpan] = {}
    for match in _DATE.finditer(document.clean):
        value = _date_of(match)
        if value is not None:
            found.setdefault(value, document.evidence(match.start(), match.end()))
    return tuple(found.items())


def _date_of(match: re.Match[str]) -> date | None:
    try:
        if match["iso"]:
            return date.fromisoformat(match["iso"])
        if match["m"]:
            year = int(match["y"])
            return date(year + (_CENTURY if year < _FIRST_WHOLE_YEAR else 0), int(match["m"]), int(match["d"]))
        month, day, year_text = (
            (match["mon"], match["md"], match["my"]) if match["mon"] else (match["emon"], match["ed"], match["ey"])
        )
        return date(int(year_text), _MONTHS.index(month[:3].lower()) + 1, int(day))
    except ValueError:
        return None
