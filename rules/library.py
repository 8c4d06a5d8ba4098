"""All rule files as one checked value: what is written wrong does not load, and the error says where."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from rules.code_model import Absorption, Code, PairEdit
from rules.facts import VOCABULARY, is_site_name
from rules.model import NO_LINE, Condition, Family, Line, Meaning, Remark, SourceEntry
from rules.profile import Profile
from rules.yaml_reader import Document, build, read_yaml

DEFAULT_PROFILE = "medicare_professional"
_ROOT = Path(__file__).parent
_ONE_DAY = timedelta(days=1)
Entry = TypeVar("Entry", bound=BaseModel)


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
    version: str


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
    profiles = {name: build(Profile, doc, doc.value) for name, doc in _in_folder(documents, "profiles").items()}
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
        profiles=profiles,
        version=hashlib.sha256("\0".join(f"{k}\0{files[k]}" for k in sorted(files)).encode()).hexdigest()[:12],
    )
    for document in documents.values():
        _check_words(made, document, document.value, ())
    for name, document in _in_folder(documents, "families").items():
        _check_family(made, families[name], document)
    _check_edits(made, documents)
    return made


def _in_folder(documents: Mapping[str, Document], folder: str) -> dict[str, Document]:
    inside = {name: doc for name, doc in documents.items() if name.startswith(f"{folder}/")}
    return {Path(name).stem: doc for name, doc in inside.items()}


def _family(document: Document) -> Family:
    family = build(Family, document, document.value)
    if family.family != Path(document.file).stem:
        document.refuse(("family",), f"family: {family.family} stands in the file of another: rename one of the two")
    return family


def _table(model: type[Entry], document: Document) -> Iterator[tuple[str, Entry]]:
    for key, value in document.value.items():
        yield key, build(model, document, value, (str(key),))


def _list(model: type[Entry], document: Document) -> tuple[Entry, ...]:
    return tuple(build(model, document, value, (str(place),)) for place, value in enumerate(document.value))


def _check_words(made: Library, document: Document, value: object, path: tuple[str, ...]) -> None:
    """Every source, reason and warning that a file names is in its list."""
    if isinstance(value, list):
        for place, item in enumerate(value):
            _check_words(made, document, item, (*path, str(place)))
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        inner = (*path, str(key))
        if key == "source" and isinstance(item, dict):
            for source in item:
                if source not in made.sources:
                    document.refuse(inner, f"the source {source} is not in sources.yaml: add it there first")
        elif key == "review" and item not in made.reasons:
            document.refuse(inner, f"the review reason {item} is not in reasons.yaml: use one of those or add it")
        elif key == "warning" and item not in made.warnings:
            document.refuse(inner, f"the warning {item} is not in warnings.yaml: use one of those or add it")
        else:
            _check_words(made, document, item, inner)


def _check_family(made: Library, family: Family, document: Document) -> None:
    for name, line in family.lines.items():
        _check_line(made, family, document, line, ("lines", name))
    for name, remark in family.remarks.items():
        _check_remark(made, document, remark, ("remarks", name))
        for line_name in remark.of:
            if line_name not in family.lines:
                document.refuse(("remarks", name, "of"), f"there is no line {line_name} here")
    for name, read_as in family.read_as.items():
        _check_condition(made, document, read_as.when, ("read_as", name, "when"))
    for site in family.junctions:
        if not is_site_name(site):
            document.refuse(("junctions", site), f"{site} is no interspace: write it like T12-L1")
    for path, other in _families_named(family):
        if other not in made.families:
            document.refuse(path, f"there is no family {other}")


def _families_named(family: Family) -> Iterator[tuple[tuple[str, ...], str]]:
    for other in family.injected_by:
        yield ("injected_by",), other
    for name, read_as in family.read_as.items():
        for start, row in read_as.rows.items():
            if row.family is not None:
                yield ("read_as", name, "rows", str(start)), row.family


def _check_line(made: Library, family: Family, document: Document, line: Line, path: tuple[str, ...]) -> None:
    for other in line.beside:
        if other not in family.lines:
            document.refuse((*path, "beside"), f"there is no line {other} here")
    if line.of is not None and line.of not in family.lines:
        document.refuse((*path, "of"), f"there is no line {line.of} here")
    if line.of is not None and family.lines[line.of].role != "primary":
        document.refuse((*path, "of"), f"the line {line.of} is no primary line: name the one the add-on hangs on")
    _check_condition(made, document, line.when, (*path, "when"))
    _check_condition(made, document, line.unless, (*path, "unless"))
    _check_codes(made, family, document, line, path)


def _check_remark(made: Library, document: Document, remark: Remark, path: tuple[str, ...]) -> None:
    _check_condition(made, document, remark.when, (*path, "when"))
    _check_condition(made, document, remark.unless, (*path, "unless"))


def _check_condition(made: Library, document: Document, condition: Condition, path: tuple[str, ...]) -> None:
    known = {**made.families, **made.without_rules}
    for fact, words in condition.items():
        if fact not in VOCABULARY:
            document.refuse((*path, fact), f"{fact} is no fact: the facts are {', '.join(sorted(VOCABULARY))}")
        allowed = VOCABULARY[fact]
        for word in words:
            right = {
                "site": is_site_name(word), "with": word in known, "studied": word in {*known, "none"},
                "payer": word in {profile.payer for profile in made.profiles.values()},
            }.get(fact, allowed is not None and word in allowed)  # fmt: skip
            if not right:
                one_of = f"one of {', '.join(sorted(allowed))}" if allowed else "one that exists"
                document.refuse((*path, fact), f"{word} is no {fact}: write {one_of}")


def _check_codes(made: Library, family: Family, document: Document, line: Line, path: tuple[str, ...]) -> None:
    """Every code of a row is in the code set and lives while the row, and the line an add-on hangs on, is in force."""
    starts = [*line.rows, family.covers.through + _ONE_DAY]
    ends = [day for day, row in family.lines[line.of].rows.items() if row.counts is None] if line.of else []
    for (start, row), next_start in zip(line.rows.items(), starts[1:], strict=True):
        following = min([next_start, *(day for day in ends if day > start)])
        first, last = max(start, family.covers.start), min(following - _ONE_DAY, family.covers.through)
        for region, cell in row.cells().items():
            for code in filter(None, (cell.code, cell.both_sides, cell.alternative)):
                if code not in NO_LINE:
                    _check_life(made, document, code, first, last, (*path, "rows", str(start), region))


def _check_life(made: Library, document: Document, code: str, first: date, last: date, path: tuple[str, ...]) -> None:
    _check_known(made, document, code, path)
    entry = made.codes[code]
    for day in (first, last):
        if not entry.lives(day):
            life = f"{entry.first} to {entry.last or 'today'}"
            document.refuse(path, f'the code "{code}" lives from {life}, and this row uses it on {day}')


def _check_edits(made: Library, documents: Mapping[str, Document]) -> None:
    for place, pair in enumerate(made.pairs):
        for code in (*pair.column_1, *pair.column_2):
            _check_known(made, documents["edits/pairs.yaml"], code, (str(place),))
    absorptions = documents["edits/absorptions.yaml"]
    for place, entry in enumerate(made.absorptions):
        for family in filter(None, (entry.absorber, entry.absorbed, *(entry.between or ()))):
            if family not in made.families:
                absorptions.refuse((str(place),), f"there is no family {family}")
        _check_condition(made, absorptions, entry.absorber_when, (str(place), "absorber_when"))
        _check_condition(made, absorptions, entry.absorbed_when, (str(place), "absorbed_when"))
    for name, remark in made.remarks.items():
        _check_remark(made, documents["remarks.yaml"], remark, (name,))
    for code, known in made.codes.items():
        for parents in known.parents:
            for parent in parents.codes:
                _check_known(made, documents["code_set/cpt.yaml"], parent, (code, "parents"))


def _check_known(made: Library, document: Document, code: str, path: tuple[str, ...]) -> None:
    if code not in made.codes:
        document.refuse(path, f'the code "{code}" is not in code_set/: add it there with its life and source')
