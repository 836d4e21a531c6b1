"""Keep who named who answers for a change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.drop_column("merely_named")
        batch_op.add_column(sa.Column("namings", Json(), nullable=True))
    op.execute("update changes set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.drop_column("namings")
        batch_op.add_column(sa.Column("merely_named", Json(), nullable=True))
    op.execute("update changes set fold = 0")
