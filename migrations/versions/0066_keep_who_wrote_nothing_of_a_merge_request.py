"""Keep who acted on a merge request, and who says that they wrote nothing of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("merge_requests", schema=None) as batch_op:
        batch_op.add_column(sa.Column("acted", Json(), nullable=True))
        batch_op.add_column(sa.Column("declines", Json(), nullable=True))
    op.execute("update merge_requests set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("merge_requests", schema=None) as batch_op:
        batch_op.drop_column("declines")
        batch_op.drop_column("acted")
    op.execute("update merge_requests set fold = 0")
