"""An application in this process, keys for it, and the words that most tests of it send."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx2
from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.app import make_app
from api.configuration import Configuration
from api.keys import ROLES, add_key
from api.store import Store
from api.store_steps import step_up

ESI = (
    "Lumbar interlaminar epidural steroid injection at L4-L5. Under fluoroscopic guidance a Tuohy needle was advanced "
    "into the epidural space. Depo-Medrol was injected."
)
FACET = "Facet joint injection at L4-L5. A needle was placed into the joint under fluoroscopy and steroid injected."
DAY = date(2025, 6, 2)


def configured(database: str, **more: Any) -> Configuration:
    return Configuration(database=SecretStr(database), **{"rate": "100000/minute", "database_timeout": 60, **more})


def body(**changed: Any) -> dict[str, Any]:
    return {"id": "r1", "text": ESI, "date_of_service": DAY.isoformat(), **changed}


@dataclass(frozen=True)
class Service:
    """An application in this process, its store, and a key for each role and for all of them."""

    client: TestClient
    store: Store
    keys: dict[str, str]

    def headers(self, role: str = "all") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[role]}"}

    def get(self, path: str, *, role: str = "all") -> httpx2.Response:
        return self.client.get(path, headers=self.headers(role))

    def post(self, path: str, sent: object, *, role: str = "all") -> httpx2.Response:
        return self.client.post(path, json=sent, headers=self.headers(role))

    def send(self, path: str, sent: bytes, *, role: str = "all") -> httpx2.Response:
        headers = {**self.headers(role), "Content-Type": "application/json"}
        return self.client.post(path, content=sent, headers=headers)


def made_keys(store: Store) -> dict[str, str]:
    keys = {role: add_key(store, name=role, roles=[role]) for role in ROLES}
    return {**keys, "all": add_key(store, name="all", roles=ROLES)}


@contextmanager
def running(configuration: Configuration, *, with_keys: bool = True) -> Iterator[Service]:
    app = make_app(configuration, warm=False)
    store: Store = app.state.service.store
    step_up(store.engine)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Service(client, store, made_keys(store) if with_keys else {})
