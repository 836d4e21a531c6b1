"""The log read in stretches is the log, event for event."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, select

from ledger.stretches import Stretch, stretches
from tests.ledger.ground import Ground
from tests.ledger.test_log import busy


def event_by_event(ground: Ground, connection: Connection) -> list[tuple[int, bytes, bytes]]:
    events = ground.reader.tables.events
    columns = (events.c.position, events.c.envelope, events.c.leaf)
    rows = connection.execute(select(*columns).order_by(events.c.position))
    return [(row[0], bytes(row[1]), bytes(row[2])) for row in rows]


@pytest.mark.parametrize("length", [1, 7, 4096])
def test_a_log_in_stretches_is_the_log_event_for_event(ground: Ground, length: int) -> None:
    busy(ground, requests=60)
    with ground.reader.connection() as connection:
        read: list[Stretch] = list(stretches(connection, length))
        wanted = event_by_event(ground, connection)
    assert [len(each.positions) for each in read[:-1]] == [length] * (len(read) - 1)
    assert [event for each in read for event in zip(*each, strict=True)] == wanted
    assert len(wanted) > 60
