"""One family's sides from all parts of the report: agreed for each place, or in conflict and said so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from extractor.document import Document
from extractor.uses import ORDER, SideUse, SiteUse, Source
from rules.encounter import EvidenceSpan, ReadingDoubt, Side, SiteKind

_Key = tuple[SiteKind, str]
_SEVERAL = 2


@dataclass(frozen=True, slots=True)
class AgreedSides:
    """The side of each place, the side of the family as a whole, and the doubts met on the way."""

    side: Side
    doubts: tuple[ReadingDoubt, ...] = ()
    given: Mapping[_Key, Side] = field(default_factory=dict)

    def of(self, kind: SiteKind, name: str) -> Side:
        """The side of one place."""
        return self.given.get((kind, name), "not_documented")


UNSIDED = AgreedSides("not_documented")
"""Of a family that has no sides."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What the parts of the report say of one place, and of the family where they say nothing of the place."""

    place: Mapping[Source, Side | None]
    family: Mapping[Source, Side | None]
    corrected: Side | None
    repeated: Side | None

    @property
    def default(self) -> Side | None:
        """The side of the family."""
        return self.corrected or self.family["work"] or self.family["title"] or self.family["result"]

    @property
    def work(self) -> Side | None:
        """The side of the place in the account, with what was repeated on the other one."""
        work = self.place["work"]
        return "bilateral" if work and self.repeated and work != self.repeated else work

    @property
    def own(self) -> Side | None:
        """The side said of the place itself."""
        final = self.place["addendum"] or self.corrected
        return final or self.work or self.place["title"] or self.place["result"]

    @property
    def parts(self) -> dict[Source, Side | None]:
        """The side that each part gives the place; nothing to compare where an addendum is final."""
        if self.corrected or self.place["addendum"]:
            return {}
        said: dict[Source, Side | None] = {
            source: self.place[source] or self.family[source] for source in ORDER if source != "addendum"
        }
        return {**said, "work": self.work or said["work"]}


def agree_sides(document: Document, names: list[_Key], sites: list[SiteUse], sides: list[SideUse]) -> AgreedSides:
    """Agree the title, the account, the result and any addendum on the sides of the places in *names*."""
    family = {source: _side_in(sides, sites, source) for source in ORDER}
    corrected = _merge(u.side for u in sides if u.source == "addendum")
    repeated = _merge(u.side for u in sides if u.repeats and u.source == "work")
    given: dict[_Key, Side] = {}
    doubts: list[ReadingDoubt] = []
    for key in names:
        uses = [u for u in sites if (u.kind, u.name) == key]
        place = {source: _merge(u.side for u in uses if u.source == source) for source in ORDER}
        said = _Said(place, family, corrected, repeated)
        doubt = None if said.own else _scope_doubt(document, names, uses, sides, said)
        given[key] = "not_documented" if doubt and _bare(uses, sides) else said.own or said.default or "not_documented"
        if doubt:
            doubts.append(doubt)
        elif len({side for side in said.parts.values() if side}) > 1:
            doubts.append(_conflict(document, said.parts, sites, sides))
    whole = _Said(dict.fromkeys(ORDER), family, corrected, repeated)
    if not names and len({side for side in whole.parts.values() if side}) > 1:
        doubts.append(_conflict(document, whole.parts, sites, sides))
    told = {given[key] for key in names} if names else {whole.default or "not_documented"}
    doubts.extend(_untaken(document, told, sides, corrected=bool(corrected)))
    return AgreedSides(whole.default or "not_documented", tuple(doubts[:1]), given)


def _bare(uses: list[SiteUse], sides: list[SideUse]) -> bool:
    """Whether a place stands without a side before one that has its own, and no side is said of them all."""
    return any(u.bare for u in uses) and all(u.loose for u in sides)


def _scope_doubt(
    document: Document, names: list[_Key], uses: list[SiteUse], sides: list[SideUse], said: _Said
) -> ReadingDoubt | None:
    """A place without a side of its own, where others have one each, or where both sides are told of apart."""
    both = any(u.side == "bilateral" or u.repeats for u in sides)
    apart = said.default == "bilateral" and not both and len(names) >= _SEVERAL
    return _unclear(document, uses) if (apart and uses) or _bare(uses, sides) else None


def _untaken(document: Document, told: set[Side], sides: list[SideUse], *, corrected: bool) -> list[ReadingDoubt]:
    """Sides that the account tells of and no place was given, by a word for them or by none."""
    unread = [u for u in sides if u.unread and (u.strong or told != {"bilateral"})]
    if unread:
        return [_unclear(document, unread)]
    beside = [u for u in sides if u.source == "work" and u.strong and not u.unread and u.side not in told]
    if corrected or not beside or "bilateral" in told or told == {"not_documented"}:
        return []
    message = "A side is told of that none of the places was given."
    evidence = first_spans(document, ((u.start, u.end) for u in beside))
    return [ReadingDoubt(reason="laterality_conflict", message=message, evidence=evidence)]


def _unclear(document: Document, uses: Iterable[SiteUse | SideUse]) -> ReadingDoubt:
    return ReadingDoubt(
        reason="side_scope_unclear",
        message="A side is told of, and whose side it is cannot be told.",
        evidence=first_spans(document, ((u.start, u.end) for u in uses)),
    )


def _side_in(sides: list[SideUse], sites: list[SiteUse], source: Source) -> Side | None:
    sides = [u for u in sides if u.source == source and not u.loose]
    repeated = _merge(u.side for u in sides if u.repeats)
    base = _merge(u.side for u in sides if not u.repeats) or _merge(u.side for u in sites if u.source == source)
    return "bilateral" if repeated and base != repeated else base


def _merge(sides: Iterable[Side | None]) -> Side | None:
    said = {side for side in sides if side}
    if not said:
        return None
    return "bilateral" if len(said) > 1 or "bilateral" in said else said.pop()


def _conflict(
    document: Document, said: Mapping[Source, Side | None], sites: list[SiteUse], sides: list[SideUse]
) -> ReadingDoubt:
    words = "; ".join(f"{source} says {side}" for source, side in sorted(said.items()) if side)
    spans: dict[Source, tuple[int, int]] = {}
    uses: list[SiteUse | SideUse] = [*sites, *sides]
    for use in uses:
        if use.side and use.source not in spans:
            spans[use.source] = (use.start, use.end)
    return ReadingDoubt(
        reason="laterality_conflict", message=f"Sides differ: {words}.", evidence=first_spans(document, spans.values())
    )


def first_spans(document: Document, places: Iterable[tuple[int, int]]) -> tuple[EvidenceSpan, ...]:
    """The first places of a row, each once."""
    unique = sorted(set(places))
    return tuple(document.evidence(start, end) for start, end in unique[:12])
