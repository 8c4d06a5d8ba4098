"""Canary reports through every address and every failure: not a word outside the store and the answers meant."""

from __future__ import annotations

import itertools
import os
import random
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
from live_service import Live
from service_fixtures import configured
from sqlalchemy import text
from websockets.sync.client import connect

from api.keys import ROLES, add_key
from api.store import Store
from api.store_steps import step_up

pytestmark = pytest.mark.needs_line

CANARY = "Zyxwvutski"
REPORTS = int(os.environ.get("SPINECODER_TEST_CANARIES", "30"))
LOUD = {"LOGURU_LEVEL": "TRACE", "PYTHONWARNINGS": "always", "PYTHONDEVMODE": "1", "SPACY_LOG_LEVEL": "DEBUG"}
WORDS = (
    f"Patient: {CANARY} {CANARY}son, MRN {CANARY}4711. \n",
    f"Referred by Dr {CANARY}. \n",
    f"{CANARY} was told of the risks. *** {CANARY}\n",
)
DONE = (
    "Lumbar epidural steroid injection at L4-L5 under fluoroscopy. Depo-Medrol was injected.\n",
    "Facet joint injection at L4-L5 under fluoroscopy with steroid.\n",
    "Right facet injection at L3-4, left facet injection at L3-4.\n",
    "CT of the chest. Clear lungs.\n",
)


def reports() -> list[str]:
    chance = random.Random(11)  # noqa: S311  which words stand where need not be secret
    made = []
    for number, done in zip(range(REPORTS), itertools.cycle(DONE), strict=False):
        parts = [*WORDS, done]
        chance.shuffle(parts)
        made.append("".join(parts) + f"{CANARY}{number}\n")
    return made


def calls(number: int, words: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Every address with the canary where it belongs, and wherever else a careless caller may put it."""
    key = f"c{number}"
    good = {"id": key, "text": words, "date_of_service": "2025-06-02"}
    hook = {"hook": "report-draft", "hookInstance": "1", "context": {"report": {"conclusion": words}}}
    right = [
        ("POST", "/v1/code", {"json": good}),
        ("POST", "/v1/reports", {"json": good}),
        ("POST", "/v1/reports", {"json": {**good, "version": "F", "text": words + "again"}}),
        ("POST", "/v1/batch", {"json": {"reports": [good, {**good, "id": CANARY + "/", "text": 7}]}}),
        ("POST", "/v1/draft", {"json": {"text": words}}),
        ("POST", "/cds-services/documentation-gaps", {"json": hook}),
        ("GET", f"/v1/reports?report_id={key}", {}),
        ("POST", f"/v1/reports/{key}/decisions", {"json": {"action": "reject", "reason": words}}),
        ("GET", "/v1/audit?limit=1000", {}),
    ]
    wrong = [
        ("POST", "/v1/reports", {"json": {**good, "version": "F", "text": words + "other"}}),
        ("POST", "/v1/code", {"content": f'{{"text": "{words}'.encode()}),
        ("POST", "/v1/code", {"content": words.encode("utf-16")}),
        ("POST", "/v1/code", {"json": {**good, "profile": words}}),
        ("POST", "/v1/code", {"json": {**good, "date_of_service": words}}),
        ("POST", "/v1/code", {"json": {**good, "text": [words]}}),
        ("POST", "/v1/code", {"json": {**good, words: words, CANARY: words}}),
        ("POST", "/v1/code", {"json": {**good, "text": words + "\0"}}),
        ("POST", "/v1/code", {"json": {**good, "text": "{\\rtf1 " + words + "{}" * 150_000}}),
        ("POST", "/v1/code", {"json": words}),
        ("POST", "/v1/reports", {"json": {**good, "id": CANARY + " " + words}}),
        ("POST", f"/v1/reports/{key}/decisions", {"json": {"action": words, "reason": words}}),
        ("POST", f"/v1/reports/{CANARY}/decisions", {"json": {"action": "accept"}}),
        ("GET", f"/v1/reports/{CANARY}", {}),
        ("GET", f"/v1/reports?disposition={CANARY}&reason={CANARY}", {}),
        ("GET", f"/v1/rules/families/{CANARY.lower()}", {}),
        ("GET", f"/v1/rules/codes/{CANARY[:5].upper()}", {}),
        ("GET", f"/{CANARY}/{CANARY}", {}),
        (CANARY.upper(), "/v1/code", {"json": good}),
        ("POST", f"/cds-services/{CANARY.lower()}", {"json": hook}),
        ("POST", "/v1/code", {"json": good, "headers": {"X-API-Key": CANARY, "X-Request-ID": CANARY}}),
        ("POST", "/v1/code", {"json": good, "headers": {"Authorization": f"Bearer {CANARY}", "User-Agent": CANARY}}),
    ]
    return right + wrong


def test_no_canary_leaves(database: str, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    store = Store.open(configured(database))
    step_up(store.engine)
    key = add_key(store, name="all", roles=ROLES)
    live = Live(database, tmp_path / "log", env={**LOUD, "TMPDIR": str(temporary)})
    live.start()
    heard: list[str] = []
    try:
        with httpx2.Client(base_url=live.url, timeout=30) as client:
            for number, words in enumerate(reports()):
                for method, path, sent in calls(number, words) if number % 15 == 0 else calls(number, words)[:6]:
                    headers = {"Authorization": f"Bearer {key}", **sent.get("headers", {})}
                    answer = client.request(method, path, **{**sent, "headers": headers})
                    told_back = path.endswith("/decisions") and answer.is_success  # the reason, to whoever gave it
                    heard.append(f"{answer.headers} {'' if told_back else answer.text}")
            headers = {"Authorization": f"Bearer {key}"}
            paths = ("/metrics", "/openapi.json", "/healthz", "/readyz", "/v1/rules")
            heard += [client.get(path, headers=headers).text for path in paths]
        _stream(live, key, heard)
        _fail(store, live, key, heard)
    finally:
        live.stop()
    leaks = [words for words in heard if CANARY.lower() in words.lower()]
    assert [words[max(0, words.lower().index(CANARY.lower()) - 300) :][:400] for words in leaks] == []
    log = live.log.read_text()
    assert log.count('"event":"request"') > REPORTS
    assert CANARY.lower() not in log.lower()
    assert "Traceback" not in log
    left = [path for path in temporary.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert left == []
    _only_where_it_belongs(store)
    store.close()


def _stream(live: Live, key: str, heard: list[str]) -> None:
    with connect(f"{live.url.replace('http', 'ws')}/v1/draft/stream") as stream:
        stream.send(orjson.dumps({"key": key, "number": 1, "text": "".join(WORDS)}).decode())
        heard.append(str(stream.recv(20)))
        for message in (f'{{"text": "{CANARY}', orjson.dumps({"text": [CANARY], CANARY: CANARY}).decode()):
            stream.send(message)
            heard.append(str(stream.recv(20)))


def _fail(store: Store, live: Live, key: str, heard: list[str]) -> None:
    """The tables are taken away under the service: every row that it tries to keep is refused by the database."""
    with store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE results RENAME TO hidden"))
    for path in ("/v1/reports", "/v1/batch"):
        good = {"id": "failing", "text": "".join(WORDS) + DONE[0]}
        sent = good if path == "/v1/reports" else {"reports": [good]}
        answer = httpx2.post(f"{live.url}{path}", json=sent, headers={"Authorization": f"Bearer {key}"}, timeout=30)
        heard.append(answer.text)
        assert "store_unavailable" in answer.text
    with store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE hidden RENAME TO results"))


def _only_where_it_belongs(store: Store) -> None:
    """Texts and the reasons of decisions hold canaries; results, audit, facets and keys hold none."""
    with store.engine.connect() as connection:
        for table in ("audit", "facets", "keys", "purges", "audit_head"):
            rows = connection.execute(text(f"SELECT * FROM {table}")).all()
            assert [row for row in rows if CANARY.lower() in str(row).lower()] == [], table
        kept = connection.execute(text("SELECT text FROM reports")).scalars().all()
    assert len(kept) >= REPORTS
    assert all(CANARY in words for words in kept)
    assert store.verify().faults == ()
