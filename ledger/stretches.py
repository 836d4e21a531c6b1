"""The log's envelopes and leaves in order, a stretch of whole tiles at a time.

They come straight from the driver: whoever hashes a log would spend most of their time on rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

T = TypeVar("T")
Beside = Callable[[int, int], T]
LENGTH = 4096
"""Events of a stretch, a whole number of tiles: some megabytes, whatever the size of the log."""
ROWS = "select position, envelope, leaf from events order by position"
AT_ONCE = 64
"""Rows that are taken from SQLite at a time: so few that the next ones take their memory again."""


class Stretch(NamedTuple):
    """Consecutive events as they are stored: their positions, envelopes and leaves."""

    positions: Sequence[int]
    envelopes: Sequence[bytes]
    leaves: Sequence[bytes]


def stretches(
    connection: Connection, beside: Beside[T], length: int = LENGTH
) -> Iterator[tuple[Stretch, T]]:
    """The whole log within one read-only transaction; only the last stretch may be shorter.

    With each comes what `beside` read for it, told how many events are before it and in it: the
    connection is free for no other question until the next stretch is asked for. Raises what
    SQLAlchemy would when the database fails.
    """
    try:
        yield from _read(connection, beside, length)
    except connection.dialect.loaded_dbapi.Error as fault:
        raise DBAPIError("reading the log", None, fault) from fault


def _read(connection: Connection, beside: Beside[T], length: int) -> Iterator[tuple[Stretch, T]]:
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        return _of_sqlite(driver, beside, length)
    from ledger.postgres_stretches import joined  # noqa: PLC0415  (slow to import, and only here)

    return joined(driver, beside, length)


def _of_sqlite(driver: Any, beside: Beside[T], length: int) -> Iterator[tuple[Stretch, T]]:
    cursor, seen = driver.execute(ROWS), 0
    while (stretch := _gathered(cursor, length)).positions:
        yield stretch, beside(seen, len(stretch.positions))
        seen += len(stretch.positions)


def _gathered(cursor: Any, length: int) -> Stretch:
    """The next rows, at most so many, column by column."""
    positions, envelopes, leaves = list[int](), list[bytes](), list[bytes]()
    while wanted := min(AT_ONCE, length - len(positions)):
        if not (rows := cursor.fetchmany(wanted)):
            break
        here, told, hashed = zip(*rows, strict=True)
        positions += here
        envelopes += told
        leaves += hashed
    return Stretch(positions, envelopes, leaves)
