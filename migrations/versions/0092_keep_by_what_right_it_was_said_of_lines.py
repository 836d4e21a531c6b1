"""Keep by what right it was said of stable lines that they came out, or never did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0092"
down_revision = "0091"
branch_labels = None
depends_on = None

FRESH = ("recorded_grant", "doubted_grant", "repeated_grant")


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("stable_lines") as batch_op:
        for name in FRESH:
            batch_op.add_column(sa.Column(name, sa.Text(), nullable=True))
    op.execute("update stable_lines set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("stable_lines") as batch_op:
        for name in FRESH:
            batch_op.drop_column(name)
    op.execute("update stable_lines set fold = 0")
