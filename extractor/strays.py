"""Needles, places and denials that the families chosen do not explain."""

from __future__ import annotations

from extractor.claims import signs_of
from extractor.patterns import phrases
from extractor.profiles import families
from extractor.statements import Statement
from extractor.view import STRONG_PLACES, TOLD, View, explained
from rules.encounter import ReadingDoubt

_DENIED_REACH = 60
"""Characters between what was not done and the words that say so."""

_ACCOUNTS = frozenset({"title", "preamble", "technique", "body", "unknown", "findings", "impression"})


def other_needles(view: View) -> list[ReadingDoubt]:
    """A needle that went to a place where no chosen family goes."""
    if not view.acted or view.foreign:
        return []
    known = explained(view.chosen)
    odd = [s for s in view.signs if s.stance in TOLD and s.reached and s.place in STRONG_PLACES - known]
    if not odd:
        return []
    place = odd[0].place.replace("_", " ")
    return [
        view.doubt("family_conflict", f"The needle went to a place the named procedure does not explain: {place}.", odd)
    ]


def other_places(view: View) -> list[ReadingDoubt]:
    """A title, a field for the site, or an account without a title that names a place where no chosen family goes."""
    known = explained(view.chosen)
    titled = any(c.stance == "claim" and c.plain and c.family in view.chosen for c in view.claims)
    stances = {"claim"} if titled else {"claim", "work"}
    odd = [
        s
        for s in view.signs
        if s.stance in stances
        and s.place in STRONG_PLACES - known
        and (s.stance == "claim" or (s.place != "interlaminar" and _is_worked_on(view.statements[s.statement])))
    ]
    if view.foreign or not odd:
        return []
    place = odd[0].place.replace("_", " ")
    return [view.doubt("family_conflict", f"A place is named that the named procedure does not explain: {place}.", odd)]


def _is_worked_on(statement: Statement) -> bool:
    """Whether a sentence tells of an instrument, an act or a substance, not of a finding alone."""
    return statement.needle or bool(statement.sentence.of("actions", "agents"))


def denied(view: View) -> list[ReadingDoubt]:
    """A sentence that says of a family chosen, or of its place, that it was not done."""
    odd = []
    for sentence in (s.sentence for s in view.statements if s.sentence.role in _ACCOUNTS):
        denial = phrases("sentences", "denied_after").search(sentence.text)
        stop = sentence.start + denial.start() if denial else 0
        odd += [
            m
            for m in sentence.of("procedure", "anatomy")
            if stop - _DENIED_REACH < m.end <= stop
            and any(m.name == f or (m.kind == "anatomy" and m.name in signs_of(f)) for f in view.chosen)
        ]
    message = "A sentence says of what is named elsewhere that it was not done."
    return [view.doubt("negation_conflict", message, odd)] if odd else []


def no_sign(view: View) -> list[ReadingDoubt]:
    """A family of whose place the account says nothing, while a needle went to another family's place."""
    told = {s.place for s in view.signs if s.stance in TOLD}
    reached = {s.place for s in view.signs if s.stance in TOLD and s.reached} & STRONG_PLACES
    silent = [f for f in sorted(view.chosen) if signs_of(f) and not (signs_of(f) & told) and not families()[f].beside]
    others = [f for f in view.chosen if signs_of(f) & told]
    if view.foreign or not silent or not (reached - explained(silent[:1]) or others):
        return []
    place = min(reached or told).replace("_", " ")
    message = (
        f"The account tells nothing of the {silent[0].replace('_', ' ')}; its needle went to another place: {place}."
    )
    return [view.doubt("family_conflict", message, [c for c in view.claims if c.family == silent[0]])]
