"""Have the identities of programs verified anew that were given to another owner."""

from __future__ import annotations

from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.execute("update principals set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    op.execute("update principals set fold = 0")
