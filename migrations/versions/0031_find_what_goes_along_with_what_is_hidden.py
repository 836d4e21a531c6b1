"""Find what goes along with what is hidden."""

from __future__ import annotations

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_index("ix_exemptions_merge_request", "exemptions", ["merge_request"])
    op.create_index("ix_exemptions_release", "exemptions", ["release"])
    op.create_index("ix_inclusions_covered_by", "inclusions", ["covered_by"])


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_index("ix_inclusions_covered_by", table_name="inclusions")
    op.drop_index("ix_exemptions_release", table_name="exemptions")
    op.drop_index("ix_exemptions_merge_request", table_name="exemptions")
