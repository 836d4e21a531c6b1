"""Find what was found not to work."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("deployments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("faulty", sa.Boolean(), nullable=True))
        batch_op.create_index(batch_op.f("ix_deployments_faulty"), ["faulty"], unique=False)
    op.execute("update deployments set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("deployments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deployments_faulty"))
        batch_op.drop_column("faulty")
