"""Keep who says who found what is fixed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("security_fixes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("finder_proposals", Json(), nullable=True))
        batch_op.add_column(sa.Column("finder_agreed", sa.Boolean(), nullable=True))
    op.execute("update security_fixes set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("security_fixes", schema=None) as batch_op:
        batch_op.drop_column("finder_agreed")
        batch_op.drop_column("finder_proposals")
