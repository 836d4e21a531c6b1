"""What a period holds, in order: changes, entries of the calendar, dates of cadences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, select

from api.calendar.agenda_items import (
    MOST,
    Agenda,
    AgendaItem,
    AgendaKind,
    AgendaLeftOut,
    Source,
    shared,
)
from api.calendar.planned import entries
from api.calendar.scheduled import having_a_part, is_about, locks, releases, times_locked
from api.concerns import Concerns
from api.hiding.visibility import Sight
from domain.adoption import Status
from domain.calendar.cadence import Agreed, Cadence, Occurrence, due, occurrences
from domain.calendar.entry import CalendarEntry
from domain.calendar.entry_state import EntryKind
from domain.calendar.times import each_time
from domain.change.planned import LIVE
from domain.change.state import Change
from domain.kernel import ERASED, Refusal, refusal
from domain.lock.state import Lock
from domain.playbook.aggregate import Playbook, process
from domain.release.milestones import milestones

LONGEST: Final = timedelta(days=366)
"""The longest period one answer is about."""
Services = Collection[str] | None
"""The services that are wanted; None stands for all of them."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which part of the calendar is wanted: a period, perhaps of a service, a person, a team."""

    since: datetime
    until: datetime
    service: str | None = None
    person: str | None = None
    team: str | None = None

    def check(self) -> None:
        """Refusal for a period that ends first, or is longer than a year."""
        if self.until <= self.since:
            raise refusal("window_ends_first", "A period ends after it starts.", "until")
        if self.until - self.since > LONGEST:
            raise refusal("period_too_long", "Ask about at most 366 days at once.", "until")


def agenda(
    sight: Sight, wish: Wish, often: int | None = None, within: Concerns | None = None
) -> Agenda:
    """What the asker may see of a period, in seven statements.

    A cadence with more than `often` dates and milestones in it is left out whole. Of locks, entries
    and cadences there is only what concerns `within`, if that is given, or everybody.
    """
    wish.check()
    services: Services = [wish.service] if wish.service is not None else None
    if within is not None and services is None:
        services = within.services
    playbooks = within.playbooks if within is not None else None
    return shared(
        (
            Source(AgendaLeftOut(AgendaKind.CHANGE, wish.since), _changes(sight, wish)),
            Source(
                AgendaLeftOut(AgendaKind.RELEASE, wish.since), _in_order(_releases(sight, wish))
            ),
            *_entries(sight, wish, services),
            *_locks(sight, wish, services),
            *_dates(sight, wish, often, playbooks),
        )
    )


def _in_order(items: Iterable[AgendaItem]) -> Iterator[AgendaItem]:
    yield from sorted(items, key=lambda each: each.since)


def _changes(sight: Sight, wish: Wish) -> Iterator[AgendaItem]:
    table, people = sight.reader.snapshot(Change), sight.reader.tables.rows["change_people"]
    where = [
        sight.visible(Change),
        table.c.status.in_([each.value for each in LIVE]),
        table.c.window_since < wish.until,
        table.c.window_until > wish.since,
    ]
    if wish.service is not None:
        where.append(table.c.service == wish.service)
    where += [
        exists().where(people.c.owner == table.c.id, concerned(people.c.person))
        for concerned in having_a_part(sight, wish.person, wish.team)
    ]
    columns = (table.c.id, table.c.title, table.c.window_since, table.c.window_until)
    statement = select(*columns).where(*where).order_by(table.c.window_since, table.c.id)
    for id, title, since, until in sight.connection.execute(statement.limit(MOST + 1)):
        yield AgendaItem(AgendaKind.CHANGE, _text(title), since, until, change=id)


def _text(title: str | None) -> str | None:
    return None if title == ERASED else title


def _entries(sight: Sight, wish: Wish, services: Services) -> Iterator[Source]:
    """What comes once as one source, and each that comes again as one of its own."""
    found = entries(sight, wish.since, wish.until, services)
    again = [each for each in found if each.plan and each.plan.rrule is not None]
    once = (item for each in found if each not in again for item in _times(each, wish))
    yield Source(AgendaLeftOut(AgendaKind.ENTRY, wish.since), _in_order(once))
    for each in again:
        title = _text(each.plan.title) if each.plan else None
        about = AgendaLeftOut(AgendaKind.ENTRY, wish.since, title, entry=each.id)
        yield Source(about, _times(each, wish))


def _times(entry: CalendarEntry, wish: Wish) -> Iterator[AgendaItem]:
    title = _text(entry.plan.title) if entry.plan else None
    for each in each_time(entry, wish.since, wish.until):
        yield AgendaItem(AgendaKind.ENTRY, title, each.since, each.until, entry=entry.id)


# Locks and releases.


def _locks(sight: Sight, wish: Wish, services: Services) -> Iterator[Source]:
    """What locks once as one source, and each lock that comes again as one of its own."""
    about = AgendaLeftOut(AgendaKind.LOCK, wish.since)
    try:
        found = [each for each in locks(sight) if is_about(each.terms, services)]
    except Refusal:
        yield Source(about, None)
        return
    again = [each for each in found if each.terms.recurrence is not None]
    once = (item for each in found if each not in again for item in _locked(each, wish))
    yield Source(about, _in_order(once))
    for each in again:
        told = replace(about, title=_text(each.terms.title), lock=each.id)
        yield Source(told, _locked(each, wish))


def _locked(lock: Lock, wish: Wish) -> Iterator[AgendaItem]:
    for span in times_locked(lock, wish.since, wish.until):
        yield AgendaItem(AgendaKind.LOCK, _text(lock.terms.title), *span, lock=lock.id)


def _releases(sight: Sight, wish: Wish) -> Iterator[AgendaItem]:
    """The dates of releases, and when their phases open and their open tasks are due."""
    services = None if wish.service is None else [wish.service]
    around = (wish.since - LONGEST, wish.until + LONGEST)
    found = releases(sight, *around, services, person=wish.person, team=wish.team)
    books = sight.find(Playbook, {each.playbook for each in found}) if found else {}
    for each in found:
        title, at = _text(each.plan.title), each.scheduled
        if at is not None and wish.since <= at < wish.until:
            yield AgendaItem(AgendaKind.RELEASE, title, at, at, release=each.id)
        kind = process(books[each.playbook].body).releases.kind(each.kind)
        for name, what, due_at in milestones(each, kind):
            if wish.since <= due_at < wish.until:
                item = AgendaItem(AgendaKind.MILESTONE, _text(what), due_at, due_at)
                yield replace(item, release=each.id, milestone=name)


# Cadences.


def _dates(
    sight: Sight, wish: Wish, often: int | None, playbooks: Collection[str] | None
) -> Iterator[Source]:
    """The dates of the cadences adopted, as they were agreed, and their milestones."""
    agreed = agreed_dates(sight)
    table = sight.reader.snapshot(Playbook)
    statement = sight.select(Playbook).where(table.c.status == Status.ADOPTED.value)
    for row in sight.connection.execute(statement.order_by(table.c.name)):
        book = sight.reader.state_of(Playbook, row)
        if playbooks is not None and book.name not in playbooks:
            continue
        for cadence in process(book.body).cadences:
            told = {"title": cadence.title, "playbook": book.name, "cadence": cadence.name}
            items = _of(book, cadence, wish, tuple(agreed[book.name, cadence.name]))
            about = AgendaLeftOut(AgendaKind.DATE, wish.since, **told)
            yield Source(about, _seldom(items, often))


def _seldom(items: Iterable[AgendaItem], often: int | None) -> Iterator[AgendaItem]:
    """The items in order, none of which there are too many."""
    found = [*_in_order(items)]
    if often is None or len(found) <= often:
        yield from found


def agreed_dates(sight: Sight) -> defaultdict[tuple[str, str], list[Agreed]]:
    """What was agreed about single dates, by playbook and cadence."""
    table = sight.reader.snapshot(CalendarEntry)
    moved = (table.c.active.is_(True), table.c.kind == EntryKind.MOVED_DATE.value)
    found: defaultdict[tuple[str, str], list[Agreed]] = defaultdict(list)
    for row in sight.connection.execute(sight.select(CalendarEntry).where(*moved)):
        entry = sight.reader.state_of(CalendarEntry, row)
        if entry.date is not None and entry.agreed is not None:
            found[entry.date.playbook, entry.date.cadence].append(entry.agreed)
    return found


def _of(
    book: Playbook, cadence: Cadence, wish: Wish, agreed: tuple[Agreed, ...]
) -> Iterator[AgendaItem]:
    """The dates of one cadence, and the milestones that fall into the period."""
    reach = timedelta(days=2 + max((abs(each.days) for each in cadence.milestones), default=0))
    for each in occurrences(cadence, wish.since - reach, wish.until + reach, agreed):
        if wish.since <= each.place < wish.until:
            yield _date(book, cadence, each)
        for item in due(cadence, each):
            if wish.since <= item.at < wish.until:
                yield AgendaItem(
                    AgendaKind.MILESTONE,
                    item.milestone.title,
                    item.at,
                    item.at,
                    playbook=book.name,
                    cadence=cadence.name,
                    milestone=item.milestone.name,
                )


def _date(book: Playbook, cadence: Cadence, each: Occurrence) -> AgendaItem:
    return AgendaItem(
        AgendaKind.DATE,
        cadence.title,
        each.place,
        each.place,
        entry=each.entry,
        playbook=book.name,
        cadence=cadence.name,
        fate=each.fate,
        reasons=tuple(_text(reason) or "" for reason in each.reasons),
    )
