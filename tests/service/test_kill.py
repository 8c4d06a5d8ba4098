"""`kill -9` at random points: what was acknowledged is there, once; what was not can be sent again without harm."""

from __future__ import annotations

import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from live_service import Live
from service_fixtures import ESI, configured
from sqlalchemy import text

from api.keys import add_key
from api.store import Store
from api.store_steps import step_up

pytestmark = pytest.mark.needs_line

SUBMISSIONS = int(os.environ.get("SPINECODER_TEST_SUBMISSIONS", "60"))
KILLS = int(os.environ.get("SPINECODER_TEST_KILLS", "1"))
SENDERS = 8


class Sender:
    """Sends every report until it is acknowledged, and remembers what each acknowledgement said."""

    def __init__(self, live: Live, key: str) -> None:
        self.live = live
        self.headers = {"Authorization": f"Bearer {key}"}
        self.acknowledged: dict[str, list[tuple[str, int]]] = {}
        self.lost_answers = 0
        self.running = threading.Event()
        self.running.set()

    def send(self, number: int) -> None:
        report_id = f"r{number}"
        sent = {"id": report_id, "text": f"{ESI} Number {number}.", "date_of_service": "2025-06-02"}
        ends = time.monotonic() + 240
        while time.monotonic() < ends:
            self.running.wait(60)
            try:
                answer = httpx2.post(f"{self.live.url}/v1/reports", json=sent, headers=self.headers, timeout=20)
            except httpx2.HTTPError:
                self.lost_answers += 1
                time.sleep(0.05)
                continue
            if answer.is_success:
                told = answer.json()
                self.acknowledged.setdefault(report_id, []).append((told["status"], told["version"]))
                return
            assert answer.status_code == 503, answer.text
            time.sleep(0.05)
        raise TimeoutError(report_id)


def test_nothing_acknowledged_is_lost_and_nothing_is_doubled(database: str, tmp_path: Path) -> None:
    store = Store.open(configured(database))
    step_up(store.engine)
    live = Live(database, tmp_path / "log")
    live.start()
    sender = Sender(live, add_key(store, name="sender", roles=["submit"]))
    chance = random.Random(7)  # noqa: S311  where it is killed need not be secret
    points = sorted(chance.sample(range(SUBMISSIONS // 10, SUBMISSIONS * 7 // 10), KILLS))
    try:
        with ThreadPoolExecutor(SENDERS) as pool:
            sent = [pool.submit(sender.send, number) for number in range(SUBMISSIONS)]
            for point in points:
                while len(sender.acknowledged) < point:
                    time.sleep(0.001)
                time.sleep(chance.random() * 0.03)
                live.kill()
                there = _kept(store)
                assert set(sender.acknowledged) <= there, "an acknowledged report is on the disk at once"
                live.start()
            for one in sent:
                one.result(240)
    finally:
        live.stop()
    assert len(sender.acknowledged) == SUBMISSIONS
    with store.engine.connect() as connection:
        versions = connection.execute(text("SELECT report_id, count(*) FROM reports GROUP BY report_id")).all()
        results = connection.execute(text("SELECT count(*) FROM results")).scalar_one()
    assert {count for _, count in versions} == {1}
    assert (len(versions), results) == (SUBMISSIONS, SUBMISSIONS)
    assert {version for answers in sender.acknowledged.values() for _, version in answers} == {1}
    verdict = store.verify()
    assert verdict.faults == ()
    assert sender.lost_answers >= KILLS
    store.close()


def _kept(store: Store) -> set[str]:
    with store.engine.connect() as connection:
        return set(connection.execute(text("SELECT report_id FROM reports")).scalars())
