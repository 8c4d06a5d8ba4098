"""A result as a person reads it at a terminal: the report with its evidence marked in place, lines, reasons."""

from __future__ import annotations

import re
import textwrap
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from api.result import Result
from api.wording import WIDTH, Style, cited, claimed, heading, procedure_facts, safe, section, seen_mentions
from rules.adjudication import CodeLine
from rules.encounter import EvidenceSpan

_GUTTER = "  | "
_NEIGHBOURS = 1  # lines of the report shown around a line that holds evidence
_LINE_END = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")


def render(result: Result, *, text: str | None, style: Style) -> str:
    """The whole answer for one report, which was read as *text*; without one no evidence is marked or numbered."""
    numbers = _numbered(result) if text is not None else {}
    parts = [
        style.strong(heading(result)),
        *(_report(text, numbers, style=style) if text is not None else ()),
        *section("Read", [procedure_facts(procedure) for procedure in result.encounter.procedures], style=style),
        *section("Lines", [_line(line, numbers) for line in result.lines], style=style),
        *section(
            "Review",
            [f"{r.reason}: {safe(r.message)}{_refs(r.evidence, numbers)}" for r in result.review_reasons],
            style=style,
        ),
        *section(
            "Alternatives",
            [", ".join(claimed(line) for line in lines) or "no line" for lines in result.alternatives],
            style=style,
        ),
        *section("Warnings", [f"{w.warning}: {safe(w.message)}" for w in result.warnings], style=style),
        *section("Seen, not counted", seen_mentions(result), style=style),
    ]
    return "\n".join(parts) + "\n"


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
            yield _quoted(_marked(text, start, end, pieces, style=style), is_long=end - start > WIDTH)
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
    return textwrap.fill(row, WIDTH, initial_indent=_GUTTER, subsequent_indent=_GUTTER, break_on_hyphens=False,
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


def _line(line: CodeLine, numbers: dict[tuple[int, int], int]) -> str:
    return f"{claimed(line)}   {line.rule}   {cited(line.source)}  {_refs(line.evidence, numbers)}"
