"""Reads what else is planned around some changes: other changes, the calendar, absences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, literal, or_, select

from api.calendar.scheduled import locked, released
from api.hiding.visibility import Sight
from domain.calendar.entry import CalendarEntry
from domain.calendar.entry_state import EntryKind
from domain.calendar.times import times_of, windows_of
from domain.change.planned import LIVE
from domain.change.state import Change, Status
from domain.clash.clash import Dated, Plan
from domain.clash.findings import A_MOMENT
from domain.kernel import Refusal
from domain.principal.state import Principal

MOST: Final = 5_000
"""The most plans, or times of the calendar, that are looked at for one question."""
BUSY: Final = ("owner", "implementer")
"""Who has to be there while a change is carried out."""


@dataclass(frozen=True, slots=True)
class Around:
    """What is planned around some changes; `known` is false when it was too much to tell."""

    plans: tuple[Plan, ...]
    dated: tuple[Dated, ...]
    known: bool = True

    def without(self, ids: Collection[str]) -> Around:
        """The same without these changes."""
        return replace(self, plans=tuple(each for each in self.plans if each.id not in ids))


def around(sight: Sight, plans: Sequence[Plan], until: datetime | None = None) -> Around:
    """Everything that may clash with one of the plans up to the end of the last, or `until`.

    Eight statements, however many plans: only what shares something with one of them is read.
    """
    since = min(each.since for each in plans)
    last = max(each.until for each in plans) if until is None else until
    others = list(_others(sight, plans, since, last))
    dated, known = _calendar(sight, {each.service for each in plans}, since, last)
    away = _away(sight, frozenset().union(*(each.people for each in plans)))
    services = {each.service for each in plans}
    try:
        more = (*locked(sight, services, since, last), *released(sight, services, since, last))
    except Refusal:
        return Around(tuple(others), (*dated, *away), known=False)
    few = len(others) <= MOST and len(dated) + len(more) <= MOST
    return Around(tuple(others), (*dated, *away, *more), known and few)


# Other changes.


def _others(
    sight: Sight, plans: Sequence[Plan], since: datetime, until: datetime
) -> Iterator[Plan]:
    """What is carried out beyond its window is not over yet."""
    table, rows = sight.reader.snapshot(Change), sight.reader.tables.rows
    related, people = rows["change_relations"], rows["change_people"]
    window = (table.c.window_since, table.c.window_until)
    columns = (table.c.id, table.c.service, table.c.status, *window)
    live = (
        sight.visible(Change),
        table.c.status.in_([each.value for each in LIVE]),
        table.c.window_since < until,
        table.c.window_until > since,
        or_(*_shared(table, related, people, plans)),
    )
    statement = select(*columns).where(*live).order_by(table.c.window_since, table.c.id)
    found = sight.connection.execute(statement.limit(MOST + 1)).all()
    if not found:
        return
    chosen = [row.id for row in found]
    ties, parts = _ties(sight, related, chosen), _parts(sight, people, chosen)
    for id, service, status, begin, ends in found:
        late = status == Status.IMPLEMENTING.value and ends <= sight.moment
        end = sight.moment + A_MOMENT if late else ends
        mine = ties[id]
        items, places, before = (
            frozenset(mine[kind]) for kind in ("configuration_item", "environment", "predecessor")
        )
        yield Plan(id, begin, end, service, places, items, frozenset(parts[id]), before)


def _shared(
    table: Any, related: Any, people: Any, plans: Sequence[Plan]
) -> Iterator[ColumnElement[bool]]:
    """What another change must share with one of the plans to stand in its way.

    The rows of one change are looked up by its id, and only for those whose window overlaps: the
    limit keeps PostgreSQL from gathering the rows of all changes first, and the empty text SQLite
    from walking through everything the person ever had a part in.
    """
    yield table.c.service.in_(sorted({each.service for each in plans}))
    items = sorted(frozenset().union(*(each.items for each in plans)))
    tied = and_(related.c.kind == "configuration_item", related.c.reference.in_(items))
    after = and_(
        related.c.kind == "predecessor", related.c.reference.in_(sorted(each.id for each in plans))
    )
    yield _any_row(table, related, or_(tied, after))
    before = sorted(frozenset().union(*(each.predecessors for each in plans)))
    if before:
        yield table.c.id.in_(before)
    who = sorted(frozenset().union(*(each.people for each in plans)))
    person = people.c.person.concat("")
    yield _any_row(table, people, and_(people.c.part.in_(BUSY), person.in_(who)))


def _any_row(table: Any, rows: Any, test: ColumnElement[bool]) -> ColumnElement[bool]:
    one = select(literal(1)).where(rows.c.owner == table.c.id, test).limit(1)
    return one.correlate(table).scalar_subquery().is_not(None)


def _ties(
    sight: Sight, related: Any, chosen: Sequence[str]
) -> defaultdict[str, defaultdict[str, set[str]]]:
    found: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    columns = (related.c.owner, related.c.kind, related.c.reference)
    for owner, kind, reference in sight.connection.execute(
        select(*columns).where(related.c.owner.in_(chosen))
    ):
        found[owner][kind].add(reference)
    return found


def _parts(sight: Sight, people: Any, chosen: Sequence[str]) -> defaultdict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    columns = (people.c.owner, people.c.person)
    within = (people.c.owner.in_(chosen), people.c.part.in_(BUSY))
    for owner, person in sight.connection.execute(select(*columns).where(*within)):
        found[owner].add(person)
    return found


# The calendar.


def entries(
    sight: Sight, since: datetime, until: datetime, services: Collection[str] | None = None
) -> list[CalendarEntry]:
    """The events that stand and may touch the period, and the windows of then or later.

    Of these services, or of all.
    """
    table = sight.reader.snapshot(CalendarEntry)
    where = [
        table.c.active.is_(True),
        table.c.kind != EntryKind.MOVED_DATE.value,
        or_(table.c.starts < until, table.c.kind == EntryKind.MAINTENANCE.value),
        or_(table.c.ends.is_(None), table.c.ends > since),
    ]
    if services is not None:
        where.append(or_(table.c.service.is_(None), table.c.service.in_(sorted(services))))
    statement = sight.select(CalendarEntry).where(*where).order_by(table.c.starts, table.c.id)
    rows = sight.connection.execute(statement.limit(MOST + 1))
    return [sight.reader.state_of(CalendarEntry, row) for row in rows]


def _calendar(
    sight: Sight, services: Collection[str], since: datetime, until: datetime
) -> tuple[list[Dated], bool]:
    """The times of the calendar, and whether all of them are known."""
    found: list[Dated] = []
    try:
        for entry in entries(sight, since, until, services):
            maintenance = entry.kind is EntryKind.MAINTENANCE
            found += (windows_of if maintenance else times_of)(entry, since, until)
            if len(found) > MOST:
                return found, False
    except Refusal:  # a period, or a rule in it, beyond what is worked out at once
        return found, False
    return found, True


def _away(sight: Sight, people: Iterable[str]) -> Iterator[Dated]:
    for person in sight.find(Principal, sorted(people)).values():
        for absence in person.absences:
            yield Dated(person.id, absence.since, absence.until, person=person.id)
