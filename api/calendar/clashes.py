"""What stands in the way of changes and releases, and the earliest time without it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

import strawberry
from sqlalchemy import Connection
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.calendar.bound import BoundChanges, BoundReleases
from api.calendar.planned import Around, around
from api.calendar.scheduled import carried
from api.derived.fields import batched
from api.derived.nouns import TYPES
from api.derived.periods import readable
from api.hiding.visibility import Sight
from domain.change.planned import plan_of
from domain.change.slot import earliest_legal
from domain.change.state import Change
from domain.clash.clash import (
    HORIZON,
    Cause,
    Clash,
    Plan,
    Severities,
    Severity,
    Slot,
    clashes,
)
from domain.clash.findings import A_MOMENT
from domain.playbook.aggregate import Playbook, process
from domain.process.process import Process
from domain.release.slot import earliest_legal as earliest_release
from domain.release.state import Release

CLASH: Final = TYPES.object(Clash)
Asked = tuple[Change, datetime, Severity]
AskedOfRelease = tuple[Release, datetime, Severity]


def found(
    _connection: Connection, sight: Sight, changes: Sequence[Change]
) -> list[tuple[Clash, ...]]:
    """The clashes of each change with what the asker may see; none without a window."""
    if all(plan_of(each) is None for each in changes):
        return [()] * len(changes)
    books = _processes(sight, {each.playbook for each in changes})
    plans = {each.id: plan for each in changes if (plan := _plan(each, books))}
    known = around(sight, tuple(plans.values()))
    graves = {id: book.severities() for id, book in books.items()}
    bound = BoundChanges(sight, [each.id for each in changes])
    return [
        _told(sight, plans[each.id], bound.around(each, known), graves[each.playbook])
        if each.id in plans
        else ()
        for each in changes
    ]


def _told(sight: Sight, plan: Plan, known: Around, severities: Severities) -> tuple[Clash, ...]:
    """Its clashes from now on: what is over of its time is in nobody's way, as its gate has it."""
    if plan.until <= sight.moment:
        return ()
    ahead = replace(plan, since=max(plan.since, sight.moment))
    if not known.known:
        return (Clash(Cause.UNKNOWN, severities[Cause.UNKNOWN], ahead.since, ahead.until),)
    return clashes(ahead, known.plans, known.dated, severities)


def _processes(sight: Sight, ids: Collection[str]) -> dict[str, Process]:
    """The playbooks that something runs under."""
    return {id: process(book.body) for id, book in sight.find(Playbook, ids).items()}


def _plan(change: Change, books: Mapping[str, Process]) -> Plan | None:
    """A change as a plan, with the name by which locks may spare it."""
    plan, kind = plan_of(change), books[change.playbook].kind(change.kind)
    return replace(plan, activity=kind.activity) if plan and kind else plan


def release_plan(release: Release, changes: Iterable[Change], book: Process, at: datetime) -> Plan:
    """A release as a plan for a moment, such as that it is scheduled for."""
    kind = book.releases.kind(release.kind)
    items = (item for each in changes for item in each.content.configuration_items)
    return Plan(
        release.id,
        at,
        at + A_MOMENT,
        release.service,
        environments=frozenset(kind.environments if kind else ()),
        items=frozenset(items),
        people=frozenset(each.person for each in release.duties),
        activity=kind.activity if kind else None,
    )


def of_releases(
    _connection: Connection, sight: Sight, found: Sequence[Release]
) -> list[tuple[Clash, ...]]:
    """The clashes of each release at its date with what the asker may see; none without a date."""
    inside = carried(sight, [each.id for each in found])
    own = _own(sight, inside, found)
    books = _processes(sight, {each.playbook for each in found if each.scheduled is not None})
    plans = {
        each.id: release_plan(each, own[each.id], books[each.playbook], each.scheduled)
        for each in found
        if each.scheduled is not None
    }
    if not plans:
        return [()] * len(found)
    known, bound = around(sight, tuple(plans.values())), BoundReleases(sight, inside)
    return [
        _told(
            sight,
            plans[each.id],
            bound.around(each, plans[each.id], known),
            books[each.playbook].severities(),
        )
        if each.id in plans
        else ()
        for each in found
    ]


def _own(
    sight: Sight, inside: Mapping[str, Collection[str]], releases: Iterable[Release]
) -> dict[str, list[Change]]:
    """The changes in each release, as far as the asker may see them."""
    changes = sight.find(Change, {id for ids in inside.values() for id in ids})
    return {each.id: [changes[id] for id in inside[each.id] if id in changes] for each in releases}


def release_times(
    _connection: Connection, sight: Sight, keys: Sequence[AskedOfRelease]
) -> list[Slot]:
    """The earliest time of each release that is asked about."""
    inside = carried(sight, [release.id for release, _, _ in keys])
    own = _own(sight, inside, [release for release, _, _ in keys])
    books = _processes(sight, {release.playbook for release, _, _ in keys})
    bound = BoundReleases(sight, inside)

    def told(release: Release, after: datetime, least: Severity) -> Slot:
        book = books[release.playbook]
        wanted = release_plan(release, own[release.id], book, max(after, sight.at))
        known = around(sight, (wanted,), wanted.until + HORIZON)
        if not known.known:
            return Slot(None, None, known=False)
        near = bound.around(release, wanted, known)
        kind, graves = book.releases.kind(release.kind), book.severities()
        return earliest_release(wanted, kind, near.plans, near.dated, graves, least)

    return [told(*key) for key in keys]


def times(_connection: Connection, sight: Sight, keys: Sequence[Asked]) -> list[Slot]:
    """The earliest time of each change that is asked about."""
    return [_time(sight, *key) for key in keys]


def _time(sight: Sight, change: Change, after: datetime, least: Severity) -> Slot:
    books = _processes(sight, {change.playbook})
    plan = _plan(change, books)
    if plan is None:
        return Slot(None, None)
    length = plan.until - plan.since
    wanted = replace(plan, since=after, until=after + length)
    known = around(sight, (wanted,), max(after, sight.at) + HORIZON + length)
    if not known.known:
        return Slot(None, None, known=False)
    kept = BoundChanges(sight, [change.id]).around(change, known)
    return earliest_legal(
        change,
        plan,
        books[change.playbook],
        now=sight.at,
        after=after,
        others=known.plans,
        dated=known.dated,
        kept=kept.dated,
        least=least,
    )


_OF_CHANGE: Final = (
    "The earliest legal time, as long as the change's window, within 90 days: nothing stands "
    "in its way, and it is as far ahead as its kind demands, on the quarter of an hour that "
    "leaves five minutes to submit it. With what binds each earlier one."
)
_OF_RELEASE: Final = (
    "The earliest legal time within 90 days to schedule it for: nothing stands in its way, no lock "
    "is in force, and it is no holiday on which its kind goes nowhere. With what binds each "
    "earlier one."
)
_GRAVE: Final = (
    "What must not clash; anything if left out. Locks, the lead time and holidays always count."
)


def _time_field(find: Any, about: str) -> StrawberryField:
    later = strawberry.argument(description="No earlier than this; from now on if left out.")
    grave = strawberry.argument(description=_GRAVE)

    async def resolver(root: Any, info: Info, after: Any = None, least: Any = None) -> Any:
        readable(after=after)
        moment = after or info.context.at.replace(second=0, microsecond=0) + timedelta(minutes=1)
        return await info.context.batch(find, (root, moment, Severity(least or Severity.WARN)))

    resolver.__annotations__ = {
        "root": Any,
        "info": Info,
        "after": Annotated[datetime | None, later],
        "least": Annotated[StrawberryOptional(TYPES.enum(Severity)), grave],
        "return": Any,
    }
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = StrawberryAnnotation(TYPES.object(Slot))
    return field  # type: ignore[no-any-return]


RELEASE_FIELDS: Final[dict[str, StrawberryField]] = {
    "clashes": batched(
        "clashes",
        StrawberryList(CLASH),
        "Everything planned that stands in its way at its date: changes, people, the calendar.",
        of_releases,
    ),
    "earliest_time": _time_field(release_times, _OF_RELEASE),
}
"""What a release has of it."""

FIELDS: Final[dict[str, StrawberryField]] = {
    "clashes": batched(
        "clashes",
        StrawberryList(CLASH),
        "Everything planned that stands in its way: other changes, people, the calendar.",
        found,
    ),
    "earliest_time": _time_field(times, _OF_CHANGE),
}
