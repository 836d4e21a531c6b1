"""Who held what, and which policy was in force, at a past moment: folded from the log."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from domain.authority import Authority
from domain.policy import Adopted, Policy
from ledger.agreed import AUTHORITY
from ledger.replay import EVENT_FIELDS, recorded_events
from ledger.store import Reader, Standing


def standing_at(reader: Reader, connection: Connection, at: datetime) -> Standing:
    """The standing after everything recorded up to this moment; costs a walk over its events."""
    until = reader.position_at(connection, at + timedelta(microseconds=1))
    authority = Authority()
    for name in AUTHORITY:
        for state in _states(reader, connection, name, until):
            authority.learn(state)
    policy = _policy(reader, connection, until)
    judge = None
    if policy is not None:
        judge = reader.rules.compile(policy)
        authority.roles, authority.approving = judge.roles, judge.approving
    return Standing(authority, judge, policy.id if policy else None, until)


def _states(reader: Reader, connection: Connection, name: str, until: int) -> list[Any]:
    """Every aggregate of a kind as it stood before a position."""
    events, parts = reader.tables.events, reader.tables.parts
    statement = (
        select(*[events.c[each] for each in EVENT_FIELDS], parts.c.name, parts.c.content)
        .select_from(events.outerjoin(parts, parts.c.position == events.c.position))
        .where(events.c.aggregate == name, events.c.position < until)
        .order_by(events.c.position)
    )
    aggregate = reader.registry.by_name[name]
    states: dict[str, Any] = {}
    for recorded in recorded_events(reader.registry, connection.execute(statement)):
        before = states.get(recorded.subject)
        states[recorded.subject] = aggregate.evolve(before, recorded)
    return list(states.values())


def _policy(reader: Reader, connection: Connection, until: int) -> Policy | None:
    """The policy that was adopted last before a position; its text never changes."""
    events = reader.tables.events
    adopted = (
        select(events.c.subject)
        .where(events.c.kind == reader.registry.kind_of[Adopted], events.c.position < until)
        .order_by(events.c.position.desc())
        .limit(1)
    )
    found = connection.execute(adopted).scalar_one_or_none()
    return None if found is None else reader.get(connection, Policy, found)
