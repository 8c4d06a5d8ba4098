"""Every row of the references' tables of ambiguities has its default in the rules, and its reason or its warning."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from rule_cases import cases

from rules.library import library
from rules.yaml_reader import read_yaml

FILE = Path(__file__).with_name("ambiguities.yaml")
ROWS = read_yaml(FILE.read_text(encoding="utf-8"), file=FILE.name).value
DIAGNOSTIC, THERAPEUTIC = 33, 38
"""How many rows the two tables have."""


@cache
def said_by_cases() -> frozenset[tuple[str, str]]:
    """The kind and the name of every reason and warning that a case expects."""
    return frozenset((kind, name) for case in cases() for kind in ("reasons", "warnings") for name in case.expect[kind])


def words(row: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    return ((kind, name) for kind, names in row.items() for name in names)


def test_both_tables_are_here_in_whole() -> None:
    diagnostic = [name for name in ROWS if name[1:2].isdigit()]
    assert (len(diagnostic), len(ROWS) - len(diagnostic)) == (DIAGNOSTIC, THERAPEUTIC)


@pytest.mark.parametrize("name", ROWS)
def test_a_case_shows_what_is_said_or_the_reading_says_it_with_its_source(name: str) -> None:
    found = list(words(ROWS[name]))
    assert found
    for kind, word in found:
        meaning = (library().reasons if kind == "reasons" else library().warnings)[word]
        if meaning.by == "reading":
            assert meaning.source, f"{word} cites nothing"
        else:
            assert (kind, word) in said_by_cases(), f"no case expects {word}"
