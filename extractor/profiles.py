"""How each procedure family is read: ``lexicon/procedures.yaml`` as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, Literal, TypeVar

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


_Nested = TypeVar("_Nested", Combo, Delivered)
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
    values["combos"] = tuple(_nested(Combo, combo, f"{name}: combos") for combo in values.get("combos", ()))
    values["delivered"] = _nested(Delivered, values.get("delivered", {}), f"{name}: delivered")
    try:
        return FamilyProfile(**values)
    except TypeError as error:
        raise LexiconError(f"procedures.yaml: {name}: a field that is not known or is missing: {error}") from error


def _nested(kind: type[_Nested], entry: dict[str, Any], where: str) -> _Nested:
    """The entry as a value; lists as sets, and a key that is not known refused with its place."""
    known = [one.name for one in fields(kind)]
    for key in entry:
        if key not in known:
            raise LexiconError(f"procedures.yaml: {where}: {key!r} is not known: write some of {', '.join(known)}")
    values: dict[str, Any] = {k: frozenset(v) if isinstance(v, list) else v for k, v in entry.items()}
    try:
        return kind(**values)
    except TypeError as error:
        raise LexiconError(f"procedures.yaml: {where}: a field is missing: {error}") from error
