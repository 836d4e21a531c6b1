"""The log's stretches from PostgreSQL, which joins the bytes of each into one row.

Thousands of rows a stretch would cost more than hashing them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import Final, TypeVar

import psycopg
from psycopg import generators
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.rows import TupleRow

from ledger.stretches import Beside, Stretch

T = TypeVar("T")
Driver = psycopg.Connection[TupleRow]
BEFORE_ALL: Final = -(2**63)
JOINED: Final = """
select count(*),
  string_agg(int8send(position), ''::bytea order by position),
  string_agg(int4send(octet_length(envelope)), ''::bytea order by position),
  string_agg(envelope, ''::bytea order by position),
  string_agg(int4send(octet_length(leaf)), ''::bytea order by position),
  string_agg(leaf, ''::bytea order by position)
from (
  select position, envelope, leaf from events
  where position > $1::bigint order by position limit {length:d}
) stretch
"""


def joined(driver: Driver, beside: Beside[T], length: int) -> Iterator[tuple[Stretch, T]]:
    """The server joins the next stretch while whoever asked looks at this one.

    Waiting is the driver's, which lets other threads go on and heeds an interrupt.
    """
    statement, seen = JOINED.format(length=length).encode(), 0
    _ask(driver, statement, BEFORE_ALL)
    try:
        while stretch := _answered(driver):
            read = beside(seen, len(stretch.positions))
            _ask(driver, statement, stretch.positions[-1])
            yield stretch, read
            seen += len(stretch.positions)
    finally:
        if driver.pgconn.transaction_status == TransactionStatus.ACTIVE:
            driver.wait(generators.fetch_many(driver.pgconn))


def _ask(driver: Driver, statement: bytes, last: int) -> None:
    driver.pgconn.send_query_params(statement, [str(last).encode()], result_format=1)
    driver.wait(generators.send(driver.pgconn))


def _answered(driver: Driver) -> Stretch | None:
    """What was asked for; None after the end of the log."""
    [result] = driver.wait(generators.fetch_many(driver.pgconn))
    if result.status != ExecStatus.TUPLES_OK:
        raise error_from_result(result)
    number, positions, *told = [result.get_value(0, at) or b"" for at in range(result.nfields)]
    many = int.from_bytes(number)
    if not many:
        return None
    return Stretch(struct.unpack(f">{many}q", positions), *_apart(many, *told))


def _apart(number: int, *joined: bytes) -> Iterator[list[bytes]]:
    """The pieces of joined bytes, each of which comes after the lengths of its pieces."""
    for lengths, whole in zip(joined[::2], joined[1::2], strict=True):
        ends = accumulate(struct.unpack(f">{number}i", lengths), initial=0)
        yield [whole[start:end] for start, end in pairwise(ends)]
