"""The log's envelopes and leaves in order, a stretch of whole tiles at a time, straight from disk.

Whoever hashes a log spends nearly all their time here if every event becomes a row of its own: so
PostgreSQL joins a stretch's bytes and sends them as one row, and SQLite's own cursor is read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from sqlalchemy import Connection

LENGTH = 4096
"""Events of a stretch, a whole number of tiles: some megabytes, whatever the size of the log."""
ROWS = "select position, envelope, leaf from events order by position"
BEFORE_ALL = -(2**63)
JOINED = """
select count(*),
  string_agg(int8send(position), ''::bytea order by position),
  string_agg(int4send(octet_length(envelope)), ''::bytea order by position),
  string_agg(envelope, ''::bytea order by position),
  string_agg(int4send(octet_length(leaf)), ''::bytea order by position),
  string_agg(leaf, ''::bytea order by position)
from (
  select position, envelope, leaf from events
  where position > %s::bigint order by position limit {length:d}
) stretch
"""


class Stretch(NamedTuple):
    """Consecutive events as they are stored: their positions, envelopes and leaves."""

    positions: Sequence[int]
    envelopes: Sequence[bytes]
    leaves: Sequence[bytes]


def stretches(connection: Connection, length: int = LENGTH) -> Iterator[Stretch]:
    """The whole log within one read-only transaction; only the last stretch may be shorter."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        return _of_sqlite(driver, length)
    return _of_postgresql(driver, length)


def _of_sqlite(driver: Any, length: int) -> Iterator[Stretch]:
    cursor = driver.execute(ROWS)
    while rows := cursor.fetchmany(length):
        yield Stretch(*zip(*rows, strict=True))


def _of_postgresql(driver: Any, length: int) -> Iterator[Stretch]:
    statement, last = JOINED.format(length=length), BEFORE_ALL
    with driver.cursor(binary=True) as cursor:
        while True:
            cursor.execute(statement, (last,))
            number, positions, *joined = cursor.fetchone()
            if not number:
                return
            stretch = Stretch(struct.unpack(f">{number}q", positions), *_apart(number, *joined))
            yield stretch
            last = stretch.positions[-1]


def _apart(number: int, *joined: bytes) -> Iterator[list[bytes]]:
    """The pieces of joined bytes, each of which comes after the lengths of its pieces."""
    for lengths, whole in zip(joined[::2], joined[1::2], strict=True):
        ends = accumulate(struct.unpack(f">{number}i", lengths), initial=0)
        yield [whole[start:end] for start, end in pairwise(ends)]
