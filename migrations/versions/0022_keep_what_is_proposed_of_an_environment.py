"""Keep what is proposed of an environment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("environments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("revision", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("proposal", Json(), nullable=True))
    op.execute("update environments set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("environments", schema=None) as batch_op:
        batch_op.drop_column("proposal")
        batch_op.drop_column("revision")
