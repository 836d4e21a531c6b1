"""What the head row says beside the tree, compared with the log: whose it is, what is in force."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, func, select

from domain.adoption import Status
from domain.log import SUBJECT, Log
from domain.policy import Policy
from ledger.agreed import AUTHORITY
from ledger.store import Reader
from ledger.verifying import Fault
from ledger.writes import Head

ADOPTED = "policy.adopted"


def head_faults(reader: Reader) -> Iterator[Fault]:
    """What the head has otherwise than the events.

    Changed behind the writer's back, it would clear a demo, or put a policy into force that nobody
    adopted.
    """
    with reader.connection() as connection:
        head = reader.head(connection)
        log = reader.get(connection, Log, SUBJECT)
        if log is None or (log.origin, log.demo) != (head.origin, head.demo):
            yield Fault("origin_altered", "the head is of another log than event 0")
        if head.policy != _in_force(reader, connection):
            yield Fault("policy_altered", "the head names another policy than was adopted last")
        for name, place in _places(reader, connection, head):
            yield Fault("place_altered", f"the head has another place for {name}", place)


def _in_force(reader: Reader, connection: Connection) -> str | None:
    table = reader.snapshot(Policy)
    adopted = select(table.c.id).where(table.c.status == Status.ADOPTED.value)
    found: str | None = connection.execute(adopted).scalar_one_or_none()
    return found


def _places(reader: Reader, connection: Connection, head: Head) -> Iterator[tuple[str, int]]:
    """Where caches would look for what has changed, if it is not where that changed last."""
    events = reader.tables.events
    if head.policy_position != _last(connection, events, events.c.kind == ADOPTED):
        yield "the policy", head.policy_position
    if head.authority_position != _last(connection, events, events.c.aggregate.in_(AUTHORITY)):
        yield "who holds what", head.authority_position


def _last(connection: Connection, events: Any, where: Any) -> int:
    """The position of the last of these events, -1 if there is none."""
    found = connection.execute(select(func.max(events.c.position)).where(where)).scalar_one()
    return -1 if found is None else int(found)
