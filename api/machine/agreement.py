"""What the head row says beside the tree, compared with the log: whose it is, what is in force."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, select

from api.machine.installation import Installation
from api.machine.keys import checkpoint_file
from domain.adoption import Status
from domain.log import SUBJECT, Log
from domain.policy import Policy
from ledger.agreed import AUTHORITY, MOVING
from ledger.checkpoint import Checkpoint
from ledger.faults import Fault
from ledger.heads import HeadSigner, RolledBack
from ledger.store import Reader
from ledger.tables import LEAST_WRITER, WRITER_VERSION
from ledger.writes import Head

ADOPTED: Final = "policy.adopted"
SIGNED_WITHIN_S: Final = 3.0


def head_faults(reader: Reader) -> Iterator[Fault]:
    """What the head has otherwise than the events.

    Changed behind the writer's back, it would clear a demo, put a policy into force that nobody
    adopted, let the clock go back, or let a version write that does not know today's rules.
    """
    with reader.connection() as connection:
        head = reader.head(connection)
        log = reader.get(connection, Log, SUBJECT)
        if log is None or (log.origin, log.demo) != (head.origin, head.demo):
            yield Fault("origin_altered", "the head is of another log than event 0")
        if head.policy != _in_force(reader, connection):
            yield Fault("policy_altered", "the head names another policy than was adopted last")
        if head.at != _recorded_last(reader, connection):
            yield Fault("head_time_altered", "the head is of another time than the last event")
        if not LEAST_WRITER <= head.least_writer <= WRITER_VERSION:
            message = "the head lets other versions write than this log is for"
            yield Fault("least_writer_altered", message)
        for name, place in _places(reader, connection, head):
            yield Fault("place_altered", f"the head has another place for {name}", place)


def signature_faults(
    installation: Installation, seconds: float = SIGNED_WITHIN_S
) -> Iterator[Fault]:
    """What the newest signatures say against the log: a rollback, or events under no signature.

    A running writer keeps its newest checkpoint within a second; a tail that stays unsigned longer
    could have been written by anybody.
    """
    signer = HeadSigner(
        installation.origin, [installation.key], checkpoint_file(installation.settings)
    )
    try:
        kept = signer.remembered()
        size = _compared(installation.reader, signer, kept)
    except RolledBack as fault:
        yield Fault("rolled_back", str(fault))
        return
    until = time.monotonic() + seconds
    while (signed := _signed(installation, kept)) < size and time.monotonic() < until:
        time.sleep(0.1)
        kept = signer.remembered()
    if signed < size:
        yield Fault("unsigned_tail", f"{size - signed} events are under no signature", signed)


def _compared(reader: Reader, signer: HeadSigner, kept: Checkpoint | None) -> int:
    with reader.connection() as connection:
        size = reader.head(connection).size
        signer.compare(reader.tree(connection, size), kept)
    return size


def _signed(installation: Installation, kept: Checkpoint | None) -> int:
    """How many events the database's checkpoint, or the one kept beside it, is over."""
    with installation.reader.connection() as connection:
        head = installation.reader.head(connection)
    return max(head.signed_size, kept.size if kept else 0)


def _recorded_last(reader: Reader, connection: Connection) -> datetime | None:
    """When the last event was recorded: the clock may not fall behind it unseen."""
    events = reader.tables.events
    last = select(events.c.at).order_by(events.c.position.desc()).limit(1)
    found: datetime | None = connection.execute(last).scalar_one_or_none()
    return found


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
    moved = (
        _last(connection, events, events.c.aggregate.in_(each)) for each in (MOVING, AUTHORITY)
    )
    if head.authority_position not in moved:  # erasures did not always move it
        yield "who holds what", head.authority_position
    event = select(events.c.id).where(events.c.id == head.hiding)
    if head.hiding is not None and connection.execute(event).first() is None:
        yield "what hides", head.size


def _last(connection: Connection, events: Any, where: Any) -> int:
    """The position of the last of these events, -1 if there is none."""
    found = connection.execute(select(func.max(events.c.position)).where(where)).scalar_one()
    return -1 if found is None else int(found)
