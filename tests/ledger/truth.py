"""What must hold of a log whatever was done to its writers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import func, select

from ledger.request import Answer, Status
from ledger.verifying import verify_contents, verify_tree
from tests.ledger.ground import KEY, TABLES, Ground


def faults(ground: Ground) -> list[str]:
    """The codes of everything that is not as it was recorded."""
    found = [*verify_tree(ground.reader, [KEY.verifier]), *verify_contents(ground.reader)]
    return sorted({fault.code for fault in found})


def requests_in(ground: Ground) -> Counter[str]:
    """How many events each request has in the log."""
    events = TABLES.events
    counting = select(events.c.request, func.count().label("events")).group_by(events.c.request)
    with ground.reader.connection() as connection:
        return Counter({row.request: row.events for row in connection.execute(counting)})


def commits(ground: Ground, answers: Iterable[Answer]) -> int:
    """In how many batches these were done: all events of a batch have one time."""
    events = TABLES.events
    positions = [answer.position for answer in answers if answer.position is not None]
    times = select(func.count(events.c.at.distinct())).where(events.c.position.in_(positions))
    with ground.reader.connection() as connection:
        return int(connection.execute(times).scalar_one())


def assert_log_agrees(ground: Ground, answers: Iterable[Answer]) -> None:
    """What was said to be done is in the log, once, where it was said to be; the rest is not.

    Every request here yields one event, and the log verifies.
    """
    events = TABLES.events
    with ground.reader.connection() as connection:
        stored = connection.execute(select(events.c.request, events.c.position, events.c.id))
        where = {(row.request, row.position, row.id) for row in stored}
    counted = requests_in(ground)
    assert max(counted.values()) == 1, "a request was done twice"
    for answer in answers:
        if answer.status is Status.DONE:
            assert answer.position is not None
            assert {(answer.request, answer.position, id) for id in answer.events} <= where
            assert len(answer.events) == 1
        else:
            assert counted[answer.request] == 0, answer
    assert faults(ground) == []
