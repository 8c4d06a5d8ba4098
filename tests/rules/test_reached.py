"""Every review reason and every warning is given by a case, or is known to be given elsewhere."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from rule_cases import cases

from rules.adjudicate import adjudicate_with
from rules.encounter import Encounter, ReadingDoubt
from rules.library import library

YEARS = ("2006", "2025")
ONLY_NEW = ("TX-068", "TX-069", "TX-083")
REFERENCE = frozenset({
    *(f"D{number:02}-{year}" for number in range(1, 58) for year in YEARS),
    *(f"B{number:02}" for number in range(1, 16)),
    *(f"{name}-{year}" for number in range(1, 86) for year in YEARS if (name := f"TX-{number:03}") not in ONLY_NEW),
    *(f"{name}-2025" for name in ONLY_NEW),
})  # fmt: skip
"""The worked examples of the references; those of a boundary of the TX series carry its date and are 26."""

BOUNDARY_EXAMPLES = 26


@cache
def given() -> tuple[frozenset[str], frozenset[str]]:
    """The reasons and the warnings that the cases reach."""
    reasons: set[str] = set()
    warnings: set[str] = set()
    for case in cases():
        answer = case.answer(library())
        reasons |= {reason.reason for reason in answer.review_reasons}
        warnings |= {notice.warning for notice in answer.warnings}
    return frozenset(reasons), frozenset(warnings)


def faults() -> set[str]:
    """Reasons that only faulty rules can give; `test_checks.py` reaches each of them."""
    spec = importlib.util.spec_from_file_location("checked", Path(__file__).with_name("test_checks.py"))
    assert spec
    assert spec.loader
    checked = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(checked)
    return set(checked.FAULTS)


def by(who: str) -> Iterator[str]:
    return (name for name, meaning in library().reasons.items() if meaning.by == who)


def test_every_reason_is_given_by_a_case_by_a_fault_or_by_the_reading() -> None:
    reasons, _ = given()
    assert set(library().reasons) - reasons - faults() - set(by("reading")) == set()


def test_every_warning_is_given_by_a_case() -> None:
    _, warnings = given()
    assert set(library().warnings) - warnings == set()


def test_what_the_reading_gives_comes_through_unchanged() -> None:
    doubts = tuple(ReadingDoubt(reason=name, message=f"told of {name}") for name in by("reading"))
    answer = adjudicate_with(library(), Encounter(doubts=doubts))
    assert [(r.reason, r.message) for r in answer.review_reasons] == sorted((d.reason, d.message) for d in doubts)


def test_every_worked_example_of_the_references_is_a_case() -> None:
    named = {reference for case in cases() for reference in case.reference}
    at_a_date = {reference for reference in named if reference.startswith("TX-B")}
    assert named - at_a_date == REFERENCE
    assert len(at_a_date) == BOUNDARY_EXAMPLES
