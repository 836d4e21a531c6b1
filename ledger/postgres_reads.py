"""The writer's connection to PostgreSQL, and what it reads through it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from secrets import token_hex
from typing import Any

import msgspec
import psycopg
from psycopg.pq import ExecStatus, PipelineStatus, TransactionStatus
from psycopg.pq.abc import PGresult

from ledger import statements as sql
from ledger.databases import REACHING
from ledger.postgres_pipe import Connection, Pipe, Statement
from ledger.registry import Registry
from ledger.request import event_id
from ledger.tables import Tables
from ledger.writes import Busy, ConnectionLost, DatabaseFault, OutOfReach, Stored

LOG = logging.getLogger("changegate.ledger")
CONNECTING: dict[str, Any] = {
    "application_name": "changegate writer",
    "client_encoding": "utf8",
    **REACHING,
}
"""How the writer connects; the string given overrules."""
SESSION = """
set time zone 'UTC';
set datestyle = 'ISO';
set bytea_output = 'hex';
set lock_timeout = '10s';
set statement_timeout = '30s';
set idle_in_transaction_session_timeout = '60s';
select set_config('synchronous_commit', 'on', false)
where current_setting('synchronous_commit') = 'off'
"""
"""What every connection begins with; what is acknowledged must be on disk."""
NO_ROOM = ("25006", "53100", "58030")
"""The states of a server that only reads, whose disk is full, or whose disk fails."""
NOTHING_BEGUN = (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)


class PostgresReads:
    """One connection, made on first use and anew after a loss, and the reads of a batch."""

    def __init__(self, dsn: str, registry: Registry, tables: Tables) -> None:
        """Connect on first use to the libpq connection string."""
        self._dsn = dsn
        self._registry = registry
        self._tables = tables
        self._connection: Connection | None = None
        self._pipe: Pipe
        self._decoders: dict[str, msgspec.json.Decoder[Any]] = {}

    def _connect(self) -> None:
        """Connect unless there is a connection. Never within a batch: its lock would be gone."""
        if not self._is_lost():
            return
        given = psycopg.conninfo.conninfo_to_dict(self._dsn)
        self._connection = psycopg.connect(
            **{**CONNECTING, **given}, autocommit=True, prepare_threshold=None
        )
        self._connection.execute(SESSION, prepare=False)
        self._pipe = Pipe(self._connection)

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
            if fault.sqlstate in NO_ROOM:
                raise OutOfReach from fault
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

    def _run(self, *statements: Statement) -> list[PGresult]:
        """Run statements in the open batch, in one round trip."""
        with self._guarded():
            return self._pipe.run(statements)

    def _rows(self, text: str, *values: str | None) -> list[tuple[Any, ...]]:
        """The rows of one statement in the open batch."""
        [result] = self._run(Statement(text, values))
        return self._pipe.rows(result)

    def _ask_states(self, name: str, ids: list[str]) -> Statement:
        text = f"select json_agg(s)::text from ({self._select(name)} where id = any($1::text[])) s"  # noqa: S608
        return Statement(text, (sql.array(ids, "text"),))

    def _select(self, name: str) -> str:
        fields = ", ".join(sql.quoted(sql.state_columns(self._registry.by_name[name])))
        return f"select {fields} from {self._tables.snapshots[name].name}"  # noqa: S608

    def _decode(self, name: str, result: PGresult) -> list[Any]:
        """The states in a result, decoded at once from the text of one JSON array."""
        text = result.get_value(0, 0)
        if text is None:
            return []
        if name not in self._decoders:
            state: Any = self._registry.by_name[name].state
            self._decoders[name] = msgspec.json.Decoder(list[state])
        found: list[Any] = self._decoders[name].decode(text)
        return found

    def states(self, aggregate: Any, ids: list[str]) -> list[Any]:
        """The states with these ids, those that exist."""
        [result] = self._run(self._ask_states(aggregate.name, ids))
        return self._decode(aggregate.name, result)

    def find(self, aggregate: Any, equal: Mapping[str, Any]) -> list[Any]:
        """States whose columns equal these values, in order of id."""
        table = self._tables.snapshots[aggregate.name]
        text = (
            "select json_agg(s order by s.id)::text from "  # noqa: S608
            f"({self._select(aggregate.name)} where {sql.equalities(table, equal)}) s"
        )
        [result] = self._run(Statement(text, sql.bound(table, equal)))
        return self._decode(aggregate.name, result)

    def leaves(self, start: int, end: int) -> list[bytes]:
        """Leaf hashes of the events from `start` up to `end`."""
        rows = self._rows(
            "select leaf from events where position >= $1::bigint and position < $2::bigint "
            "order by position",
            str(start),
            str(end),
        )
        return [row[0] for row in rows]

    def roots(self, level: int, start: int, end: int) -> list[bytes]:
        """Roots of complete tiles of a level, from number `start` up to `end`."""
        rows = self._rows(
            "select root from tiles where level = $1::int and number >= $2::bigint "
            "and number < $3::bigint order by number",
            str(level),
            str(start),
            str(end),
        )
        return [row[0] for row in rows]

    def history(self, aggregate: str, subject: str) -> list[Any]:
        """The stored events of a subject with their parts, oldest first."""
        return self._rows(
            "select e.kind, e.facts, e.id, e.subject, e.version, e.at, e.actor, e.behalf, "
            "e.happened, e.outcome, p.name, p.content from events e "
            "left join event_parts p using (position) "
            "where aggregate = $1::text and subject = $2::text order by e.version",
            aggregate,
            subject,
        )

    def changed(self, kinds: Sequence[str], since: int) -> list[tuple[Any, ...]]:
        """Aggregate and subject of the events of these kinds from a position on, each once."""
        return self._rows(
            "select distinct aggregate, subject from events "
            "where kind = any($1::text[]) and position >= $2::bigint",
            sql.array(kinds, "text"),
            str(since),
        )

    def denied(self, actor: str, action: str) -> tuple[datetime, int] | None:
        """The latest hour with denials of this person and action, and how many."""
        rows = self._rows(
            "select hour, count from denials where actor = $1::text and action = $2::text "
            "order by hour desc limit 1",
            actor,
            action,
        )
        return (rows[0][0], rows[0][1]) if rows else None

    def recorded(self, requests: Sequence[str]) -> dict[str, list[Stored]]:
        """Under the head's lock, since a lost COMMIT may still be under way: what is stored."""
        found: dict[str, list[Stored]] = {}
        ids = sql.array([event_id(each, 0) for each in requests], "text")
        with self._guarded(first=True):
            try:
                *_, stored = self._pipe.run(
                    [
                        Statement("begin"),
                        Statement("select 1 from head where id = 1 for update"),
                        Statement(sql.RECORDED.format("= any($1::text[])"), (ids,)),
                    ]
                )
            finally:
                self.rollback()
            for request, *event in self._pipe.rows(stored):
                found.setdefault(request, []).append(Stored(*event))
        return found

    def attempt(self, size: int) -> None:
        """Write in the open batch what no compression makes less of."""
        self._run(Statement(sql.ATTEMPT.format("decode($1::text, 'hex')"), (token_hex(size),)))

    def rollback(self) -> None:
        """Undo; a connection that breaks or has broken leaves nothing to undo.

        The driver's own way would also throw away every prepared statement.
        """
        connection = self._connection
        if connection is None or connection.info.transaction_status in NOTHING_BEGUN:
            return
        if connection.pgconn.pipeline_status != PipelineStatus.OFF:
            connection.close()
        elif connection.pgconn.exec_(b"rollback").status != ExecStatus.COMMAND_OK:
            LOG.warning("a transaction could not be rolled back: its connection is let go")
            connection.close()

    def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            self._connection.close()
