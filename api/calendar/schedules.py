"""Schedules from the database: rotations with their turns, as they are known now or were once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, select

from api.derived.identity import read_id
from api.hiding.visibility import Sight
from domain.rotation.schedule import Away, Schedule
from domain.rotation.state import Rotation, Status
from domain.turn_state import Turn
from ledger.store import batches

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Book:
    """What is known of rotations at the moment that is told of."""

    sight: Sight

    def identified(self, given: str) -> str | None:
        """The id of a rotation by its global id."""
        return read_id(given, "Rotation")

    def called(self, handle: str) -> str | None:
        """The rotation in use that a handle stands for, in any case (S0-21)."""
        wanted = handle.casefold()
        for each in self._rotations():
            if each.status is Status.ACTIVE and wanted in map(str.casefold, each.handles):
                return each.id
        return None

    def schedule(self, id: str, since: datetime, until: datetime) -> Schedule | None:
        """A rotation with the turns that touch a period; None when there is none to be seen."""
        rotation = self.sight.get(Rotation, id)
        return None if rotation is None else Schedule(rotation, self._turns([id], since, until)[id])

    def schedules_of(self, person: str, since: datetime, until: datetime) -> Iterator[Schedule]:
        """The schedules in which somebody may be on duty."""
        rotations = self._rotations()
        turns = self._turns([each.id for each in rotations], since, until)
        for rotation in rotations:
            schedule = Schedule(rotation, turns[rotation.id])
            regular = any(person in each.layer.people for each in rotation.layers)
            if regular or any(person in each.people for each in schedule.turns):
                yield schedule

    def _rotations(self) -> tuple[Rotation, ...]:
        return self._read(Rotation)

    def _turns(
        self, rotations: Collection[str], since: datetime, until: datetime
    ) -> dict[str, tuple[Turn, ...]]:
        """The turns of each rotation that touch a period."""
        table = self.sight.reader.snapshot(Turn)
        touching = (table.c.since <= until, table.c.until > since)
        found: dict[str, list[Turn]] = {each: [] for each in rotations}
        for turn in self._read(Turn, table.c.rotation.in_(rotations), *touching):
            found[turn.rotation].append(turn)
        return {id: tuple(turns) for id, turns in found.items()}

    def _read(self, state: type[S], *where: ColumnElement[bool]) -> tuple[S, ...]:
        """What may be seen of these rows, as it stands at the moment told of, in order of id."""
        table = self.sight.reader.snapshot(state)
        seen = select(table.c.id).where(self.sight.visible(state), *where).order_by(table.c.id)
        ids: Sequence[str] = self.sight.connection.execute(seen).scalars().all()
        found = {
            id: one for some in batches(ids) for id, one in self.sight.find(state, some).items()
        }
        return tuple(found[id] for id in ids if id in found)


def absences(sight: Sight, schedule: Schedule) -> Away:
    """When everybody who may be on duty is away, or may not act."""
    people = {one for each in schedule.rotation.layers for one in each.layer.people}
    people |= {one for each in schedule.turns for one in each.people}
    known = {one: sight.held.authority.person(one) for one in people}
    return {
        one: (
            *((each.since, each.until) for each in person.absences),
            *([(person.suspended_since, None)] if person.suspended_since else ()),
        )
        for one, person in known.items()
        if person is not None
    }
