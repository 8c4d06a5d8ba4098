"""Whether a fact is told, and what was given or taken."""

from __future__ import annotations

import re
from collections.abc import Iterable

from extractor.given import use_of
from extractor.patterns import phrases
from extractor.statements import Statement
from rules.encounter import Agent

_TAKEN = "csf_removed"
"""The one class of substance that is not given but taken."""

_BREATH = 45
"""Characters within which a denial speaks of what follows or came before."""


def told(statements: Iterable[Statement], *keys: str) -> tuple[tuple[int, int], ...]:
    """Places in sentences that count where a fact of ``facts.yaml`` is stated."""
    pattern = phrases("facts", *keys)
    return tuple(
        (s.sentence.start + m.start(), s.sentence.start + m.end())
        for s in statements
        if s.counts
        for m in pattern.finditer(s.sentence.text)
    )


def says(statements: Iterable[Statement], *keys: str) -> bool:
    """Whether a fact of ``facts.yaml`` is stated anywhere that counts."""
    pattern = phrases("facts", *keys)
    return any(s.counts and pattern.search(s.sentence.text) for s in statements)


def affirms(statements: Iterable[Statement], *keys: str) -> bool:
    """Whether a fact of ``facts.yaml`` is stated anywhere that counts, and not denied in the same breath."""
    pattern = phrases("facts", *keys)
    return any(s.counts and affirmed(s.sentence.text, pattern) for s in statements)


def affirmed(text: str, pattern: re.Pattern[str]) -> bool:
    """Whether words stand in a text without being denied in the same breath."""
    return any(not _is_denied(text, match.start(), match.end()) for match in pattern.finditer(text))


def _is_denied(text: str, start: int, end: int) -> bool:
    """Whether the words before or after a fact, up to the next comma or stop, take it back."""
    before = re.split(r"[,;.:]", text[max(0, start - _BREATH) : start])[-1]
    after = re.split(r"[,;.:]", text[end : end + _BREATH])[0]
    return bool(phrases("facts", "denied_before").search(before) or phrases("facts", "denied_after").search(after))


def read_agents(statements: tuple[Statement, ...]) -> tuple[Agent, ...]:
    """Classes of what was given or taken, in order of name."""
    names = {
        m.name
        for s in statements
        if s.counts
        for m in s.sentence.of("agents")
        if (m.name == _TAKEN and not m.context & {"negated", "historical", "planned", "consent"})
        or (m.name != _TAKEN and use_of(s, m) != "elsewhere")
    }
    return tuple(sorted(names))  # type: ignore[arg-type]  # agents.yaml has no other names; tested
