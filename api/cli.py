"""The command line: reports and encounters to results; what a command needs is imported when it runs."""

# Typer reads the annotations of every command at run time, so they are not postponed here.
import os
import sys
from collections import Counter
from datetime import date
from enum import StrEnum
from io import TextIOWrapper
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated

import typer

from api.quiet import silence
from api.reading import STANDARD_INPUT, InputError, input_name, read_date, read_file
from api.rules_cli import app as rules_app
from api.service_cli import app as service_app

if TYPE_CHECKING:
    from api.service import Settings
    from api.wording import Style

SOME_INPUT_BAD = 2
"""Exit status where an input could not be coded, or the command was used wrongly; 0 means everything was coded."""

INTERRUPTED = 130
"""Exit status of a batch that was interrupted at the keyboard."""

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # its tracebacks print local variables, report text among them
    rich_markup_mode=None,
    help="CPT code lines for spinal procedure reports, each with its evidence and its dated rule. "
    "Exit status: 0 everything was coded, 2 some input was bad or the command was used wrongly.",
)
app.add_typer(rules_app, name="rules")
app.add_typer(service_app)


class Format(StrEnum):
    """How results are written."""

    text = "text"
    json = "json"


def _day(value: str) -> date:
    try:
        return read_date(value)
    except InputError as fault:
        raise typer.BadParameter(str(fault)) from None


Files = Annotated[list[str], typer.Argument(metavar="FILE...", help="Plain-text or RTF reports; - is standard input.")]
File = Annotated[str, typer.Argument(metavar="FILE", help="A plain-text or RTF report; - is standard input.")]
Day = Annotated[
    date | None,
    typer.Option("--date-of-service", parser=_day, metavar="YYYY-MM-DD", help="Selects the edition of the rules."),
]
Profile = Annotated[
    str | None,
    typer.Option("--profile", help="A shipped profile or a site's own YAML file; without it medicare_professional."),
]
Professional = Annotated[
    bool, typer.Option("--professional-component", help="The claim is for the professional component only.")
]


@app.command()
def code(
    *,
    files: Files,
    date_of_service: Day = None,
    output: Annotated[Format, typer.Option("--format", help="For people, or one JSON object a report.")] = Format.text,
    profile: Profile = None,
    professional_component: Professional = False,
) -> None:
    """Code reports, each line with its proof."""
    from api.faults import InternalFaultError, contained
    from api.rendering import render
    from api.service import code_reading

    settings = _settings(profile, professional_component=professional_component)
    status = 0
    for path, report_id in zip(files, _report_ids(files), strict=True):
        try:
            with contained(input_name(path)):
                reading = read_file(path)
                result = code_reading(reading, report_id=report_id, date_of_service=date_of_service, settings=settings)
                shown = result.to_json() if output is Format.json else render(result, text=reading.text, style=_style())
        except (InputError, InternalFaultError) as fault:
            _complain(str(fault))
            status = SOME_INPUT_BAD
        else:
            typer.echo(shown)
    raise typer.Exit(status)


@app.command()
def batch(
    *,
    source: Annotated[str, typer.Argument(metavar="IN.jsonl", help='Lines of {"id", "text", "date_of_service"}.')],
    target: Annotated[str, typer.Argument(metavar="OUT.jsonl", help="One JSON object a report, in input order.")],
    workers: Annotated[int, typer.Option(min=1, max=256, help="Processes that code at the same time.")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an output that was interrupted.")] = False,
    profile: Profile = None,
    professional_component: Professional = False,
) -> None:
    """Code a JSONL file of reports.

    A bad line is answered by an error object in its place and the rest goes on. A worker process is worth its start
    from some hundred reports on.
    """
    from api.batch import run_batch
    from api.batch_files import size_of
    from api.progress import progress_bar

    settings = _settings(profile, professional_component=professional_component)
    try:
        with progress_bar(size_of(source)) as progress:
            summary = run_batch(source, target, settings=settings, workers=workers, resumed=resume, progress=progress)
    except InputError as fault:
        _complain(str(fault))
        raise typer.Exit(SOME_INPUT_BAD) from None
    except KeyboardInterrupt:
        _complain("Interrupted; what is answered is kept, and --resume goes on from there.")
        raise typer.Exit(INTERRUPTED) from None
    for problem in summary.problems:
        _complain(problem)
    found = f", {summary.found} found done" if resume else ""
    typer.echo(f"{summary.coded} reports answered{found}, {summary.failed} of them errors.", err=True)
    raise typer.Exit(SOME_INPUT_BAD if summary.failed else 0)


@app.command()
def explain(
    *,
    file: File,
    date_of_service: Day = None,
    profile: Profile = None,
    professional_component: Professional = False,
) -> None:
    """Tell every rule considered for a report.

    What it gave or why it did not apply, with its source and the words it stands on.
    """
    from api.explain import render_trace
    from api.faults import InternalFaultError, contained
    from api.service import code_reading

    settings = _settings(profile, professional_component=professional_component)
    try:
        with contained(input_name(file)):
            reading = read_file(file)
            report_id = _report_ids([file])[0]
            result = code_reading(reading, report_id=report_id, date_of_service=date_of_service, settings=settings)
            shown = render_trace(result, style=_style())
    except (InputError, InternalFaultError) as fault:
        _complain(str(fault))
        raise typer.Exit(SOME_INPUT_BAD) from None
    typer.echo(shown)


@app.command(name="adjudicate")
def adjudicate_file(
    *,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Encounters: .json, .jsonl or .yaml; - is JSON on input.")
    ],
    output: Annotated[Format, typer.Option("--format", help="For people, or one JSON object each.")] = Format.text,
    profile: Profile = None,
    professional_component: Professional = False,
) -> None:
    """Answer encounters that are facts already, as `spinecoder rules schema` describes them."""
    from api.faults import InternalFaultError, contained
    from api.rendering import render
    from api.structured import adjudicate_structured, read_structured

    settings = _settings(profile, professional_component=professional_component)
    status = 0
    for item in read_structured(file):
        try:
            if isinstance(item, InputError):
                raise item
            with contained(item.name):
                result = adjudicate_structured(item, settings=settings)
                shown = result.to_json() if output is Format.json else render(result, text=None, style=_style())
        except (InputError, InternalFaultError) as fault:
            _complain(str(fault))
            status = SOME_INPUT_BAD
        else:
            typer.echo(shown)
    raise typer.Exit(status)


@app.command()
def version() -> None:
    """Print the versions that results name."""
    from api.versions import versions

    for name, value in versions().model_dump().items():
        typer.echo(f"{name} {value}")


def main() -> None:
    """The entry point `spinecoder`."""
    silence()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that knows few characters loses none of them
    typer.main.get_command(app)()  # app() would put its own excepthook, which prints tracebacks, in place of ours


def _settings(profile: str | None, *, professional_component: bool) -> "Settings":
    from api.service import Settings
    from api.versions import versions

    versions()  # rule files that do not load stop the command here, not every report in turn
    settings = Settings(profile=profile, professional_component=professional_component)
    try:
        chosen = settings.chosen_profile()
    except InputError as fault:
        raise typer.BadParameter(str(fault), param_hint="--profile") from None
    if professional_component and chosen is not None and chosen.claim == "facility":
        message = f"The profile {chosen.profile} is that of a facility, which bills no professional component."
        raise typer.BadParameter(message, param_hint="--professional-component")
    return settings


def _report_ids(paths: list[str]) -> list[str]:
    """The file's name without its ending; where two files share it, the paths as given."""
    names = ["stdin" if path == STANDARD_INPUT else PurePath(path).stem for path in paths]
    often = Counter(names)
    ids = [name if often[name] == 1 else path for name, path in zip(names, paths, strict=True)]
    return [report_id.encode(errors="surrogateescape").decode(errors="replace") for report_id in ids]


def _style() -> "Style":
    from api.wording import Colour, Plain

    return Colour() if sys.stdout.isatty() and "NO_COLOR" not in os.environ else Plain()


def _complain(sentence: str) -> None:
    from api.wording import safe

    typer.echo(safe(sentence), err=True)
