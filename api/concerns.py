"""What concerns a person, a team or a service: the services and playbooks of what they work on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_, select

from api.calendar.scheduled import GOING_ON, having_a_part
from api.hiding.visibility import Sight
from domain.change.planned import LIVE
from domain.change.state import Change
from domain.playbook.aggregate import Playbook
from domain.release.state import Release


@dataclass(frozen=True, slots=True)
class Concerns:
    """The services and the playbooks, by name, of what somebody has a part in."""

    services: frozenset[str]
    playbooks: frozenset[str]


def concerns(
    sight: Sight, since: datetime, service: str | None, person: str | None, team: str | None
) -> Concerns:
    """What concerns the service, person and team, by what goes on or was begun since a moment.

    In three statements.
    """
    releases, changes = (sight.reader.snapshot(state) for state in (Release, Change))
    rows = sight.reader.tables.rows
    duties, people = rows["release_duties"], rows["change_people"]
    started = _Began(sight, since, service)
    found = started.of(Release, releases.c.status.in_(GOING_ON))
    wanted = started.of(Change, changes.c.status.in_([each.value for each in LIVE]))
    for concerned in having_a_part(sight, person, team):
        held = exists().where(duties.c.owner == releases.c.id, concerned(duties.c.person))
        found = found.where(or_(concerned(releases.c.author), held))
        part = exists().where(people.c.owner == changes.c.id, concerned(people.c.person))
        wanted = wanted.where(part)
    told = {(*row,) for each in (found, wanted) for row in sight.connection.execute(each)}
    books = sight.find(Playbook, {book for _, book in told})
    names = frozenset(book.name for book in books.values())
    return Concerns(frozenset(name for name, _ in told), names)


@dataclass(frozen=True, slots=True)
class _Began:
    """What goes on or was begun since a moment, of a service or of all."""

    sight: Sight
    since: datetime
    service: str | None

    def of(self, state: type, goes_on: ColumnElement[bool]) -> Select[Any]:
        """The service and playbook of each."""
        table = self.sight.reader.snapshot(state)
        found = select(table.c.service, table.c.playbook).distinct()
        found = found.where(
            self.sight.visible(state), or_(goes_on, table.c.opened_at >= self.since)
        )
        return found if self.service is None else found.where(table.c.service == self.service)
