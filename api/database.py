"""An engine for SQLite or PostgreSQL that commits durably, waits no longer than it may, and keeps parameters quiet."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any

from psycopg import errors
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import PoolProxiedConnection

from api.reading import InputError

_POSTGRESQL = ("postgres", "postgresql", "postgresql+psycopg")
_MEANINGS: tuple[tuple[tuple[str | int | None, ...], str, str], ...] = (
    (
        (errors.DiskFull.sqlstate, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR),
        "store_full",
        "The disk of the database is full; nothing was kept. Send the request again later.",
    ),
    (
        (errors.QueryCanceled.sqlstate, errors.LockNotAvailable.sqlstate, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED),
        "store_busy",
        "The database is busy or too slow; nothing was changed. Send the request again.",
    ),
    (
        (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB),
        "store_unavailable",
        "The database file is damaged; restore it from a backup.",
    ),
)
"""What states of PostgreSQL and codes of SQLite mean to a caller."""
_PRIMARY = 0xFF  # an extended SQLite code holds its primary one in the lowest byte


class StoreError(Exception):
    """The store did not take or give a row; the message says what a caller can do and quotes nothing."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def open_engine(url: str, *, timeout: float) -> Engine:
    """The engine for *url*. A transaction that was committed is on the disk."""
    try:
        parsed = make_url(url)
        if parsed.drivername in _POSTGRESQL:
            milliseconds = int(timeout * 1000)
            waits = f"-c statement_timeout={2 * milliseconds} -c lock_timeout={milliseconds}"
            return create_engine(
                parsed.set(drivername="postgresql+psycopg"),
                hide_parameters=True,  # a parameter may be a report
                pool_pre_ping=True, pool_timeout=timeout, pool_size=8, max_overflow=8,
                connect_args={"connect_timeout": max(2, int(timeout)), "options": waits},
            )  # fmt: skip
        if parsed.drivername != "sqlite":
            raise InputError("bad_database", "The database URL must begin with sqlite:/// or postgresql://.")
        engine = create_engine(parsed, hide_parameters=True, connect_args={"timeout": timeout})
        event.listen(engine, "do_connect", _make_private)
    except (ArgumentError, NoSuchModuleError):
        raise InputError(
            "bad_database", "The database URL is none: it must be sqlite:///FILE or a postgresql://…"
        ) from None
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_private(_dialect: object, _record: object, arguments: list[str], _options: object) -> None:
    """A file that is made now is its owner's only; what SQLite puts beside it takes its rights from it."""
    if arguments[0] != ":memory:":
        with suppress(OSError):  # there already, or where no file can be: SQLite says so itself
            os.close(os.open(arguments[0], os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401  the driver's own connection
    connection.isolation_level = None  # we begin transactions ourselves, and say of which kind
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def transaction(engine: Engine, *, writes: bool, is_steady: bool = False) -> Iterator[Connection]:
    """A transaction that commits at its end; whatever the database says against it becomes a :class:`StoreError`.

    A steady one sees the rows of one moment to its end, whatever is written meanwhile, as SQLite's always do.
    """
    with _in_turn(engine, writes=writes), told_plainly(), engine.connect() as connection:
        connection.execution_options(writes=writes)
        if is_steady and engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


_turns: dict[str, Lock] = {}
_LONGEST_TURN = 30


@contextmanager
def _in_turn(engine: Engine, *, writes: bool) -> Iterator[None]:
    """Threads that write to one SQLite file take turns: its own way of waiting is to ask again, ever more rarely."""
    if not writes or engine.dialect.name != "sqlite":
        yield
        return
    turn = _turns.setdefault(str(engine.url.database), Lock())
    if not turn.acquire(timeout=_LONGEST_TURN):
        raise StoreError(*_MEANINGS[1][1:])
    try:
        yield
    finally:
        turn.release()


@contextmanager
def told_plainly() -> Iterator[None]:
    """Errors of the database as a :class:`StoreError` without a word of what was being written."""
    try:
        yield
    except SQLAlchemyError as fault:
        raise _plain(fault) from None


def _plain(fault: SQLAlchemyError) -> StoreError:
    original = getattr(fault, "orig", None)
    state = getattr(original, "sqlstate", None) or getattr(original, "sqlite_errorcode", 0) & _PRIMARY
    for states, kind, message in _MEANINGS:
        if state in states:
            return StoreError(kind, message)
    if isinstance(fault, DBAPIError) and original is not None and _is_refusal(original):
        return StoreError("store_refused", f"The database refused a row ({type(original).__name__}).")
    return StoreError("store_unavailable", "The database cannot be reached. Send the request again: a repeat is safe.")


def _is_refusal(original: BaseException) -> bool:
    return type(original).__name__ in ("IntegrityError", "RaiseException", "UniqueViolation", "DataError")


def raw_connection(engine: Engine) -> PoolProxiedConnection:
    """A connection outside any transaction, for what a database does between them only."""
    return engine.raw_connection()
