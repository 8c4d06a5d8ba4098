"""The small grammar of the lexicon: ``(a|b) c(s)`` stands for every literal it spells."""

from __future__ import annotations

from functools import cache
from itertools import product

from extractor.document import fold_words


class PhraseError(ValueError):
    """A phrase whose brackets do not pair; the message shows it."""


@cache
def expand(pattern: str) -> tuple[str, ...]:
    """Every literal of *pattern*, lower case, single-spaced: ``"facet (joint|joints)?"`` gives three.

    ``(a|b)`` is a choice and may hold others, ``(a|b)?`` may be left out, and ``word(s)`` glued to a word is optional.
    """
    literals, end = _choice(pattern, 0)
    if end != len(pattern):
        raise PhraseError(f"unpaired bracket in lexicon phrase {pattern!r}")
    folded = {" ".join(fold_words(literal.lower()).split()) for literal in literals}
    return tuple(sorted(folded - {""}))


def _choice(pattern: str, place: int) -> tuple[list[str], int]:
    """The literals of ``a|b|c`` from *place* up to an unpaired closing bracket or the end."""
    found: list[str] = []
    while True:
        branch, place = _sequence(pattern, place)
        found.extend(branch)
        if place >= len(pattern) or pattern[place] != "|":
            return found, place
        place += 1


def _sequence(pattern: str, place: int) -> tuple[list[str], int]:
    parts: list[list[str]] = []
    while place < len(pattern) and pattern[place] not in "|)":
        if pattern[place] != "(":
            start = place
            while place < len(pattern) and pattern[place] not in "(|)":
                place += 1
            parts.append([pattern[start:place]])
            continue
        glued = place > 0 and pattern[place - 1].isalnum()
        options, place = _choice(pattern, place + 1)
        if place >= len(pattern):
            raise PhraseError(f"unpaired bracket in lexicon phrase {pattern!r}")
        place += 1
        if place < len(pattern) and pattern[place] == "?":
            options, place = [*options, ""], place + 1
        elif glued and len(options) == 1:
            options = [*options, ""]
        parts.append(options)
    return ["".join(choice) for choice in product(*parts)], place
