"""What the tests of the service share: stores on SQLite and PostgreSQL, keys, an application and its callers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import Server, postgresql_binaries
from pydantic import SecretStr

from api.configuration import Configuration
from api.store import Store
from api.store_steps import step_up



@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    binaries = postgresql_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server is installed on this machine (Debian: apt-get install postgresql)")
    server = Server(binaries)
    server.start()
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    server: Server = request.getfixturevalue("postgresql")
    return server.new_database()


def configured(database: str, **more: Any) -> Configuration:
    return Configuration(database=SecretStr(database), **more)


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    made = Store.open(configured(database))
    step_up(made.engine)
    yield made
    made.close()
