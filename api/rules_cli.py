"""`spinecoder rules`: the rules for people; what a command needs is imported when it runs."""

# Typer reads the annotations of every command at run time, so they are not postponed here.
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.reading import InputError, read_date
from api.tables import WIDTH, Format, Page, written

if TYPE_CHECKING:
    from rules.rule_set import Library

BAD_INPUT = 2
COMPLAINTS = 1
"""Exit status of `check` where a house rule is broken."""

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The rules for people: what codes what when, what changes, what is not verified.",
)


def _day(value: str) -> date:
    try:
        return read_date(value)
    except InputError:
        raise typer.BadParameter("It is no day of the calendar written YYYY-MM-DD.") from None


Written = Annotated[Format, typer.Option("--format", help="For a terminal, for programs, or for a page.")]
On = Annotated[date | None, typer.Option("--on", parser=_day, metavar="YYYY-MM-DD", help="Only what is in force then.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="A family, such as facet_injection.")]
Day = Annotated[date, typer.Argument(parser=_day, metavar="DATE", help="A date of service, YYYY-MM-DD.")]


@app.command()
def explain(
    *, code: Annotated[str, typer.Argument(metavar="CODE")], on: On = None, output: Written = Format.text
) -> None:
    """Tell all there is about a code: life, limits, what gives it, what it excludes."""
    from api.rules_pages import code_page

    with _refusals():
        _show(code_page(_library(), code.upper(), on=on), output)


@app.command()
def family(*, name: Name, on: On = None, output: Written = Format.text) -> None:
    """Show how a family is coded on a day; without --on in the newest edition."""
    from api.rules_pages import family_page

    with _refusals():
        _show(family_page(_library(), name, on=on), output)


@app.command()
def timeline(*, name: Name, output: Written = Format.text) -> None:
    """Show what of a family is in force when."""
    from api.rules_pages import timeline_page

    with _refusals():
        _show(timeline_page(_library(), name), output)


@app.command()
def diff(
    *,
    first: Day,
    second: Day,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="RESULTS.jsonl", help="Which of these results would change.")
    ] = None,
    profile: Annotated[str | None, typer.Option("--profile", help="The profile for --against.")] = None,
    output: Written = Format.text,
) -> None:
    """Show what the rules of two dates differ in, or which stored results would change."""
    from api.rules_diff import diff_page, results_page
    from api.service import Settings

    if against is None:
        _show(diff_page(_library(), first, second), output)
        return
    with _refusals():
        chosen = Settings(profile=profile).chosen_profile()
        _show(results_page(against, first, second, profile=chosen), output)


@app.command()
def check(
    *,
    only_unverified: Annotated[bool, typer.Option("--unverified", help="List what nobody has verified.")] = False,
    output: Written = Format.text,
) -> None:
    """Ask every house rule about the data; the exit status is 1 where one is broken."""
    from api.rules_check import check_page, unverified_page

    if only_unverified:
        _show(unverified_page(_library()), output)
        return
    page, found = check_page(_library())
    _show(page, output)
    raise typer.Exit(COMPLAINTS if found else 0)


@app.command()
def schema() -> None:
    """Print the JSON schema of an encounter, the input of `spinecoder adjudicate`."""
    import orjson

    from rules.encounter import Encounter

    typer.echo(orjson.dumps(Encounter.model_json_schema(), option=orjson.OPT_INDENT_2).decode())


@app.command()
def handbook() -> None:
    """Print the handbook: every family by year, in Markdown (docs/HANDBOOK.md)."""
    from api.handbook import handbook as written_handbook

    typer.echo(written_handbook(_library()), nl=False)


@app.command(name="import-cms")
def import_cms(
    *,
    files: Annotated[list[Path], typer.Argument(metavar="FILES...", help="As published: text, CSV, XLSX or ZIP.")],
    into: Annotated[Path, typer.Option("--into", metavar="FOLDER", help="Where every quarter is kept.")],
    quarter: Annotated[
        str | None, typer.Option("--quarter", metavar="YYYYqN", help="Where a file's name does not tell it.")
    ] = None,
    output: Written = Format.text,
) -> None:
    """Keep quarterly files of CMS (pairs, unit limits, add-ons) and tell what changed.

    Against the quarter before and against the shipped pairs, limits and parents. Only codes that the rules know are
    kept. No result depends on these files: what they tell is for whoever keeps the rules.
    """
    from api.cms_page import import_page

    with _refusals():
        _show(import_page(files, into, library=_library(), quarter=quarter), output)


def _library() -> "Library":
    from rules.library import library
    from rules.yaml_reader import RuleFileError

    try:
        return library()
    except RuleFileError as fault:
        typer.echo(f"The rules do not load: {fault}", err=True)
        raise typer.Exit(COMPLAINTS) from None


def _show(page: Page, output: Format) -> None:
    is_terminal = sys.stdout.isatty()
    width = max(shutil.get_terminal_size((WIDTH, 0)).columns, 80) if is_terminal else WIDTH
    is_coloured = is_terminal and "NO_COLOR" not in os.environ
    typer.echo(written(page, output, width=width, is_coloured=is_coloured), nl=False)


@contextmanager
def _refusals() -> Iterator[None]:
    """A refused input is one sentence on standard error and exit status 2."""
    try:
        yield
    except InputError as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(BAD_INPUT) from None
