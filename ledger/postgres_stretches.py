"""The log's stretches from PostgreSQL, which joins the bytes of each into one row.

Thousands of rows a stretch would cost more than hashing them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import Final, TypeVar

from psycopg.errors import OperationalError, error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn

from ledger.stretches import Beside, Stretch

T = TypeVar("T")
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


def joined(server: PGconn, beside: Beside[T], length: int) -> Iterator[tuple[Stretch, T]]:
    """The server joins the next stretch while whoever asked looks at this one."""
    statement, seen = JOINED.format(length=length).encode(), 0
    _ask(server, statement, BEFORE_ALL)
    try:
        while stretch := _answered(server):
            read = beside(seen, len(stretch.positions))
            _ask(server, statement, stretch.positions[-1])
            yield stretch, read
            seen += len(stretch.positions)
    finally:
        while server.get_result() is not None:
            pass


def _ask(server: PGconn, statement: bytes, last: int) -> None:
    server.send_query_params(statement, [str(last).encode()], result_format=1)
    server.flush()


def _answered(server: PGconn) -> Stretch | None:
    """What was asked for; None after the end of the log."""
    result = server.get_result()
    while server.get_result() is not None:
        pass
    if result is None or result.status != ExecStatus.TUPLES_OK:
        raise error_from_result(result) if result else OperationalError("no answer came")
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
