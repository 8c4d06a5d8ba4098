"""Dates with a label that means the date of service, in every way to write one; other dates are none of ours."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.document import read
from extractor.header_date import header_dates
from extractor.layout import lay_out
from rules.encounter import EvidenceSpan

FIRST_OF_JUNE = date(2006, 6, 1)
WRITTEN = (
    "Date of Service: 2006-06-01", "DATE OF SERVICE: 06/01/2006", "Date of procedure: 6/1/2006", "DOS: 6/1/06",
    "DOS 06-01-2006", "Date of exam: June 1, 2006", "Date of surgery: Jun. 1 2006", "Procedure date: 1 June 2006",
    "Exam date: 1-Jun-2006", "Date of operation: June 1st, 2006", "Date of service = 2006-06-01",
    "Performed on 06/01/2006",
    "Date performed: 06/01/2006", "Date of service\n06/01/2006", "Date of service: Thursday, June 1, 2006",
    "Date\u00a0of\u00a0service:\t06/01/2006",
)  # fmt: skip
NO_DATE_OF_SERVICE = (
    "06/01/2006", "DOB: 06/01/1956", "Date of birth: 06/01/1956", "Dictated: 06/01/2006", "Signed 06/01/2006",
    "Date of service: 13/45/2006", "Date of service: 02/30/2006", "Date of service: pending", "Date of service: 6/2006",
    "Admission date: 06/01/2006", "MRI of 06/01/2006", "Date of service: 06/01/20061", "Date of service: Foo 1, 2006",
    "Date of service: 6/1/98", "HISTORY: Block performed on 06/01/2005.", "COMPARISON: exam date 06/01/2005",
    "Prior exam date: 06/01/2005", "She had a block performed on 06/01/2005.", "",
)  # fmt: skip


def dates_of(text: str) -> tuple[tuple[date, EvidenceSpan], ...]:
    document = read(text)
    return header_dates(document, lay_out(document))


@pytest.mark.parametrize("text", WRITTEN)
def test_ways_to_write_a_date(text: str) -> None:
    [(value, span)] = dates_of(text)
    assert value == FIRST_OF_JUNE
    assert text[span.start : span.end] == span.quote == text


@pytest.mark.parametrize("text", NO_DATE_OF_SERVICE)
def test_other_dates(text: str) -> None:
    assert dates_of(text) == ()


def test_a_date_told_twice_is_one_date_and_two_dates_are_two() -> None:
    same = dates_of("Date of service: 06/01/2006. Procedure date: June 1, 2006.")
    other = dates_of("Date of service: 06/01/2006. Procedure date: June 2, 2006.")
    assert [value for value, _ in same] == [FIRST_OF_JUNE]
    assert [value for value, _ in other] == [FIRST_OF_JUNE, date(2006, 6, 2)]


@given(
    st.dates(date(2000, 1, 1), date(2049, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%B %d, %Y", "%d %b %Y"]),
)
def test_every_day_can_be_read(day: date, style: str) -> None:
    assert [value for value, _ in dates_of(f"Date of service: {day.strftime(style)}")] == [day]
