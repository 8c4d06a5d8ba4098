"""The order in which counted things take the primary code and the add-ons."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from rules.count import Item
from rules.model import Row, Units


@dataclass(frozen=True)
class Place:
    """An item in its code group: whether it leads (takes the primary line), and the key it is counted under."""

    item: Item
    code: str
    leads: bool
    key: tuple[str, str]
    alone: bool = False


def places_for(row: Row, items: Sequence[Item], sided: Collection[str]) -> tuple[tuple[Place, ...], ...]:
    """The items of a line in code groups, each in order: both sides first where the code has sides, then head down.

    With ``per_session`` the groups are one, in the declared order of regions, and only its first item leads.
    """
    groups: dict[str, list[Item]] = {}
    alone: set[str] = set()
    for item in items:
        cell = row.cell(item.region)
        code = cell.code if cell else ""
        groups.setdefault(code, []).append(item)
        if cell is not None and cell.alone:
            alone.add(code)
    ordered = {
        code: sorted(group, key=lambda i: (code in sided and not i.bilateral, i.order, i.name))
        for code, group in groups.items()
    }
    if row.primary == "per_session":
        return _per_session(row, ordered, alone)
    return tuple(_places(row.units, [(item, code) for item in group], alone=code in alone)
                 for code, group in sorted(ordered.items(), key=lambda pair: (pair[1][0].order, pair[0])))  # fmt: skip


def _per_session(row: Row, ordered: dict[str, list[Item]], alone: set[str]) -> tuple[tuple[Place, ...], ...]:
    def preference(item: Item) -> tuple[int, int, str]:
        rank = row.prefer.index(item.region) if item.region in row.prefer else len(row.prefer)
        return (rank, item.order, item.name)

    together = [(item, code) for code, group in ordered.items() if code not in alone for item in group]
    together.sort(key=lambda pair: preference(pair[0]))
    apart = [_places(row.units, [(item, code) for item in ordered[code]], alone=True) for code in sorted(alone)]
    return (*((_places(row.units, together, alone=False),) if together else ()), *apart)


def _places(units: Units, entries: Sequence[tuple[Item, str]], *, alone: bool) -> tuple[Place, ...]:
    """The group with its leaders marked; what leads together is counted under one key."""
    leaders = {"first": 1, "first_two": 2}.get(units, len(entries))
    places = []
    for number, (item, code) in enumerate(entries):
        shared = (units, "") if units in ("once", "first_two") else (item.kind, item.name)
        key = shared if number < leaders else (item.kind, item.name)
        places.append(Place(item, code, number < leaders, key, alone))
    if units in ("once", "first_two"):
        places[:leaders] = _as_one(places[:leaders])
    return tuple(places)


def seen_in(units: Units, rest: Sequence[Place]) -> tuple[Place, ...]:
    """The places of one group that an add-on line takes of those its primary left."""
    if units == "second":
        return tuple(rest[:1])
    if units == "third_and_more_once":
        return tuple(_as_one([replace(place, key=(units, place.code)) for place in rest[1:]]))
    return tuple(rest)


def _as_one(places: Sequence[Place]) -> list[Place]:
    """Several places under one key, on all their sides."""
    if not places:
        return []
    items = [place.item for place in places]
    done = ("performed", "reduced", "discontinued")
    one = replace(
        items[0], sides=frozenset().union(*(i.sides for i in items)), by=frozenset().union(*(i.by for i in items)),
        sites=frozenset().union(*(i.sites for i in items)), fields=frozenset().union(*(i.fields for i in items)),
        status=min((i.status for i in items), key=done.index),
    )  # fmt: skip
    return [replace(places[0], item=one)]
