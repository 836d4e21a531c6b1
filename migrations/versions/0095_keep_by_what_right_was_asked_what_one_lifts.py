"""Keep by what right a waiver and an exemption were asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0095"
down_revision = "0094"
branch_labels = None
depends_on = None

PAINTED_ANEW = {
    "waivers": "update waivers set fold = 0",
    "exemptions": "update exemptions set fold = 0",
}


def upgrade() -> None:
    """Go to this revision."""
    for table, statement in PAINTED_ANEW.items():
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column("requested_grant", sa.Text(), nullable=True))
            batch_op.add_column(sa.Column("requested_grants", Json(), nullable=True))
        op.execute(statement)


def downgrade() -> None:
    """Go back to the revision before."""
    for table, statement in PAINTED_ANEW.items():
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column("requested_grants")
            batch_op.drop_column("requested_grant")
        op.execute(statement)
