"""Keep the risk of the version of a template that is in force, and list it by its service."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("templates", schema=None) as batch_op:
        batch_op.add_column(sa.Column("approved_risk", sa.Text(), nullable=True))
    op.execute("update templates set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("templates", schema=None) as batch_op:
        batch_op.drop_column("approved_risk")
    op.execute("update templates set fold = 0")
