"""Keep what was reported of hidden releases apart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("evidence_reports", schema=None) as batch_op:
        batch_op.add_column(sa.Column("apart", sa.Boolean(), nullable=True))
    op.execute("update evidence_reports set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("evidence_reports", schema=None) as batch_op:
        batch_op.drop_column("apart")
