"""Phrase lists of the lexicon as compiled patterns, word-bounded and case-blind."""

from __future__ import annotations

import re
from functools import cache

from extractor.lexicon_files import load
from extractor.phrases import expand


def alternation(patterns: list[str]) -> str:
    """One regular expression for every literal of *patterns*, longest first; spaces match any single white space."""
    literals = {literal for pattern in patterns for literal in expand(pattern)}
    first = re.escape("".join(sorted({literal[0] for literal in literals})))
    return (
        rf"(?=[{first}])(?:"
        + "|".join(re.escape(one).replace(r"\ ", r"\s") for one in sorted(literals, key=lambda one: (-len(one), one)))
        + ")"
    )


@cache
def bounded(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """The literals of *patterns*, anywhere in a text."""
    return re.compile(rf"(?<![A-Za-z0-9])(?:{alternation(list(patterns))})(?![A-Za-z0-9])", re.IGNORECASE)


@cache
def phrases(file: str, *keys: str) -> re.Pattern[str]:
    """The phrases that stand under *keys*, one below the other, of a lexicon file, anywhere in a text."""
    entry = load(file)
    for key in keys:
        entry = entry[key]
    return bounded(tuple(entry))


@cache
def expression(file: str, key: str) -> re.Pattern[str]:
    """The regular expression under *key* of a lexicon file, for what phrases cannot say."""
    return re.compile(load(file)[key], re.IGNORECASE)


@cache
def opening(file: str, key: str) -> re.Pattern[str]:
    """The same at the very start, after white space or an opening bracket: what follows a mention."""
    return re.compile(rf"[\s,(]{{0,2}}(?:{alternation(load(file)[key])})(?![A-Za-z0-9])", re.IGNORECASE)


@cache
def closing(file: str, key: str) -> re.Pattern[str]:
    """The same at the very end: what stands before a mention."""
    return re.compile(rf"(?<![A-Za-z0-9])(?:{alternation(load(file)[key])})\s?$", re.IGNORECASE)
