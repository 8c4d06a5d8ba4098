"""What the tests of the service share: stores on SQLite and PostgreSQL, keys, an application and its callers."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from databases import Server, postgresql_binaries
from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.app import make_app
from api.configuration import Configuration
from api.keys import ROLES, add_key
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


@pytest.fixture(scope="session")
def quiet() -> Iterator[None]:
    """The process as `serve` makes it: no library writes a log."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@dataclass(frozen=True)
class Service:
    """An application in this process, its store, and a key for each role and for all of them."""

    client: TestClient
    store: Store
    keys: dict[str, str]

    def headers(self, role: str = "all") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[role]}"}


def made_keys(store: Store) -> dict[str, str]:
    keys = {role: add_key(store, name=role, roles=[role]) for role in ROLES}
    return {**keys, "all": add_key(store, name="all", roles=ROLES)}


@contextmanager
def running(configuration: Configuration) -> Iterator[Service]:
    app = make_app(configuration, warm=False)
    store: Store = app.state.service.store
    step_up(store.engine)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Service(client, store, made_keys(store))


@pytest.fixture
def service(database: str) -> Iterator[Service]:
    """The application on each kind of database."""
    with running(configured(database, rate="100000/minute")) as made:
        yield made


@pytest.fixture
def sqlite_service(tmp_path: Path) -> Iterator[Service]:
    """The application where the kind of database does not matter."""
    with running(configured(f"sqlite:///{tmp_path / 'store.db'}", rate="100000/minute")) as made:
        yield made
