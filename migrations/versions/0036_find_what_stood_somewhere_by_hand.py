"""Find what stood somewhere by hand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("releases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stood_for", sa.Text(), nullable=True))
        batch_op.create_index(batch_op.f("ix_releases_stood_for"), ["stood_for"], unique=False)
    op.execute("update releases set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("releases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_releases_stood_for"))
        batch_op.drop_column("stood_for")
