"""Keep what releases were before something in them hid."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("releases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("withheld", Json(), nullable=True))
    op.execute("update releases set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("releases", schema=None) as batch_op:
        batch_op.drop_column("withheld")
