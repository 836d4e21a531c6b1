"""Hide what tells of an embargoed record: refusals and erasures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
TABLES = ("accesses", "erasures")


def upgrade() -> None:
    """Go to this revision."""
    for table in TABLES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("embargoed", sa.Boolean(), nullable=True))
        op.execute(f"update {table} set fold = 0")  # noqa: S608  (painted anew: not empty)


def downgrade() -> None:
    """Go back to the revision before."""
    for table in TABLES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("embargoed")
