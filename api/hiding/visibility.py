"""What a person may see: one predicate, applied in SQL to every select, count, sort and join."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, func, select, true

from api.hiding.gathered import Given, belonging_lifted, gather, gather_owners, lifted
from api.hiding.kinds import Kinds, rights, uncovers, veiled, whose_own
from api.hiding.parts import Part, Reach, Reached, reached
from api.hiding.veil import (
    Veil,
    belonging,
    hidden,
    in_the_open_or_seen,
    only_seen,
    or_carried,
    rows,
    rows_with,
    seen_and_known,
)
from api.hiding.wording import Predicate
from api.records import KnownRecords, StoredRecords
from domain.belonging import BELONGING, CARRIED, TELLING
from domain.kernel import OPERATOR, Aggregate, Audience, refusal

if TYPE_CHECKING:
    from ledger.standings import Mark
    from ledger.store import Reader, Standing

S = TypeVar("S")


@dataclass(slots=True)
class Sight:
    """What one principal may see, within one transaction.

    A read right reaches the rows whose column, named like the scope kind, holds one of the values
    the right is for. A kind that the table has no such column for reaches nothing.
    """

    reader: Reader
    connection: Connection
    principal: str
    limits: Collection[str] | None
    at: datetime
    size: int | None = None
    """How long the log is, once somebody asked who holds what."""
    mark: Mark | None = None
    """By which of its states hides what does, as this transaction sees it."""
    reached: dict[str, Reach] = field(default_factory=dict)
    """How far each right that was asked about reaches."""
    _standing: Standing | None = None
    _veil: Veil | None = None
    _kinds: Kinds | None = None
    _predicates: dict[str, Predicate] = field(default_factory=dict)

    @property
    def standing(self) -> Standing:
        """The grants and the policy in force; what everyone may see is seen without asking."""
        if self._standing is None:
            self._standing, self.size, self.mark = self.reader.standing_now(self.connection)
        return self._standing

    @property
    def length(self) -> int:
        """How long the log is."""
        if self.size is None:
            self._standing, self.size, self.mark = self.reader.standing_now(self.connection)
        return self.size

    # What is told.

    @property
    def held(self) -> Standing:
        """Who held what, and the policy in force, at the moment that is told of."""
        return self.standing

    @property
    def moment(self) -> datetime:
        """The moment that is told of."""
        return self.at

    @property
    def records(self) -> KnownRecords:
        """Other objects as a gate looks at them, at the moment that is told of."""
        return StoredRecords(self.reader, self.connection)

    @property
    def records_in_sight(self) -> KnownRecords:
        """The same for what was `shown_since`: without all that is hidden from the reader."""
        return self.records

    def shown_since(self, _states: Sequence[Any]) -> frozenset[str]:
        """The ids of those that were hidden at the moment that is told of, and are shown now."""
        return frozenset()

    # What may be seen.

    def may(self, action: str) -> bool:
        """Whether the principal holds a read right anywhere at all."""
        reach = self.reach(action)
        return reach is None or any(reach.values())

    def require(self, action: str) -> None:
        """Refuse with `forbidden` unless the principal may read this kind of thing at all."""
        if not self.may(action):
            raise refusal("forbidden", f"This needs {action}.")

    def reach(self, action: str) -> Reach:
        """Scope kinds and values an action is granted for; None for everywhere."""
        if action not in self.reached:
            self.reached[action] = self._reach(action)
        return self.reached[action]

    def _reach(self, action: str) -> Reach:
        if self.principal == OPERATOR:
            return None
        if self.standing.judge is None or (self.limits is not None and action not in self.limits):
            return {}
        found = self.standing.judge.reach(  # type: ignore[attr-defined]
            self.principal, action, self.standing.authority, self.at
        )
        return None if found.everything else found.values

    def shown(self, state: type) -> Predicate:
        """The rows that may be seen, in full or as the reader's own to carry on."""
        name, table = self.reader.registry.by_state[state].name, self.reader.snapshot(state)
        seen = self.visible(state)
        if name not in CARRIED:
            return seen
        return or_carried(seen, table, whose_own(name), self.principal)

    def visible(self, state: type) -> Predicate:
        """The rows of a state's table that may be seen in full."""
        aggregate = self.reader.registry.by_state[state]
        if aggregate.name not in self._predicates:
            self._predicates[aggregate.name] = self._predicate(aggregate)
        return self._predicates[aggregate.name]

    def is_open(self, state: type) -> bool:
        """Whether everybody sees all of this kind, always."""
        aggregate = self.reader.registry.by_state[state]
        signed_in = aggregate.audience is Audience.SIGNED_IN
        return signed_in and aggregate.name not in BELONGING

    def _predicate(self, aggregate: Aggregate[Any]) -> Predicate:
        name = aggregate.name
        if aggregate.audience is Audience.SIGNED_IN:
            if name not in BELONGING:
                return true()
            return belonging(self.kinds.part(name), self.principal)
        if aggregate.audience is Audience.SCOPED:
            if name in TELLING:
                return self._telling(name, self.veil)
            return only_seen(self.kinds.kind(name, f"{name}.read"), self.principal)
        return in_the_open_or_seen(self.kinds.kind(name), self.principal)

    def _telling(self, name: str, veil: Veil) -> Predicate:
        """The rows of a kind that tells of other records, by what hides."""
        return seen_and_known(veil, self.kinds.kind(name, f"{name}.read"), TELLING[name])

    def unseen(self, name: str) -> Select[Any]:
        """The ids of what of a kind is under embargo, and hidden from the reader."""
        return hidden(self.kinds.kind(name), self.principal)

    @property
    def veil(self) -> Veil:
        """Everything that may be hidden, and what of it the reader does not see."""
        if self._veil is None:
            registry, tables = self.reader.registry, self.reader.tables
            reaches = tuple([self._reached(each) for each in rights(registry)])
            self._veil = veiled(registry, tables, self.principal, reaches)
        return self._veil

    @property
    def gathered(self) -> tuple[Veil, Given]:
        """The veil with what hides gathered, and what a statement worded of it is to be given.

        It was gathered by the mark that this very transaction reads, or is now.
        """
        veil, _ = self.veil, self.standing
        found = self.reader.kept.get(veil, self.mark, partial(gather, self.connection, veil))
        return lifted(veil, found, self.reader.engine.dialect.name)

    @property
    def kinds(self) -> Kinds:
        """The kinds of records as the reader sees them."""
        if self._kinds is None:
            registry, tables = self.reader.registry, self.reader.tables
            self._kinds = Kinds(registry, tables, self.principal, self._reached)
        return self._kinds

    def _reached(self, action: str) -> Reached:
        return reached(self.reach(action))

    # Looking up.

    def select(self, state: type) -> Select[Any]:
        """The states that may be seen, ready to be narrowed."""
        return rows(self.reader.columns(state), self.shown(state))

    def listed(self, state: type) -> tuple[Select[Any], Given]:
        """The same for a page of them, and what that statement is to be given as it is run."""
        name = self.reader.registry.by_state[state].name
        if name in TELLING:
            veil, given = self.gathered
            return rows(self.reader.columns(state), self._telling(name, veil)), given
        if name in BELONGING and (found := self._belonging(self.kinds.part(name))):
            return rows(self.reader.columns(state), found[0]), found[1]
        return self.select(state), {}

    def _belonging(self, part: Part) -> tuple[Predicate, Given] | None:
        """The rows that belong to nothing hidden, by what was gathered of that; None if by none."""
        _, who = self.standing, self.principal
        if part.whose or all(kind.reach is None for _, kinds in part.full for kind in kinds):
            return None
        gathered = partial(gather_owners, self.connection, part, who)
        found = self.reader.kept.get((part, who), self.mark, gathered)
        dialect = self.reader.engine.dialect.name
        return None if found is None else belonging_lifted(part, who, found, dialect)

    def read(self, state: type[S], row: Sequence[Any]) -> S:
        """The state in a row of `select`, as it may be told of."""
        found = self.reader.state_of(state, row)
        return self._told([found])[0]

    def partial(self, states: Sequence[Any]) -> frozenset[str]:
        """The ids of those that are seen as the reader's own alone, and not in full."""
        return frozenset(each.id for each in states if self._is_partial(each))

    def _is_partial(self, state: Any) -> bool:
        name = self.reader.registry.by_state[type(state)].name
        hides = getattr(state, "embargoed", False)
        return hides and name in CARRIED and not self.uncovers(state)

    def uncovers(self, state: Any) -> bool:
        """Whether the reader sees such a record by a right, also while it is hidden."""
        return self._reaches(uncovers(self.reader.registry.by_state[type(state)].name), state)

    def _reaches(self, action: str, state: Any) -> bool:
        """Whether a read right reaches this state, as `api.hiding.veil` says of rows."""
        reach = self.reach(action)
        held = {} if reach is None else reach
        return reach is None or any(getattr(state, k, None) in held[k] for k in held)

    def _told(self, states: Sequence[S]) -> list[S]:
        """The states, without what they would tell of what else is hidden."""
        partly = self.partial(states)
        if not partly:
            return list(states)
        name = self.reader.registry.by_state[type(states[0])].name
        written, untold = self._written(name, partly), CARRIED[name].untold
        return [
            replace(each, version=written[each.id], **untold) if each.id in partly else each  # type: ignore[attr-defined,type-var]
            for each in states
        ]

    def _written(self, name: str, ids: Collection[str]) -> Mapping[str, int]:
        """How often records of a kind were written, by id: what is told of their history alone."""
        events = self.reader.tables.events
        counted = select(events.c.subject, func.count()).where(
            events.c.aggregate == name,
            events.c.subject.in_(ids),
            events.c.kind.in_(sorted(CARRIED[name].events)),
            *self._until(),
        )
        return dict(self.connection.execute(counted.group_by(events.c.subject)).all())

    def _until(self) -> tuple[ColumnElement[bool], ...]:
        """What events have to be for the moment that is told of: all that are read, for now."""
        return ()

    def get(self, state: type[S], id: str) -> S | None:
        """One object, None when there is none to be seen."""
        return self.find(state, [id]).get(id)

    def seen(self, state: type, ids: Collection[str]) -> frozenset[str]:
        """Which of these ids are of objects that may be seen now, in one statement."""
        id = self.reader.snapshot(state).c.id
        asked = rows_with(id, (id,), self.shown(state))
        return frozenset(self.connection.execute(asked, {"ids": list(ids)}).scalars())

    def find(self, state: type[S], ids: Collection[str]) -> dict[str, S]:
        """The objects with these ids that may be seen, by id, in one statement."""
        id, columns = self.reader.snapshot(state).c.id, self.reader.columns(state)
        asked = rows_with(id, columns, self.shown(state))
        read = self.connection.execute(asked, {"ids": list(ids)})
        found = self._told([self.reader.state_of(state, row) for row in read])
        return {one.id: one for one in found}  # type: ignore[attr-defined]
