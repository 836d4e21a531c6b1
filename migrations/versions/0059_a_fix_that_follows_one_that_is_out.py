"""Keep of a security fix which one it follows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("security_fixes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("follows", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("kept_before", Json(), nullable=True))
    op.execute("update security_fixes set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("security_fixes", schema=None) as batch_op:
        batch_op.drop_column("kept_before")
        batch_op.drop_column("follows")
