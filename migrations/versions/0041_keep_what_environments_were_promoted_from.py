"""Keep what environments were promoted from as they were retired."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("environments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("came_after", Json(), nullable=True))


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("environments", schema=None) as batch_op:
        batch_op.drop_column("came_after")
