"""The writer's own PostgreSQL driver: psycopg in pipeline mode, two round trips a batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec
import psycopg
from psycopg.rows import TupleRow

from ledger import statements as sql
from ledger.registry import Registry
from ledger.tables import Tables
from ledger.writes import (
    ConnectionLost,
    Opening,
    PartRow,
    Reply,
    ReplyKey,
    Writes,
    head_values,
    read_head,
)

Connection = psycopg.Connection[TupleRow]
EVENT_COLUMNS = tuple(sql.EVENT.split(", "))
LOST = (psycopg.OperationalError, psycopg.InterfaceError)


class PostgresDatabase:
    """One connection that holds the head for a batch; reconnects when it was lost."""

    def __init__(self, dsn: str, registry: Registry, tables: Tables) -> None:
        """Connect on first use to the libpq connection string."""
        self._dsn = dsn
        self._registry = registry
        self._tables = tables
        self._connection: Connection | None = None
        self._decoders: dict[str, msgspec.json.Decoder[Any]] = {}

    @property
    def connection(self) -> Connection:
        """The open connection, made anew after a loss."""
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(
                self._dsn,
                autocommit=True,
                prepare_threshold=0,
                application_name="changegate writer",
            )
            self._connection.execute("set time zone 'UTC'")
            self._connection.execute("set statement_timeout = '30s'")
            self._connection.execute("set idle_in_transaction_session_timeout = '60s'")
        return self._connection

    @contextmanager
    def _guarded(self, *, committing: bool = False) -> Iterator[Connection]:
        """Tell a lost connection from a statement that failed."""
        try:
            yield self.connection
        except LOST as fault:
            if self._connection is None or self._connection.closed or self._connection.broken:
                raise ConnectionLost(committing=committing) from fault
            raise

    def open(self, wanted: Mapping[str, list[str]], keys: list[ReplyKey]) -> Opening:
        """Begin, lock the head, and only then read; the order makes the reads current."""
        with self._guarded() as connection, connection.pipeline() as pipeline:
            connection.execute("begin")
            head = connection.execute(
                f"select {sql.HEAD}, clock_timestamp() from head where id = 1 for update"  # noqa: S608
            )
            states = {name: self._ask_states(connection, name, ids) for name, ids in wanted.items()}
            replies = self._ask_replies(connection, keys) if keys else None
            pipeline.sync()
            *fields, now = _one(head)
            found = {name: self._decode(name, cursor) for name, cursor in states.items()}
            return Opening(
                read_head(fields),
                now,
                {(name, one.id): one for name, ones in found.items() for one in ones},
                _read_replies(replies) if replies else {},
            )

    def _ask_states(self, connection: Connection, name: str, ids: list[str]) -> Any:
        table = self._tables.snapshots[name]
        fields = ", ".join(sql.quoted(self._fields(name)))
        return connection.execute(
            f"select json_agg(s)::text from (select {fields} from {table.name} "  # noqa: S608
            "where id = any(%s::text[])) s",
            (sql.array(ids),),
        )

    def _fields(self, name: str) -> tuple[str, ...]:
        return sql.state_columns(self._registry.by_name[name])

    def _decode(self, name: str, cursor: Any) -> list[Any]:
        text = _one(cursor)[0]
        if text is None:
            return []
        if name not in self._decoders:
            state: Any = self._registry.by_name[name].state
            self._decoders[name] = msgspec.json.Decoder(list[state])
        found: list[Any] = self._decoders[name].decode(text)
        return found

    def _ask_replies(self, connection: Connection, keys: list[ReplyKey]) -> Any:
        return connection.execute(
            "select r.actor, r.action, r.key, request, asked, subject, version, position, events "
            "from replies r join unnest(%s::text[], %s::text[], %s::text[]) k (actor, action, key) "
            "on (r.actor, r.action, r.key) = (k.actor, k.action, k.key)",
            tuple(sql.array(column) for column in zip(*keys, strict=True)),
        )

    def states(self, aggregate: Any, ids: list[str]) -> list[Any]:
        """The states with these ids, those that exist."""
        with self._guarded() as connection:
            return self._decode(aggregate.name, self._ask_states(connection, aggregate.name, ids))

    def find(self, aggregate: Any, equal: Mapping[str, Any]) -> list[Any]:
        """States whose columns equal these values, in order of id."""
        table = self._tables.snapshots[aggregate.name]
        types = sql.postgresql_types(table)
        tests = " and ".join(f'"{name}" is not distinct from %s::{types[name]}' for name in equal)
        fields = ", ".join(sql.quoted(self._fields(aggregate.name)))
        with self._guarded() as connection:
            cursor = connection.execute(
                f"select json_agg(s order by s.id)::text from (select {fields} "  # noqa: S608
                f"from {table.name} where {tests or 'true'}) s",
                tuple(equal.values()),
            )
            return self._decode(aggregate.name, cursor)

    def leaves(self, start: int, end: int) -> list[bytes]:
        """Leaf hashes of the events from `start` up to `end`."""
        with self._guarded() as connection:
            rows = connection.execute(
                "select leaf from events where position >= %s and position < %s order by position",
                (start, end),
            ).fetchall()
        return [row[0] for row in rows]

    def roots(self, level: int, start: int, end: int) -> list[bytes]:
        """Roots of complete tiles of a level, from number `start` up to `end`."""
        with self._guarded() as connection:
            rows = connection.execute(
                "select root from tiles where level = %s and number >= %s and number < %s "
                "order by number",
                (level, start, end),
            ).fetchall()
        return [row[0] for row in rows]

    def history(self, aggregate: str, subject: str) -> list[Any]:
        """The stored events of a subject with their parts, oldest first."""
        with self._guarded() as connection:
            return connection.execute(
                "select e.kind, e.facts, e.id, e.subject, e.version, e.at, e.actor, e.behalf, "
                "e.happened, e.outcome, p.name, p.content from events e "
                "left join event_parts p using (position) "
                "where aggregate = %s and subject = %s order by e.version",
                (aggregate, subject),
            ).fetchall()

    def denied(self, actor: str, action: str) -> tuple[datetime, int] | None:
        """The latest hour with denials of this person and action, and how many."""
        with self._guarded() as connection:
            row = connection.execute(
                "select hour, count from denials where actor = %s and action = %s "
                "order by hour desc limit 1",
                (actor, action),
            ).fetchone()
        return None if row is None else (row[0], row[1])

    def recorded(self, request: str) -> list[tuple[int, str, str, int]]:
        """Position, id, subject and version of each event of a request, in order."""
        with self._guarded() as connection:
            rows = connection.execute(
                "select position, id, subject, version from events "
                "where id = any(%s::text[]) order by position",
                (sql.array(sql.event_ids(request)),),
            ).fetchall()
        return [(row[0], row[1], row[2], row[3]) for row in rows]

    def request_done(self, event: str) -> bool:
        """Lock the head, since a lost COMMIT may still be under way, then look for the event."""
        with self._guarded() as connection:
            connection.execute("begin")
            connection.execute("select 1 from head where id = 1 for update")
            row = connection.execute("select 1 from events where id = %s", (event,)).fetchone()
            connection.execute("rollback")
        return row is not None

    def write(self, writes: Writes) -> None:
        """Queue everything in one pipeline and wait for it once."""
        with self._guarded() as connection, connection.pipeline() as pipeline:
            self._write(connection, writes)
            pipeline.sync()

    def _write(self, connection: Connection, writes: Writes) -> None:
        tables = self._tables
        if writes.events:
            _insert(connection, tables.events, EVENT_COLUMNS, writes.events)
        if writes.parts:
            _insert(connection, tables.parts, PartRow._fields, writes.parts)
        for name, rows in writes.inserts.items():
            table = tables.snapshots[name]
            _insert(connection, table, [column.name for column in table.columns], rows)
        for (name, columns), rows in writes.updates.items():
            text = sql.unnest_update(tables.snapshots[name], columns)
            connection.execute(text, _arrays(rows))
        for erasure in writes.erasures:
            connection.execute(
                "update event_parts p set salt = null, content = null from events e "
                "where e.position = p.position and e.aggregate = %s and e.subject = %s "
                "and p.name = any(%s::text[]) and p.content is not null",
                (erasure.aggregate, erasure.subject, sql.array(erasure.parts)),
            )
        self._write_rows(connection, writes)
        self._write_log(connection, writes)

    def _write_rows(self, connection: Connection, writes: Writes) -> None:
        for name, owned in writes.rows.items():
            table = self._tables.rows[name]
            connection.execute(
                f"delete from {table.name} where owner = any(%s::text[])",  # noqa: S608
                (sql.array([owner for owner, _ in owned]),),
            )
            rows = [
                (owner, ordinal, *row)
                for owner, listed in owned
                for ordinal, row in enumerate(listed)
            ]
            if rows:
                _insert(connection, table, [column.name for column in table.columns], rows)

    def _write_log(self, connection: Connection, writes: Writes) -> None:
        head = writes.head
        if writes.tiles:
            _insert(
                connection, self._tables.tiles, ("level", "number", "hashes", "root"), writes.tiles
            )
        for key, reply in writes.replies:
            connection.execute(
                "insert into replies values (%s, %s, %s, %s, %s, %s, %s::int, %s::bigint, %s::int, "
                "%s)",
                (*key, *reply, head.at),
            )
        for (actor, action, hour), count in writes.denials.items():
            connection.execute(
                "insert into denials values (%s, %s, %s, %s::bigint) "
                "on conflict (actor, action, hour) "
                "do update set count = denials.count + excluded.count",
                (actor, action, hour, count),
            )
        connection.execute(
            "update head set size = %s::bigint, range = %s, at = %s, origin = %s, demo = %s, "
            "least_writer = %s::int, generation = %s::int, policy = %s, "
            "policy_position = %s::bigint, authority_position = %s::bigint, "
            "signed_size = %s::bigint, checkpoint = %s where id = 1",
            head_values(head),
        )

    def commit(self) -> None:
        """Commit; a connection lost here leaves the outcome unknown."""
        with self._guarded(committing=True) as connection:
            connection.execute("commit")

    def rollback(self) -> None:
        """Undo; a broken connection has undone already."""
        connection = self._connection
        if connection is not None and not connection.closed and not connection.broken:
            connection.execute("rollback")

    def sign(self, size: int, checkpoint: str) -> None:
        """Keep the newest checkpoint; losing it costs nothing, since it can be signed again."""
        with self._guarded() as connection, connection.transaction():
            connection.execute("set local synchronous_commit = off")
            connection.execute(
                "update head set signed_size = %s::bigint, checkpoint = %s "
                "where id = 1 and signed_size < %s::bigint",
                (size, checkpoint, size),
            )

    def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            self._connection.close()


def _one(cursor: Any) -> tuple[Any, ...]:
    row: tuple[Any, ...] = cursor.fetchone()
    return row


def _read_replies(cursor: Any) -> dict[ReplyKey, Reply]:
    return {ReplyKey(*row[:3]): Reply(*row[3:]) for row in cursor.fetchall()}


def _arrays(rows: Any) -> tuple[str, ...]:
    return tuple(sql.array(column) for column in zip(*rows, strict=True))


def _insert(connection: Connection, table: Any, columns: Any, rows: Any) -> None:
    connection.execute(sql.unnest_insert(table, columns), _arrays(rows))
