"""Keep where releases stood."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Instant, Json

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "release_stood",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("environment", sa.Text(), nullable=True),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("since", Instant(), nullable=True),
        sa.Column("until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("owner", "ordinal", name=op.f("pk_release_stood")),
    )
    with op.batch_alter_table("release_stood", schema=None) as batch_op:
        name = batch_op.f("ix_release_stood_environment")
        batch_op.create_index(name, ["environment"], unique=False)
        batch_op.create_index(batch_op.f("ix_release_stood_since"), ["since"], unique=False)

    with op.batch_alter_table("releases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stood", Json(), nullable=True))
    op.execute("update releases set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("releases", schema=None) as batch_op:
        batch_op.drop_column("stood")

    with op.batch_alter_table("release_stood", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_release_stood_since"))
        batch_op.drop_index(batch_op.f("ix_release_stood_environment"))

    op.drop_table("release_stood")
