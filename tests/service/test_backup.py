"""Backup and restore as docs/DEPLOYMENT.md has it: what comes back is whole, and proves it."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from databases import Server
from service_fixtures import ESI, configured
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from api.kept import Incoming
from api.reading import read_text
from api.service import code_reading
from api.store import Store

pytestmark = pytest.mark.needs_line


def backed_up(store: Store, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The URL of a database that was restored from a backup of *store*, taken while it is open."""
    copy = tmp_path / "backup"
    if store.engine.dialect.name == "sqlite":
        source = str(store.engine.url.database)
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(copy)) as kept:
            live.backup(kept)
        return f"sqlite:///{copy}"
    server: Server = request.getfixturevalue("postgresql")
    name = str(store.engine.url.database)
    reach = ["--host=127.0.0.1", f"--port={server.port}", "--username=tester"]
    restored = server.new_database()
    target = restored.rpartition("/")[2]
    subprocess.run([server.binaries / "pg_dump", *reach, "--format=custom", f"--file={copy}", name], check=True)
    subprocess.run([server.binaries / "pg_restore", *reach, "--no-owner", f"--dbname={target}", copy], check=True)
    return restored


def test_what_comes_back_is_whole(store: Store, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    for number in range(3):
        item = Incoming(f"r{number}", f"{ESI} {number}", date(2025, 6, 2))
        result = code_reading(
            read_text(item.text, name="t"), report_id=item.report_id, date_of_service=item.date_of_service
        )
        store.keep(item, result, actor="t")
    store.decide("r1", result=None, action="accept", lines=None, reason="", actor="coder")
    before = store.verify()
    again = Store.open(configured(backed_up(store, tmp_path, request)))
    assert again.verify() == before
    assert again.read("r1", actor="t").history == store.read("r1", actor="t").history
    assert not again.keep(item, result, actor="t")[1], "a repeat is still known"
    with pytest.raises(SQLAlchemyError, match="never changed"), again.engine.begin() as connection:
        connection.execute(text("DELETE FROM reports"))
    again.close()
