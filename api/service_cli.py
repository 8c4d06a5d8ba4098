"""The commands of the service: serve, submit, recode, purge, and those on its audit, keys and tables."""

# Typer reads the annotations of every command at run time, so they are not postponed here.
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from api.reading import InputError, read_date

if TYPE_CHECKING:
    from api.configuration import Configuration
    from api.store import Store

BAD_INPUT = 2
BROKEN = 1
"""Exit status of `audit verify` where the audit or a row it tells of was changed."""
_PARTS = ("alembic", "fastapi", "httpx2", "jwt", "limits", "prometheus_client", "psycopg", "sqlalchemy", "uvicorn",
          "websockets")  # fmt: skip

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
audit_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The audit of the store.")
keys_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Keys of callers, kept as hashes.")
store_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The tables of the store.")
app.add_typer(audit_app, name="audit")
app.add_typer(keys_app, name="keys")
app.add_typer(store_app, name="store")


def _day(value: str) -> date:
    try:
        return read_date(value)
    except InputError:
        raise typer.BadParameter("It is no day of the calendar written YYYY-MM-DD.") from None


Database = Annotated[
    str | None,
    typer.Option("--database", metavar="URL", help="sqlite:///FILE or postgresql://…; else SPINECODER_DATABASE."),
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Who holds the key, as the audit names them.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, as the certificate and the audit tell it.")]


@app.command()
def serve(
    *,
    database: Database = None,
    host: Annotated[str, typer.Option("--host", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65_535)] = 8_460,
    processes: Annotated[int, typer.Option("--processes", min=1, max=64, help="Best as many as cores.")] = 1,
    profile: Annotated[str | None, typer.Option("--profile", help="The profile of requests that name none.")] = None,
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
    with _refusals():
        from api.server import Listening, hand_down
        from api.server import serve as run
        from api.service import Settings

        configuration = _configuration(database)
        changed = {"without_keys": without_keys or configuration.without_keys, "profile": profile or configuration.profile}
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
    date_of_service: Annotated[
        date | None, typer.Option("--date-of-service", parser=_day, metavar="YYYY-MM-DD")
    ] = None,
    version: Annotated[str | None, typer.Option("--version", help="The sender's name of this version.")] = None,
    source: Annotated[str, typer.Option("--source", help="Which system sends it.")] = "submit",
) -> None:
    """Send reports to a service that keeps them; the key comes from SPINECODER_KEY or SPINECODER_KEY_FILE."""
    with _refusals():
        from api.submission import submit_files

        for told, problem in submit_files(files, url=url, day=date_of_service, version=version, source=source):
            typer.echo(told, err=problem)
            if problem:
                raise typer.Exit(BAD_INPUT)


@app.command()
def recode(
    *,
    since: Annotated[
        date | None, typer.Option("--since", parser=_day, metavar="DATE", help="Dates of service from here on.")
    ] = None,
    until: Annotated[date | None, typer.Option("--until", parser=_day, metavar="DATE")] = None,
    rules: Annotated[str, typer.Option("--rules", help="`new`: those of this installation.")] = "new",
    write: Annotated[bool, typer.Option("--write", help="Keep the new answers beside the old ones.")] = False,
    database: Database = None,
) -> None:
    """Tell which kept answers would be others today, as JSON lines; nothing is written without --write."""
    with _refusals():
        import orjson

        from api.recode import changes

        if rules != "new":
            raise InputError("bad_rules", "--rules takes `new`: answers are made by the rules of this installation.")
        store, count = _store(database), 0
        for change in changes(store, since=since, until=until):
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
        typer.Option("--received-before", parser=_day, metavar="DATE", help="Reports whose newest version is older."),
    ] = None,
    reason: Reason = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, only tell which reports.")] = False,
    database: Database = None,
) -> None:
    """Take reports out of the store for good; each is answered with a certificate, a JSON line."""
    with _refusals():
        import orjson

        from api.purge import purge as run
        from api.purge import received_before as older

        store = _store(database)
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


@audit_app.command(name="verify")
def audit_verify(
    *,
    head: Annotated[
        str | None, typer.Option("--head", metavar="NUMBER:HASH", help="An earlier end, as this command told it.")
    ] = None,
    database: Database = None,
) -> None:
    """Check every event and every row it tells of; exit status 1 where one was changed or is missing."""
    with _refusals():
        store = _store(database)
        verdict = store.verify()
        faults = [*verdict.faults, *_head_faults(store, head)]
        for fault in faults:
            typer.echo(fault, err=True)
        if faults:
            raise typer.Exit(BROKEN)
        typer.echo(f"{verdict.events} events and {verdict.rows} rows hold; the chain ends at {verdict.events}:{verdict.head}")


def _head_faults(store: "Store", head: str | None) -> Iterator[str]:
    """Whether the chain still goes through an end that was written down elsewhere."""
    if head is None:
        return
    number, _, digest = head.partition(":")
    if not number.isdigit():
        raise InputError("bad_head", "--head must be NUMBER:HASH, as `spinecoder audit verify` tells it.")
    found = store.events(after=int(number) - 1, limit=1) if int(number) else ()
    if int(number) and (not found or found[0].number != int(number) or found[0].hash != digest):
        yield f"The chain does not go through {number}:{digest[:12]}…: events were taken off its end or written anew."


@keys_app.command(name="add")
def keys_add(
    *,
    name: Name,
    roles: Annotated[list[str], typer.Option("--role", help="submit, read, code, admin or audit; again for more.")],
    expires: Annotated[date | None, typer.Option("--expires", parser=_day, metavar="DATE")] = None,
    database: Database = None,
) -> None:
    """Make a key and show it, this once."""
    with _refusals():
        from api.keys import add_key

        typer.echo(add_key(_store(database), name=name, roles=roles, expires_at=expires.isoformat() if expires else None))


@keys_app.command(name="revoke")
def keys_revoke(*, name: Name, database: Database = None) -> None:
    """Let a key open nothing any more; within 30 seconds everywhere."""
    with _refusals():
        from api.keys import revoke_key

        revoke_key(_store(database), name=name)


@keys_app.command(name="list")
def keys_list(*, database: Database = None) -> None:
    """Tell who holds a key, with which roles, since when."""
    with _refusals():
        from api.keys import holders

        for holder in holders(_store(database)):
            state = f"revoked {holder.revoked_at}" if holder.revoked_at else f"expires {holder.expires_at or 'never'}"
            typer.echo(f"{holder.name}   {' '.join(sorted(holder.roles))}   since {holder.made_at}   {state}")


@store_app.command(name="up")
def store_up(*, database: Database = None) -> None:
    """Bring the tables to this version; `serve` does it too."""
    with _refusals():
        from api.store_steps import present_step, step_up

        store = _open(database)
        step_up(store.engine)
        typer.echo(f"The tables are at step {present_step(store.engine)}.")


@store_app.command(name="down")
def store_down(
    *,
    to: Annotated[str, typer.Argument(metavar="STEP", help="An earlier step; `base` drops all that is kept.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it.")] = False,
    database: Database = None,
) -> None:
    """Bring the tables back to an earlier step."""
    with _refusals():
        from api.store_steps import step_down

        if not yes:
            raise InputError("not_sure", "This may drop what is kept; say --yes if it shall.")
        step_down(_open(database).engine, to)


@app.command()
def fhircast(
    *,
    hub: Annotated[str, typer.Option("--hub", help="The hub.url.")],
    topic: Annotated[str, typer.Option("--topic", help="The hub.topic of the session.")],
) -> None:
    """Follow the open report of a FHIRcast topic and share its gaps; the token is SPINECODER_FHIRCAST_TOKEN."""
    with _refusals():
        from api.fhircast_run import follow

        follow(hub=hub, topic=topic)


def _configuration(database: str | None) -> "Configuration":
    from pydantic import SecretStr

    from api.configuration import Configuration

    configuration = Configuration.from_environment()
    return configuration.model_copy(update={"database": SecretStr(database)}) if database else configuration


def _open(database: str | None) -> "Store":
    from api.store import Store

    return Store.open(_configuration(database))


def _store(database: str | None) -> "Store":
    """The store, whose tables must be those of this version."""
    from api.store_steps import newest_step, present_step

    store = _open(database)
    if present_step(store.engine) != newest_step():
        raise InputError("other_tables", "The database has no tables of this version: run `spinecoder store up`.")
    return store


@contextmanager
def _refusals() -> Iterator[None]:
    """A refusal is one sentence on standard error and exit status 2; so is a part that is not installed."""
    try:
        yield
    except InputError as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(BAD_INPUT) from None
    except ModuleNotFoundError as fault:
        if (fault.name or "").partition(".")[0] not in _PARTS:
            raise
        typer.echo(f"This needs {fault.name}: pip install 'spinecoder[service]'.", err=True)
        raise typer.Exit(BAD_INPUT) from None
    except Exception as fault:
        if type(fault).__name__ not in ("StoreError", "ServiceError"):  # not imported: they bring the database along
            raise
        typer.echo(str(fault), err=True)
        raise typer.Exit(BAD_INPUT) from None


