"""Painting snapshots anew from the log, all of them or those whose fold is stale; resumable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, or_, select, update

from ledger import codec, replay
from ledger.faults import Progress
from ledger.recording import row_values, value_of
from ledger.store import Reader
from ledger.subjects import AT_ONCE, read_subjects
from ledger.tables import Tables


def stale(reader: Reader, connection: Connection) -> dict[str, int]:
    """How many subjects of each aggregate lack a snapshot of today's fold."""
    counts = {}
    for aggregate in reader.registry.aggregates:
        number = connection.execute(
            select(func.count()).select_from(_stale_ids(reader, aggregate).subquery())
        ).scalar_one()
        if number:
            counts[aggregate.name] = number
    return counts


def rebuild(
    reader: Reader, engine: Engine, *, everything: bool, progress: Progress | None = None
) -> int:
    """Fold subjects again and store their snapshots; answers how many.

    `everything` first marks all snapshots stale, so an interrupted rebuild goes on where it was.
    Each step is a transaction under the head's lock that raises the head's generation, so whoever
    runs forgets what they remember.
    """
    done = 0
    if everything:
        with engine.begin() as connection:
            _lock(reader, connection)
            _mark(reader, connection)
    for aggregate in reader.registry.aggregates:
        for number in _rebuild_kind(reader, engine, aggregate):
            done += number
            if progress:
                progress(done)
    return done


def raise_generation(connection: Connection, tables: Tables) -> None:
    """Tell whoever remembers snapshots that these were painted anew."""
    head = tables.head
    connection.execute(update(head).values(generation=head.c.generation + 1))


def _mark(reader: Reader, connection: Connection) -> None:
    for aggregate in reader.registry.aggregates:
        table = reader.tables.snapshot(aggregate)
        connection.execute(update(table).values(fold=-1))


def _rebuild_kind(reader: Reader, engine: Engine, aggregate: Any) -> Iterator[int]:
    while True:
        with engine.begin() as connection:
            _lock(reader, connection)
            ids = list(connection.execute(_stale_ids(reader, aggregate).limit(AT_ONCE)).scalars())
            if not ids:
                _drop_orphans(reader, connection, aggregate)
                raise_generation(connection, reader.tables)
                return
            _paint(reader, connection, aggregate, ids)
            raise_generation(connection, reader.tables)
        yield len(ids)


def _stale_ids(reader: Reader, aggregate: Any) -> Any:
    events, table = reader.tables.events, reader.tables.snapshot(aggregate)
    return (
        select(events.c.subject)
        .outerjoin(table, table.c.id == events.c.subject)
        .where(events.c.aggregate == aggregate.name, events.c.version == 1)
        .where(or_(table.c.id.is_(None), table.c.fold != aggregate.fold))
    )


def _paint(reader: Reader, connection: Connection, aggregate: Any, ids: list[str]) -> None:
    table = reader.tables.snapshot(aggregate)
    columns = codec.columns(aggregate)
    states = [
        replay.fold(aggregate, replay.recorded_events(reader.registry, subject.rows))
        for subject in read_subjects(reader, connection, aggregate.name, ids)
    ]
    connection.execute(delete(table).where(table.c.id.in_(ids)))
    painted = [
        {column.name: value_of(aggregate, column, state) for column in columns}
        | {"fold": aggregate.fold}
        for state in states
    ]
    connection.execute(insert(table), painted)
    for rows in aggregate.rows:
        _paint_rows(reader, connection, rows, states)


def _paint_rows(reader: Reader, connection: Connection, rows: Any, states: list[Any]) -> None:
    table = reader.tables.rows[rows.table]
    names = table.columns.keys()
    connection.execute(delete(table).where(table.c.owner.in_([state.id for state in states])))
    painted = [
        dict(zip(names, (state.id, ordinal, *row_values(rows.row, row)), strict=True))
        for state in states
        for ordinal, row in enumerate(rows.of(state))
    ]
    if painted:
        connection.execute(insert(table), painted)


def _drop_orphans(reader: Reader, connection: Connection, aggregate: Any) -> None:
    """Remove snapshots of which the log knows nothing."""
    events, table = reader.tables.events, reader.tables.snapshot(aggregate)
    known = select(events.c.subject).where(events.c.aggregate == aggregate.name)
    connection.execute(delete(table).where(table.c.id.not_in(known)))


def _lock(reader: Reader, connection: Connection) -> None:
    """Hold every writer off; on SQLite the transaction does so by itself."""
    connection.execute(select(reader.tables.head.c.id).with_for_update()).all()
