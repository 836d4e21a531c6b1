"""Keep which reports whoever may see nothing hidden told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("evidence_reports", schema=None) as batch_op:
        batch_op.add_column(sa.Column("at_large", sa.Boolean(), nullable=True))
    op.execute("update evidence_reports set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("evidence_reports", schema=None) as batch_op:
        batch_op.drop_column("at_large")
