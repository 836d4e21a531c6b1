"""Keep blockers of one name apart, by who raised them."""

from __future__ import annotations

from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.execute("update environments set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    op.execute("update environments set fold = 0")
