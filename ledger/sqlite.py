"""The writer's own SQLite driver: the standard library's, with BEGIN IMMEDIATE for every batch."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from domain.digest import instant
from domain.sides import After, Before
from ledger import statements as sql
from ledger.codec import read_instant, spelled, state_reader
from ledger.registry import Registry
from ledger.request import event_id
from ledger.sqlite_file import AWAY, HELD, Remains, primary
from ledger.tables import Tables
from ledger.writes import (
    Busy,
    DatabaseFault,
    EventRow,
    Found,
    Opening,
    OutOfReach,
    PartRow,
    Reply,
    ReplyKey,
    Stored,
    Writes,
    head_values,
    read_head,
)

WAIT_MS = 10_000
"""How long to wait for another process that is writing."""
REPLIES = (
    "with k (actor, action, key) as (values {}) "
    "select r.actor, r.action, r.key, request, asked, subject, version, position, events from k "
    "cross join replies r on r.actor = k.actor and r.action = k.action and r.key = k.key"
)


class SqliteDatabase:
    """One connection to a local file; the clock is this machine's, which is the database's too."""

    def __init__(
        self, path: str, registry: Registry, tables: Tables, synchronous: str = "FULL"
    ) -> None:
        """Open the file; `synchronous` is lowered only where losing power may lose data."""
        self._registry = registry
        self._tables = tables
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute(f"pragma busy_timeout={WAIT_MS}")
        self._connection.execute("pragma journal_mode=WAL")
        self._connection.execute(f"pragma synchronous={synchronous}")
        self._remains = Remains(self._connection, WAIT_MS)

    @contextmanager
    def _guarded(self) -> Iterator[sqlite3.Connection]:
        """Tell a database that others hold, or that is away, from a statement that failed."""
        try:
            yield self._connection
        except sqlite3.Error as fault:
            if (code := primary(fault)) in HELD:
                raise Busy from fault
            if code in AWAY:
                raise OutOfReach from fault
            raise DatabaseFault(str(fault)) from fault

    def open(self, wanted: Mapping[str, list[str]], keys: list[ReplyKey]) -> Opening:
        """Begin at once as a writer, so that every read is of what the commit will rest on."""
        with self._guarded() as connection:
            connection.execute("begin immediate")
            head = connection.execute(f"select {sql.HEAD} from head where id = 1").fetchone()  # noqa: S608
            return Opening(read_head(head), datetime.now(UTC), self.read(wanted, keys))

    def read(self, wanted: Mapping[str, list[str]], keys: list[ReplyKey]) -> Found:
        """Read more in the open batch."""
        states = {
            (name, one.id): one
            for name, ids in wanted.items()
            for one in self.states(self._registry.by_name[name], ids)
        }
        return Found(states, self._replies(keys) if keys else {})

    def _replies(self, keys: list[ReplyKey]) -> dict[ReplyKey, Reply]:
        """What was answered before under any of these keys."""
        marks = ", ".join(["(?, ?, ?)"] * len(keys))
        rows = self._rows(REPLIES.format(marks), [each for key in keys for each in key])
        return {ReplyKey(*row[:3]): Reply(*row[3:]) for row in rows}

    def states(self, aggregate: Any, ids: list[str]) -> list[Any]:
        """The states with these ids, those that exist."""
        return self._select(aggregate, "id in (select value from json_each(?))", (json.dumps(ids),))

    def find(self, aggregate: Any, equal: Mapping[str, Any]) -> list[Any]:
        """States whose columns equal these values, in order of id."""
        tests = " and ".join(f'"{name}" {_test(value)}' for name, value in equal.items())
        return self._select(aggregate, tests or "true", tuple(_bound(v) for v in equal.values()))

    def _select(self, aggregate: Any, test: str, values: tuple[Any, ...]) -> list[Any]:
        fields = ", ".join(sql.quoted(sql.state_columns(aggregate)))
        table = self._tables.snapshot(aggregate).name
        text = f"select {fields} from {table} where {test} order by id"  # noqa: S608
        read = state_reader(aggregate.state)
        return [read(row) for row in self._rows(text, values)]

    def _rows(self, text: str, values: Sequence[Any]) -> list[Any]:
        with self._guarded() as connection:
            return connection.execute(text, values).fetchall()

    def leaves(self, start: int, end: int) -> list[bytes]:
        """Leaf hashes of the events from `start` up to `end`."""
        rows = self._rows(
            "select leaf from events where position >= ? and position < ? order by position",
            (start, end),
        )
        return [row[0] for row in rows]

    def roots(self, level: int, start: int, end: int) -> list[bytes]:
        """Roots of complete tiles of a level, from number `start` up to `end`."""
        rows = self._rows(
            "select root from tiles where level = ? and number >= ? and number < ? order by number",
            (level, start, end),
        )
        return [row[0] for row in rows]

    def history(self, aggregate: str, subject: str) -> list[Any]:
        """The stored events of a subject with their parts, oldest first."""
        rows = self._rows(
            "select e.kind, e.facts, e.id, e.subject, e.version, e.at, e.actor, e.behalf, "
            "e.happened, e.outcome, p.name, p.content from events e "
            "left join event_parts p using (position) "
            "where aggregate = ? and subject = ? order by e.version",
            (aggregate, subject),
        )
        return [(*row[:5], _moment(row[5]), *row[6:8], _moment(row[8]), *row[9:]) for row in rows]

    def changed(self, kinds: Sequence[str], since: int) -> list[tuple[str, str]]:
        """Aggregate and subject of the events of these kinds from a position on, each once."""
        return self._rows(
            "select distinct aggregate, subject from events "
            "where kind in (select value from json_each(?)) and position >= ?",
            (json.dumps(kinds), since),
        )

    def denied(self, actor: str, action: str) -> tuple[datetime, int] | None:
        """The latest hour with denials of this person and action, and how many."""
        rows = self._rows(
            "select hour, count from denials where actor = ? and action = ? "
            "order by hour desc limit 1",
            (actor, action),
        )
        return (read_instant(rows[0][0]), rows[0][1]) if rows else None

    def recorded(self, requests: Sequence[str]) -> dict[str, list[Stored]]:
        """What is stored of these requests, once nobody else is writing."""
        found: dict[str, list[Stored]] = {}
        ids = json.dumps([event_id(each, 0) for each in requests])
        with self._guarded() as connection:
            connection.execute("begin immediate")
            try:
                rows = self._rows(
                    sql.RECORDED.format("in (select value from json_each(?))"), (ids,)
                )
            finally:
                self.rollback()
        for request, *stored in rows:
            found.setdefault(request, []).append(Stored(*stored))
        return found

    def write(self, writes: Writes) -> None:
        """Run everything and commit, which flushes to disk."""
        with self._guarded() as connection:
            self._write(connection, writes)
            self._commit(connection)
        if writes.erasures:
            self._remains.leave()

    def _commit(self, connection: sqlite3.Connection) -> None:
        connection.execute("commit")

    def _write(self, connection: sqlite3.Connection, writes: Writes) -> None:
        tables = self._tables
        self._many(tables.events, EventRow._fields, writes.events)
        self._many(tables.parts, PartRow._fields, writes.parts)
        for name, rows in writes.inserts.items():
            table = tables.snapshots[name]
            self._many(table, tuple(table.columns.keys()), rows)
        for (name, columns), rows in writes.updates.items():
            text = sql.update(tables.snapshots[name], columns)
            connection.executemany(text, _bounds([(*row[1:], row[0]) for row in rows]))
        for erasure in writes.erasures:
            connection.execute(
                "update event_parts set salt = null, content = null where position in "
                "(select position from events where aggregate = ? and subject = ?) "
                "and name in (select value from json_each(?)) and content is not null",
                (erasure.aggregate, erasure.subject, json.dumps(erasure.parts)),
            )
        self._write_rows(writes)
        self._write_log(writes)

    def _many(self, table: Any, columns: tuple[str, ...], rows: Any) -> None:
        if rows:
            self._connection.executemany(sql.insert(table, columns), _bounds(rows))

    def _write_rows(self, writes: Writes) -> None:
        for name, replaced in writes.rows.items():
            table = self._tables.rows[name]
            self._connection.executemany(
                f"delete from {table.name} where owner = ? and ordinal >= ?",  # noqa: S608
                [(each.owner, each.since) for each in replaced if each.over],
            )
            rows = [row for each in replaced for row in each.keyed()]
            self._many(table, tuple(table.columns.keys()), rows)

    def _write_log(self, writes: Writes) -> None:
        self._many(self._tables.tiles, ("level", "number", "hashes", "root"), writes.tiles)
        replies = [(*key, *reply, writes.at) for key, reply in writes.replies]
        self._many(self._tables.replies, tuple(self._tables.replies.columns.keys()), replies)
        for (actor, action, hour), count in writes.denials.items():
            self._connection.execute(
                "insert into denials values (?, ?, ?, ?) on conflict (actor, action, hour) "
                "do update set count = count + excluded.count",
                (actor, action, instant(hour), count),
            )
        if writes.forgotten is not None:
            self._connection.execute(
                "delete from replies where at < ?", (instant(writes.forgotten),)
            )
        assignments = ", ".join(f"{name} = ?" for name in sql.HEAD.split(", "))
        self._connection.execute(
            f"update head set {assignments} where id = 1",  # noqa: S608
            *_bounds([head_values(writes.head)]),
        )

    def attempt(self, size: int) -> None:
        """Write in the open batch; with next to no cache it goes to the disk at once."""
        with self._guarded() as connection:
            [cached] = connection.execute("pragma cache_size").fetchone()
            try:
                connection.execute("pragma cache_size=1")
                connection.execute(sql.ATTEMPT.format("randomblob(?)"), (size,))
            finally:
                connection.execute(f"pragma cache_size={cached}")

    def rollback(self) -> None:
        """Undo, if anything was begun."""
        if self._connection.in_transaction:
            self._connection.execute("rollback")

    def sign(self, size: int, checkpoint: str) -> None:
        """Keep the newest checkpoint; losing it costs nothing, since it can be signed again."""
        with self._guarded() as connection:
            connection.execute(
                "update head set signed_size = ?, checkpoint = ? where id = 1 and signed_size < ?",
                (size, checkpoint, size),
            )
        self._remains.wipe()

    def close(self) -> None:
        """Let the file go."""
        self._remains.wipe()
        self._connection.close()


def _moment(value: Any) -> Any:
    return read_instant(value) if isinstance(value, str) else value


def _test(value: Any) -> str:
    """What a column must be; `is` also where the value is null."""
    if isinstance(value, Before | After):
        return "< ?" if isinstance(value, Before) else "> ?"
    return "in (select value from json_each(?))" if isinstance(value, frozenset) else "is ?"


def _bound(value: Any) -> Any:
    if isinstance(value, frozenset):
        return json.dumps(sorted(_bound(each) for each in value))
    moment = sql.bare(value)
    return spelled(moment) if type(moment) is datetime else moment


def _bounds(rows: Sequence[Any]) -> list[list[Any]]:
    return [[spelled(value) if type(value) is datetime else value for value in row] for row in rows]
