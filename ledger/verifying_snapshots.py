"""Verifying what is painted from the log: snapshots, derived columns and rows, and strays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from ledger import codec, replay
from ledger.faults import Fault
from ledger.merkle import TILE_WIDTH
from ledger.recording import row_values, value_of
from ledger.store import Reader
from ledger.subjects import Subject


def check_snapshot(reader: Reader, connection: Connection, subject: Subject) -> Iterator[Fault]:
    """A subject's snapshot is the fold of its events, and so is everything derived from it."""
    aggregate = reader.registry.by_name.get(subject.aggregate)
    if aggregate is None:
        yield Fault("unknown_aggregate", f"nobody knows {subject.aggregate}", None, subject.id)
        return
    try:
        folded = replay.fold(aggregate, replay.recorded_events(reader.registry, subject.rows))
    except (ValueError, LookupError, TypeError) as fault:
        yield Fault("history_unreadable", str(fault), None, subject.id)
        return
    table = reader.tables.snapshot(aggregate)
    row = connection.execute(select(table).where(table.c.id == subject.id)).first()
    if row is None:
        yield Fault("snapshot_missing", f"no snapshot of {aggregate.name}", None, subject.id)
        return
    for code, message in _differences(reader, connection, aggregate, row, folded):
        yield Fault(code, message, None, subject.id)


def _differences(
    reader: Reader, connection: Connection, aggregate: Any, row: Any, folded: Any
) -> Iterator[tuple[str, str]]:
    if reader.state_of(aggregate.state, row) != folded:
        yield "snapshot_altered", f"the {aggregate.name} is not its fold"
    if row.fold != aggregate.fold:
        yield "snapshot_stale", f"the {aggregate.name} was painted by another fold"
    for column in codec.columns(aggregate):
        if column.derived and getattr(row, column.name) != value_of(aggregate, column, folded):
            yield "column_stale", f"{column.name} is not derived so"
    for rows in aggregate.rows:
        if _stored_rows(reader, connection, rows, row.id) != _derived_rows(rows, folded):
            yield "rows_altered", f"{rows.table} are not derived so"


def _stored_rows(
    reader: Reader, connection: Connection, rows: Any, owner: str
) -> list[tuple[Any, ...]]:
    table = reader.tables.rows[rows.table]
    found = connection.execute(
        select(table).where(table.c.owner == owner).order_by(table.c.ordinal)
    )
    return [tuple(row[1:]) for row in found]


def _derived_rows(rows: Any, state: Any) -> list[tuple[Any, ...]]:
    return [(ordinal, *row_values(rows.row, row)) for ordinal, row in enumerate(rows.of(state))]


def check_strays(reader: Reader, connection: Connection, size: int) -> Iterator[Fault]:
    """Snapshots, rows, parts and tiles of which the log knows nothing."""
    events, parts, tiles = reader.tables.events, reader.tables.parts, reader.tables.tiles
    for aggregate in reader.registry.aggregates:
        table = reader.tables.snapshot(aggregate)
        known = select(events.c.subject).where(events.c.aggregate == aggregate.name)
        for id in connection.execute(select(table.c.id).where(table.c.id.not_in(known))).scalars():
            yield Fault("snapshot_forged", f"no event made this {aggregate.name}", None, id)
        for rows in aggregate.rows:
            derived = reader.tables.rows[rows.table]
            stray = select(derived.c.owner).where(derived.c.owner.not_in(known)).distinct()
            for owner in connection.execute(stray).scalars():
                yield Fault("rows_forged", f"{rows.table} of nothing", None, owner)
    unknown = select(parts.c.position).where(parts.c.position.not_in(select(events.c.position)))
    for position in connection.execute(unknown.distinct()).scalars():
        yield Fault("part_forged", "a part of no event", position)
    for level, number in connection.execute(select(tiles.c.level, tiles.c.number)):
        if number >= size // TILE_WIDTH ** (level + 1):
            yield Fault("tile_forged", f"tile {number} of level {level} is not complete yet")
