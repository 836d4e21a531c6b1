"""Keep by what right policies and playbooks were proposed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0083"
down_revision = "0082"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    for table in ("policies", "playbooks"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column("grant", sa.Text(), nullable=True))


def downgrade() -> None:
    """Go back to the revision before."""
    for table in ("policies", "playbooks"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column("grant")
