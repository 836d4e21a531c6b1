"""The past: what stood at a moment and who held what then, seen by today's rights."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, select
from typing_extensions import override

from api.hiding.visibility import Sight
from api.records import KnownRecords, having
from domain.kernel import refusal
from domain.sides import Wanted
from ledger.store import Reader, Standing
from ledger.view import comparable, matches

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Then:
    """A moment of the past: what was recorded before the event at a position, and the time."""

    until: int
    at: datetime


def at_position(reader: Reader, connection: Connection, position: int) -> Then:
    """The moment right after the event at a position; refuses one that is not in the log yet."""
    events = reader.tables.events
    found = connection.execute(select(events.c.at).where(events.c.position == position))
    at = found.scalar_one_or_none()
    if at is None:
        raise refusal("unknown_position", "The log is not that long.", "asOf", "position")
    return Then(position + 1, at)


def at_time(reader: Reader, connection: Connection, at: datetime, now: datetime) -> Then:
    """The moment at a time; refuses one that is still to come, of which nobody knows."""
    if at > max(now, reader.head(connection).at):
        raise refusal("in_the_future", "This time is still to come.", "asOf", "time")
    return Then(reader.after(connection, at), at)


@dataclass(slots=True, kw_only=True)
class PastSight(Sight):
    """What one principal may see of a moment of the past: what they may see of the present.

    Of that everything is told as it stood, by the grants, boards, delegations, accounts and the
    policy of then. What is hidden now stays hidden, and what was erased since stays erased.
    """

    then: Then
    _held: Standing | None = None

    @property
    @override
    def moment(self) -> datetime:
        return self.then.at

    @property
    @override
    def held(self) -> Standing:
        if self._held is None:
            self._held = self.reader.standing_then(self.connection, self.then.until)
        return self._held

    @property
    @override
    def records(self) -> PastRecords:
        return PastRecords(self.reader, self.connection, self.then.until)

    @override
    def find(self, state: type[S], ids: Collection[str]) -> dict[str, S]:
        """The objects with these ids that may be seen now, as they stood then, by id."""
        seen = Sight.find(self, state, ids)
        stood = self.reader.stood(self.connection, state, seen, self.then.until)
        return dict(zip(stood, self._told(list(stood.values())), strict=True))

    @override
    def _until(self) -> tuple[ColumnElement[bool], ...]:
        return (self.reader.tables.events.c.position < self.then.until,)

    @override
    def partial(self, states: Sequence[Any]) -> frozenset[str]:
        """Those that are not seen in full now: what was shown since is told as it stood."""
        hidden = Sight.partial(self, states)
        table = self.reader.snapshot(type(states[0])) if hidden else None
        if table is None:
            return hidden
        full = select(table.c.id).where(table.c.id.in_(hidden), self.visible(type(states[0])))
        return hidden.difference(self.connection.execute(full).scalars())


@dataclass(slots=True)
class PastRecords(KnownRecords):
    """Folds other aggregates as a gate would have looked at them, whoever asks."""

    reader: Reader
    connection: Connection
    until: int

    @override
    def _get(self, state: type[S], id: str) -> S | None:
        return self.reader.stood(self.connection, state, [id], self.until).get(id)

    @override
    def together(self, *asked: Wanted) -> None:
        """Nothing: what stood is folded from events, each kind by itself."""

    @override
    def _find(self, state: type[S], equal: Mapping[str, object]) -> tuple[S, ...]:
        """All aggregates whose columns equalled these values, in order of id.

        What nothing has happened to since stands as it stood; only the others are folded.
        """
        events, id = self.reader.tables.events, self.reader.snapshot(state).c.id
        aggregate = self.reader.registry.by_state[state]
        since = (events.c.aggregate == aggregate.name, events.c.position >= self.until)
        later = select(events.c.subject).where(*since)
        same = having(self.reader, state, equal).where(id.not_in(later))
        found = {
            key: self.reader.state_of(state, row) for key, *row in self.connection.execute(same)
        }
        wanted = equal.get("id")
        narrowed = () if wanted is None else (id.in_(_any_of(wanted)),)
        moved = select(id).where(id.in_(later), *narrowed)
        ids: Sequence[str] = self.connection.execute(moved).scalars().all()
        stood, plain = self.reader.stood(self.connection, state, ids, self.until), comparable(equal)
        found |= {key: each for key, each in stood.items() if matches(aggregate, each, plain)}
        return tuple(found[key] for key in sorted(found))


def _any_of(wanted: object) -> Collection[Any]:
    return wanted if isinstance(wanted, frozenset) else (wanted,)
