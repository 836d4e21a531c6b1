"""Keep which comments are on what is hidden."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("embargoed", sa.Boolean(), nullable=True))
    op.execute("update comments set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.drop_column("embargoed")
