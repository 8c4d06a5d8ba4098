"""The commands on the audit, the keys and the tables of the store."""

# Typer reads the annotations of every command at run time, so they are not postponed here.
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands import Database, day, open_store, ready_store, refusals
from api.reading import InputError

if TYPE_CHECKING:
    from api.store import Store

BROKEN = 1
"""Exit status of `audit verify` where the audit or a row it tells of was changed."""

audit_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The audit of the store.")
keys_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Keys of callers, kept as hashes.")
store_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The tables of the store.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Who holds the key, as the audit names them.")]


@audit_app.command(name="verify")
def audit_verify(
    *,
    head: Annotated[
        str | None, typer.Option("--head", metavar="NUMBER:HASH", help="An earlier end, as this command told it.")
    ] = None,
    database: Database = None,
) -> None:
    """Check every event and every row it tells of; exit status 1 where one was changed or is missing."""
    with refusals():
        store = ready_store(database)
        verdict = store.verify()
        faults = [*verdict.faults, *_head_faults(store, head)]
        for fault in faults:
            typer.echo(fault, err=True)
        if faults:
            raise typer.Exit(BROKEN)
        typer.echo(
            f"{verdict.events} events and {verdict.rows} rows hold; the chain ends at {verdict.events}:{verdict.head}"
        )


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
    expires: Annotated[date | None, typer.Option("--expires", parser=day, metavar="DATE")] = None,
    database: Database = None,
) -> None:
    """Make a key and show it, this once."""
    with refusals():
        from api.keys import add_key

        typer.echo(
            add_key(ready_store(database), name=name, roles=roles, expires_at=expires.isoformat() if expires else None)
        )


@keys_app.command(name="revoke")
def keys_revoke(*, name: Name, database: Database = None) -> None:
    """Let a key open nothing any more; within 30 seconds everywhere."""
    with refusals():
        from api.keys import revoke_key

        revoke_key(ready_store(database), name=name)


@keys_app.command(name="list")
def keys_list(*, database: Database = None) -> None:
    """Tell who holds a key, with which roles, since when."""
    with refusals():
        from api.keys import holders

        for holder in holders(ready_store(database)):
            state = f"revoked {holder.revoked_at}" if holder.revoked_at else f"expires {holder.expires_at or 'never'}"
            typer.echo(f"{holder.name}   {' '.join(sorted(holder.roles))}   since {holder.made_at}   {state}")


@store_app.command(name="up")
def store_up(*, database: Database = None) -> None:
    """Bring the tables to this version; `serve` does it too."""
    with refusals():
        from api.store_steps import present_step, step_up

        store = open_store(database)
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
    with refusals():
        from api.store_steps import step_down

        if not yes:
            raise InputError("not_sure", "This may drop what is kept; say --yes if it shall.")
        step_down(open_store(database).engine, to)
