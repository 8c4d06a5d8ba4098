"""House rules on the corpus: every report has gold, gold says all it must, and its evidence stands in the report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from rules.library import library

ROOT = Path(__file__).parent.parent.parent / "corpus"
KEYS = {"origin", "style", "hard", "held_out", "encounter", "evidence", "expect", "why"}
EXPECT_KEYS = {"review", "reasons", "lines", "alternatives"}
STEMS = sorted(path.stem for path in (ROOT / "gold").glob("*.yaml"))


@pytest.fixture(scope="module")
def gold() -> dict[str, dict[str, Any]]:
    return {stem: yaml.safe_load((ROOT / "gold" / f"{stem}.yaml").read_text(encoding="utf-8")) for stem in STEMS}


def test_gold_is_paired() -> None:
    assert sorted(path.stem for path in (ROOT / "reports").glob("*.txt")) == STEMS
    assert len(STEMS) >= 60


@pytest.mark.parametrize("stem", STEMS)
def test_gold_says_all_it_must(stem: str, gold: dict[str, dict[str, Any]]) -> None:
    case = gold[stem]
    assert set(case) == KEYS
    assert case["why"]
    assert case["style"]
    assert isinstance(case["held_out"], bool)
    assert isinstance(case["hard"], str)
    assert case["expect"]
    for day, answer in case["expect"].items():
        dt.date.fromisoformat(str(day))
        assert EXPECT_KEYS - {"alternatives"} <= set(answer) <= EXPECT_KEYS
        assert answer["review"] in (True, False, "either")
        assert bool(answer["reasons"]) or answer["review"] is not True
        for line in (*answer["lines"], *(line for lines in answer.get("alternatives") or () for line in lines)):
            assert {"code", "units"} <= set(line) <= {"code", "modifiers", "units"}
            assert isinstance(line["code"], str)
            assert line["units"] >= 1


def quotes(evidence: object) -> Iterator[tuple[str, int | None]]:
    """Every quote in *evidence*, with its ``nth`` where one is given."""
    if isinstance(evidence, str):
        yield evidence, None
    elif isinstance(evidence, list):
        for item in evidence:
            yield from quotes(item)
    elif isinstance(evidence, dict):
        if "quote" in evidence:
            yield evidence["quote"], evidence.get("nth")
        else:
            for item in evidence.values():
                yield from quotes(item)


@pytest.mark.parametrize("stem", STEMS)
def test_quotes_are_in_their_report(stem: str, gold: dict[str, dict[str, Any]]) -> None:
    text = (ROOT / "reports" / f"{stem}.txt").read_bytes().decode()
    found = list(quotes(gold[stem]["evidence"]))
    assert found or not any(answer["lines"] for answer in gold[stem]["expect"].values())
    assert [quote for quote, nth in found if text.count(quote) < (nth or 1)] == []


@pytest.mark.needs_line
def test_codes_of_gold_live_on_their_dates(gold: dict[str, dict[str, Any]]) -> None:
    codes = library().codes
    dead = [
        (stem, str(day), line["code"])
        for stem, case in gold.items()
        for day, answer in case["expect"].items()
        for line in answer["lines"]
        if line["code"] in codes and not codes[line["code"]].lives(dt.date.fromisoformat(str(day)))
    ]
    assert dead == []


def test_every_family_is_there_and_a_third_is_hard(gold: dict[str, dict[str, Any]]) -> None:
    seen = {procedure["family"] for case in gold.values() for procedure in case["encounter"]}
    families = {path.stem for path in (ROOT.parent / "rules/families").glob("*.yaml")}
    assert families - seen == set()
    hard = sum(case["hard"] != "none" for case in gold.values())
    assert hard >= len(gold) / 3
    assert len({case["style"] for case in gold.values()}) >= 8
