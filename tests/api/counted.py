"""What is asked of a database, statement by statement, to be counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from api.records import StoredRecords
from domain.release.gate.gates import verdict
from domain.release.state import Release
from ledger.store import Reader


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def asked_at_gate(reader: Reader, id: str, gate: str) -> list[str]:
    """What a gate of a release asks of the database, besides the release and who may do what."""
    with reader.connection() as connection:
        standing, records = reader.standing(connection), StoredRecords(reader, connection)
        state = records.get(Release, id)
        assert state is not None
        at, authority = reader.head(connection).at, standing.authority
        with statements(reader.engine) as seen:
            verdict(state, gate, at=at, authority=authority, records=records)
    return seen
