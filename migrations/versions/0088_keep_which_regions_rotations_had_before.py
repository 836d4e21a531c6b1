"""Keep which regions rotations had before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0088"
down_revision = "0087"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("rotations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("covered", Json(), nullable=True))
    op.execute("update rotations set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("rotations", schema=None) as batch_op:
        batch_op.drop_column("covered")
