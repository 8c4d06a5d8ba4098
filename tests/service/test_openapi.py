"""Every address keeps what the OpenAPI says of it, whatever is sent: schemathesis, all of its checks and phases."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from live_service import Live
from pydantic import SecretStr

from api.app import make_app
from api.configuration import Configuration
from api.keys import ROLES, add_key
from api.store import Store
from api.store_steps import step_up

pytestmark = pytest.mark.needs_line

EXAMPLES = os.environ.get("SPINECODER_TEST_EXAMPLES", "6")
FREE = {"/healthz", "/readyz"}


def test_every_address_keeps_its_word(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'store.db'}"
    store = Store.open(Configuration(database=SecretStr(database)))
    step_up(store.engine)
    key = add_key(store, name="all", roles=ROLES)
    live = Live(database, tmp_path / "log")
    live.start()
    try:
        done = subprocess.run(
            [Path(sys.executable).with_name("schemathesis"), "run", f"{live.url}/openapi.json", "--no-color",
             "--header", f"Authorization: Bearer {key}", "--max-examples", EXAMPLES,
             "--generation-database", "none"],
            cwd=tmp_path, capture_output=True, text=True, timeout=900, check=False,
        )  # fmt: skip
    finally:
        live.stop()
    assert done.returncode == 0, done.stdout
    assert "Tested: 23" in done.stdout, done.stdout
    assert '"status":500' not in live.log.read_text()
    assert store.verify().faults == ()


def test_the_description_is_whole() -> None:
    described = make_app(Configuration(), warm=False).openapi()
    schemas = described["components"]["schemas"]
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert operation["description"].startswith(("Role", "No key")), where
            assert any(status.startswith("2") for status in operation["responses"]), where
            for status, answer in operation["responses"].items():
                assert answer["description"], where
                kinds = list(answer["content"])
                assert status.startswith("2") or kinds == ["application/problem+json"], where
            assert bool(operation.get("security")) is (path not in FREE and where != "get /cds-services"), where
            body = operation.get("requestBody")
            if body:
                schema = body["content"]["application/json"]["schema"]
                parts = [schema, *schema.get("oneOf", [])]
                names = [part["$ref"].rpartition("/")[2] for part in parts if "$ref" in part]
                assert names, where
                assert any("example" in str(schemas[name]) for name in names) or "lines" in str(schema), where
