"""Keep when an item was in its release before it was put in again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("inclusions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stays", Json(), nullable=True))
    op.execute("update inclusions set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    op.execute("update inclusions set fold = 0")
    with op.batch_alter_table("inclusions", schema=None) as batch_op:
        batch_op.drop_column("stays")
