"""A result as a person reads it at a terminal: the report with its evidence marked in place, lines, reasons."""

from __future__ import annotations

import re
import textwrap
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple, Protocol

from api.result import Result
from rules.adjudication import CodeLine, TraceStep
from rules.encounter import EvidenceSpan, Procedure

_WIDTH = 120
_GUTTER = "  | "
_SAYS_NOTHING = ("not_documented", "whole")
_NEIGHBOURS = 1  # lines of the report shown around a line that holds evidence
_LINE_END = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
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


def render(result: Result, *, text: str, style: Style) -> str:
    """The whole answer for one report, which was read as *text*."""
    numbers = _numbered(result)
    parts = [
        style.strong(_heading(result)),
        *_report(text, numbers, style=style),
        *_section("Read", [_procedure(procedure) for procedure in result.encounter.procedures], style=style),
        *_section("Lines", [_line(line, numbers) for line in result.lines], style=style),
        *_section(
            "Review",
            [f"{r.reason}: {safe(r.message)}{_refs(r.evidence, numbers)}" for r in result.review_reasons],
            style=style,
        ),
        *_section(
            "Alternatives",
            [", ".join(_claimed(line) for line in lines) or "no line" for lines in result.alternatives],
            style=style,
        ),
        *_section("Warnings", [f"{w.warning}: {safe(w.message)}" for w in result.warnings], style=style),
        *_section("Seen, not counted", _seen(result), style=style),
    ]
    return "\n".join(parts) + "\n"


def render_trace(result: Result, *, style: Style) -> str:
    """Every rule that was considered, in order: what it gave, or why it did not apply."""
    lines = [f"{_claimed(line)}   {_cited(line.source)}{_quotes(line.evidence)}" for line in result.lines]
    read = [_procedure(procedure) for procedure in result.encounter.procedures] or ["nothing that counts"]
    doubts = [f"{doubt.reason}: {safe(doubt.message)}{_quotes(doubt.evidence)}" for doubt in result.encounter.doubts]
    reasons = [f"{r.reason}: {safe(r.message)}{_quotes(r.evidence)}" for r in result.review_reasons]
    parts = [
        style.strong(_heading(result)),
        *_section("Read from the report", read, style=style),
        *_section("Seen, not counted", _seen(result), style=style),
        *_section("Doubts while reading", doubts, style=style),
        *_section("Rules considered", [_step(step) for step in result.trace], style=style),
        *_section("Lines", lines, style=style),
        *_section("Why a human must look", reasons, style=style),
        *_section("Warnings", [f"{w.warning}: {safe(w.message)}" for w in result.warnings], style=style),
        *_section("Made with", [_made_with(result)], style=style),
    ]
    return "\n".join(parts) + "\n"


def _heading(result: Result) -> str:
    return f"{safe(result.report_id)}   {result.date_of_service or 'no date of service'}   {result.disposition}"


def _made_with(result: Result) -> str:
    made = result.versions
    return f"profile {result.profile}; spinecoder {made.spinecoder}, lexicon {made.lexicon}, rules {made.rules}"


def _section(title: str, items: Sequence[str], *, style: Style) -> list[str]:
    return ["", style.strong(f"  {title}"), *(_wrapped(item) for item in items)] if items else []


def _wrapped(item: str) -> str:
    return textwrap.fill(item, _WIDTH, initial_indent="    ", subsequent_indent="      ", break_on_hyphens=False,
                         break_long_words=False, replace_whitespace=False, drop_whitespace=True)  # fmt: skip


def _numbered(result: Result) -> dict[tuple[int, int], int]:
    """Evidence spans of lines and reasons, numbered from 1 in the order of the report."""
    shown = [span for line in result.lines for span in line.evidence]
    shown += [span for reason in result.review_reasons for span in reason.evidence]
    shown = shown or [span for procedure in result.encounter.procedures for span in procedure.evidence]
    shown = shown or [mention.evidence for mention in result.encounter.seen]
    places = sorted({(span.start, span.end) for span in shown})
    return {place: number for number, place in enumerate(places, start=1)}


def _report(text: str, numbers: dict[tuple[int, int], int], *, style: Style) -> Iterable[str]:
    """Lines of *text* that hold evidence, their neighbours, and a word on what was left out between them."""
    yield ""
    rows = _rows(text)
    pieces = _pieces(numbers)
    worded = [place for place, (start, end) in enumerate(rows) if text[start:end].strip()]
    wanted: set[int] = set()
    for nth, place in enumerate(worded):
        if _inside(pieces, *rows[place]):
            wanted.update(worded[max(0, nth - _NEIGHBOURS) : nth + _NEIGHBOURS + 1])
    left_out: list[int] = []
    for place, (start, end) in enumerate(rows):
        if place in wanted:
            yield from _left_out(left_out, worded)
            left_out = []
            yield _quoted(_marked(text, start, end, pieces, style=style), is_long=end - start > _WIDTH)
        else:
            left_out.append(place)
    yield from _left_out([place for place in left_out if worded and place <= worded[-1]], worded)


def _left_out(places: list[int], worded: list[int]) -> Iterable[str]:
    """An empty line for empty lines, a count for lines with words."""
    count = len(set(places).intersection(worded))
    if count:
        yield f"{_GUTTER}... {count} line{'s' if count > 1 else ''} ..."
    elif places:
        yield _GUTTER.rstrip()


def _quoted(row: str, *, is_long: bool) -> str:
    if not is_long:
        return f"{_GUTTER}{row}"
    return textwrap.fill(row, _WIDTH, initial_indent=_GUTTER, subsequent_indent=_GUTTER, break_on_hyphens=False,
                         break_long_words=False, replace_whitespace=False)  # fmt: skip


def _rows(text: str) -> list[tuple[int, int]]:
    """Where each line of *text* begins and ends, its line end left out."""
    ends = [(found.start(), found.end()) for found in _LINE_END.finditer(text)]
    starts = [0, *(after for _, after in ends)]
    stops = [*(before for before, _ in ends), len(text)]
    return list(zip(starts, stops, strict=True))


class _Piece(NamedTuple):
    """A stretch of the report that is evidence for the same things all along."""

    start: int
    end: int
    numbers: str


def _pieces(numbers: dict[tuple[int, int], int]) -> list[_Piece]:
    """The evidence cut wherever a span begins or ends, in the order of the report."""
    edges: dict[int, tuple[set[int], set[int]]] = {}
    for (start, end), number in numbers.items():
        edges.setdefault(start, (set(), set()))[0].add(number)
        edges.setdefault(end, (set(), set()))[1].add(number)
    pieces: list[_Piece] = []
    covering: set[int] = set()
    for here, after in pairwise(sorted(edges)):
        begins, ends = edges[here]
        covering = (covering | begins) - ends
        if covering:
            pieces.append(_Piece(here, after, ",".join(map(str, sorted(covering)))))
    return pieces


def _inside(pieces: list[_Piece], start: int, end: int) -> list[_Piece]:
    """Those of *pieces* that reach into ``start:end``."""
    first = bisect_right(pieces, start, key=attrgetter("end"))
    return pieces[first : bisect_left(pieces, end, lo=first, key=attrgetter("start"))]


def _marked(text: str, start: int, end: int, pieces: list[_Piece], *, style: Style) -> str:
    """``text[start:end]`` with each piece of evidence marked by all that it is evidence for."""
    out: list[str] = []
    place = start
    for piece in _inside(pieces, start, end):
        first, last = max(piece.start, start), min(piece.end, end)
        out += [safe(text[place:first]), style.mark(safe(text[first:last]), piece.numbers)]
        place = last
    return "".join([*out, safe(text[place:end])])


def _refs(spans: Iterable[EvidenceSpan], numbers: dict[tuple[int, int], int]) -> str:
    found = sorted({numbers[(span.start, span.end)] for span in spans if (span.start, span.end) in numbers})
    return "".join(f" [{number}]" for number in found)


def _quotes(spans: Iterable[EvidenceSpan]) -> str:
    return "".join(f'   "{safe(" ".join(span.quote.split()))}" {span.start}-{span.end}' for span in spans)


def _claimed(line: CodeLine) -> str:
    return f"{'-'.join((line.code, *line.modifiers))} x{line.units}"


def _cited(source: dict[str, str]) -> str:
    return "; ".join(f"{name}: {place}" for name, place in source.items())


def _line(line: CodeLine, numbers: dict[tuple[int, int], int]) -> str:
    return f"{_claimed(line)}   {line.rule}   {_cited(line.source)}  {_refs(line.evidence, numbers)}"


def _procedure(procedure: Procedure) -> str:
    facts = {
        name: value
        for name, value in procedure.model_dump(exclude={"family", "sites", "evidence", "evidence_for"}).items()
        if value and value not in _SAYS_NOTHING
    }
    told = [f"{name} {', '.join(value) if isinstance(value, tuple) else value}" for name, value in facts.items()]
    return safe(f"{procedure.family}: {'; '.join(told)}")


def _seen(result: Result) -> list[str]:
    return [f"{seen.family}: {seen.why}{_quotes([seen.evidence])}" for seen in result.encounter.seen]


def _step(step: TraceStep) -> str:
    row = f"   row of {step.row}" if step.row else ""
    gave = f"   -> {step.code}" if step.code else ""
    applied = "applied" if step.applied else "not applied"
    return f"{step.rule}{row}{gave}   {applied}: {safe(step.why)}   {_cited(step.source)}{_quotes(step.evidence)}"
