"""The scorer: each outcome by its definition, lines compared as conventions say, bounds exact."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.bounds import upper_bound
from corpus.gold import ClaimLine, Expected, GoldReport, Review, folder_reports
from corpus.outcome import Answer, Disposition, Outcome, Scored, score
from corpus.table import as_json, as_markdown, as_text, tabulate

OLD, NEW = dt.date(2006, 6, 1), dt.date(2025, 6, 1)
A, B, C = ClaimLine("00001", (), 1), ClaimLine("00002", ("RT",), 1), ClaimLine("00003", (), 2)
ADD_ONS = {"00009"}


def scored(
    lines: tuple[ClaimLine, ...],
    review: Review,
    disposition: Disposition,
    got: tuple[ClaimLine, ...],
    *,
    alternatives: tuple[tuple[ClaimLine, ...], ...] = (),
    day: dt.date = OLD,
    held_out: bool = False,
) -> Scored:
    expected = Expected(lines, review, (), alternatives)
    report = GoldReport("r", "text", "macro", "none", held_out, ("f",), {day: expected})
    return score(report, day, Answer(disposition, got, ()), add_ons=ADD_ONS)


@pytest.mark.parametrize(
    ("lines", "review", "disposition", "got", "outcome"),
    [
        ((A,), False, "auto", (A,), "right_and_auto"),
        ((A,), "either", "auto", (A,), "right_and_auto"),
        ((A,), False, "auto", (B,), "wrong_and_auto"),
        ((A,), True, "auto", (A,), "wrong_and_auto"),
        ((), False, "auto", (A,), "wrong_and_auto"),
        ((), "either", "auto", (), "wrong_and_auto"),
        ((A,), True, "review", (), "review_needed"),
        ((A,), "either", "review", (B,), "review_needed"),
        ((A,), False, "review", (A,), "review_needless"),
        ((), False, "review", (), "review_needless"),
        ((), False, "review", (A,), "invented"),
        ((), True, "review", (A,), "review_needed"),
        ((), False, "no_procedure", (), "no_procedure_right"),
        ((), "either", "no_procedure", (), "no_procedure_right"),
        ((A,), False, "no_procedure", (), "missed"),
        ((A,), "either", "no_procedure", (), "missed"),
        ((), True, "no_procedure", (), "missed"),
        ((A,), False, "failed", (), "failed"),
    ],
)
def test_outcomes(
    lines: tuple[ClaimLine, ...],
    review: Review,
    disposition: Disposition,
    got: tuple[ClaimLine, ...],
    outcome: Outcome,
) -> None:
    assert scored(lines, review, disposition, got).outcome == outcome


def test_an_alternative_is_right_unless_a_human_is_needed() -> None:
    assert scored((A,), False, "auto", (B, C), alternatives=((C, B),)).outcome == "right_and_auto"
    assert scored((A,), True, "auto", (B, C), alternatives=((C, B),)).outcome == "wrong_and_auto"
    assert scored((A,), True, "review", (B, C), alternatives=((C, B),)).right_lines


@pytest.mark.parametrize(
    ("expected", "got", "same"),
    [
        (ClaimLine("1", ("26", "RT"), 1), ClaimLine("1", ("RT", "59"), 1), True),
        (ClaimLine("1", ("RT",), 1), ClaimLine("1", ("LT",), 1), False),
        (ClaimLine("1", ("50",), 1), ClaimLine("1", (), 1), False),
        (ClaimLine("1", ("53",), 1), ClaimLine("1", (), 1), False),
        (ClaimLine("1", (), 1), ClaimLine("1", (), 2), False),
    ],
)
def test_sides_and_units_count_and_who_bills_does_not(expected: ClaimLine, got: ClaimLine, *, same: bool) -> None:
    assert scored((expected,), False, "auto", (got,)).right_lines is same


def test_an_add_on_on_both_sides_may_be_two_lines_from_2020() -> None:
    for code, day, same in (("00009", NEW, True), ("00009", dt.date(2019, 12, 31), False), ("00001", NEW, False)):
        both = (ClaimLine(code, ("50",), 1),)
        two = (ClaimLine(code, ("RT",), 1), ClaimLine(code, ("LT",), 1))
        assert scored(both, False, "auto", two, day=day).right_lines is same
        assert scored(two, False, "auto", both, day=day).right_lines is same


def test_lines_for_nothing_are_invented_whether_auto_or_for_review() -> None:
    assert scored((), False, "auto", (A,)).is_invented
    assert scored((), False, "review", (A,)).is_invented
    assert not scored((), True, "review", (A,)).is_invented


def test_counts_rates_and_bound() -> None:
    items = [
        *[scored((A,), False, "auto", (A,))] * 6,
        scored((A,), True, "review", (A,)),
        scored((A,), True, "review", (B,)),
        scored((), False, "no_procedure", ()),
    ]
    row = tabulate(items, list_needless=False, list_held_out=False).rows[0]
    assert (row.scored, row.codable, row.codable_auto, row.reviews, row.suggestions_right) == (9, 8, 6, 2, 1)
    assert (row.signable, row.signable_auto) == (6, 6)
    assert row.wrong_and_auto_at_most == pytest.approx(1 - 0.05 ** (1 / 6))


def test_cases_are_listed_and_held_out_ones_only_counted() -> None:
    wrong, held_out = scored((A,), False, "auto", (B,)), scored((A,), False, "auto", (B,), held_out=True)
    needless = scored((A,), False, "review", (A,))
    table = tabulate([wrong, held_out, needless], list_needless=False, list_held_out=False)
    assert (table.rows[0].outcomes["wrong_and_auto"], len(table.cases)) == (2, 1)
    assert len(tabulate([wrong, held_out, needless], list_needless=True, list_held_out=True).cases) == 3
    shown = as_text(table)
    assert "wrong_and_auto  r  2006-06-01  [f; hard: none]" in shown
    assert "expected  00001 x1   review false" in shown
    assert "got       00002-RT x1   auto" in shown
    assert "| r | 2006-06-01 | wrong_and_auto |" in as_markdown(table)
    assert json.loads(as_json(table))["cases"][0]["report_id"] == "r"


@pytest.mark.parametrize(
    ("errors", "trials", "bound"),
    [(0, 59, 0.0495), (0, 299, 0.00997), (1, 100, 0.04656), (5, 50, 0.19883), (3, 3, 1), (0, 0, 1)],
)
def test_bounds_are_those_of_the_tables(errors: int, trials: int, bound: float) -> None:
    assert upper_bound(errors, trials) == pytest.approx(bound, abs=5e-5)


def test_a_folder_of_the_same_form_is_read(tmp_path: Path) -> None:
    gold = {
        "id": "x",
        "gold": {"2006-06-01": {"lines": [{"code": "00001", "modifiers": ["RT"], "units": 2}], "review": "either",
                                "reasons": ["r"], "alternatives": [[]]}},
        "encounter": {"procedures": [{"family": "f"}]},
    }  # fmt: skip
    (tmp_path / "reports.jsonl").write_text('{"id": "x", "text": "words"}\n')
    (tmp_path / "gold.jsonl").write_text(json.dumps(gold) + "\n")
    (report,) = folder_reports(tmp_path)
    assert (report.text, report.families) == ("words", ("f",))
    assert report.expected == {OLD: Expected((ClaimLine("00001", ("RT",), 2),), "either", ("r",), ((),))}


@pytest.mark.needs_line
def test_the_command_scores_the_corpus_and_is_status_0(root: Path) -> None:
    command = [sys.executable, "-m", "corpus.score", "--format", "json", "--exclude-held-out"]
    done = subprocess.run(command, cwd=root, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    overall = json.loads(done.stdout)["rows"][0]
    assert overall["scored"] > 100
    assert overall["outcomes"]["failed"] == 0
