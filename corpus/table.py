"""The score as numbers by group, and as text, Markdown or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import get_args

from corpus.bounds import upper_bound
from corpus.gold import ClaimLine
from corpus.outcome import Outcome, Scored

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
_LISTED: tuple[Outcome, ...] = ("wrong_and_auto", "missed", "invented", "failed")


@dataclass(frozen=True, slots=True)
class Row:
    """One group of reports and dates, counted."""

    group: str
    scored: int
    outcomes: dict[str, int]
    invented_in_all: int
    codable: int
    codable_auto: int
    codable_reviewed: int
    signable: int
    signable_auto: int
    suggestions_right: int
    reviews: int
    wrong_and_auto_at_most: float


@dataclass(frozen=True, slots=True)
class Case:
    """One answer that is not what gold says; held-out reports are never among these unless asked for."""

    report_id: str
    day: str
    outcome: str
    families: str
    hard: str
    expected: str
    expected_review: str
    got: str
    got_disposition: str
    reasons: str


@dataclass(frozen=True, slots=True)
class Score:
    """All rows and the cases behind them."""

    rows: tuple[Row, ...]
    cases: tuple[Case, ...]


def tabulate(scored: Sequence[Scored], *, list_needless: bool, list_held_out: bool) -> Score:
    """Count overall and by date, family, style and hard kind, and list what went wrong."""
    groupings: tuple[tuple[str, Callable[[Scored], Iterable[str]]], ...] = (
        ("date", lambda item: (item.day.isoformat(),)),
        ("set", lambda item: ("held out" if item.report.held_out else "open",)),
        ("family", lambda item: item.report.families),
        ("style", lambda item: (item.report.style,)),
        ("hard", lambda item: (item.report.hard,)),
    )
    rows = [_row("all", scored)]
    for kind, key in groupings:
        names = sorted({name for item in scored for name in key(item)})
        if len(names) > 1:
            rows += [_row(f"{kind}: {name}", [item for item in scored if name in key(item)]) for name in names]
    wanted = (*_LISTED, "review_needless") if list_needless else _LISTED
    cases = [
        _case(item)
        for item in sorted(scored, key=lambda item: (OUTCOMES.index(item.outcome), item.report.report_id, item.day))
        if item.outcome in wanted and (list_held_out or not item.report.held_out)
    ]
    return Score(tuple(rows), tuple(cases))


def _row(group: str, scored: Sequence[Scored]) -> Row:
    outcomes = {str(outcome): sum(item.outcome == outcome for item in scored) for outcome in OUTCOMES}
    autos = outcomes["right_and_auto"] + outcomes["wrong_and_auto"]
    reviews = [item for item in scored if item.answer.disposition == "review"]
    codable = [item for item in scored if item.is_codable]
    signable = [item for item in scored if item.is_signable]
    return Row(
        group=group,
        scored=len(scored),
        outcomes=outcomes,
        invented_in_all=sum(item.is_invented for item in scored),
        codable=len(codable),
        codable_auto=sum(item.answer.disposition == "auto" for item in codable),
        codable_reviewed=sum(item.answer.disposition == "review" for item in codable),
        signable=len(signable),
        signable_auto=sum(item.answer.disposition == "auto" for item in signable),
        suggestions_right=sum(item.right_lines for item in reviews),
        reviews=len(reviews),
        wrong_and_auto_at_most=upper_bound(outcomes["wrong_and_auto"], autos),
    )


def _case(item: Scored) -> Case:
    alternatives = "".join(f" or {_shown(lines)}" for lines in item.expected.alternatives)
    return Case(
        report_id=item.report.report_id,
        day=item.day.isoformat(),
        outcome=item.outcome,
        families=", ".join(item.report.families),
        hard=item.report.hard,
        expected=f"{_shown(item.expected.lines)}{alternatives}",
        expected_review=f"review {str(item.expected.review).lower()}: {_reasons(item.expected.reasons)}",
        got=_shown(item.answer.lines),
        got_disposition=item.answer.disposition,
        reasons=_reasons(item.answer.reasons),
    )


def _reasons(reasons: Iterable[str]) -> str:
    return "; ".join(reasons) or "no reason"


def _shown(lines: Iterable[ClaimLine]) -> str:
    shown = sorted(f"{'-'.join((line.code, *line.modifiers))} x{line.units}" for line in lines)
    return ", ".join(shown) or "no line"


_HEADS = ("group", "n", "right auto", "WRONG AUTO", "review needed", "needless", "none right", "missed", "invented",
          "failed", "codable auto", "signable auto", "suggestions right", "wrong auto at most")  # fmt: skip


def _cells(row: Row) -> tuple[str, ...]:
    counts = [str(row.outcomes[outcome]) for outcome in OUTCOMES if outcome not in ("invented", "failed")]
    return (
        row.group,
        str(row.scored),
        *counts,
        str(row.invented_in_all),
        str(row.outcomes["failed"]),
        _share(row.codable_auto, row.codable),
        _share(row.signable_auto, row.signable),
        _share(row.suggestions_right, row.reviews),
        f"{100 * row.wrong_and_auto_at_most:.2f} %",
    )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} % of {whole}" if whole else "-"


def as_json(score: Score) -> str:
    """Everything, for a program."""
    return json.dumps(asdict(score), indent=1)


def as_markdown(score: Score) -> str:
    """Tables for a page."""
    lines = [f"| {' | '.join(_HEADS)} |", f"|{' --- |' * len(_HEADS)}"]
    lines += [f"| {' | '.join(_cells(row))} |" for row in score.rows]
    if score.cases:
        heads = ("report", "date", "outcome", "expected", "got", "reasons")
        lines += ["", f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
        lines += [f"| {' | '.join(_case_cells(case))} |" for case in score.cases]
    return "\n".join(lines)


def _case_cells(case: Case) -> tuple[str, ...]:
    expected = f"{case.expected} ({case.expected_review})"
    return (case.report_id, case.day, case.outcome, expected, f"{case.got} ({case.got_disposition})", case.reasons)


def as_text(score: Score) -> str:
    """A table for a terminal, then each case in a few lines."""
    table = [_HEADS, *(_cells(row) for row in score.rows)]
    widths = [max(len(cells[place]) for cells in table) for place in range(len(_HEADS))]
    lines = [
        "  ".join(cell.ljust(width) if place == 0 else cell.rjust(width)
                  for place, (cell, width) in enumerate(zip(cells, widths, strict=True)))
        for cells in table
    ]  # fmt: skip
    lines.append("wrong auto at most: one-sided 95 % bound (Clopper-Pearson) on wrong among auto")
    for case in score.cases:
        lines += [
            "",
            f"{case.outcome}  {case.report_id}  {case.day}  [{case.families}; hard: {case.hard}]",
            f"  expected  {case.expected}   {case.expected_review}",
            f"  got       {case.got}   {case.got_disposition}: {case.reasons}",
        ]
    return "\n".join(lines)
