"""What the tests of the service share: stores on SQLite and PostgreSQL, and applications on either."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import Server, postgresql_binaries
from service_fixtures import Service, configured, running

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


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    made = Store.open(configured(database))
    step_up(made.engine)
    yield made
    made.close()


@pytest.fixture
def service(database: str) -> Iterator[Service]:
    """The application on each kind of database."""
    with running(configured(database)) as made:
        yield made


@pytest.fixture
def sqlite_service(tmp_path: Path) -> Iterator[Service]:
    """The application where the kind of database does not matter."""
    with running(configured(f"sqlite:///{tmp_path / 'store.db'}")) as made:
        yield made
