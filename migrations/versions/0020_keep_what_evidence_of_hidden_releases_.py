"""Keep what evidence of hidden releases belongs to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("evidence_reports", schema=None) as batch_op:
        batch_op.add_column(sa.Column("release", sa.Text(), nullable=True))
        batch_op.create_index(batch_op.f("ix_evidence_reports_release"), ["release"], unique=False)

    with op.batch_alter_table("merge_requests", schema=None) as batch_op:
        batch_op.add_column(sa.Column("earlier_heads", Json(), nullable=True))


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("merge_requests", schema=None) as batch_op:
        batch_op.drop_column("earlier_heads")

    with op.batch_alter_table("evidence_reports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_reports_release"))
        batch_op.drop_column("release")
