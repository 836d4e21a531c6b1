"""Keep every grant by which a word was given: waivers, attestations, locks, overrides, wishes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0094"
down_revision = "0093"
branch_labels = None
depends_on = None

PAINTED_ANEW = (
    "update changes set fold = 0",
    "update deployments set fold = 0",
    "update locks set fold = 0",
    "update releases set fold = 0",
    "update waivers set fold = 0",
)


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("waivers") as batch_op:
        batch_op.add_column(sa.Column("other_grants", Json(), nullable=True))
    for statement in PAINTED_ANEW:
        op.execute(statement)


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("waivers") as batch_op:
        batch_op.drop_column("other_grants")
    for statement in PAINTED_ANEW:
        op.execute(statement)
