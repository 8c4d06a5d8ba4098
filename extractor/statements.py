"""What each sentence is to the report: a claim of its title, the work told, its result, or an aside that counts not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from extractor.mentions import Mention, Sentence
from extractor.patterns import phrases

Stance = Literal["claim", "work", "result", "order", "course", "addendum", "aside"]

_ROLES: dict[str, Stance] = {
    "title": "claim", "preamble": "claim", "site": "claim", "technique": "work", "body": "work", "details": "work",
    "unknown": "work", "findings": "result", "impression": "result", "addendum": "addendum", "attestation": "result",
    "order": "order", "course": "course",
}  # fmt: skip
_VERB = re.compile(
    r"\b(?:was|were|is|are|had|has|have|been|being|i|we|he|she|patient|informed consent|obtained|tolerated|"
    r"came|confirmed|revealed|showed|"
    r"advanced|injected|prepped|draped)\b",
    re.IGNORECASE,
)
_RUN_ON = frozenset({"story", "indication", "diagnosis", "exam", "history", "assessment"})
"""Parts that run on into the account where no new heading is dictated: from the words for laying out the patient."""

_LONG_TITLE = 45
"""Words; a title longer than this is told, not named."""

_SHORT_TITLE, _SHORTEST_SENTENCE = 25, 7
"""Words; the longest line that names a procedure without a heading, and the shortest that tells of one."""

_DONE = re.compile(
    r"\b(?:was|were|has been|is) (?:\w+ly |then |again |also )?"
    r"(?:performed|done|completed|injected|obtained|carried out)\b",
    re.IGNORECASE,
)

_OWN_WORK = re.compile(
    r"\b(?:i|we) (?:then |have )?(?:gave|performed|did|injected|carried out|undertook|done)\b", re.IGNORECASE
)
"""Said of what the speaker did, also where consent is told of in the same breath."""

_ITEM = re.compile(r"\(?\d{1,2}[.):]|[-*#]|\(?[a-zA-Z][.)]\s|and\b|with\b", re.IGNORECASE)
_FINITE = re.compile(r"\b(?:was|were|is|are|has|have|shows?|i|we|patient)\b", re.IGNORECASE)
"""What a sentence has and the name of a procedure has not."""

_NARRATIVE_START = re.compile(
    r"^(?:after|the patient|under|with the|following|once|informed|consent|using|patient|this|he|she|i|we|an?|"
    r"in the)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence with its stance; ``needle`` when it tells of an instrument or of something done with it."""

    sentence: Sentence
    stance: Stance
    needle: bool

    @property
    def counts(self) -> bool:
        """Whether the sentence can say what was done."""
        return self.stance in {"claim", "work", "result", "addendum"}

    @property
    def taken_back(self) -> bool:
        """Whether the sentence names procedures and takes all of them back (history, plan, another service)."""
        named = self.sentence.of("procedure")
        return bool(named) and not any(m.plain for m in named)

    def plain(self, *kinds: str) -> tuple[Mention, ...]:
        """Its mentions of these kinds that nothing takes back; none in a sentence that does not count."""
        return tuple(m for m in self.sentence.of(*kinds) if m.plain) if self.counts else ()


def read_statements(sentences: tuple[Sentence, ...]) -> tuple[Statement, ...]:
    """The stance of every sentence, from its section and its words."""
    statements: list[Statement] = []
    told: set[int] = set()
    for sentence in sentences:
        stance = _ROLES.get(sentence.role, "aside")
        needle = bool(
            phrases("sentences", "needle").search(sentence.text)
            or phrases("sentences", "instrument").search(sentence.text)
        )
        if sentence.role == "header" and sentence.heading == "re" and sentence.of("procedure"):
            stance = "claim"
        if stance == "claim" and sentence.role not in {"site", "header"}:
            opens = not statements or statements[-1].sentence.section != sentence.section
            named = sentence.of("procedure", "without_rules", "open_surgery", "outside", "level")
            if (
                sentence.section in told
                or _is_told(sentence)
                or ((not opens or not named) and _tells_of_work(sentence))
            ):
                stance = "work"
                told.add(sentence.section)
            elif sentence.role == "preamble" and not opens and not named and not sentence.of("guidance"):
                stance = "work"
        elif stance == "work" and _names_only(
            sentence, first=not statements or sentences[sentence.number - 1].section != sentence.section
        ):
            stance = "claim"
        elif (
            stance == "aside"
            and sentence.role in _RUN_ON
            and (sentence.section in told or phrases("sentences", "laid_out").search(sentence.text))
        ):
            stance = "work"
            told.add(sentence.section)
        if stance in {"work", "result", "claim"} and _is_aside(sentence, stance, needle=needle):
            stance = "aside"
        statements.append(Statement(sentence, stance, needle))
    return tuple(statements)


def _tells_of_work(sentence: Sentence) -> bool:
    """Whether a line below a title already tells the work: consent, preparation or an instrument, and no list item."""
    if _ITEM.match(sentence.text):
        return False
    return any(phrases("sentences", key).search(sentence.text) for key in ("instrument", "prep", "consent", "sedation"))


def _names_only(sentence: Sentence, *, first: bool) -> bool:
    """Whether the first words of a part are a title without the word: short, without a verb, naming a procedure."""
    named = sentence.of("procedure", "without_rules", "open_surgery", "outside")
    if any(phrases("sentences", key).search(sentence.text) for key in ("story", "aftercare")):
        return False
    acted = any(m.name != "image" for m in sentence.of("actions"))
    return (
        first
        and sentence.role != "details"
        and bool(named or (acted and sentence.of("anatomy")))
        and len(sentence.text.split()) <= _SHORT_TITLE
        and not _VERB.search(sentence.text)
    )


def _is_told(sentence: Sentence) -> bool:
    """Whether a sentence under a title heading tells the work instead of naming it."""
    words = len(sentence.text.split())
    if words > _LONG_TITLE:
        return True
    if _NARRATIVE_START.match(sentence.text) and _VERB.search(sentence.text):
        return True
    return words > _SHORTEST_SENTENCE and len(_VERB.findall(sentence.text)) >= 1 and bool(_FINITE.search(sentence.text))


def _is_aside(sentence: Sentence, stance: Stance, *, needle: bool) -> bool:
    text = sentence.text
    if phrases("sentences", "teaching").search(text):
        return True
    if stance == "claim":
        return False
    done = bool(_DONE.search(text))
    told = sentence.of("procedure") and _OWN_WORK.search(text)
    if phrases("sentences", "consent").search(text) and not (
        told or (needle and sentence.of("level", "anatomy", "procedure") and _acts(sentence))
    ):
        return True
    if phrases("sentences", "aftercare").search(text) and not (needle and _acts(sentence)) and not done:
        return True
    story = phrases("sentences", "story").search(text)
    return bool(story) and not needle and not done


def _acts(sentence: Sentence) -> bool:
    return bool(sentence.of("action", "actions"))
