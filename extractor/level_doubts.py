"""Levels read as treated, held against the words around them: what denies, postpones or does not explain them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extractor.document import Document
from extractor.mentions import Mention, Sentence
from extractor.patterns import phrases
from extractor.polarity import clause_around, denials
from extractor.profiles import families
from extractor.statements import Statement
from extractor.uses import LIST_GAP, Gathered, SiteUse, supplied_joints
from rules.encounter import Procedure, ReadingDoubt
from rules.nerves import foramen_of_root

_COUNTED = frozenset({"joint", "foramen", "disc", "body", "interspace"})
_OTHER_DAYS = frozenset({"historical", "planned", "conditional"})
_GUESS = 45
"""Characters before a level within which a word of doubt speaks of it."""

_QUANTITY = re.compile(r"\d\s?(?:mls?|ccs?|mg|mcg|psi|volts?|v|degrees?|sec(?:onds?)?|min(?:utes?)?)\b", re.IGNORECASE)
_QUESTION = re.compile(r"\s?\(?\?")
_LIKE_A_LEVEL = re.compile(
    r"(?<![A-Za-z0-9./])(?:Th?|[CLS])-?\d{1,2}(?![\d.]*\s?(?:weighted|signal|hyper|hypo|%|x\b|c\b|mm|cm))|"
    r"(?<![A-Za-z0-9])[TL]-(?:I{1,3}|IV|VI{0,3}|IX|XI{0,2})(?![A-Za-z0-9])"
)
"""Capitals only: "c 2" and "s 4" are common in dictation."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Levels of one list in a sentence; ``treated`` where all of them were read as places treated."""

    start: int
    end: int
    treated: bool


def level_doubts(
    document: Document, statements: tuple[Statement, ...], gathered: Gathered, procedures: list[Procedure]
) -> list[ReadingDoubt]:
    """At most one doubt of each kind about the levels of the procedures that are counted by level."""
    treated = _treated_names(procedures, _COUNTED)
    by_level = _treated_names(procedures, _COUNTED - {"interspace"})
    if not any(p.family in families() and families()[p.family].reads in _COUNTED for p in procedures):
        return []
    doubts = [
        _denied(document, statements, treated),
        _set_apart(document, statements, treated),
        _without_support(document, statements, gathered, treated),
        _guessed(document, statements),
        _unread(document, statements),
        _unexplained(document, gathered, by_level),
    ]
    return [doubt for doubt in doubts if doubt]


def _treated_names(procedures: list[Procedure], reads: frozenset[str]) -> frozenset[str]:
    """The places treated by families that read *reads*, foramina also by the root that leaves through them."""
    sites = [
        site
        for procedure in procedures
        if procedure.family in families() and families()[procedure.family].reads in reads
        for site in procedure.sites
        if site.name
    ]
    roots = {
        b for site in sites if site.kind == "foramen" for b in site.name.split("-") if foramen_of_root(b) == site.name
    }
    return frozenset({site.name for site in sites} | roots)


def _denied(document: Document, statements: tuple[Statement, ...], treated: frozenset[str]) -> ReadingDoubt | None:
    """A level that was read as treated beside words that deny, except or give up."""
    previous: tuple[_Group, ...] = ()
    for statement in statements:
        if statement.stance not in {"claim", "work", "result"}:
            continue
        groups = tuple(_groups(statement, treated))
        text, offset = statement.sentence.text, statement.sentence.start
        for denial in denials(text):
            if statement.stance == "claim" and denial.kind in {"bare", "give_up"}:
                continue
            start, end = clause_around(text, denial.start)
            if phrases("polarity", "side_parts").search(text, start, end):
                continue
            near = _neighbours(groups, offset + denial.start, offset + start, offset + end)
            if not near and denial.kind != "bare" and _points_back(text[start:end]):
                before = [g for g in groups if g.end <= offset + denial.start]
                near = before[-1:] or (list(previous[-1:]) if not groups else [])
            if near and all(group.treated for group in near):
                span = document.evidence(offset + denial.start, offset + denial.end)
                message = "Words that deny or except stand beside a level that was read as treated."
                return ReadingDoubt(reason="reading_uncertain", message=message, evidence=(span,))
        previous = groups
    return None


def _set_apart(document: Document, statements: tuple[Statement, ...], treated: frozenset[str]) -> ReadingDoubt | None:
    """A level of the account read as of another day, in a sentence whose other levels were read as treated."""
    for statement in statements:
        if statement.stance != "work" or not _tells_of_needle(statement):
            continue
        levels = statement.sentence.of("level")
        apart = [m for m in levels if m.context & _OTHER_DAYS and not _is_treated(m, treated)]
        if apart and any(not m.context and _is_treated(m, treated) for m in levels):
            span = document.evidence(apart[0].start, apart[0].end)
            message = "One level of a sentence is read as of another day, another one as treated."
            return ReadingDoubt(reason="reading_uncertain", message=message, evidence=(span,))
    return None


def _points_back(clause: str) -> bool:
    """Whether a clause that names no level speaks of the level before it."""
    return bool(phrases("polarity", "pointers").search(clause)) and not phrases("polarity", "other_things").search(
        clause
    )


def _neighbours(groups: tuple[_Group, ...], place: int, start: int, end: int) -> list[_Group]:
    """The nearest lists of levels before and after *place* within its clause."""
    inside = [g for g in groups if start <= g.start < end]
    before, after = [g for g in inside if g.start <= place], [g for g in inside if g.start > place]
    return [*before[-1:], *after[:1]]


def _groups(statement: Statement, treated: frozenset[str]) -> Iterator[_Group]:
    group: list[Mention] = []
    for mention in statement.sentence.of("level"):
        if group and mention.start - group[-1].end > LIST_GAP:
            yield _group(group, treated)
            group = []
        group.append(mention)
    if group:
        yield _group(group, treated)


def _group(mentions: list[Mention], treated: frozenset[str]) -> _Group:
    every = all(_is_treated(mention, treated) for mention in mentions)
    return _Group(mentions[0].start, mentions[-1].end, every)


def _is_treated(mention: Mention, treated: frozenset[str]) -> bool:
    """Whether everything that a level names was read as treated: its interspaces or bones."""
    level = mention.level
    if level is None:
        return False
    if level.kind != "single":
        return frozenset(level.interspaces) <= treated or frozenset(level.vertebrae) <= treated
    return level.bones[0] in treated


def _without_support(
    document: Document, statements: tuple[Statement, ...], gathered: Gathered, treated: frozenset[str]
) -> ReadingDoubt | None:
    """A level that only sentences of another day, of preparation, of spread, of pain or of a guess name."""
    uses: dict[str, list[SiteUse]] = {}
    for use in gathered.sites:
        name = (
            foramen_of_root(use.name) if use.kind == "nerve" and families()[use.family].reads == "foramen" else use.name
        )
        if name in treated and not use.failed:
            uses.setdefault(name, []).append(use)
    for name in {name for _, name in supplied_joints(gathered.sites)} & uses.keys():
        del uses[name]
    sure = {name for name, told in uses.items() if any(_supports(statements, u) for u in told)}
    needled = {name for name, told in uses.items() if any(u.source == "work" and u.strong for u in told)}
    bare = {name for name, told in uses.items() if name not in needled and _only_bare(statements, told)}
    for name in sorted((uses.keys() - sure) | (bare if needled else set())):
        if sure or len(uses) > 1:
            spans = tuple(document.evidence(u.start, u.end) for u in uses[name][:2])
            message = f"What is told of {name} may be preparation, spread, pain, a guess or another day."
            return ReadingDoubt(reason="reading_uncertain", message=message, evidence=spans)
    return None


def _only_bare(statements: tuple[Statement, ...], told: list[SiteUse]) -> bool:
    """Whether the account names a level only in sentences without instrument, substance, quantity or turn to it."""
    sentences = [one for use in told if use.source == "work" for one in _told_of(statements, use)]
    return bool(sentences) and not any(
        s.of("agents") or _QUANTITY.search(s.text) or phrases("sentences", "turns_to").search(s.text) for s in sentences
    )


def _told_of(statements: tuple[Statement, ...], use: SiteUse) -> Iterator[Sentence]:
    """The sentence that names a place, and those after it in the account up to another level."""
    first = _sentence_of(statements, use)
    own = {bone for m in first.of("level") if m.start == use.start and m.level for bone in m.level.bones}
    yield first
    for statement in statements[first.number + 1 :]:
        others = [m.level for m in statement.sentence.of("level") if m.level and not own & set(m.level.bones)]
        if statement.stance != "work" or others:
            return
        yield statement.sentence


def _sentence_of(statements: tuple[Statement, ...], use: SiteUse) -> Sentence:
    return next(s.sentence for s in statements if s.sentence.start <= use.start < s.sentence.end)


def _supports(statements: tuple[Statement, ...], use: SiteUse) -> bool:
    """Whether a title names the level, or the words between the levels around it speak of treating it today."""
    if use.source in {"title", "addendum"}:
        return True
    sentence = _sentence_of(statements, use)
    others = sentence.of("level")
    first, last = (place + sentence.start for place in clause_around(sentence.text, use.start - sentence.start))
    start = max((m.end for m in others if use.start - m.end > LIST_GAP), default=first)
    end = min((m.start for m in others if m.start - use.end > LIST_GAP), default=last)
    before = sentence.text[max(start, first) - sentence.start : use.start - sentence.start]
    around = before
    if not phrases("sentences", "needle").search(before):
        around = sentence.text[max(start, first) - sentence.start : min(end, last) - sentence.start]
    apart = any(phrases("polarity", key).search(around) for key in ("another_day", "preparation", "uncertain", "felt"))
    flowed = phrases("polarity", "reached").search(before) and not phrases("sentences", "needle_words").search(before)
    return not (apart or flowed)


def _guessed(document: Document, statements: tuple[Statement, ...]) -> ReadingDoubt | None:
    """A level with a question mark, or one that a needle was brought to by a guess."""
    for statement in statements:
        sentence = statement.sentence
        for mention in sentence.of("level") if _tells_of_needle(statement) else ():
            place = mention.start - sentence.start
            before = sentence.text[clause_around(sentence.text, place)[0] : place][-_GUESS:]
            if not _QUESTION.match(document.clean, mention.end) and not phrases("polarity", "uncertain").search(before):
                continue
            span = document.evidence(mention.start, mention.end)
            return ReadingDoubt(
                reason="reading_uncertain", message="A level is guessed or questioned.", evidence=(span,)
            )
    return None


def _unread(document: Document, statements: tuple[Statement, ...]) -> ReadingDoubt | None:
    """A letter and a number that look like a level and name no place, or go on in a way that cannot be read."""
    for statement in statements:
        if not _tells_of_needle(statement):
            continue
        sentence = statement.sentence
        read = [(m.start, m.end) for m in sentence.of("level")]
        broken = [(m.start, m.end) for m in sentence.of("level") if m.level and m.level.broken]
        like = [(sentence.start + m.start(), sentence.start + m.end()) for m in _LIKE_A_LEVEL.finditer(sentence.text)]
        odd = broken or [(a, b) for a, b in like if not any(start < b and a < end for start, end in read)]
        if odd:
            message = "A level is written in a way that names no place of the spine."
            span = document.evidence(*odd[0])
            return ReadingDoubt(reason="level_not_recognised", message=message, evidence=(span,))
    return None


def _unexplained(document: Document, gathered: Gathered, treated: frozenset[str]) -> ReadingDoubt | None:
    """A level beside an instrument that is neither treated nor part of what was, and that nothing explains."""
    bones = {bone for name in treated for bone in name.split("-")}
    odd = [m for m in gathered.unexplained if m.level and not set(m.level.bones) & bones]
    if not treated or not odd:
        return None
    spans = tuple(document.evidence(m.start, m.end) for m in odd[:2])
    message = "A level stands beside an instrument, and what it has to do with the procedure is not explained."
    return ReadingDoubt(reason="level_conflict", message=message, evidence=spans)


def _tells_of_needle(statement: Statement) -> bool:
    return statement.stance == "claim" or (statement.stance in {"work", "result"} and statement.needle)
