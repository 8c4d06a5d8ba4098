"""Reports and what a careful coder says of each: the project's own, and any folder of reports.jsonl and gold.jsonl."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import yaml

FOLDER = Path(__file__).parent
NONE = "none"

Review = bool | Literal["either"]


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """A code line as gold writes it and as it is compared."""

    code: str
    modifiers: tuple[str, ...]
    units: int


@dataclass(frozen=True, slots=True)
class Expected:
    """Gold for one date of service: the lines, whether a human is needed, and answers that are as good."""

    lines: tuple[ClaimLine, ...]
    review: Review
    reasons: tuple[str, ...]
    alternatives: tuple[tuple[ClaimLine, ...], ...]


@dataclass(frozen=True, slots=True)
class GoldReport:
    """One report with gold for one date of service or several."""

    report_id: str
    text: str
    style: str
    hard: str
    held_out: bool
    families: tuple[str, ...]
    expected: Mapping[date, Expected]


def own_reports(folder: Path = FOLDER) -> list[GoldReport]:
    """The project's corpus: ``reports/x.txt`` with ``gold/x.yaml``."""
    reports = []
    for path in sorted((folder / "gold").glob("*.yaml")):
        gold = yaml.safe_load(path.read_text(encoding="utf-8"))
        text = (folder / "reports" / f"{path.stem}.txt").read_bytes().decode()
        reports.append(
            GoldReport(
                report_id=path.stem,
                text=text,
                style=gold["style"],
                hard=gold["hard"] or NONE,
                held_out=gold["held_out"],
                families=_families(gold["encounter"]),
                expected={_day(day): _expected(answer) for day, answer in gold["expect"].items()},
            )
        )
    return reports


def folder_reports(folder: Path) -> list[GoldReport]:
    """Reports kept elsewhere: ``reports.jsonl`` with id and text, ``gold.jsonl`` with id and gold by date."""
    texts = {item["id"]: item["text"] for item in _jsonl(folder / "reports.jsonl")}
    return [
        GoldReport(
            report_id=item["id"],
            text=texts[item["id"]],
            style=NONE,
            hard=NONE,
            held_out=False,
            families=_families(item.get("encounter") or []),
            expected={_day(day): _expected(answer) for day, answer in item["gold"].items()},
        )
        for item in _jsonl(folder / "gold.jsonl")
    ]


def _jsonl(path: Path) -> Iterable[dict[str, Any]]:
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            if line.strip():
                yield json.loads(line)


def _day(value: str | date) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _families(encounter: Mapping[str, Any] | Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    procedures = encounter.get("procedures", []) if isinstance(encounter, Mapping) else encounter
    return tuple(sorted({procedure["family"] for procedure in procedures})) or (NONE,)


def _expected(answer: Mapping[str, Any]) -> Expected:
    return Expected(
        lines=claim_lines(answer["lines"]),
        review=answer["review"],
        reasons=tuple(answer.get("reasons") or ()),
        alternatives=tuple(claim_lines(lines) for lines in answer.get("alternatives") or ()),
    )


def claim_lines(lines: Iterable[Mapping[str, Any]]) -> tuple[ClaimLine, ...]:
    """Lines as gold writes them: a missing ``modifiers`` is none."""
    return tuple(ClaimLine(line["code"], tuple(line.get("modifiers") or ()), line["units"]) for line in lines)
