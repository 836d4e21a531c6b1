"""Keep by what right somebody asked for what takes a second person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0091"
down_revision = "0090"
branch_labels = None
depends_on = None

PAINTED_ANEW = (
    "update boards set fold = 0",
    "update environments set fold = 0",
    "update grants set fold = 0",
    "update locks set fold = 0",
    "update principals set fold = 0",
)


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("boards") as batch_op:
        batch_op.add_column(sa.Column("offered", Json(), nullable=True))
    with op.batch_alter_table("grants") as batch_op:
        batch_op.add_column(sa.Column("granted_grant", sa.Text(), nullable=True))
    with op.batch_alter_table("locks") as batch_op:
        batch_op.add_column(sa.Column("word", Json(), nullable=True))
    for statement in PAINTED_ANEW:
        op.execute(statement)


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("locks") as batch_op:
        batch_op.drop_column("word")
    with op.batch_alter_table("grants") as batch_op:
        batch_op.drop_column("granted_grant")
    with op.batch_alter_table("boards") as batch_op:
        batch_op.drop_column("offered")
    for statement in PAINTED_ANEW:
        op.execute(statement)
