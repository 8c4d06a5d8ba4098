"""What the procedures of one encounter tell about each other: who is beside whom, and whose injection was studied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from rules.anatomy import FIELDS
from rules.encounter import Procedure
from rules.facts import Facts, gather_facts
from rules.model import Family
from rules.read_as import Read

Gathered = tuple[str, Facts]


def gather_beside(
    families: Mapping[str, Family], read: Read, setting: Mapping[str, str]
) -> dict[str, tuple[Facts, ...]]:
    """The procedures of each family in an order that depends on what they say and not on where they stood."""
    names = frozenset(done.family for done in read.procedures) | read.without_rules
    gathered: list[Gathered] = [
        (
            done.family,
            gather_facts(done.procedure, families[done.family], setting=setting, beside=names - {done.family}),
        )
        for done in read.procedures
    ]
    placed = [(name, _placed(families[name], facts, gathered)) for name, facts in gathered]
    groups: dict[str, list[Facts]] = {}
    for name, facts in placed:
        studies = [(other, study) for other, study in placed if name in families[other].injected_by]
        studied = _studied(facts, studies)
        groups.setdefault(name, []).append(facts.holding("studied", studied) if studied else facts)
    return {name: _in_order(group) for name, group in groups.items()}


def _in_order(group: Sequence[Facts]) -> tuple[Facts, ...]:
    return tuple(group) if len(group) == 1 else tuple(sorted(group, key=lambda facts: _sort_key(facts.procedure)))


def _sort_key(procedure: Procedure) -> str:
    return procedure.model_dump_json()


def _placed(family: Family, facts: Facts, gathered: Iterable[Gathered]) -> Facts:
    """The facts, in the one region that its injections agree on where the study itself names none."""
    if facts.regions:
        return facts
    found = {region for name, other in gathered if name in family.injected_by for region in other.regions}
    if len(found) != 1:
        return facts
    return replace(facts, regions=tuple(found)).holding("region", found)


def _studied(facts: Facts, studies: Iterable[Gathered]) -> set[str]:
    """The families by which the injection was studied formally: the same field of view, in the same session."""
    return {
        name for name, study in studies
        if study.procedure.study == "formal" and _meet(facts, study)
        and study.procedure.separate_session == facts.procedure.separate_session
    }  # fmt: skip


def _meet(one: Facts, other: Facts) -> bool:
    """Whether they lie in one field of view; a procedure without a region meets all."""
    ours, theirs = ({FIELDS[region] for region in facts.regions} for facts in (one, other))
    return bool(ours & theirs) or not ours or not theirs
