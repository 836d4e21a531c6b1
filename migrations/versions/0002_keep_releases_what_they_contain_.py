"""Keep releases, what they contain, evidence and waivers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Instant, Json

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "evidence_reports",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("project", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("environment", sa.Text(), nullable=True),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("reporter", sa.Text(), nullable=True),
        sa.Column("reported_at", Instant(), nullable=True),
        sa.Column("fold", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_reports")),
        postgresql_with={"fillfactor": "50"},
    )
    with op.batch_alter_table("evidence_reports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_reports_name"), ["name"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_reports_outcome"), ["outcome"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_reports_project"), ["project"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_reports_subject"), ["subject"], unique=False)

    op.create_table(
        "inclusions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("release", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("covered_by", sa.Text(), nullable=True),
        sa.Column("included", sa.Boolean(), nullable=True),
        sa.Column("put_by", sa.Text(), nullable=True),
        sa.Column("put_at", Instant(), nullable=True),
        sa.Column("taken_by", sa.Text(), nullable=True),
        sa.Column("taken_at", Instant(), nullable=True),
        sa.Column("fold", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inclusions")),
        postgresql_with={"fillfactor": "50"},
    )
    with op.batch_alter_table("inclusions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inclusions_included"), ["included"], unique=False)
        batch_op.create_index(batch_op.f("ix_inclusions_reference"), ["reference"], unique=False)
        batch_op.create_index(batch_op.f("ix_inclusions_release"), ["release"], unique=False)

    op.create_table(
        "release_awaited",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("filled", sa.Boolean(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("scope", sa.Text(), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("value_count", sa.BigInteger(), nullable=True),
        sa.Column("board", sa.Text(), nullable=True),
        sa.Column("person", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("owner", "ordinal", name=op.f("pk_release_awaited")),
    )
    with op.batch_alter_table("release_awaited", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_release_awaited_board"), ["board"], unique=False)
        batch_op.create_index(batch_op.f("ix_release_awaited_person"), ["person"], unique=False)
        batch_op.create_index(batch_op.f("ix_release_awaited_role"), ["role"], unique=False)

    op.create_table(
        "release_duties",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("person", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("owner", "ordinal", name=op.f("pk_release_duties")),
    )
    with op.batch_alter_table("release_duties", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_release_duties_person"), ["person"], unique=False)

    op.create_table(
        "release_people",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("owner", "ordinal", name=op.f("pk_release_people")),
    )
    with op.batch_alter_table("release_people", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_release_people_person"), ["person"], unique=False)

    op.create_table(
        "release_votes",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("seat", sa.Text(), nullable=True),
        sa.Column("choice", sa.Text(), nullable=True),
        sa.Column("grant", sa.Text(), nullable=True),
        sa.Column("at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("owner", "ordinal", name=op.f("pk_release_votes")),
    )
    with op.batch_alter_table("release_votes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_release_votes_person"), ["person"], unique=False)

    op.create_table(
        "releases",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("phase", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("playbook", sa.Text(), nullable=True),
        sa.Column("plan", Json(), nullable=True),
        sa.Column("scheduled", Instant(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("opened_at", Instant(), nullable=True),
        sa.Column("targets", Json(), nullable=True),
        sa.Column("contents", sa.Text(), nullable=True),
        sa.Column("item_count", sa.BigInteger(), nullable=True),
        sa.Column("contributors", Json(), nullable=True),
        sa.Column("duties", Json(), nullable=True),
        sa.Column("copied_from", sa.Text(), nullable=True),
        sa.Column("last_move", Json(), nullable=True),
        sa.Column("moves", sa.BigInteger(), nullable=True),
        sa.Column("repositories", Json(), nullable=True),
        sa.Column("rules", Json(), nullable=True),
        sa.Column("votes", Json(), nullable=True),
        sa.Column("voided", sa.BigInteger(), nullable=True),
        sa.Column("alarms", Json(), nullable=True),
        sa.Column("rejection", Json(), nullable=True),
        sa.Column("baseline", Json(), nullable=True),
        sa.Column("approved_at", Instant(), nullable=True),
        sa.Column("attestations", Json(), nullable=True),
        sa.Column("tags", Json(), nullable=True),
        sa.Column("deliveries", Json(), nullable=True),
        sa.Column("tasks", Json(), nullable=True),
        sa.Column("published_by", sa.Text(), nullable=True),
        sa.Column("published_at", Instant(), nullable=True),
        sa.Column("review", Json(), nullable=True),
        sa.Column("aborted_because", sa.Text(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("project", sa.Text(), nullable=True),
        sa.Column("series", sa.Text(), nullable=True),
        sa.Column("parent_release", sa.Text(), nullable=True),
        sa.Column("search", sa.Text(), nullable=True),
        sa.Column("rank", sa.BigInteger(), nullable=True),
        sa.Column("short_circuited", sa.Boolean(), nullable=True),
        sa.Column("due", Instant(), nullable=True),
        sa.Column("fold", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
        postgresql_with={"fillfactor": "50"},
    )
    with op.batch_alter_table("releases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_releases_author"), ["author"], unique=False)
        batch_op.create_index(batch_op.f("ix_releases_due"), ["due"], unique=False)
        batch_op.create_index(batch_op.f("ix_releases_kind"), ["kind"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_releases_parent_release"), ["parent_release"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_releases_rank"), ["rank"], unique=False)
        batch_op.create_index(batch_op.f("ix_releases_scheduled"), ["scheduled"], unique=False)
        batch_op.create_index(batch_op.f("ix_releases_series"), ["series"], unique=False)
        batch_op.create_index(batch_op.f("ix_releases_service"), ["service"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_releases_short_circuited"), ["short_circuited"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_releases_status"), ["status"], unique=False)

    op.create_table(
        "waivers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("release", sa.Text(), nullable=True),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("requirement", sa.Text(), nullable=True),
        sa.Column("gate", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("requested_by", sa.Text(), nullable=True),
        sa.Column("requested_at", Instant(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("grant", sa.Text(), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", Instant(), nullable=True),
        sa.Column("objection", sa.Text(), nullable=True),
        sa.Column("declined_by", sa.Text(), nullable=True),
        sa.Column("declined_at", Instant(), nullable=True),
        sa.Column("revoked_because", sa.Text(), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("fold", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waivers")),
        postgresql_with={"fillfactor": "50"},
    )
    with op.batch_alter_table("waivers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_waivers_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_waivers_release"), ["release"], unique=False)
        batch_op.create_index(batch_op.f("ix_waivers_service"), ["service"], unique=False)
        batch_op.create_index(batch_op.f("ix_waivers_status"), ["status"], unique=False)


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("waivers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_waivers_status"))
        batch_op.drop_index(batch_op.f("ix_waivers_service"))
        batch_op.drop_index(batch_op.f("ix_waivers_release"))
        batch_op.drop_index(batch_op.f("ix_waivers_expires_at"))

    op.drop_table("waivers")
    with op.batch_alter_table("releases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_releases_status"))
        batch_op.drop_index(batch_op.f("ix_releases_short_circuited"))
        batch_op.drop_index(batch_op.f("ix_releases_service"))
        batch_op.drop_index(batch_op.f("ix_releases_series"))
        batch_op.drop_index(batch_op.f("ix_releases_scheduled"))
        batch_op.drop_index(batch_op.f("ix_releases_rank"))
        batch_op.drop_index(batch_op.f("ix_releases_parent_release"))
        batch_op.drop_index(batch_op.f("ix_releases_kind"))
        batch_op.drop_index(batch_op.f("ix_releases_due"))
        batch_op.drop_index(batch_op.f("ix_releases_author"))

    op.drop_table("releases")
    with op.batch_alter_table("release_votes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_release_votes_person"))

    op.drop_table("release_votes")
    with op.batch_alter_table("release_people", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_release_people_person"))

    op.drop_table("release_people")
    with op.batch_alter_table("release_duties", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_release_duties_person"))

    op.drop_table("release_duties")
    with op.batch_alter_table("release_awaited", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_release_awaited_role"))
        batch_op.drop_index(batch_op.f("ix_release_awaited_person"))
        batch_op.drop_index(batch_op.f("ix_release_awaited_board"))

    op.drop_table("release_awaited")
    with op.batch_alter_table("inclusions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inclusions_release"))
        batch_op.drop_index(batch_op.f("ix_inclusions_reference"))
        batch_op.drop_index(batch_op.f("ix_inclusions_included"))

    op.drop_table("inclusions")
    with op.batch_alter_table("evidence_reports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_reports_subject"))
        batch_op.drop_index(batch_op.f("ix_evidence_reports_project"))
        batch_op.drop_index(batch_op.f("ix_evidence_reports_outcome"))
        batch_op.drop_index(batch_op.f("ix_evidence_reports_name"))

    op.drop_table("evidence_reports")
