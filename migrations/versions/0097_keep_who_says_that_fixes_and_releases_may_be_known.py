"""Keep who says that fixes and releases may be known, and by what right others let go of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0097"
down_revision = "0096"
branch_labels = None
depends_on = None

FRESH = (
    ("inclusions", "taken_grant", sa.Text),
    ("releases", "author_grant", sa.Text),
    ("releases", "reveal_proposals", Json),
    ("security_fixes", "dismissed_grant", sa.Text),
    ("security_fixes", "reveal_proposals", Json),
)
PAINTED_ANEW = (
    "update inclusions set fold = 0",
    "update releases set fold = 0",
    "update security_fixes set fold = 0",
)


def upgrade() -> None:
    """Go to this revision."""
    for table, name, kind in FRESH:
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column(name, kind(), nullable=True))
    for statement in PAINTED_ANEW:
        op.execute(statement)


def downgrade() -> None:
    """Go back to the revision before."""
    for table, name, _ in FRESH:
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column(name)
    for statement in PAINTED_ANEW:
        op.execute(statement)
