"""Runs revisions on the connection that `api.machine.migrating` hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from ledger.tables import Instant, Json


def render_item(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Spell this project's column types in new revisions."""
    if kind == "type" and isinstance(item, (Instant, Json)):
        autogen.imports.add("from ledger.tables import Instant, Json")
        return f"{type(item).__name__}()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes["metadata"],
    render_as_batch=True,
    render_item=render_item,
    compare_type=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
