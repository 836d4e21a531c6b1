"""Keep who answered for a change as work on it began or was over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("answered", Json(), nullable=True))
    op.execute("update changes set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.drop_column("answered")
    op.execute("update changes set fold = 0")
