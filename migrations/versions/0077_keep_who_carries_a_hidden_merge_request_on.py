"""Keep who carries a hidden merge request on, as who wrote it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("merge_requests") as batch_op:
        batch_op.add_column(sa.Column("writer", sa.Text(), nullable=True))
        batch_op.create_index(batch_op.f("ix_merge_requests_writer"), ["writer"], unique=False)
    op.execute("update merge_requests set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("merge_requests") as batch_op:
        batch_op.drop_index(batch_op.f("ix_merge_requests_writer"))
        batch_op.drop_column("writer")
    op.execute("update merge_requests set fold = 0")
