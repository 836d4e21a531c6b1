"""Keep what was overridden of what releases bring somewhere by hand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("releases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("overrides", Json(), nullable=True))
        batch_op.add_column(sa.Column("overridden", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("owing", sa.Boolean(), nullable=True))
        for name in ("overridden", "owing"):
            batch_op.create_index(batch_op.f(f"ix_releases_{name}"), [name], unique=False)
    op.execute("update releases set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("releases", schema=None) as batch_op:
        for name in ("overridden", "owing"):
            batch_op.drop_index(batch_op.f(f"ix_releases_{name}"))
        for name in ("owing", "overridden", "overrides"):
            batch_op.drop_column(name)
