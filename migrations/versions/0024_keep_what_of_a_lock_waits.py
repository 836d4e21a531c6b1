"""Keep what of a lock waits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("locks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lifting", Json(), nullable=True))
        batch_op.add_column(sa.Column("waiting", sa.Text(), nullable=True))
        batch_op.create_index(batch_op.f("ix_locks_waiting"), ["waiting"], unique=False)
    op.execute("update locks set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("locks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_locks_waiting"))
        batch_op.drop_column("waiting")
        batch_op.drop_column("lifting")
