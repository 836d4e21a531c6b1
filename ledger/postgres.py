"""The writer's own PostgreSQL driver: psycopg in pipeline mode, two round trips a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from sqlalchemy import Table

from ledger import statements as sql
from ledger.postgres_reads import Connection, PostgresReads
from ledger.writes import (
    EventRow,
    Opening,
    PartRow,
    Reply,
    ReplyKey,
    Writes,
    head_values,
    read_head,
)


class PostgresDatabase(PostgresReads):
    """Holds the head for a batch: one round trip opens it, one writes and commits it."""

    def open(self, wanted: Mapping[str, list[str]], keys: list[ReplyKey]) -> Opening:
        """Begin, lock the head, and only then read; the order makes the reads current."""
        with self._guarded(first=True) as connection:
            with connection.pipeline():
                connection.execute("begin")
                head = connection.execute(
                    f"select {sql.HEAD}, clock_timestamp() from head where id = 1 for update"  # noqa: S608
                )
                states = {
                    name: self._ask_states(connection, name, ids) for name, ids in wanted.items()
                }
                replies = self._ask_replies(connection, keys) if keys else None
            *fields, now = _one(head)
            found = {name: self._decode(name, cursor) for name, cursor in states.items()}
            return Opening(
                read_head(fields),
                now,
                {(name, one.id): one for name, ones in found.items() for one in ones},
                _read_replies(replies) if replies else {},
            )

    def _ask_replies(self, connection: Connection, keys: list[ReplyKey]) -> Any:
        return connection.execute(
            "select r.actor, r.action, r.key, request, asked, subject, version, position, events "
            "from replies r join unnest(%s::text[], %s::text[], %s::text[]) k (actor, action, key) "
            "on (r.actor, r.action, r.key) = (k.actor, k.action, k.key)",
            sql.arrays(("text", "text", "text"), keys),
        )

    def write(self, writes: Writes) -> None:
        """Send everything and the COMMIT in one pipeline, and wait for it once.

        Raises ConnectionLost(committing=True) when it is not known whether it was committed.
        """
        with self._guarded(committing=True) as connection:
            with connection.pipeline():
                self._write(connection, writes)
                ended = self._commit(connection)
            if ended.statusmessage != "COMMIT":
                raise psycopg.DataError(f"a batch ended in {ended.statusmessage}")

    def _commit(self, connection: Connection) -> Any:
        return connection.execute("commit")

    def _write(self, connection: Connection, writes: Writes) -> None:
        tables = self._tables
        _insert(connection, tables.events, EventRow._fields, writes.events)
        _insert(connection, tables.parts, PartRow._fields, writes.parts)
        for name, rows in writes.inserts.items():
            table = tables.snapshots[name]
            _insert(connection, table, tuple(table.columns.keys()), rows)
        for (name, columns), rows in writes.updates.items():
            table = tables.snapshots[name]
            arrays = sql.arrays(_types(table, ("id", *columns)), rows)
            connection.execute(sql.unnest_update(table, columns), arrays)
        for erasure in writes.erasures:
            connection.execute(
                "update event_parts p set salt = null, content = null from events e "
                "where e.position = p.position and e.aggregate = %s and e.subject = %s "
                "and p.name = any(%s::text[]) and p.content is not null",
                (erasure.aggregate, erasure.subject, sql.array(erasure.parts, "text")),
            )
        self._write_rows(connection, writes)
        self._write_log(connection, writes)

    def _write_rows(self, connection: Connection, writes: Writes) -> None:
        for name, owned in writes.rows.items():
            table = self._tables.rows[name]
            connection.execute(
                f"delete from {table.name} where owner = any(%s::text[])",  # noqa: S608
                (sql.array([owner for owner, _ in owned], "text"),),
            )
            rows = [
                (owner, ordinal, *row)
                for owner, listed in owned
                for ordinal, row in enumerate(listed)
            ]
            _insert(connection, table, tuple(table.columns.keys()), rows)

    def _write_log(self, connection: Connection, writes: Writes) -> None:
        tables, head = self._tables, writes.head
        _insert(connection, tables.tiles, ("level", "number", "hashes", "root"), writes.tiles)
        replies = [(*key, *reply, head.at) for key, reply in writes.replies]
        _insert(connection, tables.replies, tuple(tables.replies.columns.keys()), replies)
        _insert(
            connection,
            tables.denials,
            ("actor", "action", "hour", "count"),
            [(*denied, count) for denied, count in writes.denials.items()],
            " on conflict (actor, action, hour) do update set count = denials.count "
            "+ excluded.count",
        )
        if writes.forgotten is not None:
            connection.execute("delete from replies where at < %s", (writes.forgotten,))
        connection.execute(
            "update head set size = %s::bigint, range = %s, at = %s, origin = %s, demo = %s, "
            "least_writer = %s::int, generation = %s::int, policy = %s, "
            "policy_position = %s::bigint, authority_position = %s::bigint, "
            "signed_size = %s::bigint, checkpoint = %s where id = 1",
            head_values(head),
        )

    def sign(self, size: int, checkpoint: str) -> None:
        """Keep the newest checkpoint; losing it costs nothing, since it can be signed again."""
        with self._guarded(first=True) as connection:
            try:
                with connection.pipeline():
                    connection.execute("begin")
                    connection.execute("set local synchronous_commit = off")
                    connection.execute(
                        "update head set signed_size = %s::bigint, checkpoint = %s "
                        "where id = 1 and signed_size < %s::bigint",
                        (size, checkpoint, size),
                    )
                    connection.execute("commit")
            finally:
                self.rollback()


def _insert(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[Sequence[Any]],
    otherwise: str = "",
) -> None:
    if rows:
        text = sql.unnest_insert(table, columns) + otherwise
        connection.execute(text, sql.arrays(_types(table, columns), rows))


def _types(table: Table, columns: tuple[str, ...]) -> list[str]:
    types = sql.postgresql_types(table)
    return [types[name] for name in columns]


def _one(cursor: Any) -> tuple[Any, ...]:
    row: tuple[Any, ...] = cursor.fetchone()
    return row


def _read_replies(cursor: Any) -> dict[ReplyKey, Reply]:
    return {ReplyKey(*row[:3]): Reply(*row[3:]) for row in cursor.fetchall()}
