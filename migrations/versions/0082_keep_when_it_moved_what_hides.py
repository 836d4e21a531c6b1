"""Keep when it moved what hides; writers that do not say so write no longer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.add_column("head", sa.Column("hiding", sa.Text(), nullable=True))
    last = "(select id from events where events.position = head.size - 1)"
    op.execute(f"update head set least_writer = 2, hiding = {last}")  # noqa: S608


def downgrade() -> None:
    """Go back to the revision before."""
    op.execute("update head set least_writer = 1")
    op.drop_column("head", "hiding")
