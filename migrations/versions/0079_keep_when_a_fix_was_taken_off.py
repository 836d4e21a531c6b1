"""Keep when a security fix was taken off a release."""

from __future__ import annotations

from alembic import op

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.execute("update security_fixes set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    op.execute("update security_fixes set fold = 0")
