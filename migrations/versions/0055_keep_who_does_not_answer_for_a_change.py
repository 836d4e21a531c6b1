"""Keep who said that they do not answer for a change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("merely_named", Json(), nullable=True))
        batch_op.add_column(sa.Column("declined_owners", Json(), nullable=True))
    op.execute("update changes set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.drop_column("declined_owners")
        batch_op.drop_column("merely_named")
    op.execute("update changes set fold = 0")
