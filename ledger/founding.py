"""The beginning of a log: its head row, and event 0, which says whose log it is."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select

from ledger.merkle import CompactRange
from ledger.tables import LEAST_WRITER, Tables

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class AlreadyFounded(ValueError):
    """The database holds a log already."""


def is_founded(connection: Connection, tables: Tables) -> bool:
    """Whether the database holds a log."""
    return connection.execute(select(tables.head.c.id)).first() is not None


def found(connection: Connection, tables: Tables, *, origin: str, demo: bool) -> None:
    """Write the head of an empty log; what it says of origin and demo never changes.

    Event 0 repeats both, recorded by the writer like every other event.
    """
    if is_founded(connection, tables):
        raise AlreadyFounded("this database holds a log already")
    connection.execute(
        insert(tables.head).values(
            id=1,
            size=0,
            range=CompactRange().to_bytes(),
            at=EPOCH,
            origin=origin,
            demo=demo,
            least_writer=LEAST_WRITER,
            generation=0,
            policy=None,
            policy_position=-1,
            authority_position=-1,
            signed_size=0,
            checkpoint=None,
        )
    )
