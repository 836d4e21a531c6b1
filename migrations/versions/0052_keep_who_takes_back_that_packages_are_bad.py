"""Keep who takes back that packages are bad."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("packages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reinstatement", Json(), nullable=True))
        batch_op.add_column(sa.Column("waiting", sa.Boolean(), nullable=True))
        batch_op.create_index(batch_op.f("ix_packages_waiting"), ["waiting"], unique=False)
    op.execute("update packages set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("packages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_packages_waiting"))
        batch_op.drop_column("waiting")
        batch_op.drop_column("reinstatement")
