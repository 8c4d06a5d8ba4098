"""How far a batch is, for a person at a terminal; a pipe or a log file gets nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(total: int | None) -> Iterator[Callable[[int, int], None]]:
    """A function to call with the reports and bytes just answered; it draws only where standard error is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _reports, _size: None
        return
    from rich.console import Console  # noqa: PLC0415  costs 50 ms, and only a terminal needs it
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %  {task.fields[reports]} reports"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total, reports=0)
        answered = 0

        def advance(reports: int, size: int) -> None:
            nonlocal answered
            answered += reports
            bar.update(task, advance=size, reports=answered)

        yield advance
