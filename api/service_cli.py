"""The commands of the service: serve, submit, recode, purge, fhircast."""

# Typer reads the annotations of every command at run time, so they are not postponed here.
from datetime import date
from typing import Annotated

import typer

from api.commands import BAD_INPUT, Database, configured, day, ready_store, refusals
from api.reading import InputError
from api.store_cli import audit_app, keys_app, store_app

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(audit_app, name="audit")
app.add_typer(keys_app, name="keys")
app.add_typer(store_app, name="store")

SiteProfile = Annotated[
    str | None,
    typer.Option("--profile", help="The profile of reports that name none; else SPINECODER_PROFILE."),
]
Reason = Annotated[str, typer.Option("--reason", help="Why, as the certificate and the audit tell it.")]


@app.command()
def serve(  # noqa: PLR0913  each is an option of the command
    *,
    database: Database = None,
    host: Annotated[str, typer.Option("--host", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65_535)] = 8_460,
    processes: Annotated[int, typer.Option("--processes", min=1, max=64, help="Best as many as cores.")] = 1,
    profile: SiteProfile = None,
    certificate: Annotated[str | None, typer.Option("--certificate", metavar="FILE", help="TLS, with its key.")] = None,
    certificate_key: Annotated[str | None, typer.Option("--certificate-key", metavar="FILE")] = None,
    proxies: Annotated[
        str | None, typer.Option("--proxies", help="Reverse proxies whose word on the caller's address counts.")
    ] = None,
    without_keys: Annotated[
        bool, typer.Option("--without-keys", help="Let every caller do everything; on a loopback address only.")
    ] = False,
) -> None:
    """Answer over HTTP: code, keep, find, decide, draft (docs/DEPLOYMENT.md)."""
    with refusals():
        from api.server import Listening, hand_down
        from api.server import serve as run
        from api.service import Settings

        configuration = configured(database)
        changed = {
            "without_keys": without_keys or configuration.without_keys,
            "profile": profile or configuration.profile,
        }
        configuration = configuration.model_copy(update=changed)
        Settings(profile=configuration.profile).chosen_profile()
        hand_down(configuration)
        run(configuration, Listening(
            host=host, port=port, processes=processes, certificate=certificate, certificate_key=certificate_key,
            proxies=proxies,
        ))  # fmt: skip


@app.command()
def submit(
    *,
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Reports; the id of each is its file's name.")],
    url: Annotated[str, typer.Option("--url", help="The service.")] = "http://127.0.0.1:8460",
    date_of_service: Annotated[date | None, typer.Option("--date-of-service", parser=day, metavar="YYYY-MM-DD")] = None,
    version: Annotated[str | None, typer.Option("--version", help="The sender's name of this version.")] = None,
    source: Annotated[str, typer.Option("--source", help="Which system sends it.")] = "submit",
) -> None:
    """Send reports to a service that keeps them; the key comes from SPINECODER_KEY or SPINECODER_KEY_FILE."""
    with refusals():
        from api.submission import submit_files

        has_problem = False
        for told, problem in submit_files(files, url=url, day=date_of_service, version=version, source=source):
            typer.echo(told, err=problem)
            has_problem |= problem
        if has_problem:
            raise typer.Exit(BAD_INPUT)


@app.command()
def recode(
    *,
    since: Annotated[
        date | None, typer.Option("--since", parser=day, metavar="DATE", help="Dates of service from here on.")
    ] = None,
    until: Annotated[date | None, typer.Option("--until", parser=day, metavar="DATE")] = None,
    rules: Annotated[str, typer.Option("--rules", help="`new`: those of this installation.")] = "new",
    profile: SiteProfile = None,
    write: Annotated[bool, typer.Option("--write", help="Keep the new answers beside the old ones.")] = False,
    database: Database = None,
) -> None:
    """Tell which kept answers would be others today, as JSON lines; nothing is written without --write."""
    with refusals():
        import orjson

        from api.recode import changes

        if rules != "new":
            raise InputError("bad_rules", "--rules takes `new`: answers are made by the rules of this installation.")
        store, count = ready_store(database), 0
        site = profile or configured(database).profile
        for change in changes(store, since=since, until=until, profile=site):
            count += 1
            typer.echo(orjson.dumps(change.as_dict()).decode())
            if write and change.after is not None:
                store.add_result(change.report, change.report_id, change.after, actor="command line")
        done = "were written beside the old ones" if write else "would change; --write keeps them beside the old ones"
        typer.echo(f"{count} answers {done}.", err=True)


@app.command()
def purge(
    *,
    reports: Annotated[list[str] | None, typer.Option("--report", metavar="ID", help="Again for each report.")] = None,
    received_before: Annotated[
        date | None,
        typer.Option("--received-before", parser=day, metavar="DATE", help="Reports whose newest version is older."),
    ] = None,
    reason: Reason = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, only tell which reports.")] = False,
    database: Database = None,
) -> None:
    """Take reports out of the store for good; each is answered with a certificate, a JSON line."""
    with refusals():
        import orjson

        from api.purge import purge as run
        from api.purge import received_before as older

        store = ready_store(database)
        chosen = [*(reports or []), *(older(store, received_before.isoformat()) if received_before else ())]
        if not yes:
            for report_id in chosen:
                typer.echo(report_id)
            typer.echo(f"{len(chosen)} reports; --yes takes them out for good.", err=True)
            return
        if not reason.strip():
            raise InputError("no_reason", "A purge needs --reason.")
        for certificate in run(store, chosen, reason=reason, actor="command line"):
            typer.echo(orjson.dumps(certificate.as_dict()).decode())


@app.command()
def fhircast(
    *,
    hub: Annotated[str, typer.Option("--hub", help="The hub.url.")],
    topic: Annotated[str, typer.Option("--topic", help="The hub.topic of the session.")],
) -> None:
    """Follow the open report of a FHIRcast topic and share its gaps; the token is SPINECODER_FHIRCAST_TOKEN."""
    with refusals():
        from api.fhircast_run import follow

        follow(hub=hub, topic=topic)
