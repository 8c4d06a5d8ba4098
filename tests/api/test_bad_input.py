"""Whatever comes in, there is a result or one clear sentence within a second of work."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import app

pytestmark = pytest.mark.needs_line

WORDS = (
    b"Lumbar epidural steroid injection. Under fluoroscopic guidance a Tuohy needle was advanced by an interlaminar "
    b"approach into the epidural space at L4-L5, and 80 mg of methylprednisolone was injected. "
)
CODED: dict[str, bytes] = {
    "windows text": WORDS + b"caf\xe9",
    "one word of 200 kB": b"x" * 200_000,
    "a word of 200 kB in a report": WORDS + b"x" * 200_000 + b" " + WORDS,
    "32 kB of a:": b"a:" * 16_000,
    "32 kB of a: in a report": WORDS + b"a:" * 16_000 + b" " + WORDS,
    "200 kB of L4-": b"L4-" * 66_000,
    "100 kB of brackets": b"(" * 50_000 + b")" * 50_000,
    "100 kB of stars": b"*** " * 25_000,
    "100 kB of line ends": b"\n" * 50_000 + WORDS + b"\r" * 50_000,
    "line ends of CR alone": b"PROCEDURE:\r" + WORDS + b"\r\rIMPRESSION:\r" + WORDS,
    "RTF": rb"{\rtf1\ansi " + WORDS + rb"\par done}",
    "escape sequences": WORDS + b"\x1b[2J\x1b]0;title\x07",
}
REFUSED: dict[str, bytes] = {
    "nothing": b"",
    "white space": b" \r\n",
    "NUL bytes": WORDS + b"\0" * 10,
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40,
    "no encoding": WORDS + b"\x81\xe9",
    "5 MB": WORDS * (5_000_000 // len(WORDS) + 1),
    "5 MB of one word": b"x" * 5_000_000,
    "hostile RTF": rb"{\rtf1 " + b"{" * 400_000,
}


@pytest.mark.usefixtures("must_end")
@pytest.mark.parametrize("output", ["json", "text"])
@pytest.mark.parametrize("name", CODED)
def test_strange_reports_are_coded(name: str, output: str, tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_bytes(CODED[name])
    done = CliRunner().invoke(app, ["code", str(path), "--format", output, "--date-of-service", "2006-06-01"])
    assert (done.exit_code, done.stderr) == (0, "")
    if output == "json":
        result = json.loads(done.stdout)
        names_the_procedure = b"epidural" in CODED[name]
        assert (result["disposition"] != "no_procedure") == names_the_procedure


@pytest.mark.usefixtures("must_end")
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_report_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_bytes(REFUSED[name])
    done = CliRunner().invoke(app, ["code", str(path)])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(str(path))
    assert done.stderr.count("\n") == 1
    assert done.stderr.endswith(".\n")


@pytest.mark.usefixtures("must_end")
def test_nothing_is_lost_of_the_rest_of_a_batch(tmp_path: Path, jsonl: Callable[[list[Any]], bytes]) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    good = {"id": "good", "text": WORDS.decode(), "date_of_service": "2006-06-01"}
    odd = [{"id": name, "text": raw.decode("latin-1")} for name, raw in (CODED | REFUSED).items()]
    source.write_bytes(jsonl([item for other in odd for item in (good, other)]))
    CliRunner().invoke(app, ["batch", str(source), str(target)])
    answers = [json.loads(line) for line in target.read_bytes().splitlines()]
    assert [answer["report_id"] for answer in answers[1::2]] == [item["id"] for item in odd]
    assert len({json.dumps(answer) for answer in answers[::2]}) == 1


@pytest.mark.parametrize("line_end", ["\r", "\r\n", "\n"])
def test_line_ends_change_offsets_only(line_end: str, tmp_path: Path) -> None:
    text = line_end.join(["PROCEDURE:", WORDS.decode(), "", "IMPRESSION:", "Injection at L4-L5."])
    path = tmp_path / "report.txt"
    path.write_bytes(text.encode())
    done = CliRunner().invoke(app, ["code", str(path), "--format", "json", "--date-of-service", "2006-06-01"])
    result = json.loads(done.stdout)
    assert {line["code"] for line in result["lines"]} == {"62311", "76005"}
    for line in result["lines"]:
        for span in line["evidence"]:
            assert text[span["start"] : span["end"]] == span["quote"]
