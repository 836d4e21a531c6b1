"""What a release cycle demands now, and how often it was bypassed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Annotated, Any, Final

import strawberry
from sqlalchemy import func, select
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.calendar.short_circuits import ShortCircuits, bypasses, versions_of
from api.derived.nouns import TYPES
from api.derived.periods import check_period, readable
from api.hiding.visibility import Sight
from api.standing import Lies, Lying, Ran, running
from domain.calendar.cadence import Fate
from domain.kernel import Problems, refusal
from domain.merge_request.state import MergeRequest
from domain.merge_request.state import Status as MergeStatus
from domain.playbook.aggregate import Playbook, adopted, process
from domain.process.cycle import Cycle, Effect, Running, Step, Week, not_due, out_of_turn, steps
from domain.process.process import Process
from domain.release.evidence.made_of import named
from domain.release.state import Release
from domain.release.whereabouts.replaced import replacing
from domain.release.whereabouts.turn import Turn, turn

LONGEST: Final = timedelta(days=20 * 366)
LOOKED_AT: Final = 50
"""How many releases are looked at for the latest tag."""


@dataclass(frozen=True, slots=True)
class CycleDemand:
    """Where a moment stands in a release cycle, and what is to be done there for a service."""

    week: Annotated[int | None, "The week of the cycle, from 1; null before it has begun."]
    kind: Annotated[Week | None, "The week of a date, or another."]
    date: Annotated[datetime | None, "The date that this cycle began with; null if left out."]
    fate: Annotated[Fate | None, "What became of that date."]
    merged: Annotated[int | None, "What was merged since the last release; null if not asked."]
    steps: Annotated[tuple[Step, ...], "What its date demands, environment by environment."]


# What is to be done.


def demand(
    sight: Sight, book: Playbook, name: str, service: str, project: str | None
) -> CycleDemand:
    """What the cycle demands of a service now, by what the asker may see (S4-10 to S4-14)."""
    whole = process(book.body)
    now = turn(whole, name, sight.at, sight.records)
    merged = None if project is None else _merged(sight, now.cycle, book.name, service, project)
    if now.place is None:
        return CycleDemand(None, None, None, None, merged, ())
    occurrence = now.place.occurrence
    before = min(occurrence.at or sight.at, sight.at) - timedelta(microseconds=1)
    places = now.cycle.environments
    standing = compared(
        now.cycle,
        running(sight, service, places, before, _planned(sight, whole, now)),
        running(sight, service, places, sight.at),
        running(sight, service, places, sight.at, partial(_beneath, now)),
    )
    taken = _taken(sight, service, now)
    told = steps(now.cycle, standing, merged, not_due(now.place, sight.at), taken)
    place = (now.place.week, now.place.kind, occurrence.at, occurrence.fate)
    return CycleDemand(*place, merged, told)


def _planned(sight: Sight, whole: Process, now: Turn) -> Lying:
    """Where that lies which was planned until the date (S4-18 to S4-20).

    A fix takes its place where the table says so, but not that of what was there a cycle before.
    """

    def lies(release: Release, where: str, came: datetime) -> Lies:
        if release.kind not in now.cycle.kinds:
            return Lies.HERE
        then = turn(whole, now.cycle.name, came, sight.records)
        week = then.place.kind if then.place else Week.OFF
        replaces = now.cycle.effects.get((release.kind, week, where)) is Effect.REPLACE
        return Lies.NOWHERE if replaces and then.week != now.week else Lies.BENEATH

    return lies


def _beneath(now: Turn, release: Release, _where: str, _came: datetime) -> Lies:
    """Where that lies which went there in its turn."""
    hurried = release.plan.short_circuit is not None
    out = out_of_turn((now.cycle,), release.kind, hurried=hurried)
    return Lies.BENEATH if out else Lies.HERE


def _taken(sight: Sight, service: str, now: Turn) -> dict[str, str]:
    """Where a fix took the place of what was planned in this cycle, and the name of its release."""
    every = sight.records.find(Release, service=service, kind=now.cycle.kinds)
    seen = list(sight.find(Release, [each.id for each in every]).values())
    places = now.cycle.environments
    took = {e: replacing(sight.records, seen, e, now, hidden=False) for e in places}
    return {where: named((each,)) for where, each in took.items() if each}


def compared(
    cycle: Cycle,
    until: Mapping[str, Ran],
    now: Mapping[str, Ran],
    beneath: Mapping[str, Ran] | None = None,
) -> Running:
    """The versions of then and now, and where the same is another build; unknown ones are not."""
    rebuilt = frozenset(
        here
        for ahead, here in pairwise(cycle.environments)
        for there in (now, beneath or {})
        if ahead in until and here in there and _another_build(until[ahead], there[here])
    )
    return Running(_versions(until), _versions(now), rebuilt, _versions(beneath or {}))


def _versions(ran: Mapping[str, Ran]) -> dict[str, str | None]:
    return {name: each.version for name, each in ran.items()}


def _another_build(one: Ran, other: Ran) -> bool:
    known = bool(one.digests and other.digests)
    return known and one.version == other.version and one.digests.isdisjoint(other.digests)


def _merged(sight: Sight, cycle: Cycle, playbook: str, service: str, project: str) -> int:
    """How much was merged that the asker may see, since the latest tag of a planned release."""
    table = sight.reader.snapshot(MergeRequest)
    where = [
        sight.visible(MergeRequest),
        table.c.project == project,
        table.c.status == MergeStatus.MERGED.value,
    ]
    if (since := _tagged(sight, cycle, playbook, service)) is not None:
        where.append(table.c.merged_at > since)
    number = select(func.count()).select_from(table).where(*where)
    found: int = sight.connection.execute(number).scalar_one()
    return found


def _tagged(sight: Sight, cycle: Cycle, playbook: str, service: str) -> datetime | None:
    """When the latest planned release of the service was tagged."""
    table = sight.reader.snapshot(Release)
    where = (
        table.c.service == service,
        table.c.playbook.in_(select(versions_of(sight, playbook).c.id)),
        table.c.kind.not_in(sorted(cycle.kinds)),
    )
    statement = sight.select(Release).where(*where).order_by(table.c.id.desc()).limit(LOOKED_AT)
    rows = sight.connection.execute(statement)
    releases = [sight.reader.state_of(Release, row) for row in rows]
    return max((tag.at for each in releases for tag in each.tags), default=None)


# The queries.


def _said(text: str) -> Any:
    return strawberry.argument(description=text)


PLAYBOOK: Final = Annotated[str, _said("The adopted playbook, by name.")]
SERVICE: Final = Annotated[str, _said("The service.")]


def _demand_field() -> StrawberryField:
    async def resolver(
        info: Info, playbook: str, cycle: str, service: str, project: str | None = None
    ) -> Any:
        def told(sight: Sight) -> CycleDemand:
            book = adopted(sight.records, playbook)
            if book is None:
                raise refusal("unknown_playbook", "No such playbook is adopted.", "playbook")
            if process(book.body).cycle(cycle) is None:
                raise refusal("unknown_cycle", "The playbook has no such cycle.", "cycle")
            return demand(sight, book, cycle, service, project)

        return await info.context.look(lambda _connection, sight: told(sight))

    resolver.__annotations__ = {
        "info": Info,
        "playbook": PLAYBOOK,
        "cycle": Annotated[str, _said("The cycle, in the playbook's words.")],
        "service": SERVICE,
        "project": Annotated[str | None, _said("Where to look for what was merged.")],
        "return": Any,
    }
    about = (
        "What a release cycle demands of a service now: nothing merged means no release, and the "
        "same version means no request. Without a project nothing counts as merged."
    )
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = TYPES.later("CycleDemand")
    return field  # type: ignore[no-any-return]


def _bypasses_field() -> StrawberryField:
    async def resolver(
        info: Info, playbook: str, since: Any, until: Any, service: str | None = None
    ) -> Any:
        _check(since, until)
        return await info.context.look(
            lambda _connection, sight: bypasses(sight, playbook, service, since, until)
        )

    resolver.__annotations__ = {
        "info": Info,
        "playbook": Annotated[str, _said("The playbook, by name, in any version.")],
        "since": Annotated[datetime, _said("When the period begins.")],
        "until": Annotated[datetime, _said("When it ends, itself not included.")],
        "service": Annotated[str | None, _said("The service; all if left out.")],
        "return": Any,
    }
    about = "How often the regular process was bypassed, by fixes and by what could not wait."
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = TYPES.later("ShortCircuits")
    return field  # type: ignore[no-any-return]


def _check(since: Any, until: Any) -> None:
    readable(since=since, until=until)
    problems = Problems()
    check_period(problems, since, until, LONGEST, "Ask about twenty years at most.")
    problems.settle()


def cycle_fields() -> dict[str, StrawberryField]:
    """The queries `releaseCycle` and `shortCircuits`."""
    TYPES.object(CycleDemand)
    TYPES.object(ShortCircuits)
    return {"release_cycle": _demand_field(), "short_circuits": _bypasses_field()}
