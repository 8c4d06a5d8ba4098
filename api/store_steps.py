"""The store brought to the tables of this version, or back, step by step."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from api.database import transaction

_STEPS = Path(__file__).parent / "migrations"
_LOCK = 7_061_974  # any number, the same for every process that moves the tables of one PostgreSQL


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_STEPS).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    return config


def newest_step() -> str:
    """The last step that this version knows."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def present_step(engine: Engine) -> str | None:
    """The step that the database is at; ``None`` where it has no tables yet."""
    with transaction(engine, writes=False) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def step_up(engine: Engine, to: str = "head") -> None:
    """Bring the tables up; what is kept stays. Two processes that do it at once do it one after the other."""
    with transaction(engine, writes=True) as connection:
        _alone(connection)
        command.upgrade(_config(connection), to)


def step_down(engine: Engine, to: str) -> None:
    """Bring the tables back to an earlier step; down to ``base`` drops everything that is kept."""
    with transaction(engine, writes=True) as connection:
        _alone(connection)
        command.downgrade(_config(connection), to)


def _alone(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
