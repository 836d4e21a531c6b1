"""Keep what stood somewhere and counted for releases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("releases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("counted", Json(), nullable=True))
    op.execute("update releases set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("releases", schema=None) as batch_op:
        batch_op.drop_column("counted")
    op.execute("update releases set fold = 0")
