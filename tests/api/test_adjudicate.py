"""`spinecoder adjudicate`: facts in, the same result out as for a report."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[bytes]]
JOINTS = {"family": "facet_injection", "levels": ["L4-L5", "L5-S1"], "side": "left", "guidance": "fluoroscopy"}
ENCOUNTER = {"date_of_service": "2025-06-01", "procedures": [JOINTS]}


def answers(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def lines(answer: dict[str, Any]) -> list[tuple[str, ...]]:
    return [(line["code"], *line["modifiers"]) for line in answer["lines"]]


def test_an_encounter_in_json_gives_a_whole_result(tmp_path: Path, spinecoder: Run) -> None:
    path = tmp_path / "encounter.json"
    path.write_text(json.dumps(ENCOUNTER))
    done = spinecoder("adjudicate", path, "--format", "json")
    answer = answers(done)[0]
    assert done.returncode == 0
    assert list(answer) == [
        "report_id", "date_of_service", "disposition", "lines", "review_reasons", "warnings", "alternatives",
        "encounter", "trace", "profile", "versions",
    ]  # fmt: skip
    assert (answer["report_id"], answer["disposition"]) == ("encounter", "auto")
    assert lines(answer) == [("64493", "LT"), ("64494", "LT")]


def test_yaml_says_the_same(tmp_path: Path, spinecoder: Run) -> None:
    path = tmp_path / "encounter.yaml"
    path.write_text(
        "date_of_service: 2025-06-01   # a date, unquoted\nprocedures:\n"
        "  - {family: facet_injection, levels: [L4-L5, L5-S1], side: left, guidance: fluoroscopy}\n"
    )
    other = tmp_path / "encounter.json"
    other.write_text(json.dumps(ENCOUNTER))
    assert spinecoder("adjudicate", path, "--format", "json").stdout == (
        spinecoder("adjudicate", other, "--format", "json").stdout
    )


def test_a_list_and_lines_are_several(tmp_path: Path, spinecoder: Run) -> None:
    whole = tmp_path / "all.json"
    whole.write_text(json.dumps([{"id": "a", **ENCOUNTER}, ENCOUNTER]))
    by_line = tmp_path / "all.jsonl"
    by_line.write_text("\n".join(json.dumps(item) for item in ({"report_id": 7, "encounter": ENCOUNTER}, ENCOUNTER)))
    first, second = (answers(spinecoder("adjudicate", path, "--format", "json")) for path in (whole, by_line))
    assert [answer["report_id"] for answer in first] == ["a", "all-2"]
    assert [answer["report_id"] for answer in second] == ["7", "all-2"]


@pytest.mark.needs_line
def test_the_encounter_of_a_report_gives_the_result_of_the_report(root: Path, tmp_path: Path, spinecoder: Run) -> None:
    samples = sorted((root / "corpus/samples").glob("*.txt"))
    results = tmp_path / "results.jsonl"
    results.write_bytes(spinecoder("code", *samples, "--format", "json", "--date-of-service", "2012-06-01").stdout)
    again = spinecoder("adjudicate", results, "--format", "json")
    assert again.stdout == results.read_bytes()


def test_standard_input_and_a_page_for_people(spinecoder: Run) -> None:
    done = spinecoder("adjudicate", "-", stdin=json.dumps(ENCOUNTER).encode())
    shown = done.stdout.decode()
    assert done.returncode == 0
    assert shown.startswith("stdin   2025-06-01   auto\n")
    assert "64493-LT x1" in shown


def test_the_profile_and_the_component_are_those_of_the_claim(tmp_path: Path, spinecoder: Run) -> None:
    both = {"date_of_service": "2025-06-01", "procedures": [{**JOINTS, "side": "bilateral", "levels": ["L4-L5"]}]}
    disc = {"date_of_service": "2025-06-01", "procedures": [{"family": "discography", "levels": ["L4-L5"]}]}
    center = answers(
        spinecoder("adjudicate", "-", "--profile", "asc", "--format", "json", stdin=json.dumps(both).encode())
    )
    assert center[0]["profile"] == "asc"
    assert lines(center[0]) == [("64493", "LT"), ("64493", "RT")]
    own = tmp_path / "clinic.yaml"
    own.write_text(
        "profile: our_clinic\nabout: Reads in a hospital.\npayer: medicare\nclaim: professional\n"
        "bilateral: cms\ndistinct: modifier_59\nprofessional_component: true\n"
    )
    for arguments in (("--profile", own), ("--professional-component",)):
        done = spinecoder("adjudicate", "-", *arguments, "--format", "json", stdin=json.dumps(disc).encode())
        assert lines(answers(done)[0]) == [("62290",), ("72295", "26")]
    assert answers(spinecoder("adjudicate", "-", "--profile", own, "--format", "json", stdin=b"{}"))[0][
        "profile"
    ].startswith("our_clinic@")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "is not JSON"),
        (b"[3]", "must be an object"),
        (b'{"procedures": [{"famly": "x"}]}', "`procedures.0.famly` is no key of an encounter"),
        (b'{"procedures": [{"family": "x", "status": "SECRET"}]}', "`procedures.0.status` must be 'performed'"),
        (b'{"procedures": [{"family": "x", "SECRET name of a patient": 1}]}', "`procedures.0.?` is no key"),
        (b'{"date_of_service": "SECRET"}', "`date_of_service`"),
        (b'{"doubts": [{"reason": "SECRET", "message": "m"}]}', "no review reason"),
        (b'{"procedures": 5}', "`procedures`"),
    ],
)
def test_a_bad_encounter_is_told_without_a_word_of_it(content: bytes, words: str, spinecoder: Run) -> None:
    done = spinecoder("adjudicate", "-", stdin=content)
    assert (done.returncode, done.stdout) == (2, b"")
    assert words in done.stderr.decode()
    assert b"SECRET" not in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_bad_encounter_costs_no_other(tmp_path: Path, spinecoder: Run) -> None:
    path = tmp_path / "all.jsonl"
    path.write_text(f"no json\n\n{json.dumps(ENCOUNTER)}\n")
    done = spinecoder("adjudicate", path, "--format", "json")
    assert [answer["report_id"] for answer in answers(done)] == ["all-3"]
    assert done.returncode == 2
    assert done.stderr.decode() == f"Line 1 of {path} is not JSON: line 1, column 1.\n"


@pytest.mark.parametrize(
    ("name", "content"), [("none.json", None), ("bad.yaml", b"a: [1"), ("binary.json", b"\x00\x01\x02")]
)
def test_a_file_that_cannot_be_read_is_refused(
    name: str, content: bytes | None, tmp_path: Path, spinecoder: Run
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    done = spinecoder("adjudicate", path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            "profile: asc\nabout: x\npayer: cpt\nclaim: facility\nbilateral: asc\ndistinct: modifier_59\n",
            "shipped profile",
        ),
        ("profile: our\nabout: x\npayer: nobody\nclaim: facility\nbilateral: asc\ndistinct: modifier_59\n", "payer"),
        (
            "profile: our\nabout: x\npayer: cpt\nclaim: facility\nbilateral: left\ndistinct: modifier_59\n",
            "no style left",
        ),
        ("profile: our\n", "`about` is missing"),
    ],
)
def test_a_profile_of_a_site_is_checked(content: str, words: str, tmp_path: Path, spinecoder: Run) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(content)
    done = spinecoder("adjudicate", "-", "--profile", path, stdin=b"{}")
    assert done.returncode == 2
    assert words in done.stderr.decode()


def test_a_facility_bills_no_professional_component(spinecoder: Run) -> None:
    done = spinecoder("adjudicate", "-", "--profile", "asc", "--professional-component", stdin=b"{}")
    assert done.returncode == 2
    assert b"bills no professional component" in done.stderr
