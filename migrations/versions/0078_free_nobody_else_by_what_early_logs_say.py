"""Free nobody else of authorship by what early logs say of one person."""

from __future__ import annotations

from alembic import op

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.execute("update merge_requests set fold = 0")  # painted anew


def downgrade() -> None:
    """Go back to the revision before."""
    op.execute("update merge_requests set fold = 0")
