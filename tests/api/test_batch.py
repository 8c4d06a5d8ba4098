"""A batch keeps order, goes on after bad lines, and is the same bytes by any number of workers and interruptions."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.needs_line

Run = Callable[..., subprocess.CompletedProcess[bytes]]
Join = Callable[[list[Any]], bytes]

GOOD = {"id": "good", "text": "Lumbar puncture at L3-L4 with a 22-gauge needle.", "date_of_service": "2006-06-01"}
BAD: list[tuple[Any, str | None, str]] = [
    (b'{"id": "cut', None, "not_json"),
    (b"[1, 2]", None, "not_json"),
    (b'{"id": "\\ud800", "text": "x"}', None, "not_json"),
    (b"\xff\xfe{\x00}\x00", None, "no_id"),
    (b'{"id": "n\x00ul"}', None, "not_text"),
    ({"text": "no id"}, None, "no_id"),
    ({"id": "", "text": "x"}, None, "no_id"),
    ({"id": True, "text": "x"}, None, "no_id"),
    ({"id": "b1"}, "b1", "no_text"),
    ({"id": "b2", "text": 5}, "b2", "no_text"),
    ({"id": "b3", "text": " \n"}, "b3", "empty"),
    ({"id": "b4", "text": "nul \0"}, "b4", "not_text"),
    ({"id": "b5", "text": "x", "date_of_service": "06/01/2006"}, "b5", "bad_date"),
    ({"id": "b6", "text": "x", "date_of_service": 2006}, "b6", "bad_date"),
    ({"id": "b7", "text": "x" * 5_000_000}, "b7", "too_large"),
]


@pytest.fixture(scope="module")
def shipped_batch(
    tmp_path_factory: pytest.TempPathFactory, some_shipped: list[dict[str, Any]], jsonl: Join, spinecoder: Run
) -> tuple[Path, bytes]:
    """Shipped reports with a bad line among them, and what one process answers."""
    folder = tmp_path_factory.mktemp("batch")
    source, target = folder / "in.jsonl", folder / "out.jsonl"
    source.write_bytes(jsonl([*some_shipped[:7], b"not json", *some_shipped[7:]]))
    assert spinecoder("batch", source, target).returncode == 2
    return source, target.read_bytes()


def test_every_line_is_answered_in_its_place(tmp_path: Path, spinecoder: Run, jsonl: Join) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    items: list[Any] = []
    for number, (item, _, _) in enumerate(BAD):
        items += [{**GOOD, "id": f"g{number}"}, item]
    source.write_bytes(jsonl(items))
    done = spinecoder("batch", source, target, "--workers", "2")
    answers = [json.loads(line) for line in target.read_bytes().splitlines()]
    assert done.returncode == 2
    assert [answer["report_id"] for answer in answers[::2]] == [f"g{number}" for number in range(len(BAD))]
    assert all("disposition" in answer for answer in answers[::2])
    told = [(answer["report_id"], answer["error"]["kind"], answer["error"]["line"]) for answer in answers[1::2]]
    assert told == [(report_id, kind, 2 * place + 2) for place, (_, report_id, kind) in enumerate(BAD)]


def test_all_good_is_status_0_and_blank_lines_are_no_reports(tmp_path: Path, spinecoder: Run, jsonl: Join) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(b"\xef\xbb\xbf" + jsonl([GOOD, b"", b"  \r", GOOD])[:-1])  # marked, no last line end
    done = spinecoder("batch", source, target)
    assert (done.returncode, len(target.read_bytes().splitlines())) == (0, 2)


def test_whole_number_ids_and_other_keys_are_taken(tmp_path: Path, spinecoder: Run, jsonl: Join) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes(jsonl([{**GOOD, "id": 17, "site": "north"}]))
    done = spinecoder("batch", source, "-")
    assert json.loads(done.stdout)["report_id"] == "17"


def test_windows_text_in_a_line_is_read_and_told(tmp_path: Path, spinecoder: Run) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes(b'{"id": "w", "text": "caf\xe9"}\n')
    done = spinecoder("batch", source, "-")
    assert json.loads(done.stdout)["warnings"][0]["warning"] == "decoded_as_cp1252"


def test_standard_input_and_output_work(spinecoder: Run, jsonl: Join) -> None:
    done = spinecoder("batch", "-", "-", stdin=jsonl([GOOD, GOOD]))
    assert (done.returncode, done.stdout.count(b"\n")) == (0, 2)
    assert done.stderr == b"2 reports answered, 0 of them errors.\n"


def test_two_workers_answer_the_same_bytes(tmp_path: Path, shipped_batch: tuple[Path, bytes], spinecoder: Run) -> None:
    source, expected = shipped_batch
    spinecoder("batch", source, tmp_path / "out.jsonl", "--workers", "2")
    assert (tmp_path / "out.jsonl").read_bytes() == expected


def test_a_run_cut_anywhere_resumes_to_the_same_bytes(
    tmp_path: Path, shipped_batch: tuple[Path, bytes], spinecoder: Run
) -> None:
    source, expected = shipped_batch
    target = tmp_path / "out.jsonl"
    line_end = expected.index(b"\n")
    for cut in (1, line_end + 1, len(expected) // 2, len(expected)):
        target.write_bytes(expected[:cut])
        spinecoder("batch", source, target, "--resume")
        assert target.read_bytes() == expected, f"cut at {cut}"


def test_a_killed_run_resumes_to_the_same_bytes(
    tmp_path: Path, shipped_batch: tuple[Path, bytes], spinecoder: Run
) -> None:
    source, expected = shipped_batch
    target = tmp_path / "out.jsonl"
    command = [Path(sys.executable).with_name("spinecoder"), "batch", source, target, "--workers", "2"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        waited_until = time.monotonic() + 60
        while running.poll() is None and time.monotonic() < waited_until:
            if target.exists() and target.stat().st_size:
                os.kill(running.pid, signal.SIGKILL)
                break
            time.sleep(0.005)
    spinecoder("batch", source, target, "--resume", "--workers", "2")
    assert target.read_bytes() == expected


def test_resuming_refuses_what_is_not_its_own_output(
    tmp_path: Path, shipped_batch: tuple[Path, bytes], spinecoder: Run
) -> None:
    source, expected = shipped_batch
    target = tmp_path / "out.jsonl"
    lines = expected.splitlines(keepends=True)
    made = json.loads(lines[0])
    made["versions"]["rules"] = "another"
    for content, says in (
        (lines[1] + lines[0], b"does not answer line"),
        (b"hello\n", b"is not an answer of spinecoder"),
        (expected + lines[0], b"more answers than the input has reports"),
        (json.dumps(made).encode() + b"\n", b"made with other versions"),
    ):
        target.write_bytes(content)
        done = spinecoder("batch", source, target, "--resume")
        assert (done.returncode, says in done.stderr) == (2, True), done.stderr
        assert target.read_bytes() == content


def test_a_run_without_resume_begins_anew(tmp_path: Path, spinecoder: Run, jsonl: Join) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(jsonl([GOOD]))
    target.write_text("old\n")
    spinecoder("batch", source, target)
    assert [json.loads(line)["report_id"] for line in target.read_bytes().splitlines()] == ["good"]


def test_files_that_cannot_be_used_are_told_in_one_sentence(tmp_path: Path, spinecoder: Run, jsonl: Join) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes(jsonl([GOOD]))
    for arguments, says in (
        ((tmp_path / "none.jsonl", tmp_path / "out.jsonl"), "none.jsonl cannot be read: No such file or directory."),
        ((source, source), "is both input and output: name another output file."),
        ((source, tmp_path), "cannot be written: Is a directory."),
        ((source, "/dev/full"), "/dev/full cannot be written: No space left on device; --resume goes on from there."),
        ((source, "-", "--resume"), "Standard output cannot be resumed: name an output file."),
    ):
        done = spinecoder("batch", *arguments)
        assert done.returncode == 2
        assert done.stderr.decode().endswith(f"{says}\n")
        assert done.stderr.count(b"\n") == 1
    assert source.read_bytes() == jsonl([GOOD])
