"""The date of service as the report's own header gives it."""

from __future__ import annotations

import re
from datetime import date

from extractor.document import Document
from extractor.layout import Layout
from extractor.lexicon_files import load
from rules.encounter import EvidenceSpan

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LABEL = (
    r"(?:date of (?:service|procedure|exam|examination|study|operation|surgery|injection|treatment)|"
    r"(?:procedure|exam|examination|study|service|operation|surgery|treatment) date|"
    r"dos|performed on|date performed|exam performed)"
)
_DATE = re.compile(
    rf"\b{_LABEL}\s?[:=-]?\s?(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? )?"
    r"(?:(?P<iso>\d{4}-\d{2}-\d{2})|"
    r"(?P<m>\d{1,2})[/-](?P<d>\d{1,2})[/-](?P<y>\d{4}|\d{2})(?!\d)|"
    r"(?P<mon>[A-Za-z]{3,9})\.? (?P<md>\d{1,2})(?:st|nd|rd|th)?,? (?P<my>\d{4})|"
    r"(?P<ed>\d{1,2})[ -](?P<emon>[A-Za-z]{3,9})\.?,?[ -](?P<ey>\d{4}))",
    re.IGNORECASE,
)
_CENTURY = 2000
"""The century of a year written with two digits."""

_PIVOT = 50
"""Years of two digits from here on are of the century before, or no year of a visit."""

_HEADS = frozenset({"header", "title", "preamble", "unknown", "billing", "site", "order"})
"""Parts in which a date can be that of the visit; a history, a comparison and an account tell of other days too."""

_BEFORE = 40
"""Characters before a label within which a word makes it another day's ("prior exam date")."""

_FIRST_WHOLE_YEAR = 100
"""Years below this were written without their century."""


_TOLD = re.compile(r"(?:exam )?performed on|exam performed", re.IGNORECASE)
"""Labels that are also words of a sentence, and are believed only where one begins."""


def header_dates(document: Document, layout: Layout) -> tuple[tuple[date, EvidenceSpan], ...]:
    """Every date of the header with a label that means the date of service, without repeats.

    Impossible dates are left out, and so are dates of earlier visits.
    """
    found: dict[date, EvidenceSpan] = {}
    for match in _DATE.finditer(document.clean):
        value = _date_of(match)
        if value is not None and _is_of_this_visit(document, layout, match.start()):
            found.setdefault(value, document.evidence(match.start(), match.end()))
    return tuple(found.items())


def _is_of_this_visit(document: Document, layout: Layout, place: int) -> bool:
    """Whether a label stands in a part that tells of this visit, and not behind a word for an earlier one."""
    part = next((one for one in layout.sections if one.start <= place < one.end), None)
    if part and not (place < part.body or part.role in _HEADS or (part.role == "body" and part.start == 0)):
        return False
    lines = [start for start, _ in document.breaks if start <= place]
    before = document.clean[max([place - _BEFORE, 0, *lines[-1:]]) : place]
    earlier = "|".join(map(re.escape, load("sections")["keywords"]["history"]))
    return not re.search(rf"\b(?:{earlier})\b[^.;]*$", before, re.IGNORECASE) and (
        not _TOLD.match(document.clean, place) or not re.search(r"\w\s?$", before)
    )


def _date_of(match: re.Match[str]) -> date | None:
    try:
        if match["iso"]:
            return date.fromisoformat(match["iso"])
        if match["m"]:
            year = int(match["y"])
            if _PIVOT <= year < _FIRST_WHOLE_YEAR:
                return None
            return date(year + (_CENTURY if year < _FIRST_WHOLE_YEAR else 0), int(match["m"]), int(match["d"]))
        month, day, year_text = (
            (match["mon"], match["md"], match["my"]) if match["mon"] else (match["emon"], match["ed"], match["ey"])
        )
        return date(int(year_text), _MONTHS.index(month[:3].lower()) + 1, int(day))
    except ValueError:
        return None
