"""Locks and releases as they stand in the calendar, as far as the asker may see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Select, exists, or_, select

from api.hiding.visibility import Sight
from domain.clash.clash import Cause, Dated
from domain.clash.findings import A_MOMENT
from domain.inclusion import Inclusion, ItemKind
from domain.kernel import refusal
from domain.lock.state import Kind, Lock, Status, Terms
from domain.lock.timing import spans_within
from domain.principal.state import Principal
from domain.process.release import ReleaseStatus
from domain.release.state import ENDED, Release

S = TypeVar("S")
GOING_ON: Final = tuple(each.value for each in ReleaseStatus if each not in ENDED)
MOST: Final = 5_000
"""The most of each that is looked at for one question."""


def locks(sight: Sight) -> list[Lock]:
    """The locks that are in force, or will be, in order of id; Refusal for too many to tell."""
    table = sight.reader.snapshot(Lock)
    statement = sight.select(Lock).where(table.c.status == Status.ACTIVE.value)
    return _told(sight, Lock, statement.order_by(table.c.id))


def times_locked(
    lock: Lock, since: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """When it locks within the period; one without an end, until the end of the period."""
    for each in spans_within(lock.terms, since, until):
        yield each.since, until if each.until is None else each.until


def is_about(terms: Terms, services: Collection[str] | None) -> bool:
    """Whether a lock is about one of the services; None stands for all of them."""
    return services is None or not terms.services or not set(terms.services).isdisjoint(services)


def locked(
    sight: Sight, services: Collection[str], since: datetime, until: datetime
) -> list[Dated]:
    """The times in the period in which changes of these services are locked out."""
    return [
        Dated(
            each.id,
            *span,
            service=service,
            environments=each.terms.environments,
            cause=Cause.LOCK,
            spares=each.terms.spares,
            exempts=bool(each.terms.exempters),
        )
        for each in locks(sight)
        if each.kind is not Kind.MERGE and is_about(each.terms, services)
        for span in times_locked(each, since, until)
        for service in each.terms.services or (None,)
    ]


def releases(
    sight: Sight,
    since: datetime,
    until: datetime,
    services: Collection[str] | None = None,
    *,
    person: str | None = None,
    team: str | None = None,
) -> list[Release]:
    """The releases that go on and are scheduled in the period: of these services, people.

    Refusal for too many to tell.
    """
    table, duties = sight.reader.snapshot(Release), sight.reader.tables.rows["release_duties"]
    where = [table.c.status.in_(GOING_ON), table.c.scheduled >= since, table.c.scheduled < until]
    if services is not None:
        where.append(table.c.service.in_(sorted(services)))
    for concerned in having_a_part(sight, person, team):
        mine = exists().where(duties.c.owner == table.c.id, concerned(duties.c.person))
        where.append(or_(concerned(table.c.author), mine))
    statement = sight.select(Release).where(*where).order_by(table.c.scheduled, table.c.id)
    return _told(sight, Release, statement)


def having_a_part(
    sight: Sight, person: str | None, team: str | None
) -> Iterator[Callable[[ColumnElement[str]], ColumnElement[bool]]]:
    """What a column of people has to hold: this person, and somebody of this team.

    Whom the asker may not see belongs to no team.
    """
    if person is not None:
        yield lambda column: column == person
    if team is not None:
        people = sight.reader.snapshot(Principal)
        found = select(people.c.id).where(people.c.team == team, sight.visible(Principal))
        yield lambda column: column.in_(found)


def _told(sight: Sight, state: type[S], statement: Select[Any]) -> list[S]:
    """All that a statement finds: what is left out would be taken for what is not there (X-05)."""
    rows = sight.connection.execute(statement.limit(MOST + 1)).all()
    if len(rows) > MOST:
        raise refusal("too_many_occurrences", f"There are more than {MOST:,} of these.")
    return [sight.reader.state_of(state, row) for row in rows]


def released(
    sight: Sight, services: Collection[str], since: datetime, until: datetime
) -> list[Dated]:
    """The moments in the period at which releases of these services are to go out."""
    found = releases(sight, since - timedelta(microseconds=1), until, services)
    inside = carried(sight, [each.id for each in found])
    return [
        Dated(
            each.id,
            each.scheduled,
            each.scheduled + A_MOMENT,
            service=each.service,
            cause=Cause.RELEASE,
            carries=frozenset(inside[each.id]),
        )
        for each in found
        if each.scheduled is not None
    ]


def carried(sight: Sight, ids: Collection[str]) -> defaultdict[str, set[str]]:
    """The changes that each of these releases contains."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    if ids:
        table = sight.reader.snapshot(Inclusion)
        where = (table.c.release.in_(ids), table.c.kind == ItemKind.CHANGE.value)
        columns = select(table.c.release, table.c.reference).where(*where, table.c.included)
        for release, reference in sight.connection.execute(columns):
            found[release].add(reference)
    return found
