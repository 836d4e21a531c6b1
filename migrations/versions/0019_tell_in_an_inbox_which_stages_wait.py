"""Tell in an inbox which stages wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    with op.batch_alter_table("accord_awaited", schema=None) as batch_op:
        batch_op.add_column(sa.Column("waits", sa.Boolean(), nullable=True))

    with op.batch_alter_table("accord_votes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accord_votes_grant"), ["grant"], unique=False)
        batch_op.create_index(batch_op.f("ix_accord_votes_seat"), ["seat"], unique=False)

    with op.batch_alter_table("change_awaited", schema=None) as batch_op:
        batch_op.add_column(sa.Column("waits", sa.Boolean(), nullable=True))

    with op.batch_alter_table("change_votes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_change_votes_grant"), ["grant"], unique=False)
        batch_op.create_index(batch_op.f("ix_change_votes_seat"), ["seat"], unique=False)

    with op.batch_alter_table("merge_request_awaited", schema=None) as batch_op:
        batch_op.add_column(sa.Column("waits", sa.Boolean(), nullable=True))

    with op.batch_alter_table("merge_request_votes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_merge_request_votes_grant"), ["grant"], unique=False)
        batch_op.create_index(batch_op.f("ix_merge_request_votes_seat"), ["seat"], unique=False)

    with op.batch_alter_table("release_awaited", schema=None) as batch_op:
        batch_op.add_column(sa.Column("waits", sa.Boolean(), nullable=True))

    with op.batch_alter_table("release_votes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_release_votes_grant"), ["grant"], unique=False)
        batch_op.create_index(batch_op.f("ix_release_votes_seat"), ["seat"], unique=False)
    op.execute("update accords set fold = 0")
    op.execute("update changes set fold = 0")  # painted anew, with their rows
    op.execute("update merge_requests set fold = 0")
    op.execute("update releases set fold = 0")


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("release_votes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_release_votes_seat"))
        batch_op.drop_index(batch_op.f("ix_release_votes_grant"))

    with op.batch_alter_table("release_awaited", schema=None) as batch_op:
        batch_op.drop_column("waits")

    with op.batch_alter_table("merge_request_votes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_merge_request_votes_seat"))
        batch_op.drop_index(batch_op.f("ix_merge_request_votes_grant"))

    with op.batch_alter_table("merge_request_awaited", schema=None) as batch_op:
        batch_op.drop_column("waits")

    with op.batch_alter_table("change_votes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_change_votes_seat"))
        batch_op.drop_index(batch_op.f("ix_change_votes_grant"))

    with op.batch_alter_table("change_awaited", schema=None) as batch_op:
        batch_op.drop_column("waits")

    with op.batch_alter_table("accord_votes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accord_votes_seat"))
        batch_op.drop_index(batch_op.f("ix_accord_votes_grant"))

    with op.batch_alter_table("accord_awaited", schema=None) as batch_op:
        batch_op.drop_column("waits")
