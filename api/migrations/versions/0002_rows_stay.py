"""The database itself refuses to change what is kept, and to delete it but for a purge."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_FOREVER = ("reports", "results", "decisions", "audit", "purges")
_OF_A_PURGE = {
    "reports": "EXISTS (SELECT 1 FROM purges WHERE purges.report_id = OLD.report_id AND OLD.number <= purges.through)",
    "results": "EXISTS (SELECT 1 FROM reports JOIN purges ON purges.report_id = reports.report_id"
    " WHERE reports.number = OLD.report AND reports.number <= purges.through)",
    "decisions": "EXISTS (SELECT 1 FROM reports JOIN purges ON purges.report_id = reports.report_id"
    " WHERE reports.number = OLD.report AND reports.number <= purges.through)",
}


def upgrade() -> None:
    """Make a trigger for every change that is refused."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in _FOREVER:
        allowed = _OF_A_PURGE.get(table, "1 = 0")
        if is_sqlite:
            refusal = f"SELECT RAISE(ABORT, 'rows of {table} are never changed')"
            op.execute(f"CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON {table} BEGIN {refusal}; END")
            op.execute(
                f"CREATE TRIGGER {table}_stay BEFORE DELETE ON {table} WHEN NOT ({allowed}) BEGIN {refusal}; END"
            )
        else:
            op.execute(
                f"CREATE FUNCTION {table}_stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF TG_OP = 'DELETE' THEN IF {allowed} THEN RETURN OLD; END IF; END IF; "
                f"RAISE EXCEPTION 'rows of {table} are never changed'; END $$"
            )
            op.execute(
                f"CREATE TRIGGER {table}_stay BEFORE UPDATE OR DELETE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {table}_stay()"
            )
            op.execute(
                f"CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_stay()"
            )


def downgrade() -> None:
    """Drop the triggers; rows stay as they are."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in _FOREVER:
        if is_sqlite:
            op.execute(f"DROP TRIGGER {table}_unchanged")
            op.execute(f"DROP TRIGGER {table}_stay")
        else:
            op.execute(f"DROP TRIGGER {table}_whole ON {table}")
            op.execute(f"DROP TRIGGER {table}_stay ON {table}")
            op.execute(f"DROP FUNCTION {table}_stay()")
