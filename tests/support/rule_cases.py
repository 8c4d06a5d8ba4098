"""The cases of the rule files: facts in, the whole answer out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rules.adjudicate import adjudicate_with
from rules.adjudication import Adjudication, CodeLine
from rules.encounter import Encounter
from rules.library import Library
from rules.yaml_reader import read_yaml

CASES = Path(__file__).parent.parent / "rules/cases"
ALWAYS = "coverage_may_be_limited"
_LINE = re.compile(r"(?P<code>\w{5})(?P<modifiers>(?: [0-9A-Z]{2})*)(?: x(?P<units>[0-9]+))?")
_KEYS = {"name", "date_of_service", "profile", "covers_ids", "encounter", "expect", "editions", "why", "reference"}
_EXPECT = {"disposition", "lines", "reasons", "warnings", "alternatives"}


@dataclass(frozen=True)
class Case:
    """One encounter on one date, and the whole answer."""

    family: str
    name: str
    encounter: Encounter
    profile: str | None
    expect: Mapping[str, Any]
    covers_ids: tuple[str, ...]
    reference: tuple[str, ...]

    def answer(self, rules: Library) -> Adjudication:
        return adjudicate_with(rules, self.encounter, profile=rules.profiles[self.profile] if self.profile else None)

    def holds(self, rules: Library) -> bool:
        return seen(self.answer(rules)) == self.expect


def seen(answer: Adjudication) -> dict[str, Any]:
    """An answer in the form of a case's `expect`; the warning that stands on every line is left out."""
    warnings = sorted({notice.warning for notice in answer.warnings} - ({ALWAYS} if answer.lines else set()))
    return {
        "disposition": answer.disposition,
        "lines": sorted(shown(line) for line in answer.lines),
        "reasons": sorted({reason.reason for reason in answer.review_reasons}),
        "warnings": warnings,
        "alternatives": sorted(sorted(shown(line) for line in lines) for lines in answer.alternatives),
    }


def shown(line: CodeLine) -> str:
    return " ".join((line.code, *line.modifiers)) + (f" x{line.units}" if line.units > 1 else "")


def wanted(expect: Mapping[str, Any]) -> dict[str, Any]:
    """A case's `expect` in full: what is left out is empty, and the disposition follows from reasons and lines."""
    assert expect, "expect is empty: a case that checks nothing is no case"
    assert set(expect) <= _EXPECT, f"expect says {sorted(expect)}: write some of {sorted(_EXPECT)}"
    lines, reasons = [*expect.get("lines", [])], sorted(expect.get("reasons", []))
    for line in lines:
        assert _LINE.fullmatch(line), f"{line!r} is no line: write it like '64476 50 x2'"
    return {
        "disposition": expect.get("disposition") or ("review" if reasons else "auto" if lines else "no_procedure"),
        "lines": sorted(lines),
        "reasons": reasons,
        "warnings": sorted(expect.get("warnings", [])),
        "alternatives": sorted(sorted(other) for other in expect.get("alternatives", [])),
    }


@cache
def cases() -> tuple[Case, ...]:
    return tuple(case for path in sorted(CASES.glob("*.yaml")) for case in read_cases(path))


def read_cases(path: Path) -> Iterator[Case]:
    for entry in read_yaml(path.read_text(encoding="utf-8"), file=path.name).value:
        assert set(entry) <= _KEYS, f"{path.name}: {entry.get('name')}: unknown keys {sorted(set(entry) - _KEYS)}"
        given = entry["encounter"]
        if "procedures" not in given and "doubts" not in given:
            given = {"procedures": [given] if given else []}
        dated = entry.get("editions") or {entry.get("date_of_service"): entry["expect"]}
        for day, expect in dated.items():
            procedures = [{"family": path.stem, **procedure} for procedure in given.get("procedures", [])]
            encounter = Encounter.model_validate({**given, "procedures": procedures, "date_of_service": day})
            yield Case(path.stem, f"{entry['name']} [{day}]", encounter, entry.get("profile"), wanted(expect),
                       tuple(entry.get("covers_ids", ())), tuple(entry.get("reference", ())))  # fmt: skip
