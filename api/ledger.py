"""One write to the store: rows added under the lock of the chain's head, each told by an audit event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, insert, select, update

from api import schema
from api.audit import START, Named, chain_hash, row_digest
from api.clock import now
from api.database import StoreError, transaction

Told = tuple[str, int | str, str]
"""A row as an event tells of it: its table, its number or name, its digest."""


class Ledger:
    """A transaction that holds the head of the chain; what it adds becomes durable at its end, or not at all."""

    def __init__(self, connection: Connection, *, actor: str, key: bytes | None) -> None:
        self.connection = connection
        self.at = now()
        self.actor = actor
        self._key = key
        found = connection.execute(select(schema.audit_head).with_for_update()).mappings().one_or_none()
        if found is None:
            raise StoreError(
                "store_unavailable", "The database has no tables of this service: run `spinecoder store up`."
            )
        self.number: int = found["number"]
        self.hash: str = found["hash"]

    def add(self, table: str, row: Mapping[str, Any]) -> Told:
        """Insert *row* and return what an event must tell of it."""
        made = self.connection.execute(insert(schema.metadata.tables[table]).values(**row)).inserted_primary_key
        if made is None:
            raise StoreError("store_refused", f"The database gave no number for a row of {table}.")
        whole = dict(row)
        if "number" in schema.metadata.tables[table].c:
            whole["number"] = made[0]
        columns = schema.metadata.tables[table].c.keys()
        return table, made[0], row_digest(table, {name: whole.get(name) for name in columns})

    def note(self, action: str, subject: str, *, rows: Sequence[Told] = (), **detail: object) -> None:
        """Append an event. *detail* holds numbers, ids and digests, never words of a report."""
        event = {
            "number": self.number + 1, "at": self.at, "actor": self.actor, "action": action, "subject": subject,
            "detail": orjson.dumps({**detail, "rows": rows}, option=orjson.OPT_SORT_KEYS).decode(),
            "before": self.hash,
        }  # fmt: skip
        event["hash"] = chain_hash(event, key=self._key)
        self.connection.execute(insert(schema.audit).values(**event))
        self.number, self.hash = self.number + 1, str(event["hash"])

    def close(self) -> None:
        """Move the head to the last event."""
        self.connection.execute(update(schema.audit_head).values(number=self.number, hash=self.hash))


@contextmanager
def writing(engine: Engine, *, actor: str, key: bytes | None) -> Iterator[Ledger]:
    """A ledger whose rows and events are committed together at the end, or none of them."""
    with transaction(engine, writes=True) as connection:
        ledger = Ledger(connection, actor=actor, key=key)
        yield ledger
        ledger.close()


def first_head() -> dict[str, object]:
    """The head of a chain without events."""
    return {"one": 1, "number": 0, "hash": START}


__all__ = ["Ledger", "Named", "Told", "first_head", "writing"]
