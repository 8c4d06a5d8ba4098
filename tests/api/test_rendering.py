"""What a person reads: evidence marked where it stands, and no way for a report to drive the terminal."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.explain import render_trace
from api.rendering import render
from api.result import Result, Versions
from api.wording import Colour, Plain
from rules.adjudication import CodeLine, Notice, ReviewReason, TraceStep
from rules.encounter import Encounter, EvidenceSpan, Procedure, SeenMention


def result_for(text: str, *quotes: str, report_id: str = "r1") -> Result:
    """A result with one line whose evidence is the first place of each quote in *text*."""
    spans = tuple(EvidenceSpan(quote=q, start=text.index(q), end=text.index(q) + len(q)) for q in quotes)
    line = CodeLine(
        code="00000", units=2, modifiers=("RT",), family="f", rule="f.line", source={"s": "1"}, evidence=spans
    )
    return Result(
        report_id=report_id,
        date_of_service=dt.date(2006, 6, 1),
        disposition="review",
        lines=(line,),
        review_reasons=(ReviewReason(reason="doubt", message="Two words\ndisagree.", evidence=spans[:1]),),
        warnings=(Notice(warning="coverage", message="Payers differ."),),
        alternatives=((), (line,)),
        encounter=Encounter(
            procedures=(Procedure(family="f", levels=("L4-L5",), side="right", evidence=spans),),
            seen=tuple(SeenMention(family="g", why="historical", evidence=span) for span in spans[:1]),
        ),
        trace=(
            TraceStep(rule="f.line", applied=True, why="it was done", code="00000", source={"s": "1"}, evidence=spans),
            TraceStep(rule="f.other", applied=False, why="guidance is none"),
        ),
        profile="p",
        versions=Versions(spinecoder="1", lexicon="2", rules="3"),
    )


def shown_report(text: str, *quotes: str) -> list[str]:
    """The lines of the rendered report, without the gutter."""
    shown = render(result_for(text, *quotes), text=text, style=Plain())
    return [line.removeprefix("  | ") for line in shown.splitlines() if line.startswith("  |")]


def test_evidence_is_marked_in_its_place() -> None:
    assert shown_report("A needle at L4-L5.", "needle", "L4-L5") == ["A <<1|needle>> at <<2|L4-L5>>."]


def test_evidence_inside_evidence_keeps_both_numbers() -> None:
    assert shown_report("A needle at L4-L5.", "needle at L4-L5", "L4-L5") == ["A <<1|needle at >><<1,2|L4-L5>>."]


def test_evidence_over_two_lines_is_marked_on_both() -> None:
    assert shown_report("A needle\nat L4.", "needle\nat L4") == ["A <<1|needle>>", "<<1|at L4>>."]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\u2028"])
def test_lines_without_evidence_near_are_counted_not_shown(line_end: str) -> None:
    text = line_end.join(["one", "two", "", "three", "", "needle", "", "four", "five", ""])
    expected = ["... 2 lines ...", "three", "  |", "<<1|needle>>", "  |", "four", "... 1 line ..."]
    assert shown_report(text, "needle") == expected


def test_the_whole_answer_is_there() -> None:
    text = "A needle at L4-L5."
    shown = render(result_for(text, "needle"), text=text, style=Plain())
    for piece in (
        "r1   2006-06-01   review",
        "f: status performed; levels L4-L5; side right",
        "00000-RT x2   f.line   s: 1   [1]",
        "doubt: Two words\\ndisagree. [1]",
        "no line",
        "coverage: Payers differ.",
        'g: historical   "needle" 2-8',
    ):
        assert piece in shown


def test_the_trace_tells_what_did_not_apply_and_why() -> None:
    shown = render_trace(result_for("A needle at L4-L5.", "needle"), style=Plain())
    assert 'f.line   -> 00000   applied: it was done   s: 1   "needle" 2-8' in shown
    assert "f.other   not applied: guidance is none" in shown
    assert "profile p; spinecoder 1, lexicon 2, rules 3" in shown


def test_colour_is_ours_alone() -> None:
    text = "A \x1b[31mneedle\x1b[0m"
    shown = render(result_for(text, "needle"), text=text, style=Colour())
    assert "\\x1b[31m" in shown
    assert "\x1b[36m[1]\x1b[0m\x1b[1;4mneedle\x1b[0m" in shown


@given(st.text(max_size=80))
def test_no_report_reaches_the_terminal_as_a_command(text: str) -> None:
    hostile = f"needle {text}"
    shown = render(result_for(hostile, "needle", report_id=hostile), text=hostile, style=Plain())
    trace = render_trace(result_for(hostile, hostile, report_id=hostile), style=Plain())
    for character in "\x00\x07\x08\r\x1b\x7f\x85\x9b\u202e\u2066\u200f":
        assert character not in shown + trace


@pytest.mark.usefixtures("must_end")
def test_a_report_of_the_largest_size_is_shown() -> None:
    for text in ("needle " * 700_000, "x" * 4_900_000 + " needle", "needle\n" * 700_000):
        assert "needle" in render(result_for(text, "needle"), text=text, style=Plain())
