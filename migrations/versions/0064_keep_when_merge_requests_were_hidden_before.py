"""Keep when merge requests were hidden that were shown and then hidden again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("merge_requests", schema=None) as batch_op:
        batch_op.add_column(sa.Column("embargoes", Json(), nullable=True))
    op.execute("update merge_requests set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("merge_requests", schema=None) as batch_op:
        batch_op.drop_column("embargoes")
