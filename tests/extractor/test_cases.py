"""Every case of every class of phenomena: a sentence or a short report in, the facts read from it out.

Only the keys a case gives are compared; `procedures` is the complete list of families and `doubts` the complete list of
reasons. `python tests/extractor/test_cases.py FILE` says what each case of any file, such as wrong_today.yaml, gets.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from extractor.extract import extract
from rules.encounter import Encounter, EvidenceSpan, Procedure, Site
from rules.yaml_reader import read_yaml

HERE = Path(__file__).parent
KEYS = {"name", "text", "date_of_service", "expect"}
EXPECT = {"procedures", "doubts", "nothing", "date_of_service", "seen"}
_MARK = re.compile(r"\[\[(?P<fact>[a-z_]+):(?P<words>.*?)\]\]", re.DOTALL)
"""Words of a text that must be evidence of a fact: ``at [[sites:L4-5]]``; ``doubt`` is the evidence of any doubt."""


class EmptyCaseError(ValueError):
    """A case that checks nothing, or checks something that does not exist; the message names it."""


@dataclass(frozen=True)
class Case:
    """A text without its marks, what is expected of it, and the places of the marks as (fact, start, end)."""

    file: str
    name: str
    text: str
    expect: Mapping[str, Any]
    given: date | None = None
    marks: tuple[tuple[str, int, int], ...] = field(default=())

    def differences(self) -> list[str]:
        """What the reading of the text and the expectation do not have in common, in words."""
        encounter = extract(self.text, date_of_service=self.given)
        return [*_differences(self.expect, encounter), *_unmarked(self.marks, encounter)]


def read_case(entry: Mapping[str, Any], file: str) -> Case:
    where = f"{file}: {entry.get('name')}"
    if set(entry) - KEYS or not {"name", "text"} <= set(entry):
        raise EmptyCaseError(f"{where}: a case has name, text, expect and no other keys than {sorted(KEYS)}")
    expect = entry.get("expect") or {}
    if set(expect) - EXPECT:
        raise EmptyCaseError(f"{where}: expect says {sorted(expect)}: write some of {sorted(EXPECT)}")
    known = set(Procedure.model_fields) - {"evidence", "evidence_for"}
    for wanted in expect.get("procedures") or ():
        if isinstance(wanted, Mapping) and (set(wanted) - known or "family" not in wanted):
            raise EmptyCaseError(f"{where}: {sorted(wanted)}: a procedure has a family and the fields of Procedure")
    text, marks, place = "", [], 0
    for mark in _MARK.finditer(entry["text"]):
        text += entry["text"][place : mark.start()]
        marks.append((mark["fact"], len(text), len(text) + len(mark["words"])))
        text += mark["words"]
        place = mark.end()
    text += entry["text"][place:]
    checks = expect.get("nothing") is True or bool(expect.get("procedures")) or expect.get("doubts") is not None
    checks = checks or bool(marks) or "date_of_service" in expect or bool(expect.get("seen"))
    if not checks:
        raise EmptyCaseError(f"{where}: a case that checks nothing is no case")
    given = entry.get("date_of_service")
    return Case(file, entry["name"], text, expect, date.fromisoformat(str(given)) if given else None, tuple(marks))


def _differences(expect: Mapping[str, Any], encounter: Encounter) -> Iterator[str]:
    doubts = sorted({doubt.reason for doubt in encounter.doubts})
    families = [procedure.family for procedure in encounter.procedures]
    if expect.get("nothing") and (families or doubts):
        yield f"expected nothing, got {families} with {doubts}"
    if "procedures" in expect:
        wanted = [{"family": one} if isinstance(one, str) else one for one in expect["procedures"]]
        if sorted(one["family"] for one in wanted) != sorted(families):
            yield f"families: expected {sorted(one['family'] for one in wanted)}, got {sorted(families)}"
        else:
            by_family = {procedure.family: procedure for procedure in encounter.procedures}
            for one in wanted:
                yield from _fields(one, by_family[one["family"]])
    if expect.get("doubts") is not None and sorted(expect["doubts"]) != doubts:
        yield f"doubts: expected {sorted(expect['doubts'])}, got {doubts}"
    if "date_of_service" in expect and str(expect["date_of_service"]) != str(encounter.date_of_service).lower():
        yield f"date: expected {expect['date_of_service']}, got {encounter.date_of_service}"
    for family, why in (expect.get("seen") or {}).items():
        got = sorted({mention.why for mention in encounter.seen if mention.family == family})
        if why not in got:
            yield f"seen {family}: expected {why!r}, got {got}"


def _fields(wanted: Mapping[str, Any], procedure: Procedure) -> Iterator[str]:
    for key, value in wanted.items():
        got = getattr(procedure, key)
        if key == "sites":
            if not _same_sites(value, got):
                yield f"{procedure.family} sites: expected {value}, got {[_shown(site) for site in got]}"
        elif (sorted(value) if isinstance(value, list) else value) != (sorted(got) if isinstance(got, tuple) else got):
            yield f"{procedure.family} {key}: expected {value}, got {got}"


def _shown(site: Site) -> str:
    return " ".join(part for part in (site.kind, site.name, site.side.replace("not_documented", "")) if part)


def _same_sites(wanted: list[str], got: tuple[Site, ...]) -> bool:
    """Each is written ``L4-L5 left``, or with its kind before it: ``nerve L4 left``."""
    left = [_shown(site) for site in got]
    for one in wanted:
        found = next((site for site in left if one in (site, site.partition(" ")[2])), None)
        if found is None:
            return False
        left.remove(found)
    return not left


def _unmarked(marks: tuple[tuple[str, int, int], ...], encounter: Encounter) -> Iterator[str]:
    for fact, start, end in marks:
        spans = {(span.start, span.end) for span in _evidence(fact, encounter)}
        if (start, end) not in spans:
            yield f"evidence of {fact}: expected {(start, end)}, got {sorted(spans)}"


def _evidence(fact: str, encounter: Encounter) -> Iterator[EvidenceSpan]:
    if fact == "doubt":
        yield from (span for doubt in encounter.doubts for span in doubt.evidence)
    yield from (span for one in encounter.procedures for span in one.evidence_for.get(fact, ()))


def read_cases(path: Path) -> tuple[Case, ...]:
    return tuple(
        read_case(entry, path.stem) for entry in read_yaml(path.read_text(encoding="utf-8"), file=path.name).value
    )


@cache
def cases() -> tuple[Case, ...]:
    return tuple(case for path in sorted((HERE / "cases").glob("*.yaml")) for case in read_cases(path))


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.file}: {case.name}")
def test_case(case: Case) -> None:
    assert case.differences() == []


@pytest.mark.parametrize("path", sorted((HERE / "cases").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_class_has_its_cases_and_no_name_twice(path: Path) -> None:
    names = [case.name for case in cases() if case.file == path.stem]
    assert len(names) >= 3
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "no expectation", "text": "L4-5 facet injection."},
        {"name": "empty", "text": "L4-5 facet injection.", "expect": {}},
        {"name": "an empty list of procedures", "text": "L4-5 facet injection.", "expect": {"procedures": []}},
        {"name": "nothing denied", "text": "L4-5 facet injection.", "expect": {"nothing": False}},
        {"name": "an unknown key", "text": "L4-5.", "expect": {"families": ["facet_injection"]}},
        {"name": "an unknown fact", "text": "L4-5.", "expect": {"procedures": [{"family": "x", "level": "L4-L5"}]}},
        {"name": "no family", "text": "L4-5.", "expect": {"procedures": [{"levels": ["L4-L5"]}]}},
        {"name": "a key of no case", "text": "L4-5.", "expects": {"nothing": True}},
    ],
    ids=lambda entry: entry["name"],
)  # fmt: skip
def test_a_case_that_checks_nothing_fails(entry: dict[str, Any]) -> None:
    with pytest.raises(EmptyCaseError, match=entry["name"]):
        read_case(entry, "this test")


def test_a_wrong_expectation_is_seen() -> None:
    text = "Under fluoroscopy a needle was advanced into the [[sites:left L4-5]] facet joint and Kenalog was injected."
    expect = {
        "procedures": [{"family": "facet_injection", "sites": ["L4-L5 right"], "guidance": "ct", "regions": []}],
        "doubts": ["level_missing"], "date_of_service": "2006-06-01", "seen": {"discography": "planned"},
    }  # fmt: skip
    assert len(read_case({"name": "all wrong", "text": text, "expect": expect}, "this test").differences()) == 7
    expect = {"nothing": True, "procedures": ["discography"]}
    assert len(read_case({"name": "no such family", "text": text, "expect": expect}, "this test").differences()) == 3


if __name__ == "__main__":
    for one in [case for name in sys.argv[1:] for case in read_cases(Path(name))]:
        sys.stdout.writelines(f"{one.file}: {one.name}\n    {line}\n" for line in one.differences())
