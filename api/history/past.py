"""The past: what stood at a moment and who held what then, seen by today's rights."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Table, bindparam, select
from typing_extensions import override

from api.hiding.stood import stood
from api.hiding.veil import WORDINGS
from api.hiding.visibility import Sight
from api.records import KnownRecords, having
from domain.kernel import Audience, refusal
from domain.sides import Wanted
from ledger.queries import any_of
from ledger.store import Reader, Standing, batches
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
    policy of then. What is hidden now stays hidden, also what was done with it and with something
    that is shown; and what was erased since stays erased.
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
        return PastRecords(self, self.then.until)

    @property
    @override
    def records_in_sight(self) -> PastRecords:
        return PastRecords(self, self.then.until, in_sight=True)

    @override
    def shown_since(self, states: Sequence[Any]) -> frozenset[str]:
        hidden: dict[type, set[str]] = {}
        for each in states:
            if getattr(each, "embargoed", False):
                hidden.setdefault(type(each), set()).add(each.id)
        return frozenset(id for kind, ids in hidden.items() for id in self._shown(kind, ids))

    def _shown(self, state: type, ids: Collection[str]) -> Iterator[str]:
        table = self.reader.snapshot(state)
        for some in batches(ids):
            shown = select(table.c.id).where(table.c.id.in_(some), table.c.embargoed.is_(False))
            yield from self.connection.execute(shown).scalars()

    @override
    def find(self, state: type[S], ids: Collection[str]) -> dict[str, S]:
        """The objects with these ids that may be seen now, as they stood then, by id."""
        seen = Sight.find(self, state, ids)
        found = stood(self, state, seen, self.then.until)
        return dict(zip(found, self._told(list(found.values())), strict=True))

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
    """Folds other aggregates as a gate would have looked at them, had nothing else been hidden.

    What was hidden is looked at, whoever asks; but `in_sight` only what is not hidden from them.
    """

    sight: Sight
    until: int
    in_sight: bool = False

    @override
    def _get(self, state: type[S], id: str) -> S | None:
        table = self.sight.reader.snapshot(state)
        shown = self._shown(state)
        if shown:
            found = select(table.c.id).where(table.c.id == id, *shown)
            if self.sight.connection.execute(found).first() is None:
                return None
        return stood(self.sight, state, [id], self.until).get(id)

    def _shown(self, state: type) -> tuple[ColumnElement[bool], ...]:
        """What is not hidden from the reader; what nobody sees without a right is looked at."""
        aggregate = self.sight.reader.registry.by_state[state]
        free = aggregate.audience is Audience.SCOPED or self.sight.is_open(state)
        return (self.sight.visible(state),) if self.in_sight and not free else ()

    @override
    def together(self, *asked: Wanted) -> None:
        """Nothing: what stood is folded from events, each kind by itself."""

    @override
    def _find(self, state: type[S], equal: Mapping[str, object]) -> tuple[S, ...]:
        """All aggregates whose columns equalled these values, in order of id.

        What nothing has happened to since stands as it stood; only the others are folded.
        """
        reader, connection = self.sight.reader, self.sight.connection
        aggregate, shown = reader.registry.by_state[state], self._shown(state)
        id, events = reader.snapshot(state).c.id, reader.tables.events
        having_it, given = having(reader, state, equal)
        since = {"kind_moved": aggregate.name, "moved_since": self.until}
        same = connection.execute(_unmoved(having_it, id, events, shown), given | since)
        found = {key: reader.state_of(state, row) for key, *row in same}
        wanted = equal.get("id")
        named = {} if wanted is None else {"ids": list(_any_of(wanted))}
        moved = connection.execute(_moved(id, events, shown, named=bool(named)), since | named)
        ids: Sequence[str] = moved.scalars().all()
        then, plain = stood(self.sight, state, ids, self.until), comparable(equal)
        found |= {key: each for key, each in then.items() if matches(aggregate, each, plain)}
        return tuple(found[key] for key in sorted(found))


Tests = tuple[ColumnElement[bool], ...]


@lru_cache(maxsize=WORDINGS)
def _unmoved(having_it: Select[Any], id: ColumnElement[str], events: Table, shown: Tests) -> Any:
    """Of what is asked for, that to which nothing has happened since."""
    return having_it.where(id.not_in(_later(events)), *shown)


@lru_cache(maxsize=WORDINGS)
def _moved(id: ColumnElement[str], events: Table, shown: Tests, *, named: bool) -> Any:
    """Of all, or of `ids`, those to which something has happened since."""
    found = select(id).where(id.in_(_later(events)), *shown)
    return found.where(any_of(id, "ids")) if named else found


def _later(events: Table) -> Select[Any]:
    """The ids of a kind to which something has happened since a position."""
    later = (
        events.c.aggregate == bindparam("kind_moved"),
        events.c.position >= bindparam("moved_since"),
    )
    return select(events.c.subject).where(*later)


def _any_of(wanted: object) -> Collection[Any]:
    return wanted if isinstance(wanted, frozenset) else (wanted,)
