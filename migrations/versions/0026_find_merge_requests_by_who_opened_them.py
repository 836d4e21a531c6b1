"""Find merge requests by who opened them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("merge_requests", schema=None) as batch_op:
        batch_op.add_column(sa.Column("opened_by", sa.Text(), nullable=True))
        name = batch_op.f("ix_merge_requests_opened_by")
        batch_op.create_index(name, ["opened_by"], unique=False)


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("merge_requests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_merge_requests_opened_by"))
        batch_op.drop_column("opened_by")
