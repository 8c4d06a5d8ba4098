"""The tables of the store. Rows of reports, results, decisions and audit are added and never changed."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)  # fmt: skip

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_NUMBER = BigInteger().with_variant(Integer, "sqlite")
_MOMENT = String(32)
_DIGEST = String(64)
_WHO = String(200)


def _own_number() -> Column[int]:
    return Column("number", _NUMBER, primary_key=True, autoincrement=True)


reports = Table(
    "reports", metadata, _own_number(),
    Column("report_id", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Column("sender_version", String(100)),
    Column("content", _DIGEST, nullable=False),
    Column("text", Text, nullable=False),
    Column("date_of_service", String(10)),
    Column("profile", Text),
    Column("professional_component", Boolean, nullable=False),
    Column("source", String(100), nullable=False),
    Column("received_at", _MOMENT, nullable=False),
    Column("received_by", _WHO, nullable=False),
    UniqueConstraint("report_id", "version"),
    UniqueConstraint("report_id", "sender_version"),
    Index(None, "received_at"),
    sqlite_autoincrement=True,  # the number of a purged row is never given again
)  # fmt: skip
"""Each version of each report as received; ``content`` is the digest that tells a repeat from a new version."""

results = Table(
    "results", metadata, _own_number(),
    Column("report", _NUMBER, ForeignKey("reports.number"), nullable=False),
    Column("cause", String(20), nullable=False),
    Column("disposition", String(20), nullable=False),
    Column("date_of_service", String(10)),
    Column("profile", Text, nullable=False),
    Column("spinecoder", String(40), nullable=False),
    Column("lexicon", String(40), nullable=False),
    Column("rules", String(40), nullable=False),
    Column("content", Text, nullable=False),
    Column("made_at", _MOMENT, nullable=False),
    Column("made_by", _WHO, nullable=False),
    Index(None, "report", "number"),
    Index(None, "disposition", "number"),
    sqlite_autoincrement=True,
)  # fmt: skip
"""What was answered, byte for byte; the newest result of the newest version is the one that counts."""

facets = Table(
    "facets", metadata,
    Column("result", _NUMBER, ForeignKey("results.number"), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("value", String(100), primary_key=True),
    Index(None, "kind", "value", "result"),
)  # fmt: skip
"""What a result is found by: its reasons, families and codes, derived from it."""

decisions = Table(
    "decisions", metadata, _own_number(),
    Column("report", _NUMBER, ForeignKey("reports.number"), nullable=False),
    Column("result", _NUMBER, ForeignKey("results.number"), nullable=False),
    Column("action", String(20), nullable=False),
    Column("lines", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_at", _MOMENT, nullable=False),
    Column("made_by", _WHO, nullable=False),
    Index(None, "report", "number"),
    Index(None, "result"),
    sqlite_autoincrement=True,
)  # fmt: skip
"""What a human decided about a result, and why."""

audit = Table(
    "audit", metadata,
    Column("number", _NUMBER, primary_key=True, autoincrement=False),
    Column("at", _MOMENT, nullable=False),
    Column("actor", _WHO, nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("detail", Text, nullable=False),
    Column("before", _DIGEST, nullable=False),
    Column("hash", _DIGEST, nullable=False),
    Index(None, "subject"),
)  # fmt: skip
"""Who did what when; each row holds the hash of the one before, and the digests of the rows it tells of."""

audit_head = Table(
    "audit_head", metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("number", _NUMBER, nullable=False),
    Column("hash", _DIGEST, nullable=False),
)  # fmt: skip
"""The end of the chain. Every write locks this row first, so that writes follow each other."""

purges = Table(
    "purges", metadata, _own_number(),
    Column("report_id", String(200), nullable=False),
    Column("through", _NUMBER, nullable=False),
    Column("made_at", _MOMENT, nullable=False),
    Column("made_by", _WHO, nullable=False),
    Column("reason", Text, nullable=False),
    Index(None, "report_id"),
    sqlite_autoincrement=True,
)  # fmt: skip
"""Which rows may be deleted: the versions of one report up to a number, and nothing else."""

keys = Table(
    "keys", metadata,
    Column("name", String(100), primary_key=True),
    Column("digest", _DIGEST, nullable=False, unique=True),
    Column("roles", String(100), nullable=False),
    Column("made_at", _MOMENT, nullable=False),
    Column("expires_at", _MOMENT),
    Column("revoked_at", _MOMENT),
)  # fmt: skip
"""Who may call; of a key only its hash is kept."""

FOREVER = ("reports", "results", "decisions", "audit", "purges")
"""Tables whose rows the database itself refuses to change, and to delete but for a purge."""

PURGED = {"reports": "number", "results": "report", "decisions": "report"}
"""Tables whose rows go with a purged report, and the column that holds the report's number."""
