"""Reads recorded events about what may be seen, up to a place in the log, as numbers need them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Table, and_, select

from api.visibility import Sight
from domain.delivery.happening import Happening
from ledger.store import batches

Where = Sequence[ColumnElement[bool]]
_FACTS: Final = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True, slots=True)
class Log:
    """The events before a position whose subjects may be seen; `past` if more came after it."""

    sight: Sight
    until: int
    past: bool

    def happenings(
        self, state: type, kinds: Iterable[str], where: Where = (), place: str | None = None
    ) -> list[Happening]:
        """Those of these kinds, in order; `place` is the column that tells where they were."""
        events, table = self.sight.reader.tables.events, self.table(state)
        columns = [events.c[name] for name in ("id", "kind", "subject", "at", "facts", "actor")]
        statement = (
            select(*columns, events.c.outcome, table.c[place or "id"])
            .select_from(events.join(table, table.c.id == events.c.subject))
            .where(
                events.c.kind.in_(tuple(kinds)),
                events.c.position < self.until,
                self.sight.visible(state),
                *where,
            )
            .order_by(events.c.position)
        )
        return [
            _happening(row, placed=place is not None)
            for row in self.sight.connection.execute(statement)
        ]

    def about(
        self, state: type, kinds: Iterable[str], column: str, values: Collection[str]
    ) -> list[Happening]:
        """Those of the subjects with these values in an indexed column, in order for each.

        In one statement for every 500 values, which begins at the values and not at the kinds.
        """
        events, table = self.sight.reader.tables.events, self.table(state)
        columns = [events.c[name] for name in ("id", "kind", "subject", "at", "facts", "actor")]
        name = self.sight.reader.registry.by_state[state].name
        mine = and_(events.c.aggregate == name, events.c.subject == table.c.id)
        statement = (
            select(*columns, events.c.outcome, table.c.id)
            .select_from(table.join(events, mine))
            .where(
                (events.c.kind.concat("")).in_(tuple(kinds)),
                events.c.position < self.until,
                self.sight.visible(state),
            )
            .order_by(events.c.position)
        )
        return [
            _happening(row, placed=False)
            for some in batches(values)
            for row in self.sight.connection.execute(statement.where(table.c[column].in_(some)))
        ]

    def table(self, state: type) -> Table:
        """The snapshots of a kind."""
        return self.sight.reader.snapshot(state)


def _happening(row: Any, *, placed: bool) -> Happening:
    id, kind, subject, at, facts, actor, outcome, place = row
    said = _FACTS.decode(facts) | {"by": actor}
    return Happening(
        id, kind, subject, at, said, place if placed else "", claimed=outcome == "claimed"
    )
