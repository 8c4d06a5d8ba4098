"""Same report, same date, same versions: same bytes out, whatever thread, process or hash seed."""

from __future__ import annotations

import datetime as dt
import random
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from api.reading import read_text
from api.service import code_reading

pytestmark = pytest.mark.needs_line

Run = Callable[..., subprocess.CompletedProcess[bytes]]
Join = Callable[[list[Any]], bytes]


def coded(item: dict[str, Any]) -> bytes:
    day = item["date_of_service"]
    reading = read_text(item["text"], name="test")
    date_of_service = dt.date.fromisoformat(day) if day else None
    return code_reading(reading, report_id=item["id"], date_of_service=date_of_service).to_json()


def test_eight_threads_answer_as_one(some_shipped: list[dict[str, Any]]) -> None:
    expected = [coded(item) for item in some_shipped]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            assert list(pool.map(coded, some_shipped)) == expected


def test_eight_threads_may_be_the_first_to_ask(root: Path) -> None:
    """The pipeline and the rules are loaded once, by whichever of eight threads comes first."""
    script = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from threading import Barrier\n"
        "from api.reading import read_text\n"
        "from api.service import code_reading\n"
        "reading, together = read_text('Epidural steroid injection at L4-L5.', name='t'), Barrier(8)\n"
        "def code(_):\n"
        "    together.wait()\n"
        "    return code_reading(reading, report_id='r').to_json()\n"
        "with ThreadPoolExecutor(8) as pool:\n"
        "    assert len(set(pool.map(code, range(8)))) == 1\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_order_of_reports_does_not_matter(some_shipped: list[dict[str, Any]]) -> None:
    expected = {item["id"]: coded(item) for item in some_shipped}
    shuffled = random.sample(some_shipped, len(some_shipped))
    assert {item["id"]: coded(item) for item in shuffled} == expected


def test_hash_seeds_and_processes_do_not_matter(
    tmp_path: Path, shipped: list[dict[str, Any]], spinecoder: Run, jsonl: Join
) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes(jsonl(shipped))
    expected = b"".join(coded(item) + b"\n" for item in shipped)
    for seed, workers in (("0", 1), ("1", 2)):
        done = spinecoder("batch", source, tmp_path / seed, "--workers", workers, env={"PYTHONHASHSEED": seed})
        assert done.returncode == 0
        assert (tmp_path / seed).read_bytes() == expected, f"hash seed {seed}, {workers} workers"
