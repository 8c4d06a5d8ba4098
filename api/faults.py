"""Faults of our own told without a word of the report: a message may quote the text, the place it came from may not."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from api.reading import InputError

_OURS = ("api", "extractor", "rules", "corpus")
_ABOUT_OUR_FILES = {("rules.yaml_reader", "RuleFileError"), ("extractor.lexicon_files", "LexiconError")}


class InternalFaultError(Exception):
    """A fault of the program while it coded one input; the message names the input and the place, never the text."""


@contextmanager
def contained(name: str) -> Iterator[None]:
    """Any fault inside becomes an :class:`InternalFaultError` for *name*, so that what comes after it still runs."""
    try:
        yield
    except (InputError, InternalFaultError):
        raise
    except Exception as fault:  # noqa: BLE001  one report's fault must cost no other report, and must not be quoted
        raise InternalFaultError(f"{name} could not be coded: {describe(fault)}.") from None


def describe(fault: BaseException) -> str:
    """The kind of *fault* and the line it came from; its message only where that is about a rule or lexicon file."""
    if (type(fault).__module__, type(fault).__name__) in _ABOUT_OUR_FILES:
        return str(fault)
    place = "an unknown place"
    for frame, line in traceback.walk_tb(fault.__traceback__):
        module = frame.f_globals.get("__name__", "")
        if module.split(".", maxsplit=1)[0] in _OURS:
            place = f"{module}, line {line}"
    return f"internal fault {type(fault).__name__} at {place}"


def tell_without_text(kind: type[BaseException], fault: BaseException, _trace: TracebackType | None) -> None:
    """Take the place of ``sys.excepthook``: one sentence in place of a traceback that may quote the report."""
    if issubclass(kind, KeyboardInterrupt):
        sys.stderr.write("Interrupted.\n")
    else:
        sys.stderr.write(f"spinecoder stopped: {describe(fault)}.\n")
