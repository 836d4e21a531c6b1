"""Keep when what a release brought by hand set out."""

from __future__ import annotations

from alembic import op

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.execute("update releases set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    op.execute("update releases set fold = 0")
