"""The log read in stretches is the log, event for event."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from ledger.stretches import Stretch, stretches
from tests.ledger.ground import Ground
from tests.ledger.test_log import busy


def event_by_event(ground: Ground, connection: Connection) -> list[tuple[int, bytes, bytes]]:
    events = ground.reader.tables.events
    columns = (events.c.position, events.c.envelope, events.c.leaf)
    rows = connection.execute(select(*columns).order_by(events.c.position))
    return [(row[0], bytes(row[1]), bytes(row[2])) for row in rows]


@pytest.mark.parametrize("length", [1, 7, 64, 4096])
def test_a_log_in_stretches_is_the_log_event_for_event(ground: Ground, length: int) -> None:
    busy(ground, requests=60)
    with ground.reader.connection() as connection:
        told: list[tuple[Stretch, tuple[int, int]]]
        told = list(stretches(connection, lambda before, number: (before, number), length))
        wanted = event_by_event(ground, connection)
    read = [stretch for stretch, _ in told]
    assert [each for _, each in told] == [(each.positions[0], len(each.positions)) for each in read]
    assert [len(each.positions) for each in read[:-1]] == [length] * (len(read) - 1)
    assert len(read) == -(-len(wanted) // length)
    assert [event for each in read for event in zip(*each, strict=True)] == wanted
    assert len(wanted) > 60


def test_whoever_looks_at_one_stretch_only_leaves_the_connection_usable(ground: Ground) -> None:
    busy(ground, requests=60)
    with ground.reader.connection() as connection:
        reading: Any = stretches(connection, lambda before, number: before + number, 7)
        assert next(iter(reading))[1] == 7
        reading.close()
        assert ground.reader.head(connection).size > 7


def test_a_database_that_fails_is_told_as_everywhere(ground: Ground) -> None:
    connection = ground.reader.engine.connect()
    connection.connection.driver_connection.close()  # type: ignore[union-attr]
    with pytest.raises(DBAPIError, match="reading the log"):
        list(stretches(connection, lambda before, number: before + number))
    connection.invalidate()
    connection.close()
