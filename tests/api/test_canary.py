"""No word of a report leaves but in its result: not by an error, a log, a warning, a traceback or a temporary file."""

from __future__ import annotations

import logging
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from loguru import logger
from typer.testing import CliRunner

from api.cli import app
from api.faults import describe, tell_without_text
from api.reading import read_bytes
from api.service import code_reading
from extractor.lexicon_files import LexiconError
from rules.yaml_reader import RuleFileError

Run = Callable[..., subprocess.CompletedProcess[bytes]]
Join = Callable[[list[Any]], bytes]

CANARY = "Zyxwvutski"
WORDS = (
    f"Patient: {CANARY} {CANARY}son, MRN {CANARY}4711. Lumbar epidural steroid injection at L4-L5 {CANARY} done. "
    f"Right facet injection {CANARY} at L3-4, left facet injection at L3-4. *** {CANARY}\n"
)
REPORTS: dict[str, bytes] = {
    "plain": WORDS.encode(),
    "dated": f"Date of service: 06/01/2006 {CANARY}\n{WORDS}".encode(),
    "windows": f"{WORDS} caf\u00e9".encode("cp1252"),
    "utf16": b"\xff\xfe" + WORDS.encode("utf-16-le"),
    "broken-utf16": b"\xff\xfe" + WORDS.encode(),
    "nul": WORDS.encode() + b"\0",
    "not-text": WORDS.encode() + b"\x81\xe9",
    "rtf": rb"{\rtf1 " + WORDS.encode() + b"}",
    "hostile-rtf": rb"{\rtf1 " + WORDS.encode() + b"{}" * 200_000,
    "large": WORDS.encode() * 30_000,
    "long-word": (CANARY * 20_000).encode(),
    "colons": WORDS.encode() + b"a:" * 16_000,
    "control": WORDS.encode() + b"\x1b[31m\x07",
    "other-part": f"CT of the chest of {CANARY}. Clear lungs.".encode(),
}
LINES: list[Any] = [
    *({"id": name, "text": raw.decode("latin-1"), "date_of_service": "2006-06-01"} for name, raw in REPORTS.items()),
    f'{{"id": "cut", "text": "{CANARY}'.encode(),
    f"{CANARY} is not JSON".encode(),
    {"id": "date", "text": WORDS, "date_of_service": CANARY},
    {"id": "list", "text": [CANARY]},
    {"text": CANARY, CANARY: CANARY},
    [CANARY],
]
LOUD = {"LOGURU_LEVEL": "TRACE", "PYTHONWARNINGS": "always", "PYTHONDEVMODE": "1", "SPACY_LOG_LEVEL": "DEBUG"}


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "reports"
    folder.mkdir()
    for name, raw in REPORTS.items():
        (folder / f"{name}.txt").write_bytes(raw)
    return sorted(folder.iterdir())


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


def leaves_no_trace(done: subprocess.CompletedProcess[bytes], temporary: Path) -> None:
    assert CANARY.encode() not in done.stderr
    assert b"Traceback" not in done.stderr
    assert [path for path in temporary.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()] == []


@pytest.mark.needs_line
@pytest.mark.parametrize("options", [("--format", "json"), ("--format", "text"), ("--date-of-service", "2006-06-01")])
def test_code(options: tuple[str, ...], files: list[Path], temporary: Path, spinecoder: Run) -> None:
    done = spinecoder("code", *files, *options, env={**LOUD, "TMPDIR": str(temporary)})
    assert done.stdout
    leaves_no_trace(done, temporary)


@pytest.mark.needs_line
def test_code_from_standard_input(temporary: Path, spinecoder: Run) -> None:
    done = spinecoder("code", "-", stdin=WORDS.encode(), env={**LOUD, "TMPDIR": str(temporary)})
    leaves_no_trace(done, temporary)


@pytest.mark.needs_line
def test_explain(files: list[Path], temporary: Path, spinecoder: Run) -> None:
    for path in files[::3]:
        leaves_no_trace(spinecoder("explain", path, env={**LOUD, "TMPDIR": str(temporary)}), temporary)


@pytest.mark.needs_line
@pytest.mark.parametrize("workers", [1, 2])
def test_batch(workers: int, tmp_path: Path, temporary: Path, spinecoder: Run, jsonl: Join) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(jsonl(LINES))
    done = spinecoder("batch", source, target, "--workers", workers, env={**LOUD, "TMPDIR": str(temporary)})
    leaves_no_trace(done, temporary)
    answers = target.read_bytes().splitlines()
    assert len(answers) == len(LINES)
    errors = [answer for answer in answers if b'"error":' in answer and b'"disposition":' not in answer]
    assert errors
    assert [answer for answer in errors if CANARY.encode() in answer] == []


@pytest.mark.needs_line
@pytest.mark.parametrize("command", ["code", "explain"])
def test_a_fault_of_our_own_does_not_quote_the_report(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(text: str, **_: object) -> None:
        raise ValueError(text)

    monkeypatch.setattr("api.service.extract", fail)
    path = tmp_path / "report.txt"
    path.write_bytes(WORDS.encode())
    done = CliRunner().invoke(app, [command, str(path)])
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"{path} could not be coded: internal fault ValueError at ")
    assert CANARY not in done.stderr


@pytest.mark.needs_line
def test_a_fault_in_one_line_of_a_batch_is_an_error_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jsonl: Join
) -> None:
    def fail(text: str, **_: object) -> None:
        raise ValueError(text)

    monkeypatch.setattr("api.service.extract", fail)
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(jsonl([{"id": "a", "text": WORDS}, {"id": "b", "text": WORDS}]))
    done = CliRunner().invoke(app, ["batch", str(source), str(target)])
    assert done.exit_code == 2
    assert target.read_bytes().count(b'"kind":"internal_fault"') == 2
    assert CANARY.encode() not in target.read_bytes()
    assert CANARY not in done.stderr


def test_what_nobody_caught_is_told_without_its_message(capsys: pytest.CaptureFixture[str]) -> None:
    fault = RuntimeError(WORDS)
    tell_without_text(RuntimeError, fault, None)
    told = capsys.readouterr().err
    assert told == "spinecoder stopped: internal fault RuntimeError at an unknown place.\n"


def test_nothing_puts_its_own_traceback_in_place_of_ours(tmp_path: Path) -> None:
    script = "import sys, api.cli as c; sys.argv[1:] = ['code', 'x']; c._report_ids = lambda _: 1 / 0; c.main()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, cwd=tmp_path, check=False)
    assert b"Traceback" not in done.stderr
    assert done.stderr.startswith(b"spinecoder stopped: internal fault ZeroDivisionError at ")


@pytest.mark.needs_line
def test_no_logger_at_any_level_hears_of_a_report(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[str] = []
    sink = logger.add(heard.append, level=0, format="{message} {exception}")
    try:
        with caplog.at_level(logging.NOTSET), warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            for name in ("plain", "dated", "rtf", "colons", "control", "other-part", "windows"):
                code_reading(read_bytes(REPORTS[name], name=name), report_id=name)
    finally:
        logger.remove(sink)
    assert CANARY not in "".join(heard)
    assert CANARY not in caplog.text
    assert CANARY not in "".join(str(warning.message) for warning in warned)


def test_a_fault_in_a_rule_or_lexicon_file_is_told_in_full() -> None:
    """Such a message quotes the file, which a site may have to mend, and can hold no word of a report."""
    assert describe(RuleFileError("families/x.yaml, line 3: no such key")) == "families/x.yaml, line 3: no such key"
    assert describe(LexiconError("x.yaml:3: given twice")) == "x.yaml:3: given twice"
