"""The writer's own PostgreSQL driver: psycopg in pipeline mode, two round trips a batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import psycopg
from psycopg.pq.abc import PGresult
from sqlalchemy import Table

from ledger import statements as sql
from ledger.postgres_pipe import Statement
from ledger.postgres_reads import PostgresReads
from ledger.writes import (
    EventRow,
    Found,
    Opening,
    PartRow,
    Replaced,
    Reply,
    ReplyKey,
    Writes,
    head_values,
    read_head,
)

BEGIN = Statement("begin")
COMMIT = Statement("commit")
LOCK = Statement(f"select {sql.HEAD}, clock_timestamp() from head where id = 1 for update")  # noqa: S608
REPLIES = (
    "select r.actor, r.action, r.key, request, asked, subject, version, position, events "
    "from replies r join unnest($1::text[], $2::text[], $3::text[]) k (actor, action, key) "
    "on (r.actor, r.action, r.key) = (k.actor, k.action, k.key)"
)
EMPTY = (
    "update event_parts p set salt = null, content = null from events e "
    "where e.position = p.position and e.aggregate = $1::text and e.subject = $2::text "
    "and p.name = any($3::text[]) and p.content is not null"
)
SIGN = (
    "update head set signed_size = $1::bigint, checkpoint = $2::text "
    "where id = 1 and signed_size < $1::bigint"
)
ADDING = " on conflict (actor, action, hour) do update set count = denials.count + excluded.count"


class PostgresDatabase(PostgresReads):
    """Holds the head for a batch: one round trip opens it, one writes and commits it."""

    def open(self, wanted: Mapping[str, list[str]], keys: list[ReplyKey]) -> Opening:
        """Begin, lock the head, and only then read; the order makes the reads current."""
        asked = self._ask(wanted, keys)
        with self._guarded(first=True):
            _, head, *results = self._pipe.run([BEGIN, LOCK, *asked])
        [(*fields, now)] = self._pipe.rows(head)
        return Opening(read_head(fields), now, self._found(wanted, keys, results))

    def read(self, wanted: Mapping[str, list[str]], keys: list[ReplyKey]) -> Found:
        """Read more in the open batch, in one round trip."""
        return self._found(wanted, keys, self._run(*self._ask(wanted, keys)))

    def _ask(self, wanted: Mapping[str, list[str]], keys: list[ReplyKey]) -> list[Statement]:
        asked = [self._ask_states(name, ids) for name, ids in wanted.items()]
        if keys:
            asked.append(Statement(REPLIES, sql.arrays(("text", "text", "text"), keys)))
        return asked

    def _found(
        self, wanted: Mapping[str, list[str]], keys: list[ReplyKey], results: list[PGresult]
    ) -> Found:
        states = {
            (name, one.id): one
            for name, result in zip(wanted, results, strict=False)  # the replies come last
            for one in self._decode(name, result)
        }
        replies = self._pipe.rows(results[-1]) if keys else []
        return Found(states, {ReplyKey(*row[:3]): Reply(*row[3:]) for row in replies})

    def write(self, writes: Writes) -> None:
        """Send everything and the COMMIT together, and wait for it once.

        Raises ConnectionLost(committing=True) when it is not known whether it was committed.
        """
        statements = list(self._statements(writes))
        with self._guarded(committing=True):
            self._commit(statements)

    def _commit(self, statements: list[Statement]) -> None:
        *_, ended = self._pipe.run([*statements, COMMIT])
        if ended.command_status != b"COMMIT":
            raise psycopg.DataError(f"a batch ended in {ended.command_status!r}")

    def _statements(self, writes: Writes) -> Iterator[Statement]:
        tables = self._tables
        yield from _insert(tables.events, EventRow._fields, writes.events)
        yield from _insert(tables.parts, PartRow._fields, writes.parts)
        for name, rows in writes.inserts.items():
            table = tables.snapshots[name]
            yield from _insert(table, tuple(table.columns.keys()), rows)
        for (name, columns), rows in writes.updates.items():
            table = tables.snapshots[name]
            arrays = sql.arrays(_types(table, ("id", *columns)), rows)
            yield Statement(sql.unnest_update(table, columns), arrays)
        for erasure in writes.erasures:
            parts = sql.array(erasure.parts, "text")
            yield Statement(EMPTY, (erasure.aggregate, erasure.subject, parts))
        for name, replaced in writes.rows.items():
            yield from self._rows_of(self._tables.rows[name], replaced)
        yield from self._of_the_log(writes)

    def _rows_of(self, table: Table, replaced: list[Replaced]) -> Iterator[Statement]:
        """An owner's derived rows are written anew from the first that changed on."""
        if over := [(each.owner, each.since) for each in replaced if each.over]:
            text = (
                f"delete from {table.name} t using unnest($1::text[], $2::int[]) v (owner, since) "  # noqa: S608
                "where t.owner = v.owner and t.ordinal >= v.since"
            )
            yield Statement(text, sql.arrays(("text", "integer"), over))
        rows = [row for each in replaced for row in each.keyed()]
        yield from _insert(table, tuple(table.columns.keys()), rows)

    def _of_the_log(self, writes: Writes) -> Iterator[Statement]:
        tables = self._tables
        yield from _insert(tables.tiles, ("level", "number", "hashes", "root"), writes.tiles)
        replies = [(*key, *reply, writes.at) for key, reply in writes.replies]
        yield from _insert(tables.replies, tuple(tables.replies.columns.keys()), replies)
        denials = [(*denied, count) for denied, count in writes.denials.items()]
        yield from _insert(
            tables.denials, ("actor", "action", "hour", "count"), denials, otherwise=ADDING
        )
        if writes.forgotten is not None:
            old = sql.scalars([writes.forgotten])
            yield Statement("delete from replies where at < $1::timestamptz", old)
        yield Statement(sql.head_update(tables.head), sql.scalars(head_values(writes.head)))

    def sign(self, size: int, checkpoint: str) -> None:
        """Keep the newest checkpoint; losing it costs nothing, since it can be signed again."""
        with self._guarded(first=True):
            try:
                self._pipe.run(
                    [
                        BEGIN,
                        Statement("set local synchronous_commit = off"),
                        Statement(SIGN, (str(size), checkpoint)),
                        COMMIT,
                    ]
                )
            finally:
                self.rollback()


def _insert(
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[Sequence[Any]],
    *,
    otherwise: str = "",
) -> Iterator[Statement]:
    if rows:
        text = sql.unnest_insert(table, columns) + otherwise
        yield Statement(text, sql.arrays(_types(table, columns), rows))


def _types(table: Table, columns: tuple[str, ...]) -> list[str]:
    types = sql.postgresql_types(table)
    return [types[name] for name in columns]
