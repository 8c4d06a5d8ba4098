"""What every command of the service begins with: its configuration, its store, and one way of refusing."""

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
_PARTS = ("alembic", "fastapi", "httpx2", "jwt", "limits", "prometheus_client", "psycopg", "sqlalchemy", "uvicorn",
          "websockets")  # fmt: skip

Database = Annotated[
    str | None,
    typer.Option("--database", metavar="URL", help="sqlite:///FILE or postgresql://…; else SPINECODER_DATABASE."),
]


def day(value: str) -> date:
    """The day that an option names."""
    try:
        return read_date(value)
    except InputError:
        raise typer.BadParameter("It is no day of the calendar written YYYY-MM-DD.") from None


def configured(database: str | None) -> "Configuration":
    """The configuration of the environment, with the database that an option names."""
    from pydantic import SecretStr

    from api.configuration import Configuration

    configuration = Configuration.from_environment()
    return configuration.model_copy(update={"database": SecretStr(database)}) if database else configuration


def open_store(database: str | None) -> "Store":
    """The store, whatever its tables are."""
    from api.store import Store

    return Store.open(configured(database))


def ready_store(database: str | None) -> "Store":
    """The store, whose tables must be those of this version."""
    from api.store_steps import newest_step, present_step

    store = open_store(database)
    if present_step(store.engine) != newest_step():
        raise InputError("other_tables", "The database has no tables of this version: run `spinecoder store up`.")
    return store


@contextmanager
def refusals() -> Iterator[None]:
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
