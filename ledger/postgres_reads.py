"""The writer's connection to PostgreSQL, and what it reads through it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec
import psycopg
from psycopg.pq import ExecStatus, PipelineStatus, TransactionStatus
from psycopg.rows import TupleRow

from ledger import statements as sql
from ledger.registry import Registry
from ledger.request import event_id
from ledger.tables import Tables
from ledger.writes import Busy, ConnectionLost, DatabaseFault, Stored

LOG = logging.getLogger("changegate.ledger")
Connection = psycopg.Connection[TupleRow]
MOST_PREPARED = 500
CONNECTING: dict[str, Any] = {
    "application_name": "changegate writer",
    "client_encoding": "utf8",
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
"""How soon a server that has gone without a word counts as lost; the string given overrules."""
SESSION = """
set time zone 'UTC';
set lock_timeout = '10s';
set statement_timeout = '30s';
set idle_in_transaction_session_timeout = '60s';
select set_config('synchronous_commit', 'on', false)
where current_setting('synchronous_commit') = 'off'
"""
"""What every connection begins with; what is acknowledged must be on disk."""
NOTHING_BEGUN = (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)


class PostgresReads:
    """One connection, made on first use and anew after a loss, and the reads of a batch."""

    def __init__(self, dsn: str, registry: Registry, tables: Tables) -> None:
        """Connect on first use to the libpq connection string."""
        self._dsn = dsn
        self._registry = registry
        self._tables = tables
        self._connection: Connection | None = None
        self._decoders: dict[str, msgspec.json.Decoder[Any]] = {}

    def _connect(self) -> None:
        """Connect unless there is a connection. Never within a batch: its lock would be gone."""
        if not self._is_lost():
            return
        given = psycopg.conninfo.conninfo_to_dict(self._dsn)
        self._connection = psycopg.connect(
            **{**CONNECTING, **given}, autocommit=True, prepare_threshold=0
        )
        self._connection.prepared_max = MOST_PREPARED
        self._connection.execute(SESSION, prepare=False)

    def _is_lost(self) -> bool:
        connection = self._connection
        return connection is None or connection.closed or connection.broken

    @contextmanager
    def _guarded(self, *, first: bool = False, committing: bool = False) -> Iterator[Connection]:
        """Tell a lost connection, and a lock that others hold, from a statement that failed.

        `first` opens a transaction and may connect for it.
        """
        try:
            if first:
                self._connect()
            if self._connection is None or self._is_lost():
                raise ConnectionLost(committing=False)
            yield self._connection
        except psycopg.Error as fault:
            if self._has_broken(fault):
                raise ConnectionLost(committing=committing) from fault
            if isinstance(fault, psycopg.errors.LockNotAvailable):
                raise Busy from fault
            raise DatabaseFault(str(fault)) from fault

    def _has_broken(self, fault: psycopg.Error) -> bool:
        """Whether a fault ended the connection, which the driver may not have noticed yet."""
        connection = self._connection
        if connection is None or self._is_lost():
            return True
        stuck = connection.pgconn.pipeline_status != PipelineStatus.OFF
        if stuck or fault.diag.severity_nonlocalized in ("FATAL", "PANIC"):
            connection.close()
        return bool(connection.closed)

    def _ask_states(self, connection: Connection, name: str, ids: list[str]) -> Any:
        table = self._tables.snapshots[name]
        fields = ", ".join(sql.quoted(self._fields(name)))
        return connection.execute(
            f"select json_agg(s)::text from (select {fields} from {table.name} "  # noqa: S608
            "where id = any(%s::text[])) s",
            (sql.array(ids, "text"),),
        )

    def _fields(self, name: str) -> tuple[str, ...]:
        return sql.state_columns(self._registry.by_name[name])

    def _decode(self, name: str, cursor: Any) -> list[Any]:
        text = cursor.fetchone()[0]
        if text is None:
            return []
        if name not in self._decoders:
            state: Any = self._registry.by_name[name].state
            self._decoders[name] = msgspec.json.Decoder(list[state])
        found: list[Any] = self._decoders[name].decode(text)
        return found

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

    def recorded(self, requests: Sequence[str]) -> dict[str, list[Stored]]:
        """Under the head's lock, since a lost COMMIT may still be under way: what is stored."""
        found: dict[str, list[Stored]] = {}
        with self._guarded(first=True) as connection:
            try:
                with connection.pipeline():
                    connection.execute("begin")
                    connection.execute("select 1 from head where id = 1 for update")
                    rows = connection.execute(
                        sql.RECORDED.format("= any(%s::text[])"),
                        (sql.array([event_id(each, 0) for each in requests], "text"),),
                    )
            finally:
                self.rollback()
            for request, *stored in rows.fetchall():
                found.setdefault(request, []).append(Stored(*stored))
        return found

    def rollback(self) -> None:
        """Undo; a connection that breaks or has broken leaves nothing to undo."""
        connection = self._connection
        if connection is None or connection.info.transaction_status in NOTHING_BEGUN:
            return
        if connection.info.transaction_status == TransactionStatus.INTRANS:
            # The driver's own way would also throw away every prepared statement.
            undone = connection.pgconn.exec_(b"rollback").status == ExecStatus.COMMAND_OK
        else:
            undone = self._rolled_back(connection)
        if not undone:
            LOG.warning("a transaction could not be rolled back: its connection is let go")
            connection.close()

    def _rolled_back(self, connection: Connection) -> bool:
        try:
            connection.execute("rollback", prepare=False)
        except psycopg.Error:
            return False
        return True

    def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            self._connection.close()
