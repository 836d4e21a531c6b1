"""Keep who had written on a template as it was approved, and by what right."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0085"
down_revision = "0084"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("templates") as batch_op:
        batch_op.add_column(sa.Column("writers", Json(), nullable=True))
        batch_op.add_column(sa.Column("grant", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("proposed_grant", sa.Text(), nullable=True))
    op.execute("update templates set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("templates") as batch_op:
        batch_op.drop_column("proposed_grant")
        batch_op.drop_column("grant")
        batch_op.drop_column("writers")
    op.execute("update templates set fold = 0")
