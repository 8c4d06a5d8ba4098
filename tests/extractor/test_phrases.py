"""The phrase grammar of the lexicon: choices, optional parts, the glued letter, and what it refuses."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.patterns import alternation
from extractor.phrases import PhraseError, expand

SPELLED = {
    "facet joint": ["facet joint"],
    "(facet|z) joint": ["facet joint", "z joint"],
    "(facet|z) (joint|joints)": ["facet joint", "facet joints", "z joint", "z joints"],
    "facet (joint|joints)?": ["facet", "facet joint", "facet joints"],
    "(left)? facet": ["facet", "left facet"],
    "level(s)": ["level", "levels"],
    "(a|b (c|d))": ["a", "b c", "b d"],
    "(a (b)? c|d)": ["a b c", "a c", "d"],
    "Facet JOINT": ["facet joint"],
    "a   b": ["a b"],
    "x-ray": ["x ray"],
    "c-arm": ["c arm"],
    "L4-L5": ["l4-l5"],
    "it\u2019s": ["it's"],
    "(a|a)": ["a"],
    "": [],
    "()": [],
    "(a)?": ["a"],
}
BROKEN = ("(a", "a)", "(a|b", "a|b)", "((a)", "(a))", "a) b (c")


@pytest.mark.parametrize(("pattern", "literals"), SPELLED.items())
def test_a_pattern_stands_for_its_literals(pattern: str, literals: list[str]) -> None:
    assert list(expand(pattern)) == literals


@pytest.mark.parametrize("pattern", BROKEN)
def test_brackets_that_do_not_pair_are_refused(pattern: str) -> None:
    with pytest.raises(PhraseError, match="unpaired bracket") as caught:
        expand(pattern)
    assert repr(pattern) in str(caught.value)


def test_the_longest_literal_wins() -> None:
    pattern = re.compile(alternation(["ct", "ct (fluoroscopy|guidance)"]))
    assert pattern.match("ct fluoroscopy")[0] == "ct fluoroscopy"  # type: ignore[index]  # it matches
    assert pattern.match("ct head")[0] == "ct"  # type: ignore[index]  # it matches


@given(st.lists(st.text("abc", min_size=1, max_size=4), min_size=1, max_size=5))
def test_a_choice_has_no_order(words: list[str]) -> None:
    assert expand(f"({'|'.join(words)}) x") == expand(f"({'|'.join(reversed(words))}) x")
    assert alternation(words) == alternation([*reversed(words)])


@given(st.text("ab() |?", max_size=12))
def test_a_pattern_is_spelled_out_or_refused(pattern: str) -> None:
    try:
        literals = expand(pattern)
    except PhraseError:
        return
    assert list(literals) == sorted(set(literals))
    assert all(literal and literal == " ".join(literal.split()) for literal in literals)
