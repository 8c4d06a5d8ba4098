"""The words that every page for a person is made of, with nothing in them that a terminal would obey."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import Protocol

from api.result import Result
from rules.adjudication import CodeLine
from rules.encounter import EvidenceSpan, Procedure

WIDTH = 120
_SAYS_NOTHING = ("not_documented", "whole")
# What could drive a terminal or turn the order of what is read: control characters, and marks of writing direction.
_UNSAFE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class Style(Protocol):
    """How a piece of text is set off."""

    def mark(self, piece: str, numbers: str) -> str:
        """*piece* of the report as evidence with these numbers."""

    def strong(self, piece: str) -> str:
        """*piece* as a heading."""


class Plain:
    """For files, pipes and terminals without colour: marks are made of ordinary characters."""

    def mark(self, piece: str, numbers: str) -> str:
        """``<<1|piece>>``."""
        return f"<<{numbers}|{piece}>>"

    def strong(self, piece: str) -> str:
        """*piece* as it is."""
        return piece


class Colour:
    """For terminals: evidence bold and underlined with its number before it, so that colour is not needed to see it."""

    def mark(self, piece: str, numbers: str) -> str:
        """*piece* set off by escape sequences of our own."""
        return f"\x1b[36m[{numbers}]\x1b[0m\x1b[1;4m{piece}\x1b[0m"

    def strong(self, piece: str) -> str:
        """*piece* in bold."""
        return f"\x1b[1m{piece}\x1b[0m"


def safe(text: str) -> str:
    """*text* on one line with every character that a terminal would obey written out instead."""
    return _UNSAFE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text.replace("\t", "    "))


def heading(result: Result) -> str:
    """Which report, when, and what became of it."""
    return f"{safe(result.report_id)}   {result.date_of_service or 'no date of service'}   {result.disposition}"


def section(title: str, items: Sequence[str], *, style: Style) -> list[str]:
    """A titled list, each item wrapped; nothing at all where there are no items."""
    return ["", style.strong(f"  {title}"), *(_wrapped(item) for item in items)] if items else []


def _wrapped(item: str) -> str:
    return textwrap.fill(item, WIDTH, initial_indent="    ", subsequent_indent="      ", break_on_hyphens=False,
                         break_long_words=False, replace_whitespace=False, drop_whitespace=True)  # fmt: skip


def quotes(spans: Iterable[EvidenceSpan]) -> str:
    """The words of each span, and where they stand."""
    return "".join(f'   "{safe(" ".join(span.quote.split()))}" {span.start}-{span.end}' for span in spans)


def claimed(line: CodeLine) -> str:
    """``64475-LT x1``."""
    return f"{'-'.join((line.code, *line.modifiers))} x{line.units}"


def cited(source: dict[str, str]) -> str:
    """Each source with the place in it."""
    return "; ".join(f"{name}: {place}" for name, place in source.items())


def procedure_facts(procedure: Procedure) -> str:
    """The family and every fact that was documented."""
    facts = {
        name: value
        for name, value in procedure.model_dump(exclude={"family", "sites", "evidence", "evidence_for"}).items()
        if value and value not in _SAYS_NOTHING
    }
    told = [f"{name} {', '.join(value) if isinstance(value, tuple) else value}" for name, value in facts.items()]
    return safe(f"{procedure.family}: {'; '.join(told)}")


def seen_mentions(result: Result) -> list[str]:
    """What was mentioned and counts for nothing, with the reason."""
    return [f"{seen.family}: {seen.why}{quotes([seen.evidence])}" for seen in result.encounter.seen]
