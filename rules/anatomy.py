"""The spine as an ordered row of bones: names, neighbours, regions; nothing about codes."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Literal

Region = Literal["cervical", "thoracic", "lumbar", "sacral"]

VERTEBRAE: tuple[str, ...] = (
    *(f"C{n}" for n in range(8)),
    *(f"T{n}" for n in range(1, 13)),
    *(f"L{n}" for n in range(1, 6)),
    *(f"S{n}" for n in range(1, 6)),
)
"""Bones from the head down; ``C0`` is the occiput, ``S1``..``S5`` the parts of the sacrum."""

_ORDER = {name: place for place, name in enumerate(VERTEBRAE)}
_REGION: dict[str, Region] = {"C": "cervical", "T": "thoracic", "L": "lumbar", "S": "sacral"}
FIELDS: Mapping[str, str] = {
    "cervical": "cervical", "thoracic": "thoracic", "lumbar": "lumbosacral", "sacral": "lumbosacral",
}  # fmt: skip
"""The field of view that each region is studied in."""
_NERVES_WITHOUT_A_BONE = {"C8": _ORDER["C7"], "TON": _ORDER["C2"]}


def is_vertebra(name: str) -> bool:
    """Whether *name* is a bone of the spine in canonical form (``"L4"``, never ``"L04"`` or ``"l4"``)."""
    return name in _ORDER


def region_of(bone: str) -> Region:
    """The region a vertebral body or a nerve is named for: ``"L4"`` is lumbar, ``"TON"`` cervical."""
    return _REGION["C" if bone == "TON" else bone[0]]


def interspace(upper: str, lower: str) -> str | None:
    """``"L4-L5"`` for two neighbouring bones in either order, ``None`` where they are not neighbours."""
    first, second = sorted((_ORDER[upper], _ORDER[lower]))
    if second - first != 1:
        return None
    return f"{VERTEBRAE[first]}-{VERTEBRAE[second]}"


def interspace_below(bone: str) -> str | None:
    """The interspace under *bone*: ``"L4"`` gives ``"L4-L5"``; nothing lies under the last one."""
    place = _ORDER[bone]
    return f"{bone}-{VERTEBRAE[place + 1]}" if place + 1 < len(VERTEBRAE) else None


def bones_between(upper: str, lower: str) -> tuple[str, ...]:
    """Every bone from one to the other, both included, from the head down."""
    first, second = sorted((_ORDER[upper], _ORDER[lower]))
    return VERTEBRAE[first : second + 1]


def interspaces_between(upper: str, lower: str) -> tuple[str, ...]:
    """Every interspace from one bone to the other: ``L3`` to ``S1`` gives L3-L4, L4-L5, L5-S1."""
    bones = bones_between(upper, lower)
    return tuple(f"{a}-{b}" for a, b in pairwise(bones))


def order_of(site: str) -> int:
    """Place of a bone, nerve, foramen or interspace from the head down, for sorting."""
    upper = site.split("-", maxsplit=1)[0]
    if upper in _NERVES_WITHOUT_A_BONE:
        return 2 * _NERVES_WITHOUT_A_BONE[upper] + 1
    return 2 * _ORDER[upper] + ("-" in site)
