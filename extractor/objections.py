"""What speaks against the families chosen: other names, needles, substances, no end, an operation around."""

from __future__ import annotations

import re

from extractor.facts import affirmed
from extractor.given import given, use_of
from extractor.lexicon_files import load
from extractor.mentions import Mention
from extractor.patterns import bounded, phrases
from extractor.profiles import families
from extractor.statements import Statement
from extractor.strays import denied, no_sign, other_needles, other_places
from extractor.view import TOLD, View
from rules.encounter import ReadingDoubt

_NEVER = frozenset({"negated", "historical", "generic", "consent", "other"})
_HEAT = re.compile(r"\d\s?(?:degrees?|deg\b|\u00b0|c\b|seconds?|sec\b)", re.IGNORECASE)


def object_to(view: View, *, far: frozenset[str], intended: frozenset[str]) -> tuple[ReadingDoubt, ...]:
    """Every doubt about the choice.

    ``far`` are families told of with no instrument anywhere near, ``intended`` those that only an intention names.
    """
    doubts = [*_without_rules(view), *_surgery(view)]
    for family in sorted(intended):
        spans = [c for c in view.claims if c.family == family]
        doubts.append(
            view.doubt(
                "performed_unclear",
                "The account does not name the procedure or bring a needle to its place in plain words.",
                spans,
            )
        )
    if view.chosen:
        for objection in _OBJECTIONS:
            doubts.extend(objection(view))
    elif not doubts:
        doubts.extend(_told_only(view, far))
    return tuple(doubts)


def _without_rules(view: View) -> list[ReadingDoubt]:
    """A spinal procedure that is recognised and has no rules here."""
    usual_steps = {other for f in view.chosen for other in families()[f].includes}
    found = [
        c
        for kind, c in view.others
        if kind == "without_rules"
        and c.plain
        and c.family not in usual_steps
        and (c.stance == "claim" or (c.stance in TOLD and view.acted and not view.chosen))
    ]
    if not found:
        return []
    names = ", ".join(sorted({c.family.replace("_", " ") for c in found}))
    return [view.doubt("family_without_rules", f"A spinal procedure without rules here is named: {names}.", found)]


def _surgery(view: View) -> list[ReadingDoubt]:
    """A procedure told inside the note of an operation."""
    operations = [c for kind, c in view.others if kind == "open_surgery" and c.plain and c.stance == "claim"]
    if not view.chosen or not (operations or view.foreign):
        return []
    message = "The procedure is told inside the note of an operation; whether it is reported besides is for a human."
    spans = operations or [c for c in view.claims if c.family in view.chosen]
    return [view.doubt("part_of_open_operation", message, spans)]


def _other_names(view: View) -> list[ReadingDoubt]:
    """A family that the account names and the title does not."""
    return [
        view.doubt(
            "family_conflict",
            f"The account names a {family.replace('_', ' ')} that the title does not.",
            [c for c in view.claims if c.family == family and c.plain],
        )
        for family in sorted(view.extra)
    ]


def _named_in_result(view: View) -> list[ReadingDoubt]:
    """A family that only the impression names."""
    kin = {other for f in view.chosen for other in families()[f].silences}
    odd = [
        c
        for c in view.claims
        if c.plain
        and c.stance == "result"
        and not c.combined
        and c.family not in view.chosen | view.extra | kin
        and view.statements[c.statement].sentence.role == "impression"
    ]
    if not odd:
        return []
    name = odd[0].family.replace("_", " ")
    return [view.doubt("family_conflict", f"The impression names a {name} that nothing else tells of.", odd)]


def _other_lesions(view: View) -> list[ReadingDoubt]:
    """A nerve lesion where no chosen family makes one."""
    if any(families()[f].lesions for f in view.chosen):
        return []
    burns = [
        m
        for s in view.statements
        if s.stance in TOLD and (s.needle or _HEAT.search(s.sentence.text))
        for m in s.sentence.of("actions")
        if m.name == "lesion" and m.plain
    ]
    message = "A nerve lesion is told of that the named procedure does not explain."
    return [view.doubt("family_conflict", message, burns)] if burns else []


def _other_substances(view: View) -> list[ReadingDoubt]:
    """Substances that make another procedure than those chosen (alcohol, blood, cement, chemotherapy ...)."""
    known = {agent for profile in families().values() for agent in profile.substances}
    fitting = {agent for f in view.chosen for agent in families()[f].substances}
    odd = [
        m
        for s in view.statements
        if s.stance in {"claim", "work"}
        for m in s.sentence.of("agents")
        if m.plain and m.name in known - fitting and _speaks_against(s, m)
    ]
    if not odd:
        return []
    names = ", ".join(sorted({m.name.replace("_", " ") for m in odd}))
    message = f"A substance is told of that the named procedure does not explain: {names}."
    return [view.doubt("agent_conflict", message, odd)]


def _speaks_against(statement: Statement, mention: Mention) -> bool:
    """Whether a substance of another procedure went in here, or may have."""
    use = use_of(statement, mention)
    return use == "given" or (use == "named" and (statement.stance == "claim" or statement.needle))


def _no_end(view: View) -> list[ReadingDoubt]:
    """Families of which an account tells no end: nothing injected, taken out or lesioned (``delivered:``)."""
    if not view.acted:
        return []
    counted = [s for s in view.statements if s.counts and not phrases("sentences", "skin").search(s.sentence.text)]
    agents = {m.name for _, m in given(s for s in counted if s.stance != "claim")}
    actions = {m.name for s in counted for m in s.sentence.of("actions") if not m.context & _NEVER}
    places = {s.place for s in view.signs}
    missing = []
    for family in sorted(view.chosen):
        proof = families()[family].delivered
        if not (proof.agents or proof.actions or proof.places or proof.words):
            continue
        told = bool(proof.words) and any(phrases("sentences", proof.words).search(s.sentence.text) for s in counted)
        if not (told or agents & proof.agents or actions & proof.actions or places & proof.places):
            missing.append(family)
    named = {m.name for s in counted for m in s.sentence.of("agents")}
    return [
        view.doubt(
            "agent_conflict" if named & families()[f].substances else "performed_unclear",
            f"Nothing tells that the {f.replace('_', ' ')} was brought to its end.",
            (),
        )
        for f in missing
    ]


def _flags(view: View) -> list[ReadingDoubt]:
    """Circumstances of ``flags.yaml`` told of in a sentence that counts."""
    doubts = []
    for reason, flag in sorted(load("flags").items()):
        profiles = [families()[f] for f in view.chosen]
        if "reads" in flag and not any(p.reads in flag["reads"] for p in profiles):
            continue
        if "facts" in flag and not any(set(p.facts) & set(flag["facts"]) for p in profiles):
            continue
        told = [
            s
            for s in view.statements
            if s.counts and all(affirmed(s.sentence.text, bounded(tuple(words))) for words in flag["all"])
        ]
        if told:
            span = view.document.evidence(told[0].sentence.start, told[0].sentence.end)
            doubts.append(ReadingDoubt(reason=reason, message="The report tells of it.", evidence=(span,)))
    return doubts


def _given_up(view: View) -> list[ReadingDoubt]:
    """A place that was given up in a sentence that does not name it."""
    told = [
        s.sentence
        for s in view.statements
        if s.stance in TOLD and not s.sentence.of("level") and phrases("sentences", "given_up").search(s.sentence.text)
    ]
    if not told:
        return []
    span = view.document.evidence(told[0].start, told[0].end)
    return [
        ReadingDoubt(reason="reading_uncertain", message="A place was given up without naming it.", evidence=(span,))
    ]


_OBJECTIONS = (
    _flags,
    _given_up,
    _named_in_result,
    _other_names,
    _other_lesions,
    other_needles,
    other_places,
    denied,
    no_sign,
    _other_substances,
    _no_end,
)


def _told_only(view: View, far: frozenset[str]) -> list[ReadingDoubt]:
    """A procedure told in a course of events without a note of its own."""
    found = [
        c
        for c in view.claims
        if (c.stance == "course" or c.family in far) and c.plain and families()[c.family].narrative
    ]
    if not found:
        return []
    message = "A procedure of this stay is told in the course of events; nothing can be billed without its own note."
    return [view.doubt("told_without_note", message, found)]
