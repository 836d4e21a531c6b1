"""Reads recorded events about what may be seen, up to a place in the log, as numbers need them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Executable, FromClause, Select, Table, and_, select

from api.hiding.visibility import Sight
from domain.delivery.happening import Happening
from ledger.store import BATCH, batches

Where = Sequence[ColumnElement[bool]]
MANY: Final = 4 * BATCH
"""From so many on what is wanted is not looked up, but everything read in one statement."""
_FACTS: Final = msgspec.json.Decoder(dict[str, Any])
_FIELDS: Final = ("id", "kind", "subject", "at", "facts", "actor", "outcome", "position")


@dataclass(frozen=True, slots=True)
class Log:
    """The events before a position whose subjects may be seen; `past` if more came after it."""

    sight: Sight
    until: int
    past: bool

    def table(self, state: type) -> Table:
        """The snapshots of a kind."""
        return self.sight.reader.snapshot(state)

    @property
    def events(self) -> Table:
        """The log itself."""
        return self.sight.reader.tables.events

    def position_at(self, at: datetime) -> int:
        """The place in the log of the first event at or after a moment, if that is before its end.

        What was recorded before the moment stands before it, since both rise together.
        """
        return min(self.sight.reader.position_at(self.sight.connection, at), self.until)

    # Everything there is of a kind.

    def happenings(
        self, state: type, kinds: Iterable[str], where: Where = (), place: str | None = None
    ) -> list[Happening]:
        """Those of these kinds, in order; `place` is the column that tells where they were."""
        table = self.table(state)
        joined = self.events.join(table, table.c.id == self.events.c.subject)
        statement = self._select(state, joined, where, place)
        statement = statement.where(self.events.c.kind.in_(tuple(kinds)))
        return self.read(statement, placed=place is not None)

    # What is looked up.

    def subjects(
        self, state: type, kinds: Iterable[str], since: int, before: int | None, where: Where = ()
    ) -> set[str]:
        """The subjects of events of these kinds in a stretch of the log, whatever its end."""
        events, table = self.events, self.table(state)
        statement = (
            select(events.c.subject)
            .distinct()
            .select_from(events.join(table, table.c.id == events.c.subject))
            .where(events.c.kind.in_(tuple(kinds)), events.c.position >= since)
            .where(self.sight.visible(state), *where)
        )
        if before is not None:
            statement = statement.where(events.c.position < before)
        return set(self.sight.connection.execute(statement).scalars())

    def told(
        self,
        state: type,
        kinds: Iterable[str],
        values: Collection[str],
        *,
        column: str = "id",
        where: Where = (),
        place: str | None = None,
    ) -> list[Happening]:
        """Those of subjects with these values in an indexed column, in order; or more than those.

        In a statement for every 500 values, which begins at the values and not at the kinds; beyond
        2,000 values in one, which reads everything.
        """
        if not values:
            return []
        if len(values) > MANY:
            return self.happenings(state, kinds, where, place)
        events, table = self.events, self.table(state)
        name = self.sight.reader.registry.by_state[state].name
        mine = and_(events.c.aggregate == name, events.c.subject == table.c.id)
        statement = self._select(state, table.join(events, mine), where, place)
        statement = statement.where(unindexed(events.c.kind).in_(tuple(kinds)))
        found = [
            each
            for some in batches(values)
            for each in self.read(
                statement.where(table.c[column].in_(some)), placed=place is not None
            )
        ]
        return sorted(found, key=lambda each: each.position)

    def _select(
        self, state: type, source: FromClause, where: Where, place: str | None
    ) -> Select[Any]:
        return (
            select(*self.columns, self.table(state).c[place or "id"])
            .select_from(source)
            .where(self.events.c.position < self.until, self.sight.visible(state), *where)
            .order_by(self.events.c.position)
        )

    @property
    def columns(self) -> list[ColumnElement[Any]]:
        """What tells of an event; after these a happening takes its place, or its subject."""
        return [self.events.c[name] for name in _FIELDS]

    def read(self, statement: Executable, *, placed: bool) -> list[Happening]:
        """The happenings in these rows, in their order."""
        rows = self.sight.connection.execute(statement)
        return [_happening(row, placed=placed) for row in rows]


def unindexed(column: ColumnElement[str]) -> ColumnElement[str]:
    """The column, worded so that no index on it is taken: another one is narrower."""
    return column.concat("")


def _happening(row: Any, *, placed: bool) -> Happening:
    id, kind, subject, at, facts, actor, outcome, position, place = row
    said = _FACTS.decode(facts) | {"by": actor}
    where, claimed = place if placed else "", outcome == "claimed"
    return Happening(id, kind, subject, at, said, where, claimed=claimed, position=position)
