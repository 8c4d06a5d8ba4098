"""``python -m corpus.score``: the product against gold, for the project's own corpus or a folder of the same form."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from api.faults import InternalFaultError, contained
from api.quiet import silence
from api.reading import InputError, read_text
from api.service import code_reading
from corpus.gold import ClaimLine, GoldReport, folder_reports, own_reports
from corpus.outcome import Answer, Scored, score
from corpus.table import as_json, as_markdown, as_text, tabulate
from rules.library import library

_FORMATS = {"text": as_text, "json": as_json, "md": as_markdown}


def main() -> None:
    """Print the score; the exit status is 0 whatever it is, for a number is no failure."""
    silence()
    options = _options()
    reports = folder_reports(options.reports) if options.reports else own_reports()
    if options.only_held_out:
        reports = [report for report in reports if report.held_out]
    if options.exclude_held_out:
        reports = [report for report in reports if not report.held_out]
    scored = score_reports(reports)
    table = tabulate(scored, list_needless=options.list_needless, list_held_out=options.list_held_out)
    print(_FORMATS[options.format](table))


def score_reports(reports: list[GoldReport]) -> list[Scored]:
    """Every report coded on every date it has gold for."""
    add_ons = {code for code, entry in library().codes.items() if entry.role == "add_on"}
    return [
        score(report, day, answer_for(report, day), add_ons=add_ons) for report in reports for day in report.expected
    ]


def answer_for(report: GoldReport, day: date) -> Answer:
    """What the product says of *report* on one of its dates; a fault of the product is an answer too, a failed one."""
    try:
        with contained(report.report_id):
            reading = read_text(report.text, name=report.report_id)
            result = code_reading(reading, report_id=report.report_id, date_of_service=day)
    except (InputError, InternalFaultError) as fault:
        return Answer("failed", reasons=(str(fault),))
    return Answer(
        disposition=result.disposition,
        lines=tuple(ClaimLine(line.code, line.modifiers, line.units) for line in result.lines),
        reasons=tuple(f"{reason.reason} ({reason.message})" for reason in result.review_reasons),
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m corpus.score", description=__doc__)
    parser.add_argument("--reports", type=Path, metavar="FOLDER", help="reports.jsonl and gold.jsonl kept elsewhere")
    parser.add_argument("--format", choices=sorted(_FORMATS), default="text")
    parser.add_argument("--list-needless", action="store_true", help="list needless reviews too")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--only-held-out", action="store_true", help="score only what is set aside")
    which.add_argument("--exclude-held-out", action="store_true", help="score only what may be looked at")
    parser.add_argument("--list-held-out", action="store_true", help="list held-out cases: then they are so no longer")
    return parser.parse_args()


if __name__ == "__main__":
    main()
