"""The audit as a chain: each event holds the hash of the one before it and the digests of the rows it tells of."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Table, func, select

from api import schema

START = "0" * 64
"""The hash before the first event."""

_CHECKED = ("reports", "results", "decisions", "keys")
_NAMED_BY = {"keys": "name"}  # every other table by its number
_CHANGES = {"keys": ("revoked_at",)}
_PORTION = 1_000

Named = tuple[str, int | str]
"""A row: its table, and its number or name."""


def digest_of(row: Mapping[str, Any]) -> str:
    """A digest of every column of *row*, the same on every database."""
    return hashlib.sha256(_canonical(row)).hexdigest()


def _canonical(row: Mapping[str, Any]) -> bytes:
    words = {str(name): value for name, value in row.items()}  # a column's name is no plain string to SQLAlchemy
    return orjson.dumps(words, option=orjson.OPT_SORT_KEYS)


def row_digest(table: str, row: Mapping[str, Any]) -> str:
    """The digest of a row of *table* by what of it never changes."""
    left_out = _CHANGES.get(table, ())
    return digest_of({name: value for name, value in row.items() if name not in left_out})


def chain_hash(event: Mapping[str, Any], *, key: bytes | None) -> str:
    """The hash of an event, its ``before`` included; with a *key* nobody else can make one that holds."""
    words = _canonical({name: value for name, value in event.items() if name != "hash"})
    return hmac.new(key, words, hashlib.sha256).hexdigest() if key else hashlib.sha256(words).hexdigest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of reading the whole chain: how many events and rows hold, where it ends, what is wrong."""

    events: int
    rows: int
    head: str
    faults: tuple[str, ...]


def verify(connection: Connection, *, key: bytes | None, most: int = 20) -> Verdict:
    """Every event hashed anew, every row it tells of digested anew, and every row asked for its event."""
    faults: list[str] = []
    held = dict.fromkeys(_CHECKED, 0)
    purged = _purged(connection)
    before, count = START, 0
    for event in _events(connection):
        count += 1
        if event["number"] != count:
            faults.append(f"Event {count} is missing: event {event['number']} stands in its place.")
            break
        if event["before"] != before:
            faults.append(f"Event {count} does not follow the event before it.")
        if chain_hash(event, key=key) != event["hash"]:
            faults.append(f"Event {count} was changed, or the audit key is another: its hash does not hold.")
        before = event["hash"]
        faults += _check_rows(connection, event, purged, held)
        if len(faults) >= most:
            break
    if not faults:
        faults += _check_ends(connection, count, before, held)
        faults += _check_revoked(connection)
    return Verdict(count, sum(held.values()), before, tuple(faults[:most]))


def _events(connection: Connection) -> Iterator[dict[str, Any]]:
    last = 0
    while True:
        found = connection.execute(
            select(schema.audit).where(schema.audit.c.number > last).order_by(schema.audit.c.number).limit(_PORTION)
        ).mappings().all()  # fmt: skip
        yield from (dict(event) for event in found)
        if len(found) < _PORTION:
            return
        last = found[-1]["number"]


def _rows_told(event: Mapping[str, Any]) -> list[tuple[str, int | str, str]]:
    try:
        told = orjson.loads(event["detail"]).get("rows", [])
        return [(table, name, digest) for table, name, digest in told if table in _CHECKED]
    except (orjson.JSONDecodeError, AttributeError, TypeError, ValueError):
        return []  # the event was changed, and its hash says so


def _purged(connection: Connection) -> frozenset[Named]:
    found = connection.execute(select(schema.audit).where(schema.audit.c.action == "report.purged")).mappings()
    return frozenset((table, name) for event in found for table, name, _ in _rows_told(dict(event)))


def _check_rows(
    connection: Connection, event: Mapping[str, Any], purged: frozenset[Named], held: dict[str, int]
) -> Iterator[str]:
    if event["action"] in ("report.purged", "key.revoked"):
        return
    for table, name, digest in _rows_told(event):
        if (table, name) in purged:
            continue
        row = _row(connection, schema.metadata.tables[table], _NAMED_BY.get(table, "number"), name)
        if row is None:
            yield f"Row {name} of {table}, kept by event {event['number']}, is gone without a purge."
        elif row_digest(table, row) != digest:
            yield f"Row {name} of {table}, kept by event {event['number']}, was changed."
        else:
            held[table] += 1


def _row(connection: Connection, table: Table, column: str, name: int | str) -> Mapping[str, Any] | None:
    found = connection.execute(select(table).where(table.c[column] == name)).mappings().one_or_none()
    return None if found is None else dict(found)


def _check_revoked(connection: Connection) -> Iterator[str]:
    """A key is given up when the audit says so: neither earlier, nor later, nor never."""
    event, held = schema.audit.c, schema.keys.c
    revoked = select(event.subject, event.at).where(event.action == "key.revoked")
    told = {(row.subject, row.at) for row in connection.execute(revoked)}
    found = select(held.name, held.revoked_at).where(held.revoked_at.is_not(None))
    kept = {(row.name, row.revoked_at) for row in connection.execute(found)}
    for name in sorted({name for name, _ in told ^ kept}):
        yield f"Key {name} is given up otherwise than the audit tells."


def _check_ends(connection: Connection, count: int, before: str, held: Mapping[str, int]) -> Iterator[str]:
    head = connection.execute(select(schema.audit_head)).mappings().one_or_none()
    if head is None or (head["number"], head["hash"]) != (count, before):
        yield f"The chain ends at event {count}, and its head says otherwise: events at its end are missing."
    for table, found in held.items():
        kept = connection.execute(select(func.count()).select_from(schema.metadata.tables[table])).scalar_one()
        if kept != found:
            yield f"{table.capitalize()} has {kept} rows, and the audit tells of {found}."
