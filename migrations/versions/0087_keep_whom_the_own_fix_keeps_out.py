"""Keep whom the fix that a merge request belongs to keeps out, and free others once it is shown."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0087"
down_revision = "0086"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("merge_requests", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kept_out", Json(), nullable=True))
    op.execute("update merge_requests set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("merge_requests", schema=None) as batch_op:
        batch_op.drop_column("kept_out")
    op.execute("update merge_requests set fold = 0")
