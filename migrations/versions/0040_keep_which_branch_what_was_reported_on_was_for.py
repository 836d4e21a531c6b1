"""Keep which branch what was reported on was for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("evidence_reports", schema=None) as batch_op:
        batch_op.add_column(sa.Column("branch", sa.Text(), nullable=True))


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("evidence_reports", schema=None) as batch_op:
        batch_op.drop_column("branch")
