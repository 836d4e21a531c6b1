"""Keep when accounts were untied from others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0084"
down_revision = "0083"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("principals") as batch_op:
        batch_op.add_column(sa.Column("untied", Json(), nullable=True))
    op.execute("update principals set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("principals") as batch_op:
        batch_op.drop_column("untied")
    op.execute("update principals set fold = 0")
