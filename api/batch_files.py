"""The two files of a batch: lines in with a bound on their length, lines out that survive an interruption."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import orjson

from api.batch_line import Line, id_of_line
from api.reading import LARGEST_REPORT, STANDARD_INPUT, InputError
from api.result import Versions

LONGEST_LINE = 7 * LARGEST_REPORT
"""A report of the largest size with every character written as a JSON escape, and room for the rest."""

_SECONDS_BETWEEN_SYNCS = 2.0
_SKIP = 1 << 20


def open_input(path: str) -> BinaryIO:
    """The batch to read: a file, or standard input for ``-``."""
    if path == STANDARD_INPUT:
        return sys.stdin.buffer
    try:
        return Path(path).open("rb")
    except OSError as fault:
        raise InputError("unreadable", f"{path} cannot be read: {fault.strerror}.") from None


def lines_of(stream: BinaryIO) -> Iterator[Line]:
    """Every line that is not blank. One that is too long comes cut short, which is no JSON: an error in its place."""
    number = 0
    while raw := stream.readline(LONGEST_LINE):
        number += 1
        whole = raw.endswith(b"\n")
        while not whole and (rest := stream.readline(_SKIP)):
            whole = rest.endswith(b"\n")
            raw = raw[:_SKIP]
        if raw.strip():
            yield Line(number=number, raw=raw.rstrip(b"\r\n"))


@contextmanager
def open_output(path: str, *, resumed: bool) -> Iterator[Output]:
    """The file that answers go to: emptied, or where *resumed* gone on with. All is on the disk when it closes well."""
    name = "standard output" if path == STANDARD_INPUT else path
    if path == STANDARD_INPUT:
        yield Output(name, sys.stdout.buffer)
        return
    try:
        stream = Path(path).open("ab" if resumed else "wb")  # noqa: SIM115  closed below, where faults are told
    except OSError as fault:
        raise InputError("unwritable", f"{name} cannot be written: {fault.strerror}.") from None
    output = Output(name, stream)
    try:
        yield output
        output.sync()
    finally:
        with suppress(OSError):  # what could not be written has been told already
            stream.close()


class Output:
    """Answers appended in order. After a crash at any moment the file holds whole lines, at most the last one torn."""

    def __init__(self, name: str, stream: BinaryIO) -> None:
        self._name = name
        self._stream = stream
        self._synced = time.monotonic()

    def write(self, lines: list[bytes]) -> None:
        """Append *lines*, each with its line end; they reach the disk within seconds."""
        try:
            self._stream.write(b"".join(line + b"\n" for line in lines))
            self._stream.flush()
        except OSError as fault:
            message = f"{self._name} cannot be written: {fault.strerror}; --resume goes on from there."
            raise InputError("unwritable", message) from None
        if time.monotonic() - self._synced > _SECONDS_BETWEEN_SYNCS:
            self.sync()
            self._synced = time.monotonic()

    def sync(self) -> None:
        """Everything written is on the disk, where the output is a file on one."""
        try:
            descriptor = self._stream.fileno()
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                os.fsync(descriptor)
        except OSError as fault:
            raise InputError("unwritable", f"{self._name} cannot be written: {fault.strerror}.") from None


def resume(path: str, lines: Iterator[Line], *, versions: Versions) -> int:
    """Take from *lines* those that *path* answers already, cut a torn last line off, and say how many there were.

    Every answer must carry the id of its line and the versions of now: a file of mixed versions would be no result.
    """
    if path == STANDARD_INPUT:
        raise InputError("no_resume", "Standard output cannot be resumed: name an output file.")
    if not Path(path).exists():
        return 0
    done = whole = 0
    with Path(path).open("rb") as stream:
        for raw in stream:
            if not raw.endswith(b"\n"):
                break
            line = next(lines, None)
            if line is None:
                raise InputError("no_resume", f"{path} holds more answers than the input has reports: not resumed.")
            _check_answer(raw, line, name=f"Line {done + 1} of {path}", versions=versions)
            done += 1
            whole += len(raw)
    os.truncate(path, whole)
    return done


def _check_answer(raw: bytes, line: Line, *, name: str, versions: Versions) -> None:
    try:
        answer = orjson.loads(raw)
        report_id = answer["report_id"]
        made_with = answer.get("versions")
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise InputError("no_resume", f"{name} is not an answer of spinecoder: not resumed.") from None
    if report_id != id_of_line(line.raw):
        raise InputError("no_resume", f"{name} does not answer line {line.number} of the input: not resumed.")
    if made_with is not None and made_with != versions.model_dump():
        raise InputError("no_resume", f"{name} was made with other versions: begin anew.")


def same_file(source: str, target: str) -> bool:
    """Whether input and output are one file, which a batch would destroy."""
    if STANDARD_INPUT in (source, target) or not (Path(source).exists() and Path(target).exists()):
        return False
    return Path(source).samefile(target)


def size_of(source: str) -> int | None:
    """Bytes to read, where they are known beforehand."""
    return Path(source).stat().st_size if Path(source).is_file() else None
