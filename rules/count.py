"""What a line counts: the joints, nerves, bodies, regions ... that its procedures treated, each once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from rules.anatomy import FIELDS, Region, order_of, region_of
from rules.encounter import Status
from rules.facts import Facts
from rules.model import Counts, Family, JunctionRow, Situation
from rules.nerves import THIRD_OCCIPITAL, foramen_of_root, joints_of, nerves_to

Row = TypeVar("Row")
_SIDES = {"left": frozenset({"left"}), "right": frozenset({"right"}), "bilateral": frozenset({"left", "right"})}
_DONE: tuple[Status, ...] = ("performed", "reduced", "discontinued")
_CODE_REGION = {"cervical": "cervicothoracic", "thoracic": "cervicothoracic"}
_LAST = 1000
"""Place in the order for what has no level: after everything that has one."""


@dataclass(frozen=True)
class Item:
    """One thing counted, with the sides it was treated on and the procedures (by place) that treated it."""

    kind: str
    name: str
    region: Region | None
    sides: frozenset[str]
    status: Status
    by: frozenset[int]
    order: int = _LAST
    fields: frozenset[tuple[str, int]] = frozenset()
    sites: frozenset[str] = frozenset()

    @property
    def bilateral(self) -> bool:
        """Both sides of it were treated."""
        return len(self.sides) > 1


@dataclass(frozen=True)
class Counted:
    """The items of a line, and what a human should know about how they were found."""

    items: tuple[Item, ...]
    situations: frozenset[Situation] = frozenset()
    gaps: frozenset[str] = frozenset()
    junctions: tuple[tuple[str, JunctionRow], ...] = ()


@dataclass(frozen=True)
class _Named:
    name: str
    side: str
    by: int


def row_in_force(rows: Iterable[tuple[date, Row]], day: date) -> tuple[date, Row] | None:
    """The last row that is not after *day*."""
    found = None
    for start, row in rows:
        if start <= day:
            found = (start, row)
    return found


def count(counts: Counts, group: Sequence[Facts], family: Family, day: date) -> Counted:
    """The set of things of kind *counts* in *group*, whatever order the procedures and sites come in."""
    if counts in ("region", "study_region", "guidance_region", "encounter"):
        if family.place in ("region", "encounter"):
            base = Counted(tuple(_regional(group, frozenset(range(len(group))))))
        else:
            placed = _count_places(family.place, group, family, day)
            base = replace(placed, gaps=placed.gaps & {"level_not_recognised"})
        return replace(base, items=_collapse(counts, base.items))
    return _count_places(counts, group, family, day)


def _count_places(kind: str, group: Sequence[Facts], family: Family, day: date) -> Counted:
    if kind == "side":
        return Counted(_merge(_side_items(group)))
    named: list[_Named] = []
    nerves: list[_Named] = []
    gaps: set[str] = set()
    situations: set[Situation] = set()
    unplaced: set[int] = set()
    for place, facts in enumerate(group):
        here, here_nerves, misfits = _read_sites(kind, facts, place)
        if here and here_nerves:
            if _differ(here, here_nerves):
                situations.add("nerves_and_joints_differ")
            if _incomplete(here, here_nerves):
                situations.add("joint_nerves_incomplete")
            here, here_nerves = (here, []) if kind == "joint" else ([], here_nerves)
        if misfits or facts.unreadable:
            gaps.add("level_kind_mismatch" if misfits else "level_not_recognised")
        if not here and not here_nerves:
            unplaced.add(place)
        named += here
        nerves += here_nerves
    nerve_items, found = _nerve_items(kind, nerves, any_joint=bool(named), group=group)
    situations |= found
    used: dict[str, JunctionRow] = {}
    items = [_item(kind, entry, group, family, day, used) for entry in named]
    items += [_settle(item, family, day, used) for item in nerve_items]
    merged = _merge(items)
    if unplaced:
        if not gaps:
            gaps.add("level_missing")
        known = {item.region for item in merged}
        merged = _merge([*merged, *(i for i in _regional(group, frozenset(unplaced)) if i.region not in known)])
    return Counted(merged, frozenset(situations), frozenset(gaps), tuple(sorted(used.items())))


def _read_sites(kind: str, facts: Facts, place: int) -> tuple[list[_Named], list[_Named], bool]:
    """The sites of one procedure that are of *kind* or lead to it, its facet nerves, and whether some are neither."""
    named: list[_Named] = []
    nerves: list[_Named] = []
    misfits = False
    spaces_named = {bone for site in facts.sites if site.kind == "interspace" for bone in site.name.split("-")}
    for site in facts.sites:
        if site.kind == "side" or (site.kind == "vertebral_body" != kind and site.name in spaces_named):
            continue  # a bone that only says where a named space lies
        entry = _Named(site.name, site.side, place)
        spaces = ("interspace", "foramen") if kind in ("joint", "nerve", "interspace", "foramen") else (kind,)
        if site.kind == "nerve" and kind in ("joint", "nerve"):
            nerves.append(entry)
        elif site.kind == "nerve" and kind == "foramen" and (exit_ := foramen_of_root(site.name)):
            named.append(replace(entry, name=exit_))
        elif site.kind in spaces and ("-" in site.name or kind in ("foramen", "vertebral_body")):
            named.append(entry)
        else:
            misfits = True
            if kind != "nerve":
                named.append(entry)
    return named, nerves, misfits


def _differ(joints: Sequence[_Named], nerves: Sequence[_Named]) -> bool:
    listed = {nerve.name for nerve in nerves}
    derived, _ = joints_of(listed)
    names = {joint.name for joint in joints}
    return not set(derived) <= names or any(not nerves_to(name) & listed for name in names)


def _incomplete(joints: Sequence[_Named], nerves: Sequence[_Named]) -> bool:
    """Whether a joint is named with some of its nerves and without the others."""
    listed = {nerve.name for nerve in nerves}
    complete, _ = joints_of(listed)
    return any(joint.name not in complete and nerves_to(joint.name) & listed for joint in joints)


def _nerve_items(
    kind: str, nerves: Sequence[_Named], *, any_joint: bool, group: Sequence[Facts]
) -> tuple[list[Item], set[Situation]]:
    """Items that the listed nerves make: nerves themselves, or joints whose nerves are all there, side by side."""
    if not nerves:
        return [], set()
    items: list[Item] = []
    situations: set[Situation] = set()
    leftovers: list[Item] = []
    for side in ("left", "right", ""):
        listed: dict[str, set[int]] = {}
        for nerve in nerves:
            if side in _SIDES.get(nerve.side, frozenset({""})):
                listed.setdefault(nerve.name, set()).add(nerve.by)
        joints, left_over = joints_of(listed)
        if {THIRD_OCCIPITAL, "C2", "C3"} <= set(listed):
            situations.add("third_occipital_beside_neighbours")
        if left_over:
            situations.add("nerve_left_over")
        sides = frozenset({side} - {""})
        if kind == "nerve":
            items += _each_nerve(listed, joints, sides, group)
        else:
            by = {joint: set().union(*(listed[nerve] for nerve in supply)) for joint, supply in joints.items()}
            items += [_bare(kind, joint, sides, by[joint], group, joint) for joint in joints]
            leftovers += [_bare(kind, name, sides, listed[name], group, name) for name in left_over]
    if leftovers and not items and not any_joint:
        first = min(leftovers, key=lambda item: (item.order, item.name))
        items += [replace(item, name=first.name, region=first.region, order=first.order) for item in leftovers]
    return items, situations


def _each_nerve(
    listed: Mapping[str, set[int]], joints: Mapping[str, frozenset[str]], sides: frozenset[str], group: Sequence[Facts]
) -> list[Item]:
    """One item a nerve, in the region of the upper joint it makes; the third occipital nerve goes with C3."""
    seats = {nerve: joint for joint in reversed(list(joints)) for nerve in joints[joint]}
    return [
        _bare("nerve", name, sides, by, group, seats.get(name, name))
        for name, by in listed.items() if name != THIRD_OCCIPITAL or "C3" not in listed
    ]  # fmt: skip


def _bare(kind: str, name: str, sides: frozenset[str], by: set[int], group: Sequence[Facts], seat: str) -> Item:
    return Item(kind, name, region_of(seat.partition("-")[0]), sides, _status(by, group), frozenset(by),
                order_of(name), sites=frozenset({seat}))  # fmt: skip


def _item(
    kind: str, entry: _Named, group: Sequence[Facts], family: Family, day: date, used: dict[str, JunctionRow]
) -> Item:
    bare = _bare(kind, entry.name, _SIDES.get(entry.side, frozenset()), {entry.by}, group, entry.name)
    return _settle(bare, family, day, used)


def _settle(item: Item, family: Family, day: date, used: dict[str, JunctionRow]) -> Item:
    """The item in the region its junction is coded in, and its place in the field of view."""
    for seat in item.sites:
        found = row_in_force(family.junctions.get(seat, {}).items(), day)
        if found is not None:
            used[seat] = found[1]
            item = replace(item, region=found[1].region)
    return replace(item, fields=frozenset({(FIELDS.get(item.region or "", ""), item.order)}))


def _side_items(group: Sequence[Facts]) -> list[Item]:
    items = []
    for place, facts in enumerate(group):
        sides = {site.side for site in facts.sites} or {facts.procedure.side}
        region = facts.regions[0] if facts.regions else None
        field = frozenset({(FIELDS.get(region or "", ""), _LAST)})
        for side in sides:
            known = _SIDES.get(side, frozenset())
            items.append(Item("side", "", region, known, facts.procedure.status, frozenset({place}), fields=field))
    return items


def _regional(group: Sequence[Facts], places: frozenset[int]) -> list[Item]:
    """One nameless item for each region of each procedure, or one without a region where none is known."""
    items = []
    for place in sorted(places):
        facts = group[place]
        for region in facts.regions or (None,):
            named = (_SIDES.get(side, frozenset()) for side in (facts.procedure.side, *(s.side for s in facts.sites)))
            sides: frozenset[str] = frozenset().union(*named)
            field = frozenset({(FIELDS.get(region or "", ""), _LAST)})
            items.append(Item("region", region or "", region, sides, facts.procedure.status, frozenset({place}),
                              _region_order(region), field))  # fmt: skip
    return items


def _region_order(region: Region | None) -> int:
    return _LAST + ("cervical", "thoracic", "lumbar", "sacral").index(region) if region else 2 * _LAST


def _collapse(counts: Counts, items: Sequence[Item]) -> tuple[Item, ...]:
    """Items seen as regions or as the encounter: those that fall together are one."""
    return _merge(replace(item, kind=counts, name=_collapsed_name(counts, item.region or "")) for item in items)


def _collapsed_name(counts: Counts, region: str) -> str:
    if counts == "encounter":
        return ""
    if counts == "region" and region:
        return _CODE_REGION.get(region, "lumbosacral")
    return FIELDS.get(region, "")


def _status(by: set[int], group: Sequence[Facts]) -> Status:
    return min((group[place].procedure.status for place in by), key=_DONE.index)


def _merge(items: Iterable[Item]) -> tuple[Item, ...]:
    """Items of one name as one: all its sides, the most complete status, the most cranial place."""
    merged: dict[tuple[str, str], Item] = {}
    for item in items:
        key = (item.kind, item.name)
        old = merged.get(key)
        if old is None:
            merged[key] = item
            continue
        first = min(old, item, key=lambda i: (i.order, i.region or ""))
        merged[key] = replace(
            first, sides=old.sides | item.sides, by=old.by | item.by, fields=old.fields | item.fields,
            sites=old.sites | item.sites, status=min(old.status, item.status, key=_DONE.index),
        )  # fmt: skip
    return tuple(sorted(merged.values(), key=lambda i: (i.order, i.kind, i.name)))
