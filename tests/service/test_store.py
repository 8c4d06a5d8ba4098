"""What is kept: versions, repeats, answers, decisions, the audit, and what the database refuses to change."""

from __future__ import annotations

import stat
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from service_fixtures import DAY, ESI, configured
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from api import schema
from api.database import StoreError, transaction
from api.kept import Incoming, Line
from api.keys import add_key, revoke_key
from api.purge import purge, received_before
from api.reading import InputError, read_text
from api.result import Result
from api.search import Wanted, search
from api.service import code_reading
from api.store import Store
from api.store_steps import newest_step, present_step, step_down, step_up

pytestmark = pytest.mark.needs_line

OTHER = "CT of the chest. Clear lungs."


def incoming(report_id: str = "r1", words: str = ESI, **more: object) -> Incoming:
    return replace(Incoming(report_id, words, DAY), **more)  # type: ignore[arg-type]  # fields of the value


def answered(item: Incoming) -> Result:
    reading = read_text(item.text, name="test")
    return code_reading(reading, report_id=item.report_id, date_of_service=item.date_of_service)


def kept(store: Store, item: Incoming) -> tuple[int, bool]:
    known, is_new = store.keep(item, answered(item), actor="t")
    return known.version, is_new


def test_steps_up_and_down_and_tables_as_described(store: Store) -> None:
    assert present_step(store.engine) == newest_step()
    with store.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), schema.metadata)
    assert found == []
    kept(store, incoming())
    step_down(store.engine, "0001")
    step_up(store.engine)
    assert store.verify().faults == ()
    step_down(store.engine, "base")
    assert not store.is_ready()
    step_up(store.engine)
    assert store.is_ready()


def test_a_repeat_changes_nothing_and_a_change_is_a_new_version(store: Store) -> None:
    assert kept(store, incoming()) == (1, True)
    assert kept(store, incoming()) == (1, False)
    assert kept(store, incoming(words=f"{ESI} Addendum: none.")) == (2, True)
    assert kept(store, incoming(date_of_service=None)) == (3, True)
    assert kept(store, incoming("r2")) == (1, True)
    opened = store.read("r1", actor="t")
    assert (opened.version, len(opened.history)) == (3, 3)
    assert store.read("r1", version=1, actor="t").text == ESI


def test_a_senders_version_is_kept_once(store: Store) -> None:
    first = incoming(sender_version="A")
    assert kept(store, first) == (1, True)
    assert kept(store, incoming(words=OTHER, sender_version="B")) == (2, True)
    assert kept(store, first) == (1, False), "a late repeat of an old version supersedes nothing"
    with pytest.raises(InputError, match="kept with other content") as refused:
        kept(store, incoming(words=OTHER, sender_version="A"))
    assert refused.value.kind == "version_conflict"


def test_thirty_two_senders_of_one_report_are_one_report(store: Store) -> None:
    item = incoming()
    result = answered(item)
    with ThreadPoolExecutor(32) as pool:
        outcomes = list(pool.map(lambda _: store.keep(item, result, actor="t")[1], range(32)))
    assert outcomes.count(True) == 1
    assert len(store.read("r1", actor="t").history) == 1
    assert store.verify().faults == ()


def test_decisions_are_about_the_answer_that_was_seen(store: Store) -> None:
    item = incoming()
    known, _ = store.keep(item, answered(item), actor="t")
    accepted = store.decide("r1", result=known.result, action="accept", lines=None, reason="right", actor="coder")
    assert [line.code for line in accepted.lines] == ["62323"]
    edited = store.decide(
        "r1", result=None, action="edit", lines=(Line(code="62321"),), reason="cervical", actor="coder"
    )
    assert edited.lines == (Line(code="62321"),)
    kept(store, incoming(words=OTHER))
    with pytest.raises(InputError, match="newer answer"):
        store.decide("r1", result=known.result, action="accept", lines=None, reason="", actor="coder")
    with pytest.raises(InputError, match="needs `lines`"):
        store.decide("r1", result=None, action="edit", lines=None, reason="", actor="coder")
    with pytest.raises(InputError, match="takes no `lines`"):
        store.decide("r1", result=None, action="reject", lines=(Line(code="62321"),), reason="", actor="coder")
    with pytest.raises(InputError, match="no such report"):
        store.decide("r9", result=None, action="accept", lines=None, reason="", actor="coder")
    history = store.read("r1", actor="t").history
    assert [decision.action for decision in history[0].decisions] == ["accept", "edit"]
    assert history[1].decisions == ()


def test_search_finds_the_newest_answers_a_page_at_a_time(store: Store) -> None:
    for number in range(5):
        kept(store, incoming(f"r{number}"))
    kept(store, incoming("r0", words=OTHER))
    kept(store, incoming("r5", date_of_service=None))
    store.decide("r1", result=None, action="accept", lines=None, reason="", actor="coder")

    def ids(**wanted: object) -> list[str]:
        return [found.report_id for found in search(store.engine, Wanted(**wanted))]  # type: ignore[arg-type]

    assert ids() == ["r5", "r0", "r4", "r3", "r2", "r1"]
    first = search(store.engine, Wanted(limit=2))
    assert ids(limit=2, before=first[-1].number) == ["r4", "r3"]
    assert ids(disposition="no_procedure") == ["r0"]
    assert ids(reason="date_of_service_missing") == ["r5"]
    assert ids(family="epidural_injection", decided=False, served_from="2025-01-01") == ["r4", "r3", "r2"]
    assert ids(code="62323", decided=True) == ["r1"]
    assert ids(served_through="2024-12-31") == []
    assert ids(report_id="r3") == ["r3"]
    assert [line.code for line in search(store.engine, Wanted(report_id="r3"))[0].lines] == ["62323"]


def test_the_audit_can_be_checked_while_reports_come_in(store: Store) -> None:
    result = answered(incoming())
    done = threading.Event()

    def write() -> None:
        number = 0
        while not done.is_set():
            number += 1
            store.keep(incoming(f"w{number}"), result, actor="t")

    writer = threading.Thread(target=write)
    writer.start()
    found = [store.verify().faults for _ in range(20)]
    done.set()
    writer.join()
    assert found == [()] * 20


def rows_told(store: Store) -> list[int]:
    return [event.number for event in store.events(after=0, limit=1000)]


TAMPERED: dict[str, Callable[[str], list[str]]] = {
    "words of an event": lambda n: [f"UPDATE audit SET actor = 'nobody' WHERE number = {n}"],
    "time of an event": lambda n: [f"UPDATE audit SET at = '2020' WHERE number = {n}"],
    "detail of an event": lambda n: [f"UPDATE audit SET detail = '{{}}' WHERE number = {n}"],
    "hash of an event": lambda n: [f"UPDATE audit SET hash = before WHERE number = {n}"],
    "an event is gone": lambda n: [f"DELETE FROM audit WHERE number = {n}"],
}


@pytest.mark.parametrize("how", TAMPERED)
def test_tampering_with_any_audit_row_is_seen(how: str, store: Store) -> None:
    for number in range(4):
        kept(store, incoming(f"r{number}"))
    store.decide("r1", result=None, action="accept", lines=None, reason="", actor="coder")
    store.read("r2", actor="t")
    assert store.verify().faults == ()
    step_down(store.engine, "0001")  # whoever tampers has taken the triggers away
    for number in rows_told(store):
        connection = store.engine.connect()
        with connection, connection.begin() as attempt:
            for statement in TAMPERED[how](str(number)):
                connection.execute(text(statement))
            from api.audit import verify  # noqa: PLC0415  within the transaction that is taken back

            assert verify(connection, key=None).faults, f"event {number}"
            attempt.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reports SET text = 'x' WHERE number = 1",
        "UPDATE results SET content = '{}' WHERE number = 1",
        "UPDATE decisions SET lines = '[]' WHERE number = 1",
        "DELETE FROM decisions WHERE number = 1",
        "INSERT INTO decisions SELECT 99, report, result, action, lines, reason, made_at, made_by FROM decisions",
        "UPDATE audit_head SET number = number - 1",
        "UPDATE keys SET revoked_at = NULL WHERE name = 'gone'",
        "UPDATE keys SET revoked_at = '2020' WHERE name = 'here'",
        "UPDATE keys SET roles = 'admin' WHERE name = 'here'",
    ],
)
def test_tampering_with_what_the_audit_tells_of_is_seen(statement: str, store: Store) -> None:
    kept(store, incoming())
    store.decide("r1", result=None, action="accept", lines=None, reason="", actor="coder")
    add_key(store, name="here", roles=["read"])
    add_key(store, name="gone", roles=["read"])
    revoke_key(store, name="gone")
    assert store.verify().faults == ()
    step_down(store.engine, "0001")
    with store.engine.begin() as connection:
        connection.execute(text(statement))
    assert len(store.verify().faults) >= 1


def test_with_a_key_nobody_else_can_make_a_chain(store: Store) -> None:
    keyed = Store(store.engine, audit_key=b"secret")
    kept(keyed, incoming())
    assert keyed.verify().faults == ()
    assert store.verify().faults
    assert Store(store.engine, audit_key=b"another").verify().faults


@pytest.mark.parametrize("table", schema.FOREVER)
def test_the_database_refuses_to_change_what_is_kept(table: str, store: Store) -> None:
    kept(store, incoming())
    store.decide("r1", result=None, action="accept", lines=None, reason="", actor="coder")
    kept(store, incoming("gone"))
    list(purge(store, ["gone"], reason="test", actor="t"))
    for statement in (f"UPDATE {table} SET number = number", f"DELETE FROM {table}"):
        with pytest.raises(SQLAlchemyError, match="never changed"), store.engine.begin() as connection:
            connection.execute(text(statement))


def test_a_purge_leaves_a_certificate_and_nothing_else(store: Store) -> None:
    canary = "Zyxwvutski"
    kept(store, incoming("r1", words=f"{ESI} {canary}"))
    kept(store, incoming("r1", words=f"{ESI} {canary} again"))
    kept(store, incoming("r2"))
    store.decide("r1", result=None, action="accept", lines=None, reason=canary, actor="coder")
    assert received_before(store, "2000") == ()
    assert received_before(store, "9") == ("r1", "r2")
    certificates = list(purge(store, ["r1", "not kept"], reason="retention", actor="t"))
    assert [certificate.report_id for certificate in certificates] == ["r1"]
    told = certificates[0].as_dict()
    assert (len(told["rows"]), told["rows_left"]) == (5, 0)
    assert store.events(after=told["audit_event"] - 1, limit=1)[0].hash == told["audit_hash"]
    assert store.verify().faults == ()
    with pytest.raises(InputError, match="no such report"):
        store.read("r1", actor="t")
    if store.engine.dialect.name == "sqlite":
        folder = store.engine.url.database
        assert folder
        assert all(canary.encode() not in path.read_bytes() for path in Path(folder).parent.iterdir())
    assert kept(store, incoming("r1")) == (1, True), "an id that was purged may come again"
    assert store.verify().faults == ()


def test_the_file_of_a_store_is_its_owners_only(tmp_path: Path) -> None:
    made = Store.open(configured(f"sqlite:///{tmp_path / 'store.db'}"))
    step_up(made.engine)
    with made.engine.connect():
        assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    made.close()


def test_errors_of_the_database_quote_nothing(store: Store) -> None:
    with pytest.raises(StoreError) as fault, transaction(store.engine, writes=True) as connection:
        connection.execute(text("INSERT INTO reports (report_id) VALUES (:words)"), {"words": "Zyxwvutski"})
    assert "Zyxwvutski" not in "".join(traceback.format_exception(fault.value))
