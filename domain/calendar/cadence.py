"""Cadences: dates that come again by a rule, and give way to holidays and to what was agreed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from domain.calendar.holiday import Holiday, holidays_on, known_place
from domain.calendar.recurrence import Beat, Recurrence, beats, check_recurrence, first, wall
from domain.calendar.recurrence_text import DAYS
from domain.calendar.window import Clock, clock_of, moment_of
from domain.kernel import Problems

FARTHEST: Final = 31
"""How many days a date may give way at most, and a playbook may allow."""
MOST_MILESTONES: Final = 40
MOST_PLACES: Final = 20
_YEAR: Final = 366
_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_DAY: Final = timedelta(days=1)


class OnHoliday(StrEnum):
    """What becomes of a date on a day off (S4-24, S4-28): nothing, it is left out, or it moves.

    EARLIER and LATER move it day by day to the nearest day that is not off, on the same wall time.
    """

    KEEP = "keep"
    SKIP = "skip"
    EARLIER = "earlier"
    LATER = "later"


class Fate(StrEnum):
    """What became of a planned date.

    KEPT: it stands. MOVED: it stands on another day. SKIPPED: it is left out. MERGED: it would
    have moved onto another date of the same cadence, which stands for both.
    """

    KEPT = "kept"
    MOVED = "moved"
    SKIPPED = "skipped"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Milestone:
    """Something due so many days after a cadence's date, or before it (negative).

    Counted in calendar days, or in `working` days, which are those that are not off. `time` is the
    wall time, `09:00`; without one it is the cadence's own.
    """

    name: str
    title: str
    days: int
    working: bool = False
    time: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Cadence:
    """A recurrence that knows holidays (X-03).

    A day is off when it is a public holiday in one of the `places` (`US`, `DE-BY`) or one of the
    `rest` days of the week (`SA`, `SU`). `reach` is how many days a date may move; beyond, it is
    skipped.
    """

    name: str
    title: str
    recurrence: Recurrence
    on_holiday: OnHoliday = OnHoliday.KEEP
    places: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()
    reach: int = 7
    milestones: tuple[Milestone, ...] = ()
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Agreed:
    """An agreement about one date (S4-09): the planned wall time, and the one instead, or None.

    `entry` is the id of the calendar entry that records it.
    """

    planned: str
    local: str | None
    reason: str
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One planned date and what became of it; `reasons` are sentences, in the order they counted.

    `at` (UTC) and `local` say when it is, and are None when it was skipped or merged. `holidays`
    are those the planned day met, `entry` the calendar entry by which it was agreed.
    """

    planned: Beat
    fate: Fate
    local: datetime | None
    at: datetime | None
    clock: Clock = Clock.ONCE
    reasons: tuple[str, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    entry: str | None = None

    @property
    def place(self) -> datetime:
        """Where it stands in a calendar: when it is, or when it would have been."""
        return self.planned.at if self.at is None else self.at


@dataclass(frozen=True, slots=True)
class Due:
    """When a milestone of one occurrence is due."""

    milestone: Milestone
    local: datetime
    at: datetime
    clock: Clock


def check_cadence(problems: Problems, cadence: Cadence, *path: str) -> None:
    """Note everything wrong with it; codes as check_recurrence, and `unknown_holidays` etc."""
    check_recurrence(problems, cadence.recurrence, *path)
    for place in cadence.places:
        message = f"No holidays are known for {place[:30]!r}; say DE, or DE-BY for a region."
        problems.unless(known_place(place), "unknown_holidays", message, *path, "places")
    for day in cadence.rest:
        message = f"{day[:10]!r} is none of {', '.join(DAYS)}."
        problems.unless(day in DAYS, "unknown_weekday", message, *path, "rest")
    moves = cadence.on_holiday is not OnHoliday.KEEP
    message = "Dates give way to days off only where some are named."
    named = cadence.places or cadence.rest or not moves
    problems.unless(named, "no_days_off", message, *path, "on_holiday")
    message = "Some day of the week must not be off."
    problems.unless(len(set(cadence.rest)) < 7, "no_days_left", message, *path, "rest")
    within = 1 <= cadence.reach <= FARTHEST
    problems.unless(within, "out_of_range", f"From 1 to {FARTHEST} days.", *path, "reach")
    crowded = len(cadence.places) > MOST_PLACES or len(cadence.milestones) > MOST_MILESTONES
    problems.unless(not crowded, "too_many", "There are too many of these.", *path)
    for milestone in cadence.milestones:
        check_milestone(problems, milestone, *path, "milestones")


def check_milestone(problems: Problems, milestone: Milestone, *path: str) -> None:
    """Note an offset beyond a year, and what is no time of day."""
    within = abs(milestone.days) <= _YEAR
    problems.unless(within, "out_of_range", "At most a year before or after.", *path, "days")
    readable = milestone.time is None or _TIME.fullmatch(milestone.time)
    problems.unless(readable, "unreadable_time", "A time of day looks like 09:00.", *path, "time")


def occurrences(
    cadence: Cadence, since: datetime, until: datetime, agreed: Iterable[Agreed] = ()
) -> tuple[Occurrence, ...]:
    """What stands from `since` up to, not including, `until`, and what was left out of it.

    In order of `place`. Refusal: as `beats`, and `unknown_holidays` for a year without data.
    """
    slack = timedelta(days=cadence.reach + 2)
    plans = {each.local: each for each in beats(cadence.recurrence, since - slack, until + slack)}
    moves = {wall(each.planned): each for each in agreed}
    zone = ZoneInfo(cadence.recurrence.zone)
    for local in moves:
        plans.setdefault(local, Beat(local, moment_of(local, zone), clock_of(local, zone)))
    found = _merged(_settle(cadence, each, moves, zone) for each in plans.values())
    return tuple(sorted((each for each in found if since <= each.place < until), key=_place))


def _place(occurrence: Occurrence) -> tuple[datetime, datetime]:
    return occurrence.place, occurrence.planned.at


def following(
    cadence: Cadence, after: datetime, number: int = 1, agreed: tuple[Agreed, ...] = ()
) -> tuple[Occurrence, ...]:
    """The next occurrences that stand, at `after` or later: up to `number` of them, at most 100."""
    start = first(cadence.recurrence, after - timedelta(days=cadence.reach + 2))
    if start is None:
        return ()
    found: tuple[Occurrence, ...] = ()
    low = max(after, start.at - timedelta(days=cadence.reach + 2))
    for days in (40, 400, 3650):
        within = occurrences(cadence, low, low + timedelta(days=days), agreed)
        found = tuple(each for each in within if each.at is not None)[: min(number, 100)]
        if len(found) >= number:
            break
    return found


def due(cadence: Cadence, occurrence: Occurrence) -> tuple[Due, ...]:
    """When the milestones of an occurrence are due; none for one that does not stand."""
    if occurrence.local is None:
        return ()
    zone, local = ZoneInfo(cadence.recurrence.zone), occurrence.local
    return tuple(_due(cadence, each, local, zone) for each in cadence.milestones)


def days_off(cadence: Cadence, day: date) -> tuple[str, ...]:
    """Why a day is off, as sentences; empty for a working day."""
    found = tuple(_named(each) for each in holidays_on(day, cadence.places))
    resting = DAYS[day.weekday()] in cadence.rest
    return found + ((f"{day} is a day of rest ({DAYS[day.weekday()]}).",) if resting else ())


def _named(holiday: Holiday) -> str:
    return f"{holiday.day} is {holiday.name} ({holiday.place})."


def _due(cadence: Cadence, milestone: Milestone, local: datetime, zone: ZoneInfo) -> Due:
    day, left = local.date(), abs(milestone.days)
    step = _DAY if milestone.days > 0 else -_DAY
    while left:
        day += step
        left -= not (milestone.working and days_off(cadence, day))
    clock = time.fromisoformat(milestone.time) if milestone.time else local.time()
    at = datetime.combine(day, clock)
    return Due(milestone, at, moment_of(at, zone), clock_of(at, zone))


def _settle(
    cadence: Cadence, plan: Beat, moves: Mapping[datetime, Agreed], zone: ZoneInfo
) -> Occurrence:
    """What becomes of one planned date: what was agreed about it goes before any rule."""
    met = holidays_on(plan.local.date(), cadence.places)
    agreement = moves.get(plan.local)
    if agreement is not None:
        told = _Told((f"Agreed: {agreement.reason}",), met, agreement.entry)
        return _placed(plan, wall(agreement.local) if agreement.local else None, zone, told)
    off = days_off(cadence, plan.local.date())
    if not off or cadence.on_holiday is OnHoliday.KEEP:
        return Occurrence(plan, Fate.KEPT, plan.local, plan.at, plan.clock, off, met)
    local, passed = _away(cadence, plan.local)
    return _placed(plan, local, zone, _Told((*off, *passed), met))


class _Told(NamedTuple):
    reasons: tuple[str, ...]
    holidays: tuple[Holiday, ...]
    entry: str | None = None


def _placed(plan: Beat, local: datetime | None, zone: ZoneInfo, told: _Told) -> Occurrence:
    if local is None:
        return Occurrence(plan, Fate.SKIPPED, None, None, Clock.ONCE, *told)
    fate = Fate.KEPT if local == plan.local else Fate.MOVED
    return Occurrence(plan, fate, local, moment_of(local, zone), clock_of(local, zone), *told)


def _away(cadence: Cadence, local: datetime) -> tuple[datetime | None, tuple[str, ...]]:
    """The nearest wall time in the rule's direction whose day is not off, and what was passed."""
    if cadence.on_holiday is OnHoliday.SKIP:
        return None, ("Left out, as the rule says.",)
    step = _DAY if cadence.on_holiday is OnHoliday.LATER else -_DAY
    passed: tuple[str, ...] = ()
    for days in range(1, cadence.reach + 1):
        moved = local + days * step
        why = days_off(cadence, moved.date())
        if not why:
            return moved, (*passed, f"Moved {cadence.on_holiday} to {moved.date()}.")
        passed += why
    return None, (*passed, f"Left out: no working day within {cadence.reach} days.")


def _merged(found: Iterable[Occurrence]) -> Iterator[Occurrence]:
    """In order, and once each: of two on one moment, the one that moved there gives way."""
    rank = {Fate.KEPT: 0, Fate.MOVED: 1}
    taken: set[datetime] = set()
    for each in sorted(found, key=lambda one: (one.place, rank.get(one.fate, 2), one.planned.at)):
        if each.at is None or each.at not in taken:
            taken |= {each.at} if each.at else set()
            yield each
        else:
            why = (*each.reasons, "Another date of this cadence stands there.")
            yield Occurrence(
                each.planned, Fate.MERGED, None, None, Clock.ONCE, why, each.holidays, each.entry
            )
