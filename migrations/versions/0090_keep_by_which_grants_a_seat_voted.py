"""Keep every grant by which the policy let who sits on a board, or is named, decide."""

from __future__ import annotations

from alembic import op

revision = "0090"
down_revision = "0089"
branch_labels = None
depends_on = None

PAINTED_ANEW = (
    "update accords set fold = 0",
    "update changes set fold = 0",
    "update merge_requests set fold = 0",
    "update releases set fold = 0",
)


def upgrade() -> None:
    """Go to this revision."""
    for statement in PAINTED_ANEW:
        op.execute(statement)


def downgrade() -> None:
    """Go back to the revision before."""
    for statement in PAINTED_ANEW:
        op.execute(statement)
