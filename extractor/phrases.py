"""The small grammar of the lexicon: ``(a|b) c(s)`` stands for every literal it spells."""

from __future__ import annotations

import re
from functools import cache
from itertools import product

from extractor.document import fold_words

_CHOICE = re.compile(r"\(([^()]*)\)(\?)?")


@cache
def expand(pattern: str) -> tuple[str, ...]:
    """Every literal of *pattern*, lower case, single-spaced: ``"facet (joint|joints)?"`` gives three."""
    pieces: list[tuple[str, ...]] = []
    place = 0
    for match in _CHOICE.finditer(pattern):
        pieces.append((pattern[place : match.start()],))
        options = tuple(match[1].split("|"))
        glued = match.start() > 0 and pattern[match.start() - 1] != " "
        if (glued and len(options) == 1) or match[2]:
            options = (*options, "")
        pieces.append(options)
        place = match.end()
    pieces.append((pattern[place:],))
    literals = {" ".join(fold_words("".join(choice).lower()).split()) for choice in product(*pieces)}
    return tuple(sorted(literals - {""}))
