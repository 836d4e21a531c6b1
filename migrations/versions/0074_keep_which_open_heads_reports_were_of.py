"""Keep which merge requests in the open had what a report is of as their head."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("evidence_reports") as batch_op:
        batch_op.add_column(sa.Column("heads", Json(), nullable=True))
    op.execute("update evidence_reports set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("evidence_reports") as batch_op:
        batch_op.drop_column("heads")
    op.execute("update evidence_reports set fold = 0")
