"""Which families were done: claims of the title, the account and the result, held against each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from extractor.claims import Claim, Sign, families, signs_of
from extractor.document import Document
from extractor.statements import Statement
from rules.encounter import EvidenceSpan, ReadingDoubt, SeenMention

_NEVER = frozenset({"negated", "historical", "generic", "consent", "other"})
_STRONG_PLACES = frozenset({"foramen", "facet_joint", "medial_branch", "interlaminar", "caudal", "si_joint", "disc", "lateral_branch", "cervical_puncture"})


@dataclass(frozen=True, slots=True)
class Choice:
    """The families done, in order of name; doubts about them; what was seen and does not count."""

    chosen: tuple[str, ...]
    doubts: tuple[ReadingDoubt, ...]
    seen: tuple[SeenMention, ...]
    acted: bool


def choose(
    document: Document,
    statements: tuple[Statement, ...],
    claims: tuple[Claim, ...],
    signs: tuple[Sign, ...],
    others: tuple[tuple[str, Claim], ...],
) -> Choice:
    """Families performed, from what is named and where the needle went."""
    acted = any(s.counts and s.stance != "claim" and s.needle for s in statements)
    titled = _named(claims, "claim")
    told = _named(claims, "work", "result", "addendum")
    combined = {c.family for c in claims if c.plain and c.combined and c.stance in {"work", "result", "addendum"}}
    foreign = {kind for kind, c in others if c.plain and c.stance == "claim"}
    reached = {s.place for s in signs if s.reached and s.stance in {"work", "result"}}
    chosen, extra = _pick(titled, told, combined, foreign, reached, acted=acted)
    doubts = [*_without_rules(document, others, chosen, acted=acted), *_surgery(document, others, chosen, claims)]
    if chosen:
        doubts.extend(_conflicts(document, chosen, extra, claims, signs, acted=acted, foreign=foreign))
    elif not doubts:
        doubts.extend(_told_only(document, claims))
    seen = tuple(_seen(document, claims, others, chosen))
    return Choice(tuple(sorted(chosen)), tuple(doubts), seen, acted)


def _named(claims: tuple[Claim, ...], *stances: str) -> set[str]:
    return {c.family for c in claims if c.plain and c.stance in stances and (not c.combined or c.stance == "claim")}


def _kin(family: str) -> frozenset[str]:
    """Families whose names may only be a looser word for *family*."""
    return frozenset(families()[family].get("silences", ()))  # type: ignore[call-overload]  # a list of strings by schema


def _pick(
    titled: set[str], told: set[str], combined: set[str], foreign: set[str], reached: set[str], *, acted: bool
) -> tuple[set[str], set[str]]:
    """The families done, and those named in the account alone although a title names others."""
    if titled:
        extra = {f for f in told - titled if not any(f in _kin(t) for t in titled) and signs_of(f) & reached}
        return titled | extra, extra
    if foreign:
        return {f for f in told if signs_of(f) & reached and "open_surgery" in foreign}, set()
    if told and acted:
        return {f for f in told if not any(f in _kin(t) for t in told - {f})}, set()
    if combined and acted:
        return {f for f in combined if not any(f in _kin(t) for t in combined - {f})}, set()
    return set(), set()


def _spans(document: Document, claims: Iterable[Claim]) -> tuple[EvidenceSpan, ...]:
    return tuple(document.evidence(c.start, c.end) for c in claims)


def _without_rules(
    document: Document, others: tuple[tuple[str, Claim], ...], chosen: set[str], *, acted: bool
) -> list[ReadingDoubt]:
    found = [
        c
        for kind, c in others
        if kind == "without_rules" and c.plain and (c.stance == "claim" or (c.stance in {"work", "result"} and acted and not chosen))
    ]
    if not found:
        return []
    names = ", ".join(sorted({c.family.replace("_", " ") for c in found}))
    return [ReadingDoubt(reason="family_without_rules", message=f"A spinal procedure without rules here is named: {names}.", evidence=_spans(document, found[:2]))]


def _surgery(
    document: Document, others: tuple[tuple[str, Claim], ...], chosen: set[str], claims: tuple[Claim, ...]
) -> list[ReadingDoubt]:
    operations = [c for kind, c in others if kind == "open_surgery" and c.plain and c.stance == "claim"]
    if not operations or not chosen:
        return []
    return [
        ReadingDoubt(
            reason="part_of_open_surgery",
            message="The procedure is told inside the note of an operation; whether it is reported besides is for a human.",
            evidence=_spans(document, operations[:1]),
        )
    ]


def _conflicts(
    document: Document, chosen: set[str], extra: set[str], claims: tuple[Claim, ...], signs: tuple[Sign, ...], *, acted: bool, foreign: set[str]
) -> list[ReadingDoubt]:
    doubts: list[ReadingDoubt] = []
    for family in sorted(extra):
        named = [c for c in claims if c.family == family and c.plain]
        doubts.append(
            ReadingDoubt(
                reason="family_conflict",
                message=f"The account names a {family.replace('_', ' ')} that the title does not.",
                evidence=_spans(document, named[:1]),
            )
        )
    if not acted:
        return doubts
    explained = {place for f in chosen for place in (*signs_of(f), *families()[f].get("explains", ()))}  # type: ignore[attr-defined]  # list by schema
    work = [s for s in signs if s.stance in {"work", "result"} and s.reached]
    unexplained = [s for s in work if s.place in _STRONG_PLACES and s.place not in explained]
    if unexplained and not foreign:
        doubts.append(
            ReadingDoubt(
                reason="family_conflict",
                message=f"The needle went to a place that the named procedure does not explain: {unexplained[0].place.replace('_', ' ')}.",
                evidence=tuple(document.evidence(s.start, s.end) for s in unexplained[:2]),
            )
        )
    return doubts


def _told_only(document: Document, claims: tuple[Claim, ...]) -> list[ReadingDoubt]:
    """A procedure told in a course of events without a note of its own."""
    found = [c for c in claims if c.stance == "course" and c.plain and families()[c.family].get("narrative")]
    if not found:
        return []
    return [
        ReadingDoubt(
            reason="narrative_only",
            message="A procedure of this stay is told in the course of events; nothing can be billed without its own note.",
            evidence=_spans(document, found[:2]),
        )
    ]


def _seen(
    document: Document, claims: tuple[Claim, ...], others: tuple[tuple[str, Claim], ...], chosen: set[str]
) -> list[SeenMention]:
    seen: list[SeenMention] = []
    for claim in claims:
        if claim.family in chosen and claim.plain:
            continue
        why = ", ".join(sorted(claim.context)) or ("not in a part that tells what was done" if claim.stance not in {"claim", "work", "result"} else "nothing tells that it was done")
        seen.append(SeenMention(family=claim.family, why=why, evidence=document.evidence(claim.start, claim.end)))
    for kind, claim in others:
        why = {"outside": "outside what is coded here", "open_surgery": "an operation", "without_rules": "no rules here"}[kind]
        seen.append(SeenMention(family=claim.family, why=why, evidence=document.evidence(claim.start, claim.end)))
    return seen
