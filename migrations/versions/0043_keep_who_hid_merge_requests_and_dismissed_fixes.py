"""Keep who hid merge requests, dismissed security fixes and took them off releases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("merge_requests", schema=None) as batch_op:
        batch_op.add_column(sa.Column("concealed_by", sa.Text(), nullable=True))
    with op.batch_alter_table("security_fixes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("dismissed_by", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("unlinked", Json(), nullable=True))
    op.execute("update merge_requests set fold = 0")  # painted anew
    op.execute("update security_fixes set fold = 0")


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("security_fixes", schema=None) as batch_op:
        batch_op.drop_column("unlinked")
        batch_op.drop_column("dismissed_by")
    with op.batch_alter_table("merge_requests", schema=None) as batch_op:
        batch_op.drop_column("concealed_by")
