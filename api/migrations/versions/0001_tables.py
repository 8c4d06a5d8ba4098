"""The tables of reports, results, decisions, audit, purges and keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NEVER_AGAIN = {"sqlite_autoincrement": True}


def upgrade() -> None:
    """Make every table, and a chain without events."""
    op.create_table(
        "reports",
        sa.Column("number", _NUMBER, autoincrement=True),
        sa.Column("report_id", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sender_version", sa.String(100)),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("date_of_service", sa.String(10)),
        sa.Column("profile", sa.Text()),
        sa.Column("professional_component", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(100), nullable=False),
        sa.Column("received_at", sa.String(32), nullable=False),
        sa.Column("received_by", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_reports"),
        sa.UniqueConstraint("report_id", "version", name="uq_reports_report_id_version"),
        sa.UniqueConstraint("report_id", "sender_version", name="uq_reports_report_id_sender_version"),
        **_NEVER_AGAIN,
    )
    op.create_index("ix_reports_received_at", "reports", ["received_at"])
    op.create_table(
        "results",
        sa.Column("number", _NUMBER, autoincrement=True),
        sa.Column("report", _NUMBER, sa.ForeignKey("reports.number", name="fk_results_report"), nullable=False),
        sa.Column("cause", sa.String(20), nullable=False),
        sa.Column("disposition", sa.String(20), nullable=False),
        sa.Column("date_of_service", sa.String(10)),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("spinecoder", sa.String(40), nullable=False),
        sa.Column("lexicon", sa.String(40), nullable=False),
        sa.Column("rules", sa.String(40), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("made_at", sa.String(32), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_results"),
        **_NEVER_AGAIN,
    )
    op.create_index("ix_results_report_number", "results", ["report", "number"])
    op.create_index("ix_results_disposition_number", "results", ["disposition", "number"])
    op.create_table(
        "facets",
        sa.Column("result", _NUMBER, sa.ForeignKey("results.number", name="fk_facets_result")),
        sa.Column("kind", sa.String(10)),
        sa.Column("value", sa.String(100)),
        sa.PrimaryKeyConstraint("result", "kind", "value", name="pk_facets"),
    )
    op.create_index("ix_facets_kind_value_result", "facets", ["kind", "value", "result"])
    op.create_table(
        "decisions",
        sa.Column("number", _NUMBER, autoincrement=True),
        sa.Column("report", _NUMBER, sa.ForeignKey("reports.number", name="fk_decisions_report"), nullable=False),
        sa.Column("result", _NUMBER, sa.ForeignKey("results.number", name="fk_decisions_result"), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.String(32), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_decisions"),
        **_NEVER_AGAIN,
    )
    op.create_index("ix_decisions_report_number", "decisions", ["report", "number"])
    op.create_index("ix_decisions_result", "decisions", ["result"])
    _make_audit()


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("number", _NUMBER, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("before", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
    op.create_index("ix_audit_subject", "audit", ["subject"])
    head = op.create_table(
        "audit_head",
        sa.Column("one", sa.Integer(), autoincrement=False),
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("one", name="pk_audit_head"),
    )
    op.bulk_insert(head, [{"one": 1, "number": 0, "hash": "0" * 64}])
    op.create_table(
        "purges",
        sa.Column("number", _NUMBER, autoincrement=True),
        sa.Column("report_id", sa.String(200), nullable=False),
        sa.Column("through", _NUMBER, nullable=False),
        sa.Column("made_at", sa.String(32), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_purges"),
        **_NEVER_AGAIN,
    )
    op.create_index("ix_purges_report_id", "purges", ["report_id"])
    op.create_table(
        "keys",
        sa.Column("name", sa.String(100)),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("roles", sa.String(100), nullable=False),
        sa.Column("made_at", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.String(32)),
        sa.Column("revoked_at", sa.String(32)),
        sa.PrimaryKeyConstraint("name", name="pk_keys"),
        sa.UniqueConstraint("digest", name="uq_keys_digest"),
    )


def downgrade() -> None:
    """Drop every table with all that is kept."""
    for table in ("keys", "purges", "audit_head", "audit", "decisions", "facets", "results", "reports"):
        op.drop_table(table)
