"""Which families were done: claims of the title, the account and the result, held against each other."""

from __future__ import annotations

from dataclasses import dataclass

from extractor.claims import Claim, Sign, signs_of
from extractor.document import Document
from extractor.facts import affirmed
from extractor.given import given, use_of
from extractor.objections import object_to
from extractor.patterns import phrases
from extractor.profiles import families
from extractor.statements import Statement
from extractor.view import STRONG_PLACES, TOLD, View, explained
from rules.encounter import ReadingDoubt, SeenMention

_STRAY = 3
"""Characters; a title shorter than this says nothing."""

_AFTERTHOUGHTS = frozenset({"trigger_point"})
"""Procedures outside the spine that are often done at the end of a spinal one."""

_NEAR = 8
"""Sentences; a procedure named farther from any instrument is told about, not told."""


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
    if _is_imaging(statements, claims, others):
        return Choice((), (), tuple(_seen(document, claims, others, set())), acted=False)
    acted = any(s.counts and affirmed(s.sentence.text, phrases("sentences", "instrument")) for s in statements)
    titled = _named(claims, "claim")
    told = _named(claims, "work", "result", "addendum")
    combined = {c.family for c in claims if c.plain and c.combined and c.stance in {"work", "result", "addendum"}}
    foreign = _foreign_title(statements, others, titled)
    reached = {s.place for s in signs if s.reached and s.stance in {"work", "result"}}
    untitled = _without_anesthesia(statements, _with_words(statements, told))
    near = untitled & _near_work(statements, claims)
    apart = _scattered(statements)
    elsewhere = _is_elsewhere(others, signs)
    arrived = {f for f in apart if signs_of(f) & reached} or _only_one(apart, reached, elsewhere=elsewhere)
    spread = _without_anesthesia(statements, _with_words(statements, combined | arrived))
    chosen, extra = _pick(titled, near, spread, foreign, reached, acted=acted)
    beside = _told_beside(statements, claims, chosen) if acted and not titled and not foreign else set()
    beside = _without_anesthesia(statements, _with_words(statements, beside))
    chosen, extra = chosen | beside, extra | beside
    if not acted and any(s.sentence.role == "course" for s in statements):
        untitled, near, titled, chosen, extra = untitled | titled, set(), set(), set(), set()
    chosen = _upgraded(chosen, claims, statements)
    intended: frozenset[str] = frozenset()
    if not chosen and not foreign and acted:
        weak = set() if elsewhere else _without_anesthesia(statements, _with_words(statements, apart))
        weak = weak or ({f for f in families() if signs_of(f) & reached & STRONG_PLACES} if not elsewhere else set())
        intended = _intended(claims, reached) or frozenset(f for f in weak if not any(f in _kin(t) for t in weak - {f}))
        chosen |= intended
    view = View(
        document,
        statements,
        claims,
        signs,
        others,
        frozenset(chosen),
        frozenset(extra),
        foreign=bool(foreign),
        acted=acted,
    )
    doubts = object_to(view, far=frozenset(untitled - near), intended=intended)
    seen = tuple(_seen(document, claims, others, chosen))
    return Choice(tuple(sorted(chosen)), tuple(doubts), seen, acted)


def _is_imaging(
    statements: tuple[Statement, ...], claims: tuple[Claim, ...], others: tuple[tuple[str, Claim], ...]
) -> bool:
    """Whether the first title names a scan or films and no procedure, and nothing tells of work with a needle."""
    first = next((n for n, s in enumerate(statements) if s.stance == "claim"), -1)
    scan = any(kind == "outside" and c.family == "plain_imaging" and c.statement == first for kind, c in others)
    named = any(c.statement == first and c.plain for c in claims)
    worked = any(s.counts and s.stance != "claim" and s.needle and s.plain("actions", "agents") for s in statements)
    return scan and not named and not worked


def _is_elsewhere(others: tuple[tuple[str, Claim], ...], signs: tuple[Sign, ...]) -> bool:
    """Whether a procedure outside the spine may be what the needle was for; muscles injected afterwards are not."""
    first = min((s.statement for s in signs if s.stance == "work" and s.place in STRONG_PLACES), default=None)
    return any(
        kind == "outside"
        and c.family != "plain_imaging"
        and c.context <= {"planned"}
        and not (c.family in _AFTERTHOUGHTS and c.stance != "claim" and _comes_after(c, first))
        for kind, c in others
    )


def _comes_after(claim: Claim, first: int | None) -> bool:
    """Whether a procedure is told after the first spinal place of the account, or in no part that tells of work."""
    return first is not None and (claim.stance not in TOLD or claim.statement > first)


def _foreign_title(
    statements: tuple[Statement, ...], others: tuple[tuple[str, Claim], ...], titled: set[str]
) -> set[str]:
    """What a title names that is not ours; a title that names no procedure and no part of the spine is an operation."""
    if titled:
        return set()
    foreign = {kind for kind, c in others if c.plain and c.stance == "claim" and c.family != "plain_imaging"}
    titles = [
        s for s in statements if s.stance == "claim" and s.sentence.role == "title" and len(s.sentence.text) > _STRAY
    ]
    vague = any(
        phrases("sentences", "vague_title").search(s.sentence.text) or s.sentence.of("level", "anatomy") for s in titles
    )
    return foreign or ({"open_surgery"} if titles and not vague else set())


def _named(claims: tuple[Claim, ...], *stances: str) -> set[str]:
    return {c.family for c in claims if c.plain and c.stance in stances and (not c.combined or c.stance == "claim")}


def _scattered(statements: tuple[Statement, ...]) -> set[str]:
    """Families whose place and action are told in different sentences of an account without a title."""
    places = {
        m.name
        for s in statements
        if s.counts and s.stance != "claim" and not s.taken_back
        for m in s.sentence.of("anatomy")
        if m.plain
    }
    told = [
        s
        for s in statements
        if s.counts and s.stance != "claim" and not phrases("sentences", "skin").search(s.sentence.text)
    ]
    actions = {m.name for s in told if s.needle for m in s.sentence.of("actions") if m.plain}
    if any(m.name in {"steroid", "anesthetic"} and m.plain for s in told for m in s.sentence.of("agents")):
        actions.add("inject")
    agents = {m.name for s in told for m in s.sentence.of("agents") if m.plain and use_of(s, m) != "elsewhere"}
    texts = " . ".join(s.sentence.text for s in told)
    found = set()
    for family, profile in families().items():
        for combo in profile.combos:
            done = agents & combo.agent if combo.agent else actions & combo.action or "any" in combo.action
            if places & combo.place and done and (not combo.needs or phrases("sentences", combo.needs).search(texts)):
                found.add(family)
    return found


def _only_one(found: set[str], reached: set[str], *, elsewhere: bool) -> set[str]:
    """The one family that an account without a title can mean, where no needle went to a place of any other."""
    alone = {f for f in found if not any(f in _kin(t) for t in found - {f})}
    if elsewhere or len(alone) != 1 or reached & STRONG_PLACES:
        return set()
    return alone


def _told_beside(statements: tuple[Statement, ...], claims: tuple[Claim, ...], chosen: set[str]) -> set[str]:
    """Families that an account brings a needle and a drug to, beside the ones it names, at a place of their own."""
    known = explained(chosen)
    return {
        c.family
        for c in claims
        if c.combined
        and c.plain
        and c.stance == "work"
        and chosen
        and statements[c.statement].needle
        and c.family not in chosen
        and not any(c.family in _kin(f) or f in _kin(c.family) for f in chosen)
        and not signs_of(c.family) & known
    }


def _intended(claims: tuple[Claim, ...], reached: set[str]) -> frozenset[str]:
    """Families that only an intention names, while a needle went where they go; a human decides."""
    named = {c.family for c in claims if c.context <= {"planned", "conditional"} and c.stance != "course"}
    return frozenset(f for f in named if signs_of(f) & reached & STRONG_PLACES)


def _upgraded(chosen: set[str], claims: tuple[Claim, ...], statements: tuple[Statement, ...]) -> set[str]:
    """A puncture into which chemotherapy went, an epidural that held blood: the family that the substance makes."""
    made = {
        c.family
        for c in claims
        if c.combined
        and c.plain
        and c.stance in {"work", "result", "addendum"}
        and any(combo.agent for combo in families()[c.family].combos)
    }
    went_in = {m.name for _, m in given(statements, "work", "result")}
    made |= {
        c.family
        for c in claims
        if any(o.agent & went_in for o in families()[c.family].combos) and "negated" not in c.context
    }
    found = set(chosen)
    for family in made - chosen:
        replaced = _kin(family) & chosen
        if replaced:
            found = (found - replaced) | {family}
    return found


def _with_words(statements: tuple[Statement, ...], found: set[str]) -> set[str]:
    """Without the families whose own words (``requires:``) stand nowhere in what was told."""
    texts = " . ".join(s.sentence.text for s in statements if s.counts)
    return {
        f for f in found if not families()[f].requires or phrases("sentences", families()[f].requires).search(texts)
    }


def _without_anesthesia(statements: tuple[Statement, ...], found: set[str]) -> set[str]:
    """Without what was anaesthesia for labour or surgery, where no title names it as a procedure of its own."""
    told = [s.sentence for s in statements if s.counts]
    if any(
        phrases("sentences", "labor").search(s.text) or any(m.name == "anesthesia" for m in s.of("outside"))
        for s in told
    ):
        return {f for f in found if not families()[f].anesthetic}
    return found


def _near_work(statements: tuple[Statement, ...], claims: tuple[Claim, ...]) -> set[str]:
    """Families that an account names within a few sentences of an instrument."""
    work = [
        n for n, s in enumerate(statements) if s.counts and phrases("sentences", "needle_words").search(s.sentence.text)
    ]
    return {c.family for c in claims if c.plain and any(abs(n - c.statement) <= _NEAR for n in work)}


def _kin(family: str) -> frozenset[str]:
    """Families whose names may only be a looser word for *family*."""
    return families()[family].silences


def _pick(
    titled: set[str], told: set[str], combined: set[str], foreign: set[str], reached: set[str], *, acted: bool
) -> tuple[set[str], set[str]]:
    """The families done, and those named in the account alone although a title names others."""
    if titled:
        carriers = {families()[t].beside for t in titled} - {""}
        needed = {c for c in carriers if not any(c in _kin(t) for t in titled)}
        needed |= {f for f in told if families()[f].beside}
        own = reached - explained(titled | needed)
        extra = {f for f in told - titled - needed if not any(f in _kin(t) for t in titled) and signs_of(f) & own}
        extra |= {f for f in combined - titled - told if any(f in families()[t].apart for t in titled)}
        return titled | extra | needed, extra
    if foreign:
        return {
            f for f in told if signs_of(f) & reached and "open_surgery" in foreign and not families()[f].anesthetic
        }, set()
    if told and acted:
        return {f for f in told if families()[f].beside or not any(f in _kin(t) for t in told - {f})}, set()
    if combined and acted:
        return {f for f in combined if not any(f in _kin(t) for t in combined - {f})}, set()
    return set(), set()


def _seen(
    document: Document, claims: tuple[Claim, ...], others: tuple[tuple[str, Claim], ...], chosen: set[str]
) -> list[SeenMention]:
    seen: list[SeenMention] = []
    for claim in claims:
        if claim.family in chosen and claim.plain:
            continue
        why = ", ".join(sorted(claim.context)) or (
            "not in a part that tells what was done"
            if claim.stance not in {"claim", "work", "result"}
            else "nothing tells that it was done"
        )
        seen.append(SeenMention(family=claim.family, why=why, evidence=document.evidence(claim.start, claim.end)))
    for kind, claim in others:
        why = {
            "outside": "outside what is coded here",
            "open_surgery": "an operation",
            "without_rules": "no rules here",
        }[kind]
        seen.append(SeenMention(family=claim.family, why=why, evidence=document.evidence(claim.start, claim.end)))
    return seen
