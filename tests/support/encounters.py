"""Every encounter of a family that its own rules can tell apart, and as many of them as there is time for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations, product
from math import gcd, prod
from typing import Any, get_args

from rules.chronicle import boundaries, entries_of
from rules.encounter import Encounter, Procedure
from rules.facts import GIVEN
from rules.library import library
from rules.model import Condition, Family

MOST_LEVELS = 4
SIDES = ("left", "right", "bilateral", "not_documented", "alternating")
GUIDANCE = ("fluoroscopy", "ct", "ultrasound", "mr", "none", "not_documented")
SPACES = ("C2-C3", "C5-C6", "C7-T1", "T5-T6", "T12-L1", "L1-L2", "L4-L5", "L5-S1")
BODIES = ("C5", "T8", "T11", "T12", "L1", "L2", "L5", "S1")
FACET_NERVES = (("L4",), ("L3", "L4"), ("L3", "L4", "L5"), ("L2", "L3", "L4", "L5"), ("T11", "T12", "L1"),
                ("C2", "TON", "C3"), ("TON",), ("C4", "C6"), ("C7", "C8", "T1"), ("L4", "L5", "S1"))  # fmt: skip
SACRAL_NERVES = ("L4", "L5", "S1", "S2", "S3")
REGIONS = ("cervical", "thoracic", "lumbar", "sacral")
_MANY = (SPACES, BODIES, SACRAL_NERVES, REGIONS)
Options = Sequence[Any]


def level_sets(family: Family) -> list[tuple[tuple[str, str], ...]]:
    """Sets of up to four places, each with its kind, as the family may meet them; the empty set is among them."""
    if family.place in ("joint", "interspace"):
        made = _sets("interspace", SPACES)
        return made + (
            [tuple(("nerve", n) for n in nerves) for nerves in FACET_NERVES] if family.place == "joint" else []
        )
    if family.place == "foramen":
        return _sets("foramen", (*SPACES[1:], "S1")) + [(("nerve", root),) for root in ("C6", "L5", "S1")]
    if family.place == "vertebral_body":
        return _sets("vertebral_body", BODIES)
    if family.place == "side":
        return _sets("nerve", SACRAL_NERVES)
    return [
        (),
        (("interspace", "L3-L4"),),
        (("interspace", "C1-C2"),),
        (("interspace", "L2-L3"), ("interspace", "L3-L4")),
    ]


def _sets(kind: str, names: Sequence[str]) -> list[tuple[tuple[str, str], ...]]:
    return [
        tuple((kind, name) for name in chosen)
        for size in range(MOST_LEVELS + 1)
        for chosen in combinations(names, size)
    ]


def region_sets(family: Family) -> list[tuple[str, ...]]:
    """No region, or for a family of regions every set of them."""
    if family.place not in ("region", "encounter"):
        return [(), ("lumbar",), ("cervical", "lumbar")]
    return [chosen for size in range(MOST_LEVELS + 1) for chosen in combinations(REGIONS, size)]


def days_of(family: Family) -> tuple[date, ...]:
    """The first day of every period in which the lines of the family say something of their own."""
    return boundaries(family, "lines")


def facts_of(family: Family) -> dict[str, Options]:
    """Every fact that the family's rules test, with the words that they test and one that they do not."""
    words: dict[str, set[str]] = {}
    for condition in _conditions(family):
        for fact, named in condition.items():
            words.setdefault(fact, set()).update(named)
    found: dict[str, Options] = {}
    for fact, named in sorted(words.items()):
        if fact in GIVEN and fact not in ("side", "guidance"):
            others = {word for word in get_args(GIVEN[fact]) if word not in named}
            usual = Procedure.model_fields[fact].default
            found[fact] = (*sorted(named), *([usual] if usual in others else sorted(others)[:1]))
        elif fact in ("agents", "other_guidance"):
            found[fact] = ((), *((word,) for word in sorted(named)))
        elif fact == "separate_session":
            found[fact] = (False, True)
    return found


def _conditions(family: Family) -> list[Condition]:
    """Everything that the rules ask of a procedure of the family."""
    asking = (*family.lines.values(), *family.remarks.values(), *library().remarks.values())
    return [c for part in asking for c in (part.when, part.unless)] + [r.when for r in family.read_as.values()]


def told_apart(family: Family, fact: str, options: Options) -> list[Any]:
    """Of *options* one for each set of words that stand together wherever the rules of the family name them."""
    found: dict[object, Any] = {}
    for option in options:
        words = {option} if isinstance(option, str) else {*option}
        named = tuple(place for place, c in enumerate(_conditions(family)) if words.intersection(c.get(fact, ())))
        found.setdefault((named, family.region_by_approach.get(option) if fact == "approach" else None), option)
    return list(found.values())


def core(family: Family, day: date, ordinary: Mapping[str, Any], *, is_whole: bool) -> Iterator[Encounter]:
    """Exhaustively: every set of up to four levels, with every side and every guidance, on one day.

    *ordinary* are the other facts, as a plain report of the family has them; where *is_whole*, approach and agents are
    not taken from there but asked too, in every word that the family's rules tell apart.
    """
    asked = {fact: told_apart(family, fact, options) for fact, options in facts_of(family).items()
             if is_whole and fact in ("approach", "agents")}  # fmt: skip
    wanted = [dict(zip(asked, chosen, strict=True)) for chosen in product(*asked.values())]
    for sites in level_sets(family):
        regions_told = ((),) if sites else region_sets(family)
        for side, guidance, regions in product(sides_of(family, sites), GUIDANCE, regions_told):
            for told in wanted:
                facts = {**ordinary, **told, "guidance": guidance, "regions": regions}
                yield Encounter(date_of_service=day, procedures=(_procedure(family, sites, side, facts),))


def sides_of(family: Family, sites: Options) -> Sequence[str]:
    """Every side; two of them where no code of the family has sides, to see that they change nothing."""
    sided = {code for entry in entries_of(family) for code in entry.codes} & library().sided
    if not sided and family.place != "side":
        return SIDES[:1] + SIDES[3:4]
    return SIDES if sites else SIDES[:-1]


def sampled(family: Family, day: date, limit: int) -> Iterator[tuple[int, Encounter]]:
    """Evenly over the product of everything the family's rules tell apart, at most *limit*, always the same ones."""
    facts = {"sites": level_sets(family), "side": SIDES, "guidance": GUIDANCE, "regions": region_sets(family),
             **facts_of(family)}  # fmt: skip
    total = prod(len(options) for options in facts.values())
    step = max(1, round(total * 0.6180339887))
    while gcd(step, total) != 1:
        step += 1
    for number in range(min(limit, total)):
        chosen = _decoded(number * step % total, facts)
        sites, side = chosen.pop("sites"), chosen.pop("side")
        yield number, Encounter(date_of_service=day, procedures=(_procedure(family, sites, side, chosen),))


def _decoded(index: int, facts: Mapping[str, Options]) -> dict[str, Any]:
    chosen = {}
    for fact, options in facts.items():
        index, place = divmod(index, len(options))
        chosen[fact] = options[place]
    return chosen


def _procedure(family: Family, sites: Sequence[tuple[str, str]], side: str, facts: Mapping[str, Any]) -> Procedure:
    both = ("left", "right")
    sided = [
        {"kind": kind, "name": name, "side": both[place % 2] if side == "alternating" else side}
        for place, (kind, name) in enumerate(sites)
    ]
    told = side if side != "alternating" else "not_documented"
    return Procedure.model_validate({"family": family.family, "sites": sided, "side": told, **facts})
