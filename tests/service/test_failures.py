"""What goes wrong round the service: a full disk, a database that is gone or slow; told clearly, and nothing lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from databases import Server
from service_fixtures import ESI, Service, body, configured, running
from sqlalchemy import event, text

from api.reading import Reading
from api.result import Result
from api.service import code_reading
from api.store import Store

pytestmark = pytest.mark.needs_line

SLOW = 2
"""Seconds that a request waits for the database in these tests."""
_PATIENCE = 300
"""Seconds after which a test gives up on what must happen; no claim of the service."""


def reports_of(store: Store) -> int:
    with store.engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM reports")).scalar_one())


def test_a_full_disk_keeps_nothing_by_half_and_says_so(tmp_path: Path) -> None:
    """SQLite is given as many pages as it has: the very error that a full disk gives."""
    with running(configured(f"sqlite:///{tmp_path / 'store.db'}")) as made:
        assert made.post("/v1/reports", body()).status_code == 201
        is_full = True

        def limit(connection: object, _record: object, _proxy: object) -> None:
            pages = connection.execute("PRAGMA page_count").fetchone()[0] if is_full else 1_000_000  # type: ignore[attr-defined]  # the driver's
            connection.execute(f"PRAGMA max_page_count = {pages}")  # type: ignore[attr-defined]

        event.listen(made.store.engine, "checkout", limit)
        refused = [made.post("/v1/reports", body(id=f"f{number}", text=f"{ESI} {'x' * 20_000}")) for number in range(5)]
        assert {answer.status_code for answer in refused} == {507}
        assert refused[0].json()["kind"] == "store_full"
        assert made.post("/v1/code", body()).status_code == 200, "what is not kept is still answered"
        is_full = False
        assert reports_of(made.store) == 1
        assert made.post("/v1/reports", body(id="f0", text=f"{ESI} {'x' * 20_000}")).status_code == 201
        assert made.store.verify().faults == ()


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0777", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        folder.rmdir()
        pytest.skip("this machine does not let the tests mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)
        folder.rmdir()


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="a small disk needs root and mount")
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_disk_that_is_really_full(kind: str, request: pytest.FixtureRequest) -> None:
    disk = Path("/tmp") / f"spinecoder-disk-{os.getpid()}-{kind}"  # noqa: S108  where the account of PostgreSQL may go
    with small_disk(disk, "16m"):
        url = f"sqlite:///{disk / 'store.db'}"
        if kind == "postgresql":
            server: Server = request.getfixturevalue("postgresql")
            url = server.database_on(disk)
        try:
            with running(configured(url)) as made:
                kept, answer = 0, None
                for number in range(4000):
                    noise = os.urandom(30_000).hex()  # PostgreSQL would make little of what repeats itself
                    answer = made.post("/v1/reports", body(id=f"f{number}", text=f"{ESI} {noise}"))
                    if answer.status_code != 201:
                        break
                    kept += 1
                assert answer is not None
                assert (answer.status_code, answer.json()["kind"]) == (507, "store_full")
                assert kept > 0
                assert reports_of(made.store) == kept
        finally:
            if kind == "postgresql":
                server.drop_database_on(disk)


def test_a_database_that_is_gone_and_comes_back(postgresql: Server) -> None:
    own = Server(postgresql.binaries)
    own.start()
    try:
        with running(configured(own.new_database(), database_timeout=2)) as made:
            assert made.post("/v1/reports", body()).status_code == 201
            own.stop()
            for answer in (made.post("/v1/reports", body(id="r2")), made.get("/v1/reports/r1"), made.get("/readyz")):
                assert (answer.status_code, answer.json()["kind"]) == (503, "store_unavailable")
                assert int(answer.headers["retry-after"]) > 0
            assert made.client.get("/healthz").status_code == 200
            assert made.post("/v1/code", body()).status_code == 200, "a key that was just seen still codes"
            own.start()
            assert made.get("/readyz").status_code == 200
            assert made.get("/v1/reports/r1").json()["version"] == 1
            assert made.get("/v1/reports/r2").status_code == 404, "what was not acknowledged is not there"
            assert made.post("/v1/reports", body(id="r2")).status_code == 201
            assert made.store.verify().faults == ()
    finally:
        own.remove()


def test_a_slow_database_is_not_waited_for_for_ever(database: str) -> None:
    with running(configured(database, database_timeout=SLOW)) as made:
        assert made.post("/v1/reports", body()).status_code == 201
        done = threading.Event()

        def hold() -> None:
            other = Store.open(configured(database))
            with other.engine.connect().execution_options(writes=True) as connection, connection.begin():
                connection.execute(text("UPDATE audit_head SET number = number"))
                held.set()
                done.wait(_PATIENCE)
            other.close()

        held = threading.Event()
        holder = threading.Thread(target=hold)
        holder.start()
        assert held.wait(_PATIENCE)
        answer = made.post("/v1/reports", body(id="r2"))
        assert (answer.status_code, answer.json()["kind"]) == (503, "store_busy"), "told while the other still writes"
        assert made.get("/v1/reports").json()["reports"][0]["report_id"] == "r1", "reading goes on"
        done.set()
        holder.join()
        assert made.post("/v1/reports", body(id="r2")).status_code == 201
        assert made.store.verify().faults == ()


def test_too_many_waiting_reports_are_sent_away_at_once(tmp_path: Path) -> None:
    with running(configured(f"sqlite:///{tmp_path / 'store.db'}", waiting=2)) as made:
        made.post("/v1/code", body())
        coder = made.client.app.state.service.coder  # type: ignore[attr-defined]
        gate = threading.Event()
        held = [coder._short.submit(gate.wait, _PATIENCE) for _ in range(coder._short._max_workers)]  # noqa: SLF001  every thread is busy
        answers: list[int] = []
        senders = [
            threading.Thread(target=lambda: answers.append(made.post("/v1/code", body()).status_code)) for _ in range(4)
        ]
        for sender in senders:
            sender.start()
        wait_until = time.monotonic() + _PATIENCE
        while len(answers) < 2 and time.monotonic() < wait_until:
            time.sleep(0.02)
        assert answers == [503, 503]
        gate.set()
        for sender in senders:
            sender.join()
        assert sorted(answers) == [200, 200, 503, 503]
        assert all(one.result() for one in held)


def test_a_report_that_takes_long_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, gate = threading.Event(), threading.Event()

    def coded(reading: Reading, **options: Any) -> Result:
        if "SLOW" in reading.text:
            begun.set()
            gate.wait(_PATIENCE)
        return code_reading(reading, **options)

    monkeypatch.setattr("api.coder.code_reading", coded)
    with running(configured(f"sqlite:///{tmp_path / 'store.db'}")) as made, ThreadPoolExecutor(1) as pool:
        slow = pool.submit(made.post, "/v1/code", body(text=f"{ESI} SLOW"))
        assert begun.wait(_PATIENCE)
        assert [made.post("/v1/code", body()).status_code for _ in range(3)] == [200] * 3
        assert not slow.done()
        gate.set()
        assert slow.result().status_code == 200


def test_a_fault_of_our_own_is_a_problem_without_a_word(
    sqlite_service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(words: str, **_: object) -> None:
        raise ValueError(words)

    monkeypatch.setattr("api.service.extract", fail)
    monkeypatch.setattr("api.draft.extract", fail)
    for path in ("/v1/code", "/v1/reports", "/v1/draft"):
        sent = {"text": ESI} if path == "/v1/draft" else body()
        answer = sqlite_service.post(path, sent)
        assert (answer.status_code, answer.json()["kind"]) == (500, "internal_fault")
        assert "Depo" not in answer.text
    assert reports_of(sqlite_service.store) == 0
    assert "Depo" not in capsys.readouterr().err
