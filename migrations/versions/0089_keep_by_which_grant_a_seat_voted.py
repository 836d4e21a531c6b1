"""Keep by which grant the policy lets who sits on a board, or is named, decide."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0089"
down_revision = "0088"
branch_labels = None
depends_on = None

OF = ("accord", "change", "merge_request", "release")
PAINTED_ANEW = (
    "update accords set fold = 0",
    "update changes set fold = 0",
    "update merge_requests set fold = 0",
    "update releases set fold = 0",
)


def upgrade() -> None:
    """Go to this revision."""
    for each in OF:
        with op.batch_alter_table(f"{each}_votes", schema=None) as votes:
            votes.add_column(sa.Column("role_grant", sa.Text(), nullable=True))
            votes.create_index(votes.f(f"ix_{each}_votes_role_grant"), ["role_grant"], unique=False)
    for statement in PAINTED_ANEW:
        op.execute(statement)


def downgrade() -> None:
    """Go back to the revision before."""
    for each in OF:
        with op.batch_alter_table(f"{each}_votes", schema=None) as votes:
            votes.drop_index(votes.f(f"ix_{each}_votes_role_grant"))
            votes.drop_column("role_grant")
    for statement in PAINTED_ANEW:
        op.execute(statement)
