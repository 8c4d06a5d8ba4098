"""One family's places from all parts of the report: agreed, or in conflict and said so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from extractor.agreed_sides import UNSIDED, agree_sides, first_spans
from extractor.document import Document
from extractor.patterns import phrases
from extractor.profiles import families
from extractor.statements import Statement
from extractor.uses import ORDER, Gathered, SiteUse, Source, reached_later, supplied_joints
from rules.anatomy import bones_between, interspaces_between, order_of
from rules.encounter import EvidenceSpan, ReadingDoubt, Side, Site, SiteKind
from rules.nerves import foramen_of_root

_Key = tuple[SiteKind, str]
_FEW = 2
_TOLD: tuple[Source, ...] = ("work", "title", "result")
"""Which part decides the places when parts disagree: the account of the work, before the title and the result."""


@dataclass(frozen=True, slots=True)
class Places:
    """Final sites of a family with their proof, and the doubts met on the way."""

    sites: tuple[Site, ...]
    side: Side
    doubts: tuple[ReadingDoubt, ...]
    site_evidence: tuple[EvidenceSpan, ...]
    side_evidence: tuple[EvidenceSpan, ...]


def resolve(document: Document, statements: tuple[Statement, ...], family: str, gathered: Gathered) -> Places:
    """Agree the title, the account, the result and any addendum on the places of *family*."""
    sites = [
        _at_its_foramen(use) if families()[family].reads == "foramen" else use
        for use in gathered.sites
        if use.family == family
    ]
    if not sites:
        sites = [use for use in gathered.below_pedicles if use.family == family]
    sides = [use for use in gathered.sides if use.family == family]
    lost = {(u.kind, u.name, u.side) for u in sites if u.failed and not reached_later(u, sites)}
    by_source = {
        source: [u for u in sites if u.source == source and not u.failed and not _was_lost(u, lost)] for source in ORDER
    }
    sites = [u for uses in by_source.values() for u in uses]
    doubts: list[ReadingDoubt] = []
    base = _base_source(by_source)
    uses = [*_with_anaphora(by_source, base, statements), *by_source["addendum"]]
    names = _unique(uses)
    if families()[family].reads != "region":
        doubts.extend(_level_conflicts(document, by_source, base, statements))
        names, notation = _bare_bones(document, uses, names)
        doubts.extend(notation)
    sided = families()[family].sided
    agreed = agree_sides(document, names, sites, sides) if sided else UNSIDED
    doubts.extend(agreed.doubts)
    final = tuple(Site(kind=kind, name=name, side=agreed.of(kind, name)) for kind, name in names)
    evidence = first_spans(document, ((u.start, u.end) for u in uses))
    side_evidence = first_spans(document, ((u.start, u.end) for u in sides))
    return Places(final, agreed.side, tuple(doubts), evidence, side_evidence)


def _was_lost(use: SiteUse, lost: set[tuple[SiteKind, str, Side | None]]) -> bool:
    """Whether the place was tried and not reached, on its side or on none in particular; a result may say otherwise."""
    return use.source != "result" and any((use.kind, use.name, side) in lost for side in (None, use.side))


def _at_its_foramen(use: SiteUse) -> SiteUse:
    """A root read as the foramen it leaves by, so that "L4-5" and "the L4 root" are one place."""
    foramen = foramen_of_root(use.name) if use.kind == "nerve" else None
    return replace(use, kind="foramen", name=foramen) if foramen else use


def _base_source(by_source: dict[Source, list[SiteUse]]) -> Source:
    return next((source for source in _TOLD if by_source[source]), "title")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names, key=order_of))


def _keys(uses: Iterable[SiteUse]) -> set[_Key]:
    return {(u.kind, u.name) for u in uses}


def _unique(uses: list[SiteUse]) -> list[_Key]:
    return sorted(_keys(uses), key=lambda key: (order_of(key[1]) if key[1] else 0, key))


def _every(statements: tuple[Statement, ...], named: int) -> bool:
    """Whether the account covers levels of the title that it does not repeat.

    It does by "each level" after at most one example, or by "the remaining levels".
    """
    words = ("remaining",) if named > 1 else ("each", "remaining")
    return any(
        s.stance == "work" and phrases("sentences", key).search(s.sentence.text) for s in statements for key in words
    )


def _with_anaphora(
    by_source: dict[Source, list[SiteUse]], base: Source, statements: tuple[Statement, ...]
) -> list[SiteUse]:
    """The places of the deciding part; where the account says "each level", those of the title that it leaves out."""
    uses = list(by_source[base])
    if base == "work" and by_source["title"]:
        kinds = {u.kind for u in uses}
        title = [u for u in by_source["title"] if not _comparable_conflict(u, uses)]
        if _keys(uses) < _keys(by_source["title"]) and _every(statements, len(_keys(uses))):
            uses.extend(by_source["title"])
        else:
            uses.extend(u for u in title if u.kind not in kinds)
    elif base == "work" and by_source["result"]:
        kinds = {u.kind for u in uses}
        uses.extend(u for u in by_source["result"] if u.kind not in kinds)
    return uses


def _comparable_conflict(use: SiteUse, uses: list[SiteUse]) -> bool:
    return any(other.kind == use.kind for other in uses) and (use.kind, use.name) not in _keys(uses)


def _level_conflicts(
    document: Document, by_source: dict[Source, list[SiteUse]], base: Source, statements: tuple[Statement, ...]
) -> list[ReadingDoubt]:
    doubts = []
    final = by_source["addendum"]
    weak = _keys(u for u in by_source["work"] if not u.strong) - _keys(u for u in by_source["work"] if u.strong)
    weak -= _keys(by_source["title"]) | _keys(by_source["result"]) | supplied_joints(by_source["work"])
    if base == "work" and weak and len(weak) < len(_keys(by_source["work"])):
        spans = [(u.start, u.end) for u in by_source["work"] if (u.kind, u.name) in weak]
        message = f"No needle is told of at {_listed(name for _, name in weak)}."
        return [ReadingDoubt(reason="level_conflict", message=message, evidence=first_spans(document, spans))]
    if base == "work" and not by_source["title"] and not by_source["result"] and not final:
        others = [
            s.sentence
            for s in statements
            if s.stance == "work" and phrases("sentences", "other_levels").search(s.sentence.text)
        ]
        if others and len(_keys(by_source["work"])) < _FEW:
            span = document.evidence(others[0].start, others[0].end)
            return [
                ReadingDoubt(
                    reason="level_conflict", message="Other levels are told of without naming them.", evidence=(span,)
                )
            ]
    every = _every(statements, len(_keys(by_source["work"])))
    for first, second in (("title", "work"), ("title", "result"), ("work", "result")):
        one, two = by_source[first], by_source[second]  # type: ignore[index]  # the literals are sources
        for kind in sorted({u.kind for u in one} & {u.kind for u in two}):
            a, b = ({u.name for u in [*uses, *final] if u.kind == kind} for uses in (one, two))
            if (
                a == b
                or (b < a and every and second == "work")
                or (second == "result" and b < a and first == "title" and a == {u.name for u in by_source["work"]})
            ):
                continue
            if second == "result" and b < a and len(by_source["work"]) == 0 and every:
                continue
            spans = [
                next((u.start, u.end) for u in uses if u.name in odd)
                for uses, odd in ((one, a - b), (two, b - a))
                if odd
            ]
            doubts.append(
                ReadingDoubt(
                    reason="level_conflict",
                    message=f"Levels differ: {first} says {_listed(a)}, {second} says {_listed(b)}.",
                    evidence=first_spans(document, spans),
                )
            )
    return doubts[:1]


def _bare_bones(document: Document, uses: list[SiteUse], names: list[_Key]) -> tuple[list[_Key], list[ReadingDoubt]]:
    """A list of vertebrae where joints are counted stands for the joints between them, and that is said."""
    doubts: list[ReadingDoubt] = []
    doubted = [u for u in uses if u.doubt]
    bones = sorted({name for kind, name in names if kind == "vertebral_body"}, key=order_of)
    joints = any(kind in {"interspace", "foramen", "nerve"} for kind, _ in names)
    wants_joints = any(
        u.kind == "vertebral_body" and u.doubt and families()[u.family].reads in {"joint", "interspace", "disc"}
        for u in uses
    )
    if wants_joints:
        kept: list[_Key] = [key for key in names if key[0] != "vertebral_body"]
        if joints and all(any(bone in name.split("-") for kind, name in kept) for bone in bones):
            return kept, []
        if not joints and len(bones) > 1 and len(bones_between(bones[0], bones[-1])) == len(bones):
            kept = [("interspace", name) for name in interspaces_between(bones[0], bones[-1])]
        doubts.append(
            ReadingDoubt(
                reason="level_kind_mismatch",
                message=f"Vertebrae are listed ({_listed(bones)}) where interspaces are counted.",
                evidence=first_spans(document, ((u.start, u.end) for u in doubted)),
            )
        )
        return kept, doubts
    uncertain = [u for u in doubted if not any(o.name == u.name and not o.doubt for o in uses)]
    if uncertain:
        doubts.append(
            ReadingDoubt(
                reason="level_kind_mismatch",
                message="The notation of the levels can be read in more than one way.",
                evidence=first_spans(document, ((u.start, u.end) for u in uncertain)),
            )
        )
    return names, doubts
