"""Let no word to show a merge request outlast that it was made part of a fix."""

from __future__ import annotations

from alembic import op

revision = "0096"
down_revision = "0095"
branch_labels = None
depends_on = None

PAINTED_ANEW = "update merge_requests set fold = 0"


def upgrade() -> None:
    """Go to this revision."""
    op.execute(PAINTED_ANEW)


def downgrade() -> None:
    """Go back to the revision before."""
    op.execute(PAINTED_ANEW)
