"""How each procedure family is read: ``lexicon/procedures.yaml`` as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from extractor.lexicon_files import LexiconError, load
from rules.encounter import Approach

Reads = Literal["joint", "foramen", "interspace", "body", "disc", "side", "region"]
Regions = Literal["sites", "named", "studied", "cervical", "thoracic", "lumbar", "sacral"]
_READS = frozenset({"joint", "foramen", "interspace", "body", "disc", "side", "region"})


@dataclass(frozen=True, slots=True)
class Combo:
    """A place with an action or a substance in one sentence, which together name the family."""

    place: frozenset[str]
    action: frozenset[str] = frozenset()
    agent: frozenset[str] = frozenset()
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What proves the end of the work: a substance given, an action done, a place reached, or words."""

    agents: frozenset[str] = frozenset()
    actions: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    words: str = ""


@dataclass(frozen=True, slots=True)
class FamilyProfile:
    """One family of ``procedures.yaml``; the head of that file says what each field means."""

    reads: Reads
    sided: bool
    names: tuple[str, ...]
    combos: tuple[Combo, ...] = ()
    signs: frozenset[str] = frozenset()
    explains: frozenset[str] = frozenset()
    silences: frozenset[str] = frozenset()
    keeps: frozenset[str] = frozenset()
    keeps_names: bool = False
    apart: frozenset[str] = frozenset()
    includes: frozenset[str] = frozenset()
    substances: frozenset[str] = frozenset()
    delivered: Delivered = field(default_factory=Delivered)
    requires: str = ""
    regions: Regions = "sites"
    facts: tuple[str, ...] = ()
    approaches: tuple[Approach, ...] = ()
    imaging: str = ""
    beside: str = ""
    followed_by: str = ""
    narrative: bool = False
    anesthetic: bool = False

    @property
    def lesions(self) -> bool:
        """Whether making a lesion is the work of the family."""
        return "lesion" in self.delivered.actions


_SETS = ("signs", "explains", "silences", "keeps", "apart", "includes", "substances")
_TUPLES = ("names", "facts", "approaches")


@cache
def families() -> dict[str, FamilyProfile]:
    """Every family by name, in order of name."""
    entries: dict[str, dict[str, Any]] = load("procedures")
    return {name: _profile(name, entries[name]) for name in sorted(entries)}


def _profile(name: str, entry: dict[str, Any]) -> FamilyProfile:
    if entry.get("reads") not in _READS:
        raise LexiconError(
            f"procedures.yaml: {name}: reads is {entry.get('reads')!r}, which is none of {sorted(_READS)}"
        )
    values = dict(entry)
    values.update({key: frozenset(values[key]) for key in _SETS if key in values})
    values.update({key: tuple(values[key]) for key in _TUPLES if key in values})
    values["combos"] = tuple(
        Combo(
            place=frozenset(combo["place"]),
            action=frozenset(combo.get("action", ())),
            agent=frozenset(combo.get("agent", ())),
            needs=combo.get("needs", ""),
        )
        for combo in values.get("combos", ())
    )
    proof: dict[str, Any] = values.get("delivered", {})
    values["delivered"] = Delivered(
        agents=frozenset(proof.get("agents", ())),
        actions=frozenset(proof.get("actions", ())),
        places=frozenset(proof.get("places", ())),
        words=proof.get("words", ""),
    )
    try:
        return FamilyProfile(**values)
    except TypeError as error:
        raise LexiconError(f"procedures.yaml: {name}: a field that is not known or is missing: {error}") from error
