"""The tables: the log, its head and tiles, the snapshots derived from the aggregates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    cast,
    event,
)

from domain.digest import instant
from domain.kernel import Aggregate
from ledger import codec
from ledger.registry import Registry

WRITER_VERSION = 2
"""Rises when an older writer would write something a newer one must not find."""
LEAST_WRITER = 2
"""The oldest version that may write a log of today; an older one stops at the head."""
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """A moment: timestamptz on PostgreSQL, fixed-width UTC text on SQLite, which knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Choose the column type of the database at hand."""
        on_sqlite = dialect.name == "sqlite"
        return dialect.type_descriptor(String(27) if on_sqlite else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Spell the moment for SQLite."""
        return instant(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        """Read SQLite's text back as an aware moment."""
        return codec.read_instant(value) if isinstance(value, str) else value

    def result_processor(self, dialect: Dialect, _coltype: object) -> Any:
        """Nothing where the driver answers moments itself: rows are many."""
        return codec.read_moment if dialect.name == "sqlite" else None


class Json(TypeDecorator[str]):
    """JSON kept as text on SQLite and as jsonb on PostgreSQL; always read and written as text."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Choose the column type of the database at hand."""
        if dialect.name != "postgresql":
            return dialect.type_descriptor(Text())
        from sqlalchemy.dialects.postgresql import JSONB  # noqa: PLC0415  (slow, and only here)

        return dialect.type_descriptor(JSONB())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        """Unpack the text for PostgreSQL, whose type packs it again; only rebuilds write so."""
        packed = value is not None and dialect.name == "postgresql"
        return msgspec.json.decode(value) if value is not None and packed else value

    def column_expression(self, column: Any) -> Any:
        """Read text, which is decoded once, straight into the domain's types."""
        return cast(column, Text)


TYPES: dict[str, Any] = {
    "text": Text(),
    "integer": BigInteger(),
    "boolean": Boolean(),
    "instant": Instant(),
    "json": Json(),
}
POSITION = BigInteger().with_variant(Integer(), "sqlite")


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """All tables of one registry."""

    metadata: MetaData
    events: Table
    parts: Table
    head: Table
    tiles: Table
    replies: Table
    denials: Table
    snapshots: dict[str, Table]
    rows: dict[str, Table]

    def snapshot(self, aggregate: Aggregate[Any]) -> Table:
        """The table of an aggregate's snapshots."""
        return self.snapshots[aggregate.name]


def make_tables(registry: Registry) -> Tables:
    """Derive every table; the log's own tables do not depend on the registry."""
    metadata = MetaData(naming_convention=NAMING)
    return Tables(
        metadata=metadata,
        events=_events(metadata),
        parts=_parts(metadata),
        head=_head(metadata),
        tiles=_tiles(metadata),
        replies=_replies(metadata),
        denials=_denials(metadata),
        snapshots={one.name: _snapshot(metadata, one) for one in registry.aggregates},
        rows={
            rows.table: _rows(metadata, rows) for one in registry.aggregates for rows in one.rows
        },
    )


def _events(metadata: MetaData) -> Table:
    return Table(
        "events",
        metadata,
        Column("position", POSITION, primary_key=True, autoincrement=False),
        Column("id", Text, nullable=False, unique=True),
        Column("at", Instant, nullable=False),
        Column("happened", Instant),
        Column("kind", Text, nullable=False),
        Column("aggregate", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("actor", Text, nullable=False),
        Column("behalf", Text),
        Column("credential", Text),
        Column("request", Text, nullable=False),
        Column("policy", Text),
        Column("outcome", Text, nullable=False),
        Column("sealed", Boolean, nullable=False),
        Column("envelope", LargeBinary, nullable=False),
        Column("leaf", LargeBinary, nullable=False),
        Column("facts", LargeBinary, nullable=False),
        Column("salt", LargeBinary, nullable=False),
        UniqueConstraint("aggregate", "subject", "version"),
        Index(None, "actor", "position"),
        Index(None, "kind", "position"),
    )


def _parts(metadata: MetaData) -> Table:
    return Table(
        "event_parts",
        metadata,
        Column("position", POSITION, primary_key=True, autoincrement=False),
        Column("name", Text, primary_key=True),
        Column("commitment", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("content", LargeBinary),
        CheckConstraint("(salt is null) = (content is null)", name="whole"),
    )


def _head(metadata: MetaData) -> Table:
    return Table(
        "head",
        metadata,
        Column("id", SmallInteger, CheckConstraint("id = 1", name="single"), primary_key=True),
        Column("size", BigInteger, nullable=False),
        Column("range", LargeBinary, nullable=False),
        Column("at", Instant, nullable=False),
        Column("origin", Text, nullable=False),
        Column("demo", Boolean, nullable=False),
        Column("least_writer", Integer, nullable=False),
        Column("generation", Integer, nullable=False),
        Column("policy", Text),
        Column("policy_position", BigInteger, nullable=False),
        Column("authority_position", BigInteger, nullable=False),
        Column("signed_size", BigInteger, nullable=False),
        Column("checkpoint", Text),
        Column("hiding", Text),
        postgresql_with={"fillfactor": "10"},
    )


def _tiles(metadata: MetaData) -> Table:
    return Table(
        "tiles",
        metadata,
        Column("level", SmallInteger, primary_key=True, autoincrement=False),
        Column("number", POSITION, primary_key=True, autoincrement=False),
        Column("hashes", LargeBinary, nullable=False),
        Column("root", LargeBinary, nullable=False),
    )


def _replies(metadata: MetaData) -> Table:
    return Table(
        "replies",
        metadata,
        Column("actor", Text, primary_key=True),
        Column("action", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("request", Text, nullable=False),
        Column("asked", LargeBinary, nullable=False),
        Column("subject", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("position", BigInteger),
        Column("events", Integer, nullable=False),
        Column("at", Instant, nullable=False, index=True),
    )


def _denials(metadata: MetaData) -> Table:
    return Table(
        "denials",
        metadata,
        Column("actor", Text, primary_key=True),
        Column("action", Text, primary_key=True),
        Column("hour", Instant, primary_key=True),
        Column("count", BigInteger, nullable=False),
    )


def _snapshot(metadata: MetaData, aggregate: Aggregate[Any]) -> Table:
    columns = [
        Column(
            column.name,
            TYPES[column.kind],
            primary_key=column.name == "id",
            nullable=column.name not in ("id", "version"),
        )
        for column in codec.columns(aggregate)
    ]
    indexes = [Index(None, name) for name in aggregate.indexed]
    return Table(
        aggregate.table,
        metadata,
        *columns,
        Column("fold", SmallInteger, nullable=False),
        *indexes,
        postgresql_with={"fillfactor": "50"},
    )


def _rows(metadata: MetaData, rows: Any) -> Table:
    hints = codec.hints(rows.row)
    return Table(
        rows.table,
        metadata,
        Column("owner", Text, primary_key=True),
        Column("ordinal", Integer, primary_key=True, autoincrement=False),
        *[Column(name, TYPES[codec.column_kind(hint)]) for name, hint in hints.items()],
        *[Index(None, name) for name in rows.indexed],
    )


def guard_connections(engine: Engine, *, read_only: bool = False) -> Engine:
    """Set every SQLite connection up: WAL, full flushes, foreign keys, own transactions."""
    if engine.dialect.name != "sqlite":
        return engine

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for name in ("journal_mode=WAL", "busy_timeout=5000", "synchronous=FULL"):
            cursor.execute(f"PRAGMA {name}")
        cursor.execute("PRAGMA secure_delete=ON")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begun(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine
