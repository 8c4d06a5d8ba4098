"""Everything the rule files say, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from rules.code_model import Absorption, Code, PairEdit, Substitution
from rules.model import Family, Meaning, Remark, SourceEntry
from rules.profile import Profile, Styles


@dataclass(frozen=True)
class Library:
    """The rules: families, codes, edits, words for reasons and warnings, profiles, and the version of it all."""

    families: Mapping[str, Family]
    without_rules: Mapping[str, str]
    codes: Mapping[str, Code]
    absorptions: tuple[Absorption, ...]
    pairs: tuple[PairEdit, ...]
    remarks: Mapping[str, Remark]
    reasons: Mapping[str, Meaning]
    warnings: Mapping[str, Meaning]
    sources: Mapping[str, SourceEntry]
    profiles: Mapping[str, Profile]
    styles: Styles
    substitutions: tuple[Substitution, ...]
    version: str

    @cached_property
    def sided(self) -> frozenset[str]:
        """The codes that take LT, RT or 50."""
        return frozenset(code for code, entry in self.codes.items() if entry.sided)

    @cached_property
    def pairs_of(self) -> Mapping[str, tuple[tuple[int, frozenset[str]], ...]]:
        """For each code of column 1 the places of its entries in `pairs`, each with its column 2."""
        found: dict[str, list[tuple[int, frozenset[str]]]] = {}
        for place, pair in enumerate(self.pairs):
            for code in pair.column_1:
                found.setdefault(code, []).append((place, frozenset(pair.column_2)))
        return {code: tuple(entries) for code, entries in found.items()}
