"""Remember former owners and teams, and who asks to untie an account."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("principals", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unlinking", Json(), nullable=True))
        batch_op.add_column(sa.Column("former", Json(), nullable=True))
    op.execute("update principals set fold = 0")  # painted anew: the columns are not empty


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("principals", schema=None) as batch_op:
        batch_op.drop_column("former")
        batch_op.drop_column("unlinking")
