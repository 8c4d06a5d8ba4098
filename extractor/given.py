"""Whether a substance that a sentence names went through the needle, or was only named with other work."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from extractor.mentions import Mention
from extractor.patterns import closing, opening, phrases
from extractor.statements import Statement

Use = Literal["given", "named", "elsewhere"]

_NEVER = frozenset({"negated", "historical", "planned", "consent", "conditional", "generic", "other"})
_STOP = re.compile(
    r"[;.]\s|,?\s(?:and|but|then)\s(?:the|a|an|this|that|his|her)\s(?:needles?|catheter|stylet|patient)\b"
)
_PASSIVE = re.compile(
    r"\b(?:was|were|been|being|be)\s(?:\w+ly\s|then\s|next\s|also\s|again\s|further\s)*$", re.IGNORECASE
)
_VERB = re.compile(r"\b(?:was|were|is|are|has|had|have|did|came|takes|took|got|be|been)\b", re.IGNORECASE)
_WITH = re.compile(r"\bwith (?:[\w.%]+ ){0,3}$", re.IGNORECASE)
_DOSE = re.compile(r"^\s?[\d.,]+\s?(?:mg|mcg|ml|cc|g|units?)\b", re.IGNORECASE)
_AMOUNT = re.compile(
    r"[\d.,%/\s]*(?:ml|mls|cc|ccs|mg|mcg|units?|drops?)?\s?(?:of\s)?(?:absolute|dehydrated|sterile|fresh)?\s?$",
    re.IGNORECASE,
)
_AMOUNT_ALONE = re.compile(
    r"\s?(?:about\s|some\s)?[\d.]+\s?(?:mls?|ccs?)\s(?:was|were|went|ran|filled|flowed)\b", re.IGNORECASE
)
"""A volume of what an earlier sentence named."""

_REACH = 110
"""Characters within which a verb speaks of the substance."""


def use_of(statement: Statement, mention: Mention) -> Use:
    """What became of one substance: given by a verb of giving or as the entry of a field, elsewhere, or only named."""
    sentence = statement.sentence
    if mention.context & _NEVER or not statement.counts:
        return "elsewhere"
    text, start, end = sentence.text, mention.start - sentence.start, mention.end - sentence.start
    others = [m for m in sentence.of("agents") if m.name != mention.name]
    first = max((m.end - sentence.start for m in others if m.end <= mention.start), default=0)
    last = min((m.start - sentence.start for m in others if m.start >= mention.end), default=len(text))
    before, after = text[max(first, start - _REACH) : start], _clause(text[end : min(last, end + _REACH)])
    listed = _clause(text[end : end + 2 * _REACH])
    if opening("given", "elsewhere_after").match(_DOSE.sub("", after, count=1)) or closing(
        "given", "elsewhere_before"
    ).search(_bare(before)):
        return "elsewhere"
    if phrases("given", "drawn_elsewhere").search(f"{text[start:end]} {listed}"):
        return "elsewhere"
    if phrases("given", "given_after").search(listed) or _led(before) or _led(text[max(0, start - _REACH) : start]):
        return "given"
    if _WITH.search(before) and sentence.of("actions", "procedure"):
        return "given"
    return "named" if _VERB.search(text) else "given"


def given(statements: Iterable[Statement], *stances: str) -> Iterator[tuple[Statement, Mention]]:
    """Every substance that is given, of sentences with one of these stances or of all that count."""
    told = tuple(s for s in statements if s.counts and (not stances or s.stance in stances))
    for number, statement in enumerate(told):
        for mention in statement.sentence.of("agents"):
            use = use_of(statement, mention)
            if use == "given" or (use == "named" and any(_refers(one) for one in told[number + 1 : number + 3])):
                yield statement, mention


def _refers(statement: Statement) -> bool:
    """Whether a sentence gives what an earlier one named ("It was then injected")."""
    text = statement.sentence.text
    referring = opening("given", "referring").match(text) or _AMOUNT_ALONE.match(text)
    return bool(referring and not statement.sentence.of("agents") and phrases("given", "given_after").search(text))


def _clause(text: str) -> str:
    stop = _STOP.search(text)
    return text[: stop.start()] if stop else text


def _bare(before: str) -> str:
    """*before* without the amount that stands right before a substance ("prepped with 70 % ")."""
    return before[: _AMOUNT.search(before).start()]  # type: ignore[union-attr]  # it matches the empty end


def _led(before: str) -> bool:
    """Whether an active verb of giving leads to the end of *before*; "was injected and" speaks of what came before."""
    found = list(phrases("given", "given_before").finditer(before))
    if not found:
        return False
    verb = found[-1]
    if " " in verb.group():
        return True
    return not _PASSIVE.search(before[: verb.start()]) or bool(
        re.match(r"(?:\s\w+){0,3}\s?(?:with\b|:)", before[verb.end() :])
    )
