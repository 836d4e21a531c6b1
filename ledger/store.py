"""Reading: snapshots as the domain's own states, the log's events, and states as of a moment."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Table,
    bindparam,
    select,
    text,
)

from domain.kernel import Recorded
from domain.sides import Wanted
from ledger import queries, replay
from ledger.checkpoint import format_receipt, parse_checkpoint
from ledger.codec import hints, state_reader
from ledger.judging import Rules
from ledger.kept import Kept
from ledger.proof import Tree
from ledger.registry import Registry
from ledger.standings import Mark, Standing, Standings
from ledger.tables import Instant, Tables
from ledger.together import Known, Together
from ledger.writes import HEAD_COLUMNS, Head, read_head

__all__ = ["Reader", "Standing"]

S = TypeVar("S")
FIRST_AT_OR_AFTER = text(
    "with recursive s(lo, hi) as (select cast(0 as bigint), (select size from head) "
    "union all select case when (select at from events where position = (lo + hi) / 2) < :at "
    "then (lo + hi) / 2 + 1 else lo end, "
    "case when (select at from events where position = (lo + hi) / 2) < :at "
    "then hi else (lo + hi) / 2 end from s where lo < hi) select lo from s where lo = hi"
)
"""A binary search: time and position rise together, so no index on time is kept."""

BATCH: Final = 500
"""The most ids one statement names."""
Evolve = Callable[[Any, Recorded], Any]
"""How a state stands after an event."""


def batches(ids: Collection[str]) -> Iterator[list[str]]:
    """The ids in order, as many at a time as one statement names."""
    known = sorted(ids)
    for at in range(0, len(known), BATCH):
        yield known[at : at + BATCH]


class Reader:
    """Reads one database; safe to share between threads."""

    def __init__(self, engine: Engine, registry: Registry, tables: Tables, rules: Rules) -> None:
        """Read through an engine of `ledger.databases.read_engine`."""
        self.engine = engine
        self.registry = registry
        self.tables = tables
        self.rules = rules
        self.kept = Kept()
        self._columns: dict[type, tuple[ColumnElement[Any], ...]] = {}
        self._standings = Standings(self)
        self._together = Together(registry, tables, engine.dialect)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """One read-only transaction, which sees one moment throughout."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    # Snapshots.

    def snapshot(self, state: type) -> Table:
        """The snapshot table of a state."""
        return self.tables.snapshot(self.registry.by_state[state])

    def columns(self, state: type) -> tuple[ColumnElement[Any], ...]:
        """What must be selected to rebuild a state, in the order of its fields."""
        if state not in self._columns:
            table = self.snapshot(state)
            self._columns[state] = tuple(table.c[name] for name in hints(state))
        return self._columns[state]

    def state_of(self, state: type[S], row: Sequence[Any]) -> S:
        """The state in a row that holds the columns of `columns`, first and in their order."""
        kind: Any = state
        read: S = state_reader(kind)(row[: len(hints(kind))])
        return read

    def find(self, connection: Connection, state: type[S], ids: Collection[str]) -> dict[str, S]:
        """The aggregates with these ids as they stand, by id, whoever asks."""
        asked = queries.named(self.snapshot(state), self.columns(state))
        found: dict[str, S] = {}
        for some in batches(ids):
            for id, *row in connection.execute(asked, {"ids": some}):
                found[id] = self.state_of(state, row)
        return found

    def get(self, connection: Connection, state: type[S], id: str) -> S | None:
        """The aggregate as it stands, whoever asks."""
        (found,) = self.together(connection, [(state, {"id": id})], {})
        return found[0] if found else None

    def together(
        self, connection: Connection, asked: Sequence[Wanted], known: Known
    ) -> list[tuple[Any, ...]]:
        """The answers to several questions, each in order of id, by one statement."""
        return self._together.answers(connection, asked, known)

    # The log.

    def head(self, connection: Connection) -> Head:
        """The end of the log."""
        table = self.tables.head
        row = connection.execute(select(*[table.c[name] for name in HEAD_COLUMNS])).one()
        return read_head(row)

    def position_at(self, connection: Connection, at: datetime) -> int:
        """The position of the first event at or after a moment; the size if there is none."""
        bound = FIRST_AT_OR_AFTER.bindparams(bindparam("at", at, type_=Instant()))
        return int(connection.execute(bound).scalar_one())

    def after(self, connection: Connection, at: datetime) -> int:
        """The position of the first event after a moment; the size if there is none."""
        return self.position_at(connection, at + timedelta(microseconds=1))

    def history(
        self, connection: Connection, aggregate: str, subject: str, until: int | None = None
    ) -> list[Recorded]:
        """A subject's recorded events, oldest first, up to (not with) a position."""
        rows = self._events(connection, aggregate, "version", until, [subject])
        return list(replay.recorded_events(self.registry, rows))

    def _events(
        self,
        connection: Connection,
        aggregate: str,
        order: str,
        until: int | None,
        subjects: Sequence[str],
    ) -> Iterable[Any]:
        """The events of these subjects, one row for each part, up to (not with) a position."""
        events, parts = self.tables.events, self.tables.parts
        asked = queries.history(events, parts, order, bounded=until is not None)
        given = {"aggregate": aggregate, "subjects": subjects, "until": until}
        return connection.execute(asked, given)

    def stood(
        self,
        connection: Connection,
        state: type[S],
        ids: Collection[str],
        until: int,
        evolve: Evolve | None = None,
    ) -> dict[str, S]:
        """These aggregates as they stood before the event at a position, those that were there."""
        folded: dict[str, S] = {}
        for recorded, stood in self.stages(connection, state, ids, until, evolve):
            folded[recorded.subject] = stood
        return folded

    def stages(
        self,
        connection: Connection,
        state: type[S],
        ids: Collection[str],
        until: int,
        evolve: Evolve | None = None,
    ) -> Iterator[tuple[Recorded, S]]:
        """Each event of these aggregates before a position, and how its subject stood after it.

        `evolve` folds them where not all of them are told of.
        """
        aggregate = self.registry.by_state[state]
        evolve = evolve or aggregate.evolve
        folded: dict[str, S] = {}
        for some in batches(ids):
            rows = self._events(connection, aggregate.name, "position", until, some)
            for recorded in replay.recorded_events(self.registry, rows):
                before = folded.get(recorded.subject)
                folded[recorded.subject] = evolve(before, recorded)
                yield recorded, folded[recorded.subject]

    def as_of(
        self,
        connection: Connection,
        state: type[S],
        id: str,
        *,
        position: int | None = None,
        at: datetime | None = None,
    ) -> S | None:
        """The aggregate as it stood after the event at `position`, or at the moment `at`.

        A moment counts events recorded at that very moment. Raises ValueError unless exactly one
        of the two is given.
        """
        if (position is None) == (at is None):
            raise ValueError("say either a position or a moment")
        until = self.after(connection, at) if at is not None else (position or 0) + 1
        return self.stood(connection, state, [id], until).get(id)

    # Proofs.

    def tree(self, connection: Connection, size: int) -> Tree:
        """The tree of the first `size` leaves, from whose stored nodes proofs are made."""
        return Tree(
            size,
            read_tile=lambda level, number: self._tile(connection, level, number),
            read_edge=lambda level, start, end: self._edge(connection, level, start, end),
        )

    def _tile(self, connection: Connection, level: int, number: int) -> bytes | None:
        tiles = self.tables.tiles
        found = connection.execute(
            select(tiles.c.hashes).where(tiles.c.level == level, tiles.c.number == number)
        ).scalar_one_or_none()
        return None if found is None else bytes(found)

    def _edge(self, connection: Connection, level: int, start: int, end: int) -> list[bytes]:
        events, tiles = self.tables.events, self.tables.tiles
        if level == 0:
            statement = (
                select(events.c.leaf)
                .where(events.c.position >= start, events.c.position < end)
                .order_by(events.c.position)
            )
        else:
            statement = (
                select(tiles.c.root)
                .where(tiles.c.level == level - 1, tiles.c.number >= start, tiles.c.number < end)
                .order_by(tiles.c.number)
            )
        return [bytes(row[0]) for row in connection.execute(statement)]

    def receipt(
        self, connection: Connection, position: int, checkpoint: str | None = None
    ) -> str | None:
        """The tlog-proof of an event, None until a signed checkpoint covers it."""
        note = checkpoint or self.head(connection).checkpoint
        if note is None:
            return None
        size = parse_checkpoint(note.split("\n\n")[0] + "\n").size
        if position >= size:
            return None
        path = self.tree(connection, size).inclusion(position)
        return format_receipt(position, path, note)

    # Who holds what.

    def standing(self, connection: Connection) -> Standing:
        """The authority and the policy in force; never changes once it was answered."""
        return self._standings.now(connection)[0]

    def standing_now(self, connection: Connection) -> tuple[Standing, int, Mark]:
        """The authority and the policy in force, how long the log was then, and what hid."""
        return self._standings.now(connection)

    def standing_then(self, connection: Connection, until: int) -> Standing:
        """The authority and the policy that were in force before the event at a position.

        What was erased since stays erased. The first question about a place in the log folds what
        has changed since; the next ones find the answer.
        """
        return self._standings.then(connection, until)

    def visit(
        self,
        connection: Connection,
        moments: Collection[datetime],
        look: Callable[[datetime, Standing], None],
    ) -> None:
        """Look at what was in force right after each of these moments, the latest first.

        What has changed since the earliest is read once and taken back step by step, in a few
        statements for however many moments. What one look is given changes for the next one.
        """
        self._standings.visit(connection, moments, look)
