"""Who is on duty, what is not covered, and when one is on duty oneself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

import strawberry
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.calendar.schedules import Book, absences
from api.derived.lookups import AsOf, moment
from api.derived.nouns import TYPES
from api.derived.periods import check_period, readable
from domain.kernel import Problems, distinct, refusal
from domain.rotation.schedule import Duty, Gap, duties, gaps, on_duty

LONGEST: Final = timedelta(days=4_000)
"""How long a period may be in which gaps are looked for."""
LONGEST_OWN: Final = timedelta(days=400)
"""How far one's own duties are looked for."""
MOST: Final = 500
"""How many gaps or duties one answer names."""


@dataclass(frozen=True, slots=True)
class DutyInRegion:
    """Who is on duty in one region of a rotation."""

    region: Annotated[str | None, "The region; null for a rotation without regions."]
    duty: Annotated[Duty | None, "Who is on duty; null if nobody is."]


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """Whom to turn to at one step, as it stands at the moment asked for."""

    name: Annotated[str, "What the step is called."]
    minutes: Annotated[int, "How long to wait for an answer before the next step."]
    people: Annotated[tuple[str, ...], "Whom to turn to."]


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Who is on duty in a rotation at a moment, and whom to turn to after them."""

    rotation: Annotated[str, "The rotation."]
    at: Annotated[datetime, "The moment asked for."]
    regions: Annotated[tuple[DutyInRegion, ...], "Who is on duty in each region asked for."]
    people: Annotated[tuple[str, ...], "Everybody on duty in these regions, each once."]
    escalation: Annotated[tuple[EscalationStep, ...], "Whom to turn to, one after the other."]


@dataclass(frozen=True, slots=True)
class CoverageGaps:
    """The times of a period in which a rotation is not covered."""

    gaps: Annotated[tuple[Gap, ...], f"The gaps in order of region and time, at most {MOST}."]
    complete: Annotated[bool, "Whether these are all."]


@dataclass(frozen=True, slots=True)
class OwnDuty:
    """A time in which one is on duty oneself."""

    rotation: Annotated[str, "The rotation."]
    since: Annotated[datetime, "When it begins."]
    until: Annotated[datetime, "When it ends, itself not included."]
    duty: Annotated[Duty, "The turn, and who shares it."]


@dataclass(frozen=True, slots=True)
class OwnDuties:
    """When one is on duty oneself, within a period."""

    duties: Annotated[tuple[OwnDuty, ...], f"In order of time, at most {MOST}."]
    complete: Annotated[bool, "Whether these are all."]


# Questions.


def who_is_on(book: Book, rotation: str, at: datetime, region: str | None) -> OnDuty | None:
    """Who is on duty; None without such a rotation, Refusal for a region it does not have."""
    schedule = book.schedule(rotation, at, at)
    if schedule is None:
        return None
    regions = schedule.regions if region is None else (region,)
    if not set(regions) <= set(schedule.regions):
        raise refusal("unknown_region", "The rotation has no such region.", "region")
    found = tuple(DutyInRegion(each, on_duty(schedule, at, each)) for each in regions)
    people = distinct(one for each in found if each.duty for one in each.duty.people)
    steps = tuple(_step(book, each, at, people) for each in schedule.rotation.escalation)
    return OnDuty(rotation, at, found, people, steps)


def _step(book: Book, step: Any, at: datetime, own: tuple[str, ...]) -> EscalationStep:
    people = step.people or own
    if step.rotation is not None:
        other = book.schedule(step.rotation, at, at)
        found = [on_duty(other, at, each) for each in other.regions] if other else []
        people = distinct(person for duty in found if duty for person in duty.people)
    return EscalationStep(step.name, step.minutes, people)


def lacking(
    book: Book, rotation: str, since: datetime, until: datetime, region: str | None
) -> CoverageGaps | None:
    """What is not covered; None without such a rotation, Refusal for an unknown region."""
    _check(since, until, LONGEST)
    schedule = book.schedule(rotation, since, until)
    if schedule is None:
        return None
    regions = schedule.regions if region is None else (region,)
    if not set(regions) <= set(schedule.regions):
        raise refusal("unknown_region", "The rotation has no such region.", "region")
    away = absences(book.sight, schedule)
    found = [gap for each in regions for gap in gaps(schedule, since, until, each, away)]
    return CoverageGaps(tuple(found[:MOST]), len(found) <= MOST)


def mine(book: Book, since: datetime, until: datetime) -> OwnDuties:
    """When the asker is on duty, in every rotation that is not retired."""
    _check(since, until, LONGEST_OWN)
    me = book.sight.principal
    found = [
        OwnDuty(schedule.rotation.id, span.since, span.until, span.duty)
        for schedule in book.schedules_of(me, since, until)
        for span in duties(schedule, since, until, me)
        if span.duty
    ]
    found.sort(key=lambda each: (each.since, each.rotation))
    return OwnDuties(tuple(found[:MOST]), len(found) <= MOST)


def _check(since: datetime, until: datetime, longest: timedelta) -> None:
    problems = Problems()
    check_period(problems, since, until, longest, f"At most {longest.days} days.")
    problems.settle()


# Fields.

Given = Annotated[str | None, strawberry.argument(description="A region; all if left out.")]


def rotation_fields() -> dict[str, StrawberryField]:
    """The queries `onDuty`, `coverageGaps` and `myDuties`."""
    for kind in (OnDuty, CoverageGaps, OwnDuties):
        TYPES.object(kind)
    return {"on_duty": _on_duty(), "coverage_gaps": _gaps(), "my_duties": _mine()}


def _on_duty() -> StrawberryField:
    async def resolver(  # noqa: PLR0917  (Strawberry passes them by name)
        info: Info,
        rotation: Any = None,
        handle: str | None = None,
        at: Any = None,
        region: Given = None,
        as_of: Any = None,
    ) -> Any:
        if (rotation is None) == (handle is None):
            raise refusal("rotation_or_handle", "Name a rotation or a handle.", "rotation")
        time = readable(at=at or info.context.at)["at"]
        context = info.context
        if as_of:
            context = context.past(info.path, await moment(context, as_of))

        def ask(book: Book) -> Any:
            id = book.called(handle) if handle is not None else book.identified(rotation)
            return None if id is None else who_is_on(book, id, time, region)

        return await _look(context, ask)

    resolver.__annotations__ |= {
        "info": Info,
        "rotation": _argument(strawberry.ID | None, "The rotation."),
        "handle": _argument(str | None, "Instead: a handle that stands for it, in any case."),
        "at": _argument(datetime | None, "The moment; now if left out."),
        "as_of": _argument(AsOf | None, "As it was known then; as it is known now if left out."),
    }
    about = "Who is on duty; null if there is no such rotation, or nobody is called that."
    return _field(resolver, about, "Optional[OnDuty]")


def _gaps() -> StrawberryField:
    async def resolver(
        info: Info, rotation: Any, since: Any, until: Any, region: Given = None
    ) -> Any:
        period = readable(since=since, until=until)

        def ask(book: Book) -> Any:
            id = book.identified(rotation)
            return None if id is None else lacking(book, id, **period, region=region)

        return await _look(info.context, ask)

    resolver.__annotations__ |= {
        "info": Info,
        "rotation": _argument(strawberry.ID, "The rotation."),
        "since": _argument(datetime, "From when."),
        "until": _argument(datetime, "Until when, itself not included."),
    }
    about = "When nobody is on duty, or all who are will be away; null without such a rotation."
    return _field(resolver, about, "Optional[CoverageGaps]")


def _mine() -> StrawberryField:
    async def resolver(info: Info, since: Any, until: Any) -> Any:
        period = readable(since=since, until=until)
        return await _look(info.context, lambda book: mine(book, **period))

    resolver.__annotations__ |= {
        "info": Info,
        "since": _argument(datetime, "From when."),
        "until": _argument(datetime, f"Until when; at most {LONGEST_OWN.days} days later."),
    }
    return _field(resolver, "When you are on duty, in all rotations.", "OwnDuties")


def _argument(kind: Any, about: str) -> Any:
    return Annotated[kind, strawberry.argument(description=about)]


def _field(resolver: Any, about: str, kind: str) -> StrawberryField:
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = TYPES.later(kind)
    return field  # type: ignore[no-any-return]


async def _look(context: Any, ask: Callable[[Book], Any]) -> Any:
    return await context.look(lambda _connection, sight: ask(Book(sight)))
