"""Reports taken out of the store for good, with a certificate of what is gone and an event that tells of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, func, select

from api import schema
from api.audit import row_digest
from api.database import raw_connection, told_plainly, transaction
from api.ledger import Told, writing
from api.store import Store

_GONE = (schema.facets, schema.decisions, schema.results, schema.reports)
"""In the order in which rows can be deleted: what refers to a row goes before it."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Proof of a purge: the digest of every row that is gone, how many are left, and the event that tells of it."""

    report_id: str
    rows: tuple[Told, ...]
    left: int
    at: str
    by: str
    reason: str
    event: int
    hash: str

    def as_dict(self) -> dict[str, Any]:
        """The certificate as it is written."""
        rows = [{"table": table, "row": row, "digest": digest} for table, row, digest in self.rows]
        return {
            "report_id": self.report_id, "rows": rows, "rows_left": self.left,
            "purged_at": self.at, "purged_by": self.by, "reason": self.reason,
            "audit_event": self.event, "audit_hash": self.hash,
        }  # fmt: skip


def received_before(store: Store, moment: str) -> tuple[str, ...]:
    """Ids of the reports whose newest version was received before *moment*."""
    report = schema.reports.c
    newest = func.max(report.received_at)
    wanted = select(report.report_id).group_by(report.report_id).having(newest < moment).order_by(report.report_id)
    with transaction(store.engine, writes=False) as connection:
        return tuple(connection.execute(wanted).scalars())


def purge(store: Store, report_ids: Sequence[str], *, reason: str, actor: str) -> Iterator[Certificate]:
    """Delete every version, answer and decision of each report, one transaction each; then clear the space they had.

    An id that is not kept is passed over. Backups and what a database keeps of its own log are the operator's to end.
    """
    for report_id in report_ids:
        certificate = _purge_one(store, report_id, reason=reason, actor=actor)
        if certificate is not None:
            yield certificate
    clear_space(store.engine)


def _purge_one(store: Store, report_id: str, *, reason: str, actor: str) -> Certificate | None:
    with writing(store.engine, actor=actor, key=store.audit_key) as ledger:
        report = schema.reports.c
        numbers = list(ledger.connection.execute(select(report.number).where(report.report_id == report_id)).scalars())
        if not numbers:
            return None
        rows = tuple(_rows(ledger.connection, numbers))
        ledger.add("purges", {"report_id": report_id, "through": max(numbers), "reason": reason,
                              "made_at": ledger.at, "made_by": actor})  # fmt: skip
        for table in _GONE:
            ledger.connection.execute(delete(table).where(_belongs(table, numbers)))
        left = sum(_count(ledger.connection, table, numbers) for table in _GONE if table is not schema.facets)
        ledger.note("report.purged", report_id, rows=rows)
        return Certificate(report_id, rows, left, ledger.at, actor, reason, ledger.number, ledger.hash)


def _count(connection: Connection, table: Table, numbers: Sequence[int]) -> int:
    return connection.execute(select(func.count()).select_from(table).where(_belongs(table, numbers))).scalar_one()


def _belongs(table: Table, numbers: Sequence[int]) -> Any:  # noqa: ANN401  SQLAlchemy's condition has no short type
    if table is schema.facets:
        return table.c.result.in_(select(schema.results.c.number).where(schema.results.c.report.in_(numbers)))
    return table.c[schema.PURGED[table.name]].in_(numbers)


def _rows(connection: Connection, numbers: Sequence[int]) -> Iterator[Told]:
    for name in schema.PURGED:
        table = schema.metadata.tables[name]
        found = connection.execute(select(table).where(_belongs(table, numbers)).order_by(table.c.number)).mappings()
        for row in found:
            kept: Mapping[str, Any] = dict(row)
            yield name, kept["number"], row_digest(name, kept)


def clear_space(engine: Engine) -> None:
    """Overwrite what deleted rows left: SQLite its file and log, PostgreSQL the dead rows of its tables."""
    with told_plainly():
        connection = raw_connection(engine)
        try:
            driver: Any = connection.driver_connection
            cursor = driver.cursor()
            if engine.dialect.name == "sqlite":
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            else:
                driver.autocommit = True
                for table in _GONE:
                    cursor.execute(f"VACUUM {table.name}")
                driver.autocommit = False
            cursor.close()
        finally:
            connection.close()
