"""The order, the title and the result held against what was read of each procedure."""

from __future__ import annotations

from extractor.claims import Claim, Sign, signs_of
from extractor.details import read_details
from extractor.document import Document
from extractor.mentions import Mention, Sentence
from extractor.profiles import families
from extractor.regions import regions_in
from extractor.statements import Statement
from rules.encounter import Procedure, ReadingDoubt

_TAKEN_BACK = frozenset({"historical", "negated", "other", "generic", "consent"})
_BESIDE = 30
"""Characters before the name of a procedure within which a level or side is that of the procedure ordered."""

_COMPARED = ("lesion", "purpose")
"""Facts that a title may tell otherwise than the account."""


def cross_doubts(
    document: Document,
    statements: tuple[Statement, ...],
    claims: tuple[Claim, ...],
    signs: tuple[Sign, ...],
    procedures: list[Procedure],
) -> list[ReadingDoubt]:
    """Where an order, a title or a finding speaks of other work than was read."""
    read = [p for p in procedures if p.family in families()]
    doubts = [*_order(document, statements, read), *_study_told(document, statements, claims, read)]
    for number, procedure in enumerate(procedures):
        if procedure.family in families():
            doubts.extend(_title_facts(statements, number, procedure))
            doubts.extend(_regions_apart(document, statements, number, procedure))
            doubts.extend(_route(signs, number, procedure))
            doubts.extend(_cavity(number, procedure))
    return doubts


def _order(document: Document, statements: tuple[Statement, ...], procedures: list[Procedure]) -> list[ReadingDoubt]:
    """An order or an indication that asks for another family, level or side than was treated."""
    done = {p.family for p in procedures}
    kin = done | {f for p in procedures for f in families()[p.family].silences}
    kin |= {f for f, profile in families().items() if profile.silences & done}
    bones = {tuple(site.name.split("-")) for p in procedures for site in p.sites if site.name}
    asked = [
        (s.sentence, name)
        for s in statements
        if s.sentence.role in {"order", "indication"}
        for name in s.sentence.of("procedure")
        if not name.context & _TAKEN_BACK and (s.sentence.role == "order" or "planned" in name.context)
    ]
    if not done or not asked or any(_was_done(sentence, name, kin, bones) for sentence, name in asked):
        return []
    name = asked[0][1]
    message = f"The order asks for a {name.name.replace('_', ' ')}, and not as it was done."
    span = document.evidence(name.start, name.end)
    return [ReadingDoubt(reason="order_conflict", message=message, evidence=(span,))]


def _was_done(sentence: Sentence, name: Mention, kin: set[str], bones: set[tuple[str, ...]]) -> bool:
    """Whether a procedure asked for was done, at the level that stands before its name if one does."""
    asked = {m.level.bones for m in sentence.of("level") if m.level and _stands_before(m, name)}
    return name.name in kin and (not asked or _touch(asked, bones))


def _stands_before(level: Mention, name: Mention) -> bool:
    return level.end <= name.start and name.start - level.end < _BESIDE


def _touch(asked: set[tuple[str, ...]], done: set[tuple[str, ...]]) -> bool:
    """Whether a level asked for and one done share a bone, or nothing is known of what was done."""
    return not done or bool({bone for one in asked for bone in one} & {bone for one in done for bone in one})


def _study_told(
    document: Document, statements: tuple[Statement, ...], claims: tuple[Claim, ...], procedures: list[Procedure]
) -> list[ReadingDoubt]:
    """Findings of a study that was not read as done, in the report of an injection."""
    done = {p.family for p in procedures}
    kin = done | {f for p in procedures for f in families()[p.family].silences}
    odd = [
        c
        for c in claims
        if c.plain
        and not c.combined
        and c.stance == "result"
        and c.family not in kin
        and _is_study(c.family)
        and statements[c.statement].sentence.role == "findings"
    ]
    if not done or not odd or any(_is_study(f) for f in done):
        return []
    message = f"A {odd[0].family.replace('_', ' ')} is told among the findings of another procedure."
    span = document.evidence(odd[0].start, odd[0].end)
    return [ReadingDoubt(reason="study_in_injection_family", message=message, evidence=(span,))]


def _is_study(family: str) -> bool:
    """Whether the work of a family is to inject contrast and read what it shows."""
    return families()[family].delivered.agents <= {"contrast", "gadolinium"} and bool(
        families()[family].delivered.agents
    )


def _title_facts(statements: tuple[Statement, ...], number: int, procedure: Procedure) -> list[ReadingDoubt]:
    """A fact that the title tells in one way and the account in another."""
    asked = tuple(fact for fact in families()[procedure.family].facts if fact in _COMPARED)
    if not asked:
        return []
    title = read_details(asked, tuple(s for s in statements if s.stance == "claim"))
    account = read_details(asked, tuple(s for s in statements if s.stance != "claim"))
    for fact in asked:
        said, told = title[fact], account[fact]
        if "not_documented" not in {said, told} and said != told and said not in str(told):
            message = f"The title says {said}, the account {told}."
            return [ReadingDoubt(reason="title_body_conflict", message=message, procedure=number)]
    return []


def _regions_apart(
    document: Document, statements: tuple[Statement, ...], number: int, procedure: Procedure
) -> list[ReadingDoubt]:
    """A region with findings under a heading of its own that the title of the study does not name."""
    if families()[procedure.family].regions != "studied":
        return []
    for statement in statements:
        own = set(regions_in(statement.sentence.heading)) - {"sacral", *procedure.regions}
        if statement.stance == "result" and own:
            message = f"Findings of the {min(own)} spine stand by themselves, and the title does not name it."
            span = document.evidence(statement.sentence.start, statement.sentence.end)
            return [ReadingDoubt(reason="myelo_region_count", message=message, evidence=(span,), procedure=number)]
    return []


def _route(signs: tuple[Sign, ...], number: int, procedure: Procedure) -> list[ReadingDoubt]:
    """A myelogram whose account never tells that contrast went to the spinal fluid."""
    if "myelogram" not in families()[procedure.family].facts:
        return []
    wanted = signs_of(procedure.family) | {"csf_flow", "cervical_puncture"}
    if any(s.place in wanted for s in signs if s.reached or s.stance != "claim"):
        return []
    message = "Where the contrast was injected is not told."
    return [ReadingDoubt(reason="contrast_route_unclear", message=message, procedure=number)]


def _cavity(number: int, procedure: Procedure) -> list[ReadingDoubt]:
    """An augmentation of which no cavity is told, neither made nor left out."""
    if "cavity" not in families()[procedure.family].facts or procedure.cavity != "not_documented":
        return []
    message = "Whether a cavity was made in the body is not told."
    return [ReadingDoubt(reason="reading_uncertain", message=message, procedure=number)]
