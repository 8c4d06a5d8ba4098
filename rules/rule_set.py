"""Everything the rule files say, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
