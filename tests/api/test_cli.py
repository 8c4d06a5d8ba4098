"""The command line as a user meets it: results on standard output, sentences on standard error, status 0 or 2."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[bytes]]

EPIDURAL = (
    b"PROCEDURE: Lumbar epidural steroid injection.\nUnder fluoroscopic guidance a Tuohy needle was advanced by an "
    b"interlaminar approach into the epidural space at L4-L5, and 80 mg of methylprednisolone was injected."
)


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.txt"
    path.write_bytes(EPIDURAL)
    return path


@pytest.mark.needs_line
def test_one_json_object_a_report_in_the_order_given(tmp_path: Path, report: Path, spinecoder: Run) -> None:
    other = tmp_path / "another.txt"
    other.write_bytes(b"Chest radiograph. Clear lungs.")
    done = spinecoder("code", report, other, report, "-", "--format", "json", "--date-of-service", "2006-06-01",
                      stdin=EPIDURAL)  # fmt: skip
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [result["report_id"] for result in results] == [str(report), "another", str(report), "stdin"]
    assert [result["disposition"] for result in results] == ["auto", "no_procedure", "auto", "auto"]
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.needs_line
def test_a_result_holds_the_whole_contract(report: Path, spinecoder: Run) -> None:
    done = spinecoder("code", report, "--format", "json", "--date-of-service", "2006-06-01")
    result = json.loads(done.stdout)
    assert list(result) == [
        "report_id", "date_of_service", "disposition", "lines", "review_reasons", "warnings", "alternatives",
        "encounter", "trace", "profile", "versions",
    ]  # fmt: skip
    assert list(result["versions"]) == ["spinecoder", "lexicon", "rules"]
    assert result["date_of_service"] == "2006-06-01"
    text = EPIDURAL.decode()
    assert result["lines"]
    for line in result["lines"]:
        assert set(line) >= {"code", "modifiers", "units", "family", "rule", "source", "evidence"}
        assert line["source"]
        assert line["evidence"]
        for span in line["evidence"]:
            assert text[span["start"] : span["end"]] == span["quote"]


@pytest.mark.needs_line
def test_without_a_date_nothing_is_auto(report: Path, spinecoder: Run) -> None:
    result = json.loads(spinecoder("code", report, "--format", "json").stdout)
    assert result["disposition"] == "review"
    assert "date_of_service_missing" in [reason["reason"] for reason in result["review_reasons"]]


@pytest.mark.needs_line
def test_text_shows_the_evidence_in_its_place(report: Path, spinecoder: Run) -> None:
    shown = spinecoder("code", report, "--date-of-service", "2006-06-01").stdout.decode()
    assert shown.startswith("report   2006-06-01   auto\n")
    assert "<<1|" in shown
    assert "62311 x1" in shown
    assert "\x1b" not in shown


@pytest.mark.needs_line
def test_a_bad_input_costs_no_other(tmp_path: Path, report: Path, spinecoder: Run) -> None:
    empty = tmp_path / "empty.txt"
    empty.touch()
    done = spinecoder("code", tmp_path / "none.txt", empty, report, "--format", "json")
    assert [json.loads(line)["report_id"] for line in done.stdout.splitlines()] == ["report"]
    assert done.returncode == 2
    assert done.stderr.decode().splitlines() == [
        f"{tmp_path}/none.txt cannot be read: No such file or directory.",
        f"{empty} is empty: a report needs at least one word.",
    ]


@pytest.mark.needs_line
def test_a_file_name_that_is_no_unicode_is_no_trouble(tmp_path: Path, spinecoder: Run) -> None:
    path = tmp_path / "r\udce9sum\udce9.txt"
    path.write_bytes(EPIDURAL)
    done = spinecoder("code", path, "--format", "json")
    assert (done.returncode, json.loads(done.stdout)["report_id"]) == (0, "r\ufffdsum\ufffd")


@pytest.mark.needs_line
def test_explain_tells_rules_applied_and_not(report: Path, spinecoder: Run) -> None:
    done = spinecoder("explain", report, "--date-of-service", "2006-06-01")
    shown = done.stdout.decode()
    assert done.returncode == 0
    for words in ("Read from the report", "Rules considered", "applied:", "not applied:", "acr-2006", "Made with"):
        assert words in shown


@pytest.mark.needs_line
def test_explain_refuses_a_bad_input(tmp_path: Path, spinecoder: Run) -> None:
    done = spinecoder("explain", tmp_path / "none.txt")
    assert (done.returncode, done.stdout) == (2, b"")


@pytest.mark.needs_line
def test_a_profile_that_is_not_there_is_refused_with_those_that_are(report: Path, spinecoder: Run) -> None:
    done = spinecoder("code", report, "--profile", "nobody")
    assert done.returncode == 2
    assert b"medicare_professional" in done.stderr


@pytest.mark.needs_line
def test_version_names_program_words_and_rules(spinecoder: Run) -> None:
    lines = spinecoder("version").stdout.decode().splitlines()
    assert [line.split()[0] for line in lines] == ["spinecoder", "lexicon", "rules"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("code",),
        ("code", "x.txt", "--date-of-service", "06/01/2006"),
        ("code", "x.txt", "--format", "xml"),
        ("batch", "only-one.jsonl"),
        ("batch", "a.jsonl", "b.jsonl", "--workers", "0"),
        ("explain", "a.txt", "b.txt"),
        ("nonsense",),
    ],
)
def test_wrong_use_is_status_2(arguments: tuple[str, ...], spinecoder: Run) -> None:
    done = spinecoder(*arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("command", [(), ("code",), ("batch",), ("explain",), ("version",)])
def test_every_command_has_help(command: tuple[str, ...], spinecoder: Run) -> None:
    done = spinecoder(*command, "--help")
    assert done.returncode == 0
    assert b"Usage: spinecoder" in done.stdout
