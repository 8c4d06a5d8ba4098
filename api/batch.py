"""A file of reports coded in order, by one process or several, in bounded memory."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field

from api.batch_files import lines_of, open_input, open_output, resume, same_file
from api.batch_line import Answer, Line, code_line
from api.quiet import silence
from api.reading import InputError
from api.service import Settings
from api.versions import versions

_LINES_A_CHUNK = 16
_BYTES_A_CHUNK = 512_000
_CHUNKS_A_WORKER = 3  # one in work, the others waiting: enough to keep it busy, few enough to bound memory

Chunk = tuple[Line, ...]
Progress = Callable[[int, int], None]
"""Called with the reports and the bytes of input that have been answered since the last call."""


_SHOWN_PROBLEMS = 5


@dataclass(slots=True)
class Summary:
    """What came of a batch: answers written now, answers found by a resumption, and the lines that were errors."""

    coded: int = 0
    found: int = 0
    problems: list[str] = field(default_factory=list)
    failed: int = 0


def run_batch(
    source: str, target: str, *, settings: Settings, workers: int = 1, resumed: bool = False, progress: Progress
) -> Summary:
    """Code every line of *source* into *target*, in order; a bad line is answered by an error object and no more.

    Raises :class:`InputError` where the files cannot be used or a worker died; what *target* holds by then stays
    good, and ``resumed`` goes on from there to the very bytes an undisturbed run would have written.
    """
    if same_file(source, target):
        raise InputError("same_file", f"{source} is both input and output: name another output file.")
    summary = Summary()
    with open_input(source) as stream:
        lines = lines_of(stream)
        if resumed:
            summary.found = resume(target, lines, versions=versions())
        with open_output(target, resumed=resumed) as output:
            for answers, size in _answers(_chunks(lines), settings=settings, workers=workers):
                output.write([answer.raw for answer in answers])
                _count(summary, answers)
                progress(len(answers), size)
    return summary


def _count(summary: Summary, answers: list[Answer]) -> None:
    summary.coded += len(answers)
    for answer in answers:
        if answer.problem is not None:
            summary.failed += 1
            if len(summary.problems) < _SHOWN_PROBLEMS:
                summary.problems.append(answer.problem)


def _chunks(lines: Iterable[Line]) -> Iterator[Chunk]:
    chunk: list[Line] = []
    size = 0
    for line in lines:
        chunk.append(line)
        size += len(line.raw)
        if len(chunk) >= _LINES_A_CHUNK or size >= _BYTES_A_CHUNK:
            yield tuple(chunk)
            chunk, size = [], 0
    if chunk:
        yield tuple(chunk)


def _size(chunk: Chunk) -> int:
    return sum(len(line.raw) + 1 for line in chunk)


def _answers(chunks: Iterator[Chunk], *, settings: Settings, workers: int) -> Iterator[tuple[list[Answer], int]]:
    if workers == 1:
        for chunk in chunks:
            yield _code_chunk(chunk, settings), _size(chunk)
        return
    # Processes are started fresh: a forked copy of a process with threads may hang.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin_worker) as pool:
        waiting: deque[tuple[Chunk, Future[list[Answer]]]] = deque()
        try:
            for chunk in chunks:
                with _interruptions_left_to_us():
                    waiting.append((chunk, pool.submit(_code_chunk, chunk, settings)))
                if len(waiting) >= workers * _CHUNKS_A_WORKER:
                    first, future = waiting.popleft()
                    yield future.result(), _size(first)
            while waiting:
                first, future = waiting.popleft()
                yield future.result(), _size(first)
        except BrokenProcessPool:
            raise InputError(
                "worker_died", "A worker process was ended from outside, perhaps for want of memory; --resume goes on."
            ) from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _code_chunk(chunk: Chunk, settings: Settings) -> list[Answer]:
    return [code_line(line, settings=settings) for line in chunk]


@contextmanager
def _interruptions_left_to_us() -> Iterator[None]:
    """Processes started inside ignore an interruption at the keyboard, which reaches them too, from their birth."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ours = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, ours)


def _begin_worker() -> None:
    silence()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
