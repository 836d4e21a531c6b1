"""Keep every grant by which exemptions are approved, and boards and environments are to change."""

from __future__ import annotations

from alembic import op

revision = "0098"
down_revision = "0097"
branch_labels = None
depends_on = None

PAINTED_ANEW = (
    "update boards set fold = 0",
    "update environments set fold = 0",
    "update exemptions set fold = 0",
)


def upgrade() -> None:
    """Go to this revision."""
    for statement in PAINTED_ANEW:
        op.execute(statement)


def downgrade() -> None:
    """Go back to the revision before."""
    for statement in PAINTED_ANEW:
        op.execute(statement)
