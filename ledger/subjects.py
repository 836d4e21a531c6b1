"""The log subject by subject: what verifying and rebuilding walk through, flat in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from ledger.replay import EVENT_FIELDS
from ledger.store import Reader

AT_ONCE = 200
"""How many subjects are read with one statement."""


@dataclass(slots=True)
class StoredEvent:
    """An event's row and the rows of its parts."""

    row: Any
    parts: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class Subject:
    """One subject's stored events, oldest first."""

    aggregate: str
    id: str
    events: list[StoredEvent] = field(default_factory=list)

    @property
    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The events as `recorded_events` takes them: one row per part."""
        for event in self.events:
            head = tuple(getattr(event.row, name) for name in EVENT_FIELDS)
            if not event.parts:
                yield (*head, None, None)
            for part in event.parts:
                yield (*head, part.name, part.content)


def subjects(
    reader: Reader, connection: Connection, *, aggregate: str | None = None
) -> Iterator[Subject]:
    """Every subject of the log, or of one aggregate, by name and id."""
    names = [aggregate] if aggregate else sorted(_aggregates(reader, connection))
    for name in names:
        after = ""
        while ids := _next_ids(reader, connection, name, after):
            yield from read_subjects(reader, connection, name, ids)
            after = ids[-1]


def _aggregates(reader: Reader, connection: Connection) -> set[str]:
    events = reader.tables.events
    return set(connection.execute(select(events.c.aggregate).distinct()).scalars())


def _next_ids(reader: Reader, connection: Connection, name: str, after: str) -> list[str]:
    events = reader.tables.events
    statement = (
        select(events.c.subject)
        .where(events.c.aggregate == name, events.c.subject > after)
        .distinct()
        .order_by(events.c.subject)
        .limit(AT_ONCE)
    )
    return list(connection.execute(statement).scalars())


def read_subjects(
    reader: Reader, connection: Connection, name: str, ids: list[str]
) -> Iterator[Subject]:
    """These subjects of an aggregate with everything stored of them."""
    events, parts = reader.tables.events, reader.tables.parts
    found = {id: Subject(name, id) for id in ids}
    by_position: dict[int, StoredEvent] = {}
    statement = select(events).where(events.c.aggregate == name, events.c.subject.in_(ids))
    for row in connection.execute(statement.order_by(events.c.subject, events.c.version)):
        stored = StoredEvent(row)
        by_position[row.position] = stored
        found[row.subject].events.append(stored)
    statement = (
        select(parts)
        .join(events, events.c.position == parts.c.position)
        .where(events.c.aggregate == name, events.c.subject.in_(ids))
    )
    for row in connection.execute(statement.order_by(parts.c.position, parts.c.name)):
        by_position[row.position].parts.append(row)
    yield from found.values()
