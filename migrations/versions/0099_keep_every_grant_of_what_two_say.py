"""Keep every grant by which what counts on was said: texts, lines, reviews, what is shown."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Json

revision = "0099"
down_revision = "0098"
branch_labels = None
depends_on = None

FRESH = (
    ("grants", "granted_grants"),
    ("inclusions", "taken_grants"),
    ("playbooks", "other_grants"),
    ("policies", "other_grants"),
    ("releases", "author_grants"),
    ("security_fixes", "dismissed_grants"),
    ("stable_lines", "doubted_grants"),
    ("stable_lines", "recorded_grants"),
    ("stable_lines", "repeated_grants"),
    ("templates", "other_grants"),
    ("templates", "proposed_grants"),
)
PAINTED_ANEW = (
    "update changes set fold = 0",
    "update grants set fold = 0",
    "update inclusions set fold = 0",
    "update merge_requests set fold = 0",
    "update playbooks set fold = 0",
    "update policies set fold = 0",
    "update principals set fold = 0",
    "update releases set fold = 0",
    "update security_fixes set fold = 0",
    "update stable_lines set fold = 0",
    "update templates set fold = 0",
)


def upgrade() -> None:
    """Go to this revision."""
    for table, name in FRESH:
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column(name, Json(), nullable=True))
    for statement in PAINTED_ANEW:
        op.execute(statement)


def downgrade() -> None:
    """Go back to the revision before."""
    for table, name in FRESH:
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column(name)
    for statement in PAINTED_ANEW:
        op.execute(statement)
