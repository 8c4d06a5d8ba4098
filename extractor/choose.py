"""Which families were done: claims of the title, the account and the result, held against each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from extractor.claims import Claim, Sign, families, signs_of
from extractor.document import Document
from extractor.patterns import phrases
from extractor.statements import Statement
from rules.encounter import EvidenceSpan, ReadingDoubt, SeenMention

_NEVER = frozenset({"negated", "historical", "generic", "consent", "other"})
_NEAR = 8
"""Sentences; a procedure named farther from any instrument is told about, not told."""

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
    acted = any(s.counts and phrases("sentences", "instrument").search(s.sentence.text) for s in statements)
    titled = _named(claims, "claim")
    told = _named(claims, "work", "result", "addendum")
    combined = {c.family for c in claims if c.plain and c.combined and c.stance in {"work", "result", "addendum"}}
    foreign = _foreign_title(statements, others, titled)
    reached = {s.place for s in signs if s.reached and s.stance in {"work", "result"}}
    untitled = _without_anesthesia(statements, _with_words(statements, told))
    near = {f for f in untitled if _near_work(statements, claims, f)}
    spread = _without_anesthesia(statements, _with_words(statements, combined | _scattered(statements)))
    chosen, extra = _pick(titled, near, spread, foreign, reached, acted=acted)
    if not acted and any(s.sentence.role == "course" for s in statements):
        untitled, near, titled, chosen, extra = untitled | titled, set(), set(), set(), set()
    chosen = _upgraded(chosen, claims)
    doubts = [*_without_rules(document, others, chosen, acted=acted), *_surgery(document, others, chosen, claims, foreign)]
    if chosen:
        doubts.extend(_conflicts(document, statements, chosen, extra, claims, signs, acted=acted, foreign=foreign))
        doubts.extend(_undelivered(document, statements, chosen, signs, acted=acted))
        doubts.extend(_strange_agents(document, statements, chosen))
    elif not doubts:
        doubts.extend(_told_only(document, claims, untitled - near))
    seen = tuple(_seen(document, claims, others, chosen))
    return Choice(tuple(sorted(chosen)), tuple(doubts), seen, acted)


def _foreign_title(statements: tuple[Statement, ...], others: tuple[tuple[str, Claim], ...], titled: set[str]) -> set[str]:
    """What a title names that is not ours; a title that names no procedure and no part of the spine is an operation."""
    if titled:
        return set()
    foreign = {kind for kind, c in others if c.plain and c.stance == "claim"}
    titles = [s for s in statements if s.stance == "claim" and s.sentence.role == "title" and len(s.sentence.text) > 3]
    vague = any(phrases("sentences", "vague_title").search(s.sentence.text) or s.sentence.of("level", "anatomy") for s in titles)
    return foreign or ({"open_surgery"} if titles and not vague else set())


def _named(claims: tuple[Claim, ...], *stances: str) -> set[str]:
    return {c.family for c in claims if c.plain and c.stance in stances and (not c.combined or c.stance == "claim")}


def _explained(chosen: set[str]) -> set[str]:
    """Places where the needle of one of these families may be told of."""
    return {place for f in chosen for place in (*signs_of(f), *families()[f].get("explains", ()))}  # type: ignore[attr-defined]  # a list by schema


def _scattered(statements: tuple[Statement, ...]) -> set[str]:
    """Families whose place and action are told in different sentences of an account without a title."""
    places = {m.name for s in statements if s.counts and s.stance != "claim" for m in s.sentence.of("anatomy") if m.plain}
    told = [s for s in statements if s.counts and s.stance != "claim" and not phrases("sentences", "skin").search(s.sentence.text)]
    actions = {m.name for s in told if s.needle for m in s.sentence.of("actions") if m.plain}
    if any(m.name in {"steroid", "anesthetic"} and m.plain for s in told for m in s.sentence.of("agents")):
        actions.add("inject")
    agents = {m.name for s in told for m in s.sentence.of("agents") if m.plain}
    found = set()
    for family, profile in families().items():
        for combo in profile.get("combos", ()):  # type: ignore[attr-defined]  # a list by schema
            done = agents & set(combo["agent"]) if "agent" in combo else actions & set(combo["action"]) or "any" in combo["action"]
            if places & set(combo["place"]) and done:
                found.add(family)
    return found


def _upgraded(chosen: set[str], claims: tuple[Claim, ...]) -> set[str]:
    """A puncture into which chemotherapy went, an epidural that held blood: the family that the substance makes."""
    made = {
        c.family
        for c in claims
        if c.combined and c.plain and c.stance in {"work", "result", "addendum"} and any("agent" in combo for combo in families()[c.family].get("combos", ()))  # type: ignore[attr-defined]  # a list by schema
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
    return {f for f in found if not families()[f].get("requires") or phrases("sentences", str(families()[f]["requires"])).search(texts)}


def _without_anesthesia(statements: tuple[Statement, ...], found: set[str]) -> set[str]:
    """Without what was anaesthesia for labour or surgery, where no title names it as a procedure of its own."""
    if any(phrases("sentences", "labor").search(s.sentence.text) or any(m.name == "anesthesia" for m in s.sentence.of("outside")) for s in statements):
        return {f for f in found if not families()[f].get("anesthetic")}
    return found


def _near_work(statements: tuple[Statement, ...], claims: tuple[Claim, ...], family: str) -> bool:
    """Whether an instrument is told of within a few sentences of where an account names *family*."""
    work = [n for n, s in enumerate(statements) if s.counts and phrases("sentences", "instrument").search(s.sentence.text)]
    return any(abs(n - c.statement) <= _NEAR for c in claims if c.family == family and c.plain for n in work)


def _kin(family: str) -> frozenset[str]:
    """Families whose names may only be a looser word for *family*."""
    return frozenset(families()[family].get("silences", ()))  # type: ignore[call-overload]  # a list of strings by schema


def _pick(
    titled: set[str], told: set[str], combined: set[str], foreign: set[str], reached: set[str], *, acted: bool
) -> tuple[set[str], set[str]]:
    """The families done, and those named in the account alone although a title names others."""
    if titled:
        carriers = {str(families()[t].get("beside")) for t in titled} - {"None"}
        needed = {c for c in carriers if not any(c in _kin(t) for t in titled)}
        own = reached - _explained(titled | needed)
        extra = {f for f in told - titled - needed if not any(f in _kin(t) for t in titled) and signs_of(f) & own}
        extra |= {f for f in combined - titled - told if any(f in families()[t].get("apart", ()) for t in titled)}  # type: ignore[operator]  # a list by schema
        return titled | extra | needed, extra
    if foreign:
        return {f for f in told if signs_of(f) & reached and "open_surgery" in foreign and not families()[f].get("anesthetic")}, set()
    if told and acted:
        return {f for f in told if not any(f in _kin(t) for t in told - {f})}, set()
    if combined and acted:
        return {f for f in combined if not any(f in _kin(t) for t in combined - {f})}, set()
    return set(), set()


def _part_of(other: str, chosen: set[str]) -> bool:
    """Whether a procedure without rules is a usual step of one that was chosen (a biopsy at the body cemented)."""
    return any(other in families()[f].get("includes", ()) for f in chosen)  # type: ignore[operator]  # a list by schema


def _spans(document: Document, claims: Iterable[Claim]) -> tuple[EvidenceSpan, ...]:
    return tuple(document.evidence(c.start, c.end) for c in claims)


def _without_rules(
    document: Document, others: tuple[tuple[str, Claim], ...], chosen: set[str], *, acted: bool
) -> list[ReadingDoubt]:
    found = [
        c
        for kind, c in others
        if kind == "without_rules" and c.plain and not _part_of(c.family, chosen) and (c.stance == "claim" or (c.stance in {"work", "result"} and acted and not chosen))
    ]
    if not found:
        return []
    names = ", ".join(sorted({c.family.replace("_", " ") for c in found}))
    return [ReadingDoubt(reason="family_without_rules", message=f"A spinal procedure without rules here is named: {names}.", evidence=_spans(document, found[:2]))]


def _surgery(
    document: Document, others: tuple[tuple[str, Claim], ...], chosen: set[str], claims: tuple[Claim, ...], foreign: set[str]
) -> list[ReadingDoubt]:
    operations = [c for kind, c in others if kind == "open_surgery" and c.plain and c.stance == "claim"]
    if not chosen or not (operations or foreign):
        return []
    return [
        ReadingDoubt(
            reason="part_of_open_operation",
            message="The procedure is told inside the note of an operation; whether it is reported besides is for a human.",
            evidence=_spans(document, operations[:1] or [c for c in claims if c.family in chosen][:1]),
        )
    ]


def _conflicts(
    document: Document, statements: tuple[Statement, ...], chosen: set[str], extra: set[str], claims: tuple[Claim, ...], signs: tuple[Sign, ...], *, acted: bool, foreign: set[str]
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
    explained = _explained(chosen)
    work = [s for s in signs if s.stance in {"work", "result"} and s.reached]
    if not any("lesion" in combo.get("action", ()) for f in chosen for combo in families()[f].get("combos", ())) and not any(  # type: ignore[attr-defined]  # lists by schema
        "lesion" in families()[f].get("delivered", {}).get("actions", ()) for f in chosen  # type: ignore[attr-defined]  # a mapping by schema
    ):
        burns = [m for s in statements if s.stance in {"work", "result"} and s.needle for m in s.sentence.of("actions") if m.name == "lesion" and m.plain]
        if burns:
            doubts.append(
                ReadingDoubt(
                    reason="family_conflict",
                    message="A nerve lesion is told of that the named procedure does not explain.",
                    evidence=tuple(document.evidence(m.start, m.end) for m in burns[:2]),
                )
            )
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


def _undelivered(
    document: Document, statements: tuple[Statement, ...], chosen: set[str], signs: tuple[Sign, ...], *, acted: bool
) -> list[ReadingDoubt]:
    """Families of which an account tells no end: nothing injected, taken out or lesioned (``delivered:``)."""
    counted = [s for s in statements if s.counts and not phrases("sentences", "skin").search(s.sentence.text)]
    agents = {m.name for s in counted for m in s.sentence.of("agents") if not m.context & _NEVER}
    actions = {m.name for s in counted for m in s.sentence.of("actions") if not m.context & _NEVER}
    places = {s.place for s in signs}
    missing = []
    for family in sorted(chosen):
        proof = families()[family].get("delivered")
        if not isinstance(proof, dict) or not acted:
            continue
        words = proof.get("words")
        told = bool(words) and any(phrases("sentences", str(words)).search(s.sentence.text) for s in counted)
        if not (told or agents & set(proof.get("agents", ())) or actions & set(proof.get("actions", ())) or places & set(proof.get("places", ()))):
            missing.append(family)
    return [
        ReadingDoubt(reason="performed_unclear", message=f"Nothing tells that the {f.replace('_', ' ')} was brought to its end.", evidence=())
        for f in missing
    ]


def _strange_agents(document: Document, statements: tuple[Statement, ...], chosen: set[str]) -> list[ReadingDoubt]:
    """Substances that make another procedure than those chosen (alcohol, blood, cement, chemotherapy ...)."""
    known = {a for profile in families().values() for a in profile.get("substances", ())}  # type: ignore[attr-defined]  # a list by schema
    fitting = {a for f in chosen for a in families()[f].get("substances", ())}  # type: ignore[attr-defined]  # a list by schema
    odd = [
        m
        for s in statements
        if s.stance in {"work", "claim"} and (s.needle or s.stance == "claim")
        for m in s.sentence.of("agents")
        if m.plain and m.name in known - fitting
    ]
    if not odd:
        return []
    names = ", ".join(sorted({m.name.replace("_", " ") for m in odd}))
    return [
        ReadingDoubt(
            reason="agent_conflict",
            message=f"A substance is told of that the named procedure does not explain: {names}.",
            evidence=tuple(document.evidence(m.start, m.end) for m in odd[:2]),
        )
    ]


def _told_only(document: Document, claims: tuple[Claim, ...], far: set[str]) -> list[ReadingDoubt]:
    """A procedure told in a course of events without a note of its own."""
    found = [c for c in claims if (c.stance == "course" or c.family in far) and c.plain and families()[c.family].get("narrative")]
    if not found:
        return []
    return [
        ReadingDoubt(
            reason="told_without_note",
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
