"""Find releases by where their tags stand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("releases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("former_tags", Json(), nullable=True))
        batch_op.add_column(sa.Column("repository", sa.Text(), nullable=True))
        batch_op.create_index(batch_op.f("ix_releases_repository"), ["repository"], unique=False)
    op.execute("update releases set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("releases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_releases_repository"))
        batch_op.drop_column("repository")
        batch_op.drop_column("former_tags")
