"""Statements that go to PostgreSQL together, prepared once, and are waited for once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg import generators
from psycopg.abc import PQGen
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult
from psycopg.rows import TupleRow

Connection = psycopg.Connection[TupleRow]
MOST_PREPARED = 500
"""How many statements are prepared; more of them would be of shapes that rarely come again."""
FINE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


class Statement(NamedTuple):
    """A statement with $1, $2 for its values, which are given as PostgreSQL spells them."""

    text: str
    values: Sequence[str | None] = ()


class Pipe:
    """One connection's way to run many statements in one round trip.

    The driver's own pipeline mode does the same by a cursor and several system calls for each
    statement, which for a lone request is most of what the writer does.
    """

    def __init__(self, connection: Connection) -> None:
        """Nothing is prepared yet on this connection."""
        self.connection = connection
        self._names: dict[str, bytes] = {}
        self._reading = Transformer(connection)

    def run(self, statements: Sequence[Statement]) -> list[PGresult]:
        """Run them in order and answer their results; the first that fails is raised.

        None of those after it is run, but a transaction that was begun before stays open.
        """
        values = [_spelled(statement) for statement in statements]
        pgconn = self.connection.pgconn
        pgconn.enter_pipeline_mode()
        fresh = self._send(statements, values)
        results = self.connection.wait(_exchange(pgconn))
        pgconn.exit_pipeline_mode()
        return self._checked(results, fresh)

    def rows(self, result: PGresult) -> list[tuple[Any, ...]]:
        """A result's rows as Python's values."""
        self._reading.set_pgresult(result)
        return self._reading.load_rows(0, result.ntuples, tuple)

    def _send(
        self, statements: Sequence[Statement], values: Sequence[list[bytes | None]]
    ) -> dict[int, tuple[str, bytes]]:
        """Send all, each new text to be prepared before its first use.

        Answers which results are of preparing, and what is prepared under which name.
        """
        pgconn = self.connection.pgconn
        fresh: dict[int, tuple[str, bytes]] = {}
        names: dict[str, bytes] = {}
        sent = 0
        for (text, _), spelled in zip(statements, values, strict=True):
            name = self._names.get(text) or names.get(text)
            if name is None and len(self._names) + len(names) < MOST_PREPARED:
                name = b"batch %d" % (len(self._names) + len(names))
                pgconn.send_prepare(name, text.encode())
                fresh[sent] = (text, name)
                names[text] = name
                sent += 1
            if name is None:
                pgconn.send_query_params(text.encode(), spelled)
            else:
                pgconn.send_query_prepared(name, spelled)
            sent += 1
        pgconn.pipeline_sync()
        return fresh

    def _checked(
        self, results: Sequence[PGresult], fresh: dict[int, tuple[str, bytes]]
    ) -> list[PGresult]:
        """The statements' own results."""
        own = []
        for at, result in enumerate(results):
            if result.status not in FINE:
                raise psycopg.errors.error_from_result(result)
            if at in fresh:
                text, name = fresh[at]
                self._names[text] = name
            else:
                own.append(result)
        return own


def _exchange(pgconn: psycopg.pq.abc.PGconn) -> PQGen[list[PGresult]]:
    """Send what is queued and gather the results up to the end of the pipeline."""
    yield from generators.send(pgconn)
    gathered: list[PGresult] = []
    while True:
        results = yield from generators.fetch_many(pgconn)
        if not results:
            raise psycopg.OperationalError("the server answered less than it was asked")
        if results[-1].status == ExecStatus.PIPELINE_SYNC:
            return gathered
        gathered += results


def _spelled(statement: Statement) -> list[bytes | None]:
    spelled = [None if value is None else value.encode() for value in statement.values]
    if any(b"\x00" in value for value in spelled if value is not None):
        raise psycopg.DataError("PostgreSQL cannot hold a NUL character")  # it would end the text
    return spelled
