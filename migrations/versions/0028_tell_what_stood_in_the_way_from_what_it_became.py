"""Tell what stood in the way from what it became, and find who owes a signature."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("deployments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("owing", sa.Boolean(), nullable=True))
        batch_op.create_index(batch_op.f("ix_deployments_owing"), ["owing"], unique=False)
    with op.batch_alter_table("locks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("as_of", sa.BigInteger(), nullable=True))
    for table in ("deployments", "environments", "locks"):
        op.execute(f"update {table} set fold = 0")  # noqa: S608  painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("locks", schema=None) as batch_op:
        batch_op.drop_column("as_of")
    with op.batch_alter_table("deployments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deployments_owing"))
        batch_op.drop_column("owing")
