"""What Alembic runs: the steps, on the connection it is handed, in one transaction."""

from __future__ import annotations

from alembic import context

from api.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
