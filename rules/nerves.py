"""Which joint a facet nerve supplies and which foramen a root leaves by; nothing about codes."""

from __future__ import annotations

from collections.abc import Iterable

from rules.anatomy import VERTEBRAE

THIRD_OCCIPITAL = "TON"


def _facet_supply() -> dict[str, tuple[frozenset[str], ...]]:
    """Each joint from the head down with the sets of nerves of which any one, complete, makes it."""
    supply: dict[str, tuple[frozenset[str], ...]] = {
        "C2-C3": (frozenset({THIRD_OCCIPITAL}), frozenset({"C2", "C3"})),
    }
    for n in range(3, 7):
        supply[f"C{n}-C{n + 1}"] = (frozenset({f"C{n}", f"C{n + 1}"}),)
    supply["C7-T1"] = (frozenset({"C7", "C8"}),)
    supply["T1-T2"] = (frozenset({"C8", "T1"}),)
    below = VERTEBRAE[VERTEBRAE.index("T1") : VERTEBRAE.index("S1") + 1]
    for nerve_above, upper, lower in zip(below, below[1:], below[2:], strict=False):
        supply[f"{upper}-{lower}"] = (frozenset({nerve_above, upper}),)
    return supply


FACET_SUPPLY = _facet_supply()
_COMMUNICATING = {"L5-S1": frozenset({"S1"}), "C2-C3": frozenset({"C3"})}
"""Branches that go along with a joint that is already complete and make none by themselves."""


def is_facet_nerve(name: str) -> bool:
    """Whether *name* can be a medial branch, a dorsal ramus or the third occipital nerve."""
    return any(name in nerves for sets in FACET_SUPPLY.values() for nerves in sets) or name == "S1"


def joints_of(nerves: Iterable[str]) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """The joints whose nerves are all listed, each with those nerves, and the nerves that belong to none of them."""
    listed = frozenset(nerves)
    joints: dict[str, frozenset[str]] = {}
    for joint, sets in FACET_SUPPLY.items():
        complete = [nerve_set for nerve_set in sets if nerve_set <= listed]
        if complete:
            joints[joint] = frozenset().union(*complete) | (_COMMUNICATING.get(joint, frozenset()) & listed)
    used = frozenset().union(*joints.values()) if joints else frozenset()
    return joints, listed - used


def nerves_to(joint: str) -> frozenset[str]:
    """Every nerve that goes to *joint*."""
    return frozenset().union(*FACET_SUPPLY.get(joint, ()), _COMMUNICATING.get(joint, frozenset()))


def foramen_of_root(root: str) -> str | None:
    """The foramen a root leaves by: ``L5`` by L5-S1, ``C6`` by C5-C6, ``C8`` by C7-T1, a sacral root by its own."""
    if root == "C8":
        return "C7-T1"
    if root not in VERTEBRAE or root == VERTEBRAE[0]:
        return None
    if root[0] == "S":
        return root
    place = VERTEBRAE.index(root)
    upper = place - 1 if root[0] == "C" else place
    return f"{VERTEBRAE[upper]}-{VERTEBRAE[upper + 1]}"
