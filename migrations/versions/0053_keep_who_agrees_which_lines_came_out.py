"""Keep who agrees to which lines came out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Instant

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

WORDS = ("agreed_by", "doubted_by", "doubted_because", "repeated_by")
MOMENTS = ("agreed_at", "doubted_at", "repeated_at")


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("stable_lines", schema=None) as batch_op:
        for name in WORDS:
            batch_op.add_column(sa.Column(name, sa.Text(), nullable=True))
        for name in MOMENTS:
            batch_op.add_column(sa.Column(name, Instant(), nullable=True))
        batch_op.add_column(sa.Column("displaces", sa.Boolean(), nullable=True))
    op.execute("update stable_lines set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("stable_lines", schema=None) as batch_op:
        for name in (*WORDS, *MOMENTS, "displaces"):
            batch_op.drop_column(name)
