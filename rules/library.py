"""All rule files as one checked value: what is written wrong does not load, and the error says where."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from rules.code_model import Absorption, Code, PairEdit, Substitution
from rules.coherence import check_coherence, check_styles
from rules.model import Family, Meaning, Remark, SourceEntry
from rules.profile import Profile, Styles
from rules.rule_set import Library
from rules.yaml_reader import Document, build, read_yaml

__all__ = ["DEFAULT_PROFILE", "Library", "build_library", "library", "read_files", "read_profile"]

DEFAULT_PROFILE = "medicare_professional"
_ROOT = Path(__file__).parent
Entry = TypeVar("Entry", bound=BaseModel)


@cache
def library() -> Library:
    """The rules that are shipped, loaded once."""
    return build_library(read_files())


def read_files(root: Path = _ROOT) -> dict[str, str]:
    """The text of every rule file by its name below *root*."""
    paths = sorted(root.rglob("*.yaml"))
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def build_library(files: Mapping[str, str]) -> Library:
    """The rules in *files*; raises `RuleFileError` for the first thing that may not stand."""
    documents = {name: read_yaml(text, file=name) for name, text in files.items()}
    families = {name: _family(doc) for name, doc in _in_folder(documents, "families").items()}
    styles = build(Styles, documents["styles.yaml"], documents["styles.yaml"].value)
    made = Library(
        families=families,
        without_rules=documents["families_without_rules.yaml"].value,
        codes={code: entry for doc in _in_folder(documents, "code_set").values() for code, entry in _table(Code, doc)},
        absorptions=_list(Absorption, documents["edits/absorptions.yaml"]),
        pairs=_list(PairEdit, documents["edits/pairs.yaml"]),
        remarks=dict(_table(Remark, documents["remarks.yaml"])),
        reasons=dict(_table(Meaning, documents["reasons.yaml"])),
        warnings=dict(_table(Meaning, documents["warnings.yaml"])),
        sources=dict(_table(SourceEntry, documents["sources.yaml"])),
        profiles={name: _profile(doc, styles) for name, doc in _in_folder(documents, "profiles").items()},
        styles=styles,
        substitutions=_list(Substitution, documents["edits/substitutions.yaml"]),
        version=hashlib.sha256("\0".join(f"{k}\0{files[k]}" for k in sorted(files)).encode()).hexdigest()[:12],
    )
    check_coherence(made, documents)
    return made


def _in_folder(documents: Mapping[str, Document], folder: str) -> dict[str, Document]:
    inside = {name: doc for name, doc in documents.items() if name.startswith(f"{folder}/")}
    return {Path(name).stem: doc for name, doc in inside.items()}


def _family(document: Document) -> Family:
    family = build(Family, document, document.value)
    if family.family != Path(document.file).stem:
        document.refuse(("family",), f"family: {family.family} stands in the file of another: rename one of the two")
    return family


def read_profile(text: str, *, file: str, rules: Library) -> Profile:
    """A profile that a site wrote; it may choose among the styles there are, under a name that is not taken."""
    document = read_yaml(text, file=file)
    profile = build(Profile, document, document.value)
    if profile.profile in rules.profiles:
        document.refuse(("profile",), f"the name {profile.profile} is that of a shipped profile: take another")
    check_styles(document, profile, rules.styles)
    return profile


def _profile(document: Document, styles: Styles) -> Profile:
    profile = build(Profile, document, document.value)
    if profile.profile != Path(document.file).stem:
        document.refuse(
            ("profile",), f"profile: {profile.profile} stands in the file of another: rename one of the two"
        )
    check_styles(document, profile, styles)
    return profile


def _table(model: type[Entry], document: Document) -> Iterator[tuple[str, Entry]]:
    for key, value in document.value.items():
        yield key, build(model, document, value, (str(key),))


def _list(model: type[Entry], document: Document) -> tuple[Entry, ...]:
    return tuple(build(model, document, value, (str(place),)) for place, value in enumerate(document.value))
