"""Begin the log: its tables, the snapshots, and the triggers that keep it append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.tables import Instant, Json
from migrations.append_only import statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "accesses",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=True),
        sa.Column("hour", Instant(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("count", sa.BigInteger(), nullable=True),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("scopes", sa.Text(), nullable=True),
        sa.Column("line", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("codes", Json(), nullable=True),
        sa.Column("recorded_at", Instant(), nullable=True),
        sa.Column("fold", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accesses")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_index(op.f("ix_accesses_action"), "accesses", ["action"], unique=False)
    op.create_index(op.f("ix_accesses_hour"), "accesses", ["hour"], unique=False)
    op.create_index(op.f("ix_accesses_outcome"), "accesses", ["outcome"], unique=False)
    op.create_index(op.f("ix_accesses_person"), "accesses", ["person"], unique=False)

    op.create_table(
        "board_seats",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seat", sa.Text(), nullable=True),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("seat_kind", sa.Text(), nullable=True),
        sa.Column("board_kind", sa.Text(), nullable=True),
        sa.Column("stands_for", sa.Text(), nullable=True),
        sa.Column("since", Instant(), nullable=True),
        sa.Column("until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("owner", "ordinal", name=op.f("pk_board_seats")),
    )
    op.create_index(op.f("ix_board_seats_person"), "board_seats", ["person"], unique=False)

    op.create_table(
        "boards",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("services", Json(), nullable=True),
        sa.Column("established_by", sa.Text(), nullable=True),
        sa.Column("established_at", Instant(), nullable=True),
        sa.Column("seats", Json(), nullable=True),
        sa.Column("dissolved_at", Instant(), nullable=True),
        sa.Column("dissolved_by", sa.Text(), nullable=True),
        sa.Column("dissolved_reason", sa.Text(), nullable=True),
        sa.Column("dissolved", sa.Boolean(), nullable=True),
        sa.Column("fold", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boards")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_index(op.f("ix_boards_dissolved"), "boards", ["dissolved"], unique=False)
    op.create_index(op.f("ix_boards_kind"), "boards", ["kind"], unique=False)
    op.create_index(op.f("ix_boards_name"), "boards", ["name"], unique=False)

    op.create_table(
        "change_awaited",
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
        sa.PrimaryKeyConstraint("owner", "ordinal", name=op.f("pk_change_awaited")),
    )
    op.create_index(op.f("ix_change_awaited_board"), "change_awaited", ["board"], unique=False)
    op.create_index(op.f("ix_change_awaited_person"), "change_awaited", ["person"], unique=False)
    op.create_index(op.f("ix_change_awaited_role"), "change_awaited", ["role"], unique=False)

    op.create_table(
        "change_people",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("part", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("owner", "ordinal", name=op.f("pk_change_people")),
    )
    op.create_index(op.f("ix_change_people_person"), "change_people", ["person"], unique=False)

    op.create_table(
        "change_relations",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("owner", "ordinal", name=op.f("pk_change_relations")),
    )
    op.create_index(
        op.f("ix_change_relations_reference"), "change_relations", ["reference"], unique=False
    )

    op.create_table(
        "change_votes",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("seat", sa.Text(), nullable=True),
        sa.Column("choice", sa.Text(), nullable=True),
        sa.Column("grant", sa.Text(), nullable=True),
        sa.Column("at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("owner", "ordinal", name=op.f("pk_change_votes")),
    )
    op.create_index(op.f("ix_change_votes_person"), "change_votes", ["person"], unique=False)

    op.create_table(
        "changes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("playbook", sa.Text(), nullable=True),
        sa.Column("content", Json(), nullable=True),
        sa.Column("risk", sa.Text(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("requester", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("opened_at", Instant(), nullable=True),
        sa.Column("contributors", Json(), nullable=True),
        sa.Column("template", Json(), nullable=True),
        sa.Column("links", Json(), nullable=True),
        sa.Column("rules", Json(), nullable=True),
        sa.Column("votes", Json(), nullable=True),
        sa.Column("voided", sa.BigInteger(), nullable=True),
        sa.Column("alarms", Json(), nullable=True),
        sa.Column("rejection", Json(), nullable=True),
        sa.Column("hold", Json(), nullable=True),
        sa.Column("glass", Json(), nullable=True),
        sa.Column("obligations", Json(), nullable=True),
        sa.Column("afterwards", Json(), nullable=True),
        sa.Column("tasks", Json(), nullable=True),
        sa.Column("implementers", Json(), nullable=True),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("outcome_note", sa.Text(), nullable=True),
        sa.Column("review", Json(), nullable=True),
        sa.Column("cancelled_because", sa.Text(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("former_owners", Json(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("search", sa.Text(), nullable=True),
        sa.Column("window_since", Instant(), nullable=True),
        sa.Column("window_until", Instant(), nullable=True),
        sa.Column("due", Instant(), nullable=True),
        sa.Column("bypassed", sa.Boolean(), nullable=True),
        sa.Column("fold", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_index(op.f("ix_changes_bypassed"), "changes", ["bypassed"], unique=False)
    op.create_index(op.f("ix_changes_due"), "changes", ["due"], unique=False)
    op.create_index(op.f("ix_changes_kind"), "changes", ["kind"], unique=False)
    op.create_index(op.f("ix_changes_owner"), "changes", ["owner"], unique=False)
    op.create_index(op.f("ix_changes_requester"), "changes", ["requester"], unique=False)
    op.create_index(op.f("ix_changes_risk"), "changes", ["risk"], unique=False)
    op.create_index(op.f("ix_changes_service"), "changes", ["service"], unique=False)
    op.create_index(op.f("ix_changes_status"), "changes", ["status"], unique=False)
    op.create_index(op.f("ix_changes_window_since"), "changes", ["window_since"], unique=False)
    op.create_index(op.f("ix_changes_window_until"), "changes", ["window_until"], unique=False)

    op.create_table(
        "comments",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("about", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("written_at", Instant(), nullable=True),
        sa.Column("edited_at", Instant(), nullable=True),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.Column("fold", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_index(op.f("ix_comments_author"), "comments", ["author"], unique=False)
    op.create_index(op.f("ix_comments_subject"), "comments", ["subject"], unique=False)

    op.create_table(
        "credentials",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("keyed_hash", sa.Text(), nullable=True),
        sa.Column("actions", Json(), nullable=True),
        sa.Column("since", Instant(), nullable=True),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("issued_by", sa.Text(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=True),
        sa.Column("fold", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credentials")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_index(op.f("ix_credentials_issued_by"), "credentials", ["issued_by"], unique=False)
    op.create_index(op.f("ix_credentials_owner"), "credentials", ["owner"], unique=False)
    op.create_index(op.f("ix_credentials_until"), "credentials", ["until"], unique=False)

    op.create_table(
        "delegations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("delegator", sa.Text(), nullable=True),
        sa.Column("delegate", sa.Text(), nullable=True),
        sa.Column("board", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("scope", sa.Text(), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("max_risk", sa.Text(), nullable=True),
        sa.Column("since", Instant(), nullable=True),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("given_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=True),
        sa.Column("fold", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegations")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_index(op.f("ix_delegations_board"), "delegations", ["board"], unique=False)
    op.create_index(op.f("ix_delegations_delegate"), "delegations", ["delegate"], unique=False)
    op.create_index(op.f("ix_delegations_delegator"), "delegations", ["delegator"], unique=False)
    op.create_index(op.f("ix_delegations_role"), "delegations", ["role"], unique=False)
    op.create_index(op.f("ix_delegations_until"), "delegations", ["until"], unique=False)

    op.create_table(
        "denials",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("hour", Instant(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "action", "hour", name=op.f("pk_denials")),
    )
    op.create_table(
        "erasures",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("aggregate", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("parts", Json(), nullable=True),
        sa.Column("ground", sa.Text(), nullable=True),
        sa.Column("erased_by", sa.Text(), nullable=True),
        sa.Column("erased_at", Instant(), nullable=True),
        sa.Column("erased_behalf", sa.Text(), nullable=True),
        sa.Column("fold", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_index(op.f("ix_erasures_aggregate"), "erasures", ["aggregate"], unique=False)
    op.create_index(op.f("ix_erasures_erased_by"), "erasures", ["erased_by"], unique=False)
    op.create_index(op.f("ix_erasures_subject"), "erasures", ["subject"], unique=False)

    op.create_table(
        "event_parts",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("(salt is null) = (content is null)", name=op.f("ck_event_parts_whole")),
        sa.PrimaryKeyConstraint("position", "name", name=op.f("pk_event_parts")),
    )
    op.create_table(
        "events",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("happened", Instant(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("aggregate", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("behalf", sa.Text(), nullable=True),
        sa.Column("credential", sa.Text(), nullable=True),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_events")),
        sa.UniqueConstraint(
            "aggregate", "subject", "version", name=op.f("uq_events_aggregate_subject_version")
        ),
        sa.UniqueConstraint("id", name=op.f("uq_events_id")),
    )
    op.create_index(op.f("ix_events_actor_position"), "events", ["actor", "position"], unique=False)
    op.create_index(op.f("ix_events_kind_position"), "events", ["kind", "position"], unique=False)

    op.create_table(
        "grants",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("scope", sa.Text(), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("since", Instant(), nullable=True),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("approving", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("granted_by", sa.Text(), nullable=True),
        sa.Column("granted_at", Instant(), nullable=True),
        sa.Column("granted_behalf", sa.Text(), nullable=True),
        sa.Column("group", sa.Text(), nullable=True),
        sa.Column("mapping", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=True),
        sa.Column("fold", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_index(op.f("ix_grants_granted_by"), "grants", ["granted_by"], unique=False)
    op.create_index(op.f("ix_grants_group"), "grants", ["group"], unique=False)
    op.create_index(op.f("ix_grants_person"), "grants", ["person"], unique=False)
    op.create_index(op.f("ix_grants_role"), "grants", ["role"], unique=False)
    op.create_index(op.f("ix_grants_scope"), "grants", ["scope"], unique=False)
    op.create_index(op.f("ix_grants_status"), "grants", ["status"], unique=False)
    op.create_index(op.f("ix_grants_value"), "grants", ["value"], unique=False)

    op.create_table(
        "head",
        sa.Column("id", sa.SmallInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("range", sa.LargeBinary(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("least_writer", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("policy_position", sa.BigInteger(), nullable=False),
        sa.Column("authority_position", sa.BigInteger(), nullable=False),
        sa.Column("signed_size", sa.BigInteger(), nullable=False),
        sa.Column("checkpoint", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_head")),
        postgresql_with={"fillfactor": "10"},
    )
    op.create_table(
        "logs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=True),
        sa.Column("opened_at", Instant(), nullable=True),
        sa.Column("opened_by", sa.Text(), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("restores", sa.BigInteger(), nullable=True),
        sa.Column("restored_at", Instant(), nullable=True),
        sa.Column("restored_size", sa.BigInteger(), nullable=True),
        sa.Column("restored_root", sa.Text(), nullable=True),
        sa.Column("restored_reason", sa.Text(), nullable=True),
        sa.Column("clocks", sa.BigInteger(), nullable=True),
        sa.Column("clock_accepted_at", Instant(), nullable=True),
        sa.Column("fold", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logs")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_table(
        "merge_record_people",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("part", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("owner", "ordinal", name=op.f("pk_merge_record_people")),
    )
    op.create_index(
        op.f("ix_merge_record_people_person"), "merge_record_people", ["person"], unique=False
    )

    op.create_table(
        "merge_records",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("project", sa.Text(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("merge_commit", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("default_branch", sa.Text(), nullable=True),
        sa.Column("security", sa.Boolean(), nullable=True),
        sa.Column("merged_head", sa.Text(), nullable=True),
        sa.Column("source_branch", sa.Text(), nullable=True),
        sa.Column("authors", Json(), nullable=True),
        sa.Column("approved_by", Json(), nullable=True),
        sa.Column("reviewed_by", Json(), nullable=True),
        sa.Column("merged_by", sa.Text(), nullable=True),
        sa.Column("merged_at", Instant(), nullable=True),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_at", Instant(), nullable=True),
        sa.Column("approvals", sa.BigInteger(), nullable=True),
        sa.Column("merged_by_author", sa.Text(), nullable=True),
        sa.Column("approved_by_author", sa.Text(), nullable=True),
        sa.Column("merged_by_non_approver", sa.Text(), nullable=True),
        sa.Column("year", sa.BigInteger(), nullable=True),
        sa.Column("search", sa.Text(), nullable=True),
        sa.Column("fold", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge_records")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_index(
        op.f("ix_merge_records_merged_at"), "merge_records", ["merged_at"], unique=False
    )
    op.create_index(op.f("ix_merge_records_number"), "merge_records", ["number"], unique=False)
    op.create_index(op.f("ix_merge_records_project"), "merge_records", ["project"], unique=False)
    op.create_index(op.f("ix_merge_records_year"), "merge_records", ["year"], unique=False)

    op.create_table(
        "merge_request_awaited",
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
        sa.PrimaryKeyConstraint("owner", "ordinal", name=op.f("pk_merge_request_awaited")),
    )
    op.create_index(
        op.f("ix_merge_request_awaited_board"), "merge_request_awaited", ["board"], unique=False
    )
    op.create_index(
        op.f("ix_merge_request_awaited_person"), "merge_request_awaited", ["person"], unique=False
    )
    op.create_index(
        op.f("ix_merge_request_awaited_role"), "merge_request_awaited", ["role"], unique=False
    )

    op.create_table(
        "merge_request_people",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("owner", "ordinal", name=op.f("pk_merge_request_people")),
    )
    op.create_index(
        op.f("ix_merge_request_people_person"), "merge_request_people", ["person"], unique=False
    )

    op.create_table(
        "merge_request_votes",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("seat", sa.Text(), nullable=True),
        sa.Column("choice", sa.Text(), nullable=True),
        sa.Column("grant", sa.Text(), nullable=True),
        sa.Column("at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("owner", "ordinal", name=op.f("pk_merge_request_votes")),
    )
    op.create_index(
        op.f("ix_merge_request_votes_person"), "merge_request_votes", ["person"], unique=False
    )

    op.create_table(
        "merge_requests",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("playbook", sa.Text(), nullable=True),
        sa.Column("project", sa.Text(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("head", sa.Text(), nullable=True),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("base", sa.Text(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("opened_at", Instant(), nullable=True),
        sa.Column("contributors", Json(), nullable=True),
        sa.Column("rules", Json(), nullable=True),
        sa.Column("votes", Json(), nullable=True),
        sa.Column("voided", sa.BigInteger(), nullable=True),
        sa.Column("alarms", Json(), nullable=True),
        sa.Column("merged_by", sa.Text(), nullable=True),
        sa.Column("merged_at", Instant(), nullable=True),
        sa.Column("merge_commit", sa.Text(), nullable=True),
        sa.Column("closed_because", sa.Text(), nullable=True),
        sa.Column("embargoed", sa.Boolean(), nullable=True),
        sa.Column("revealed_at", Instant(), nullable=True),
        sa.Column("search", sa.Text(), nullable=True),
        sa.Column("fold", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge_requests")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_index(op.f("ix_merge_requests_author"), "merge_requests", ["author"], unique=False)
    op.create_index(
        op.f("ix_merge_requests_embargoed"), "merge_requests", ["embargoed"], unique=False
    )
    op.create_index(op.f("ix_merge_requests_number"), "merge_requests", ["number"], unique=False)
    op.create_index(op.f("ix_merge_requests_project"), "merge_requests", ["project"], unique=False)
    op.create_index(op.f("ix_merge_requests_status"), "merge_requests", ["status"], unique=False)
    op.create_index(op.f("ix_merge_requests_target"), "merge_requests", ["target"], unique=False)

    op.create_table(
        "playbooks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("based_on", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("proposed_by", sa.Text(), nullable=True),
        sa.Column("proposed_at", Instant(), nullable=True),
        sa.Column("proposed_behalf", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=True),
        sa.Column("adopted_by", sa.Text(), nullable=True),
        sa.Column("adopted_at", Instant(), nullable=True),
        sa.Column("declined_by", sa.Text(), nullable=True),
        sa.Column("declined_at", Instant(), nullable=True),
        sa.Column("objection", sa.Text(), nullable=True),
        sa.Column("superseded_by", sa.Text(), nullable=True),
        sa.Column("superseded_at", Instant(), nullable=True),
        sa.Column("fold", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbooks")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_index(op.f("ix_playbooks_name"), "playbooks", ["name"], unique=False)
    op.create_index(op.f("ix_playbooks_number"), "playbooks", ["number"], unique=False)
    op.create_index(op.f("ix_playbooks_status"), "playbooks", ["status"], unique=False)

    op.create_table(
        "policies",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("rules", sa.Text(), nullable=True),
        sa.Column("model_digest", sa.Text(), nullable=True),
        sa.Column("rules_digest", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("based_on", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("proposed_by", sa.Text(), nullable=True),
        sa.Column("proposed_at", Instant(), nullable=True),
        sa.Column("proposed_behalf", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=True),
        sa.Column("adopted_by", sa.Text(), nullable=True),
        sa.Column("adopted_at", Instant(), nullable=True),
        sa.Column("declined_by", sa.Text(), nullable=True),
        sa.Column("declined_at", Instant(), nullable=True),
        sa.Column("objection", sa.Text(), nullable=True),
        sa.Column("superseded_by", sa.Text(), nullable=True),
        sa.Column("superseded_at", Instant(), nullable=True),
        sa.Column("fold", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policies")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_index(op.f("ix_policies_number"), "policies", ["number"], unique=False)
    op.create_index(op.f("ix_policies_status"), "policies", ["status"], unique=False)

    op.create_table(
        "principals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("handle", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("mail", sa.Text(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("registered_by", sa.Text(), nullable=True),
        sa.Column("registered_at", Instant(), nullable=True),
        sa.Column("identities", Json(), nullable=True),
        sa.Column("linked", Json(), nullable=True),
        sa.Column("absences", Json(), nullable=True),
        sa.Column("suspended", sa.Boolean(), nullable=True),
        sa.Column("suspended_since", Instant(), nullable=True),
        sa.Column("suspended_by", sa.Text(), nullable=True),
        sa.Column("suspended_reason", sa.Text(), nullable=True),
        sa.Column("fold", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_principals")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_index(op.f("ix_principals_handle"), "principals", ["handle"], unique=False)
    op.create_index(op.f("ix_principals_kind"), "principals", ["kind"], unique=False)
    op.create_index(op.f("ix_principals_owner"), "principals", ["owner"], unique=False)
    op.create_index(op.f("ix_principals_suspended"), "principals", ["suspended"], unique=False)
    op.create_index(op.f("ix_principals_team"), "principals", ["team"], unique=False)

    op.create_table(
        "replies",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "action", "key", name=op.f("pk_replies")),
    )
    op.create_index(op.f("ix_replies_at"), "replies", ["at"], unique=False)

    op.create_table(
        "templates",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("playbook", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("proposal", Json(), nullable=True),
        sa.Column("risk", sa.Text(), nullable=True),
        sa.Column("proposed_by", sa.Text(), nullable=True),
        sa.Column("proposed_at", Instant(), nullable=True),
        sa.Column("contributors", Json(), nullable=True),
        sa.Column("approved", Json(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", Instant(), nullable=True),
        sa.Column("declined_because", sa.Text(), nullable=True),
        sa.Column("retired_because", sa.Text(), nullable=True),
        sa.Column("fold", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_templates")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_index(op.f("ix_templates_kind"), "templates", ["kind"], unique=False)
    op.create_index(op.f("ix_templates_service"), "templates", ["service"], unique=False)
    op.create_index(op.f("ix_templates_status"), "templates", ["status"], unique=False)

    op.create_table(
        "tiles",
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number", name=op.f("pk_tiles")),
    )
    for statement in statements(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Refuse: a log is not taken down by a migration."""
    raise RuntimeError("the first revision holds the log; it is not undone")
