"""`spinecoder rules` as a user meets it: each command in each of its forms, and what it refuses."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def page(spinecoder: Run) -> Callable[..., dict[str, Any]]:
    """A page of `spinecoder rules` as JSON, its tables by their title."""

    def ask(*arguments: object) -> dict[str, Any]:
        done = spinecoder("rules", *arguments, "--format", "json")
        assert (done.returncode, done.stderr) == (0, b"")
        made = json.loads(done.stdout)
        return {**made, "tables": {table["title"]: table["rows"] for table in made["tables"]}}

    return ask


Pages = Callable[..., dict[str, Any]]


def test_a_code_is_explained_with_its_life_its_givers_and_its_pairs(page: Pages) -> None:
    made = page("explain", "64494")
    assert made["title"] == "Code 64494"
    assert "Valid from 2010-01-01 to today" in made["about"][0]
    assert {row["fact"]: row["value"] for row in made["tables"]["Facts"]}["most units a day"].startswith("1 ")
    assert made["tables"]["Stands beside one of"] == [{"from": "2010-01-01", "codes": "64490, 64493"}]
    assert [row["line"] for row in made["tables"]["Given by"]] == ["second_joint_guided"]
    assert any("77003" in row["with"] and row["column"] == "1" for row in made["tables"]["Pairs"])


def test_a_code_is_explained_on_a_day(page: Pages) -> None:
    made = page("explain", "62311", "--on", "2017-01-01")
    assert made["about"][1] == "On 2017-01-01 it is not valid."
    assert made["tables"]["Given by"] == []
    assert made["tables"]["Pairs"] == []
    dated = page("explain", "62311", "--on", "2006-06-01")
    assert {row["from"] for row in dated["tables"]["Given by"]} == {"2006-01-01"}


def test_letters_of_a_code_may_be_small(page: Pages) -> None:
    made = page("explain", "g0260")
    assert [row["code"] for row in page("explain", "27096")["tables"]["Written in its place"]] == ["G0260"]
    assert made["title"] == "Code G0260"


def test_a_family_is_shown_as_of_a_day(page: Pages) -> None:
    made = page("family", "transforaminal_injection", "--on", "2010-12-31")
    assert {row["line"]: row["codes"] for row in made["tables"]["Lines"]}["guidance_fluoroscopy"] == "77003"
    later = page("family", "transforaminal_injection", "--on", "2011-01-01")
    assert "guidance_fluoroscopy" in {row["line"] for row in later["tables"]["Lines without a code on this date"]}
    newest = page("family", "transforaminal_injection")
    assert newest["title"] == "Family transforaminal_injection on 2026-12-31"


def test_a_timeline_tells_what_is_in_force_when(page: Pages) -> None:
    rows = page("timeline", "facet_injection")["tables"]["Lines, 2006-01-01 to 2026-12-31"]
    guidance = next(row for row in rows if row["line"] == "guidance_fluoroscopy")
    assert guidance == {
        "line": "guidance_fluoroscopy", "from 2006-01-01": "76005", "from 2007-01-01": "77003",
        "from 2010-01-01": "inside another line",
    }  # fmt: skip


def test_two_dates_are_compared(page: Pages) -> None:
    made = page("diff", "2016-06-30", "2016-07-01")
    assert [(row["family"], row["place"]) for row in made["tables"]["Families"]] == [
        ("myelography", "lines.guidance_fluoroscopy")
    ]
    assert made["tables"]["Codes"] == []
    assert [row["place"].split(",")[0] for row in made["tables"]["Pairs"]] == ["62284"]
    assert page("diff", "2018-01-01", "2018-12-31")["tables"]["Families"] == []


def test_codes_that_begin_and_end_are_told(page: Pages) -> None:
    codes = {row["place"]: row["2007-01-01"] for row in page("diff", "2006-12-31", "2007-01-01")["tables"]["Codes"]}
    assert codes["76005"] == "not valid"
    assert codes["77003"] == "valid"


def test_stored_results_that_would_change_are_told(tmp_path: Path, spinecoder: Run) -> None:
    facts = tmp_path / "facts.jsonl"
    joint = '{"id": "joint", "procedures": [{"family": "facet_injection", "levels": ["L4-L5"], "side": "left"}]}'
    disc = '{"id": "disc", "procedures": [{"family": "discography", "levels": ["L4-L5"]}]}'
    facts.write_text(f"{joint}\n{disc}\n")
    results = tmp_path / "results.jsonl"
    made = spinecoder("adjudicate", facts, "--format", "json").stdout
    results.write_bytes(made + b'{"report_id": "x", "error": {"kind": "empty", "line": 3, "message": "no"}}\n')
    done = spinecoder("rules", "diff", "2009-12-31", "2010-01-01", "--against", results, "--format", "json")
    told = json.loads(done.stdout)
    assert told["about"] == ["1 of 2 stored results would change."]
    assert told["tables"][0]["rows"] == [{
        "report": "joint", "lines 2009-12-31": "64475-LT x1", "review 2009-12-31": "",
        "lines 2010-01-01": "20552 x1", "review 2010-01-01": "imaging_required_not_documented",
    }]  # fmt: skip


@pytest.mark.parametrize("content", [b"no json\n", b'{"report_id": "a"}\n', b"[1]\n", None])
def test_what_is_no_file_of_results_is_refused(tmp_path: Path, content: bytes | None, spinecoder: Run) -> None:
    path = tmp_path / "results.jsonl"
    if content is not None:
        path.write_bytes(content)
    done = spinecoder("rules", "diff", "2009-12-31", "2010-01-01", "--against", path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Traceback" not in done.stderr


def test_the_data_keeps_every_house_rule(page: Pages) -> None:
    made = page("check")
    assert made["tables"]["Complaints"] == []
    assert made["about"][1].endswith("0 complaints.")


def test_what_nobody_has_verified_is_listed(page: Pages) -> None:
    tables = page("check", "--unverified")["tables"]
    assert {"where": "discography junctions.T12-L1", "says": "thoracic, review t12_l1_disc_region",
            "from": "2006-01-01", "source": "diagnostic-reference: A12; decision: D-6"} in tables["Rows"]  # fmt: skip
    assert tables["Pairs whose first day is not known"]


def test_the_schema_describes_an_encounter(spinecoder: Run) -> None:
    schema = json.loads(spinecoder("rules", "schema").stdout)
    assert schema["title"] == "Encounter"
    assert set(schema["properties"]) >= {"date_of_service", "procedures", "doubts", "professional_component"}
    assert "transforaminal" in schema["$defs"]["Procedure"]["properties"]["approach"]["enum"]


def test_pages_are_written_for_a_terminal_and_as_markdown(spinecoder: Run) -> None:
    text = spinecoder("rules", "timeline", "facet_injection").stdout.decode()
    assert text.startswith("Family facet_injection through time\n")
    assert max(map(len, text.splitlines())) <= 120
    assert "\x1b" not in text
    assert "first_joint_guided" in text
    page = spinecoder("rules", "timeline", "facet_injection", "--format", "md").stdout.decode()
    assert page.startswith("# Family facet_injection through time\n")
    assert "| guidance_fluoroscopy | 76005 | 77003 | inside another line |" in page


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", "72250"),
        ("explain", "62311", "--on", "06/01/2006"),
        ("family", "no_such_family"),
        ("family", "spinal_cord_stimulator"),
        ("timeline", "no_such_family"),
        ("diff", "2006-01-01"),
        ("diff", "2006-01-01", "yesterday"),
        ("check", "--format", "xml"),
        ("import-cms", "none.txt"),
        ("nonsense",),
    ],
)
def test_wrong_use_is_one_sentence_and_status_2(arguments: tuple[str, ...], spinecoder: Run) -> None:
    done = spinecoder("rules", *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command", ["explain", "family", "timeline", "diff", "check", "schema", "handbook", "import-cms"]
)
def test_every_command_has_help(command: str, spinecoder: Run) -> None:
    done = spinecoder("rules", command, "--help")
    assert done.returncode == 0
    assert f"Usage: spinecoder rules {command}".encode() in done.stdout


def test_the_handbook_in_the_docs_is_the_one_that_the_data_gives(root: Path, spinecoder: Run) -> None:
    told = (root / "docs/HANDBOOK.md").read_bytes()
    assert spinecoder("rules", "handbook").stdout == told, "run: spinecoder rules handbook > docs/HANDBOOK.md"
