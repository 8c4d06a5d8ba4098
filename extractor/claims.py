"""Which procedure families a report names, and at which places its needles arrive."""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractor.given import use_of
from extractor.lexicon_files import load
from extractor.mentions import Mention, Sentence
from extractor.patterns import phrases
from extractor.profiles import families
from extractor.statements import Stance, Statement

_TOWARDS, _PASSIVE = 90, 30
"""Characters between an action and the place after it, and between a place and the verb that follows it."""

_NEEDLE_AT = re.compile(
    r"\b(?:needles?|tips?|cannulas?|cannulae|probes?|electrodes?|tuohy|trocars?|introducers?)\b"
    r"(?![^.;]*\b(?:away|clear of|short of|avoid\w*)\b)"
    r"[^.;]{0,90}\b(?:in|into|to|at|within|through|onto|thru|inside)\s(?:[\w/-]+\s){0,4}$",
    re.IGNORECASE,
)
_DRUGS = frozenset({"steroid", "anesthetic", "injectate"})
_BESIDE = re.compile(r"\b(?:lateral|medial|adjacent|next|close|superficial|posterior) to (?:the )?(?:\w+,? ){0,4}$")
"""A needle beside a place is not in it."""

_WAS = re.compile(r"\b(?:was|were|is|are|then|and)\b", re.IGNORECASE)
OTHER_GROUPS = ("without_rules", "open_surgery", "outside")


@dataclass(frozen=True, slots=True)
class Claim:
    """A family named in a sentence, by its name or (``combined``) by a place and an action in one sentence."""

    family: str
    statement: int
    stance: Stance
    start: int
    end: int
    context: frozenset[str]
    combined: bool = False

    @property
    def plain(self) -> bool:
        """Whether nothing in the sentence takes the claim back."""
        return not self.context


@dataclass(frozen=True, slots=True)
class Sign:
    """A place of anatomy told of in a sentence that counts; ``reached`` when an instrument or drug went there."""

    place: str
    statement: int
    stance: Stance
    start: int
    end: int
    reached: bool


def signs_of(family: str) -> frozenset[str]:
    """The places whose mention supports *family*."""
    return families()[family].signs


def find_claims(statements: tuple[Statement, ...]) -> tuple[Claim, ...]:
    """Every claim of a family or of another procedure, also those that count for nothing (they go to the trace)."""
    claims: list[Claim] = []
    for number, statement in enumerate(statements):
        found = [
            Claim(m.name, number, statement.stance, m.start, m.end, m.context)
            for m in statement.sentence.of("procedure")
            if statement.sentence.role != "details"
        ]
        if statement.counts:
            found.extend(_combined(number, statement, found))
        claims.extend(_unsilenced(found, frozenset(m.name for m in statement.sentence.of("anatomy"))))
    return tuple(claims)


def _combined(number: int, statement: Statement, named: list[Claim]) -> list[Claim]:
    sentence = statement.sentence
    found: list[Claim] = []
    for family, profile in families().items():
        for combo in profile.combos:
            place = _first(sentence, "anatomy", combo.place)
            action = (
                _substance(statement, combo.agent)
                if combo.agent
                else _first(sentence, "actions", combo.action, skin=True) or _drug(statement, combo.action)
            )
            if combo.needs and not phrases("sentences", combo.needs).search(sentence.text):
                continue
            if place and action and not any(claim.family == family for claim in named):
                context = place.context | (action.context & {"negated", "planned", "historical"})
                found.append(Claim(family, number, statement.stance, place.start, place.end, context, combined=True))
                break
    return found


def _drug(statement: Statement, actions: frozenset[str]) -> Mention | None:
    """A drug told of in a sentence with an instrument: it was injected, whatever the verb."""
    if "inject" not in actions or not statement.needle or phrases("sentences", "skin").search(statement.sentence.text):
        return None
    return next((m for m in statement.plain("agents") if m.name in _DRUGS), None)


def _substance(statement: Statement, names: frozenset[str]) -> Mention | None:
    """The first of these substances that is not told with other work, such as blood that was only aspirated."""
    found = (m for m in statement.sentence.of("agents") if m.name in names)
    return next((m for m in found if m.context or use_of(statement, m) != "elsewhere"), None)


def _first(sentence: Sentence, kind: str, names: frozenset[str], *, skin: bool = False) -> Mention | None:
    if skin and phrases("sentences", "skin").search(sentence.text):
        return None
    found = next((m for m in sentence.of(kind) if m.name in names or "any" in names), None)
    if found is None and kind == "actions":
        return _action_in_a_name(sentence, names)
    return found


def _action_in_a_name(sentence: Sentence, actions: frozenset[str]) -> Mention | None:
    """The name of a procedure that contains one of *actions* ("caudal epidural injections" injects)."""
    stems = {stem for action in actions for stem in load("facts")["action_stems"].get(action, ())}
    for mention in sentence.of("procedure"):
        words = sentence.text[mention.start - sentence.start : mention.end - sentence.start].lower()
        if any(stem in words for stem in stems):
            return mention
    return None


def _unsilenced(found: list[Claim], places: frozenset[str]) -> list[Claim]:
    """Drop the words of a family that are only part of another one's in the same sentence."""
    present = {claim.family for claim in found}
    silent = {other for family in present for other in families()[family].silences}
    return [claim for claim in found if claim.family not in silent or _stands_alone(claim, places)]


def _stands_alone(claim: Claim, places: frozenset[str]) -> bool:
    """Whether a silenced name is a procedure of its own after all ("interlaminar" beside a transforaminal one)."""
    profile = families()[claim.family]
    return not claim.combined and (profile.keeps_names or bool(places & profile.keeps))


def find_signs(statements: tuple[Statement, ...]) -> tuple[Sign, ...]:
    """Places told of in sentences that count, with whether something was brought there."""
    signs: list[Sign] = []
    for number, statement in enumerate(statements):
        if not statement.counts or statement.taken_back:
            continue
        acts = [m for m in statement.sentence.of("actions") if "negated" not in m.context]
        for place in statement.sentence.of("anatomy"):
            if place.context & {"negated", "historical", "generic", "consent"}:
                continue
            text, offset = statement.sentence.text, statement.sentence.start
            reached = statement.needle and (
                any(_goes_to(text, offset, m, place) for m in acts)
                or bool(_NEEDLE_AT.search(text[: place.start - offset]))
            )
            signs.append(Sign(place.name, number, statement.stance, place.start, place.end, reached))
    return tuple(signs)


def _goes_to(text: str, offset: int, action: Mention, place: Mention) -> bool:
    """Whether an action brings something to a place: "advanced into the foramen", "the joint was entered"."""
    if action.name == "image":
        return False
    if action.end <= place.start:
        gap = text[action.end - offset : place.start - offset]
        return len(gap) < _TOWARDS and not phrases("sentences", "flow").search(gap) and not _BESIDE.search(gap)
    gap = text[place.end - offset : action.start - offset]
    return len(gap) < _PASSIVE and bool(_WAS.search(gap))


def find_others(statements: tuple[Statement, ...]) -> tuple[tuple[str, Claim], ...]:
    """Procedures that are not coded here, with the group they belong to."""
    return tuple(
        (m.kind, Claim(m.name, number, statement.stance, m.start, m.end, m.context))
        for number, statement in enumerate(statements)
        for m in statement.sentence.of(*OTHER_GROUPS)
    )
