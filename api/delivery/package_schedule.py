"""The query `packageSchedule`: which packages a cadence has made, and how punctual they came."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

import strawberry
from sqlalchemy import select
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.calendar.agenda import agreed_dates
from api.derived.nouns import REFERENCES, TYPES
from api.derived.periods import check_period, readable
from api.hiding.visibility import Sight
from domain.calendar.cadence import Cadence, following, occurrences
from domain.kernel import Problems, refusal
from domain.metrics.package_schedule import Came, Punctuality, slots
from domain.package import Package
from domain.playbook.aggregate import adopted, process

LONGEST: Final = timedelta(days=92)
MOST: Final = 1_000
"""How many dates one answer holds."""
A_DAY: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class ScheduledPackage:
    """A date at which a package is made, and what came of it."""

    at: Annotated[datetime, "When it is due."]
    punctuality: Annotated[Punctuality, "Whether it came in time."]
    package: Annotated[str | None, "The first that was built from then to the next date."]
    built_at: Annotated[datetime | None, "When that was built."]


@dataclass(frozen=True, slots=True)
class PackageSchedule:
    """The packages that a cadence has made in a period, in order (S0-10, S0-11)."""

    on_time: Annotated[int, "How many came in time."]
    late: Annotated[int, "How many came late, or are late and have not come."]
    missed: Annotated[int, "How many never came."]
    dates: Annotated[tuple[ScheduledPackage, ...], "Every date of the period that stands."]


REFERENCES[ScheduledPackage] = {"package": "package"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about."""

    playbook: str
    cadence: str
    package: str
    since: datetime
    until: datetime
    grace: timedelta


def schedule(sight: Sight, asked: Asked) -> PackageSchedule:
    """How punctual the packages of a name came by a cadence; what was imported counts as built."""
    cadence, key = _cadence(sight, asked), (asked.playbook, asked.cadence)
    agreed = tuple(agreed_dates(sight)[key])
    within = occurrences(cadence, asked.since, asked.until, agreed)
    dates = [each.at for each in within if each.at is not None]
    if len(dates) > MOST:
        raise refusal("too_many_occurrences", f"At most {MOST} dates at once.", "until")
    after = following(cadence, asked.until, 1, agreed)
    last = after[0].at if after else None
    came = _built(sight, asked.package, dates[0], last) if dates else ()
    found = tuple(
        ScheduledPackage(
            each.at,
            each.punctuality,
            each.came.package if each.came else None,
            each.came.at if each.came else None,
        )
        for each in slots(dates, last, came, sight.at, asked.grace)
    )
    count = Counter(each.punctuality for each in found)
    return PackageSchedule(
        on_time=count[Punctuality.ON_TIME],
        late=count[Punctuality.LATE],
        missed=count[Punctuality.MISSED],
        dates=found,
    )


def _cadence(sight: Sight, asked: Asked) -> Cadence:
    book = adopted(sight.records, asked.playbook)
    if book is None:
        raise refusal("unknown_playbook", "No such playbook is adopted.", "playbook")
    for each in process(book.body).cadences:
        if each.name == asked.cadence:
            return each
    raise refusal("unknown_cadence", "The playbook has no such cadence.", "cadence")


def _built(sight: Sight, name: str, since: datetime, until: datetime | None) -> tuple[Came, ...]:
    """When packages of the name were built that may be seen, and which."""
    table = sight.reader.snapshot(Package)
    where = [sight.visible(Package), table.c.name == name, table.c.built_at >= since]
    if until is not None:
        where.append(table.c.built_at < until)
    rows = sight.connection.execute(select(table.c.built_at, table.c.id).where(*where))
    return tuple(Came(at, id) for at, id in rows)


def _check(since: Any, until: Any, grace: int) -> None:
    readable(since=since, until=until)
    problems = Problems()
    check_period(problems, since, until, LONGEST, "Ask about 92 days at most.")
    good = 0 <= grace <= A_DAY
    problems.unless(good, "out_of_range", f"From 0 to {A_DAY} minutes.", "graceMinutes")
    problems.settle()


def _said(text: str) -> Any:
    return strawberry.argument(description=text)


_ARGUMENTS: Final = {
    "playbook": Annotated[str, _said("The adopted playbook, by name.")],
    "cadence": Annotated[str, _said("The cadence, in the playbook's words.")],
    "package": Annotated[str, _said("The name that the packages have.")],
    "since": Annotated[datetime, _said("When the period begins.")],
    "until": Annotated[datetime, _said("When it ends, itself not included; 92 days at most.")],
    "grace_minutes": Annotated[int, _said("How long after its date one is still in time.")],
}


def _field() -> StrawberryField:
    async def resolver(
        info: Info,
        since: Any,
        until: Any,
        *,
        playbook: str,
        cadence: str,
        package: str,
        grace_minutes: int = 60,
    ) -> Any:
        _check(since, until, grace_minutes)
        grace = timedelta(minutes=grace_minutes)
        asked = Asked(playbook, cadence, package, since, until, grace)
        return await info.context.look(lambda _connection, sight: schedule(sight, asked))

    resolver.__annotations__ = {"info": Info, **_ARGUMENTS, "return": Any}
    about = (
        "Which packages were due by a cadence, such as auto-deploy packages at the listed times, "
        "and which came on time, came late, or never came."
    )
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = TYPES.later("PackageSchedule")
    return field  # type: ignore[no-any-return]


def schedule_fields() -> dict[str, StrawberryField]:
    """The query `packageSchedule`."""
    TYPES.object(ScheduledPackage)
    TYPES.object(PackageSchedule)
    return {"package_schedule": _field()}
