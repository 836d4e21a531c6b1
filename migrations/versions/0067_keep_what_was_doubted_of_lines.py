"""Keep when it was doubted that stable lines came out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("stable_lines", schema=None) as batch_op:
        batch_op.add_column(sa.Column("doubts", Json(), nullable=True))
    op.execute("update stable_lines set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("stable_lines", schema=None) as batch_op:
        batch_op.drop_column("doubts")
