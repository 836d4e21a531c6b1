"""The regular turns of a layer: which one lasts at a moment, whose it is, and within which hours.

Wall times resolve as those of windows do: a skipped time moves forward by what was skipped, and of
a repeated one the first is meant.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from domain.rotation.state import Frequency, Hours, Layer, Weekday

STEPS: Final = {Frequency.DAILY: timedelta(days=1), Frequency.WEEKLY: timedelta(weeks=1)}
WEEK: Final = tuple(Weekday)
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Term:
    """One turn of a layer: its number from 0, and its time."""

    number: int
    since: datetime
    until: datetime


def moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which clocks in the zone show this, in UTC."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def begins(layer: Layer, number: int) -> datetime:
    """When the turn with this number begins."""
    start, steps = datetime.fromisoformat(layer.local_start), number * layer.interval
    step = STEPS.get(layer.frequency)
    wall = start + step * steps if step else _months_after(start, steps)
    return moment(wall, ZoneInfo(layer.zone))


def _months_after(start: datetime, months: int) -> datetime:
    year, month = divmod(start.month - 1 + months, 12)
    last = monthrange(start.year + year, month + 1)[1]
    return start.replace(year=start.year + year, month=month + 1, day=min(start.day, last))


def term(layer: Layer, at: datetime) -> Term | None:
    """The turn that lasts at a moment, None before the first."""
    start = datetime.fromisoformat(layer.local_start)
    wall = at.astimezone(ZoneInfo(layer.zone)).replace(tzinfo=None)
    if step := STEPS.get(layer.frequency):
        number = (wall - start) // (step * layer.interval)
    else:
        months = (wall.year - start.year) * 12 + wall.month - start.month
        number = months // layer.interval
    number = max(number, 0)
    while begins(layer, number) > at:
        if number == 0:
            return None
        number -= 1
    while (end := begins(layer, number + 1)) <= at:
        number += 1
    return Term(number, begins(layer, number), end)


def whose(layer: Layer, number: int) -> tuple[str, ...]:
    """The people of a turn: as many as share one, going round."""
    first = number * layer.together
    return tuple(layer.people[(first + each) % len(layer.people)] for each in range(layer.together))


# Hours.


def within_hours(layer: Layer, at: datetime) -> bool:
    """Whether the layer's hours, if it has any, include the moment."""
    if not layer.hours:
        return True
    zone = ZoneInfo(layer.zone)
    today = at.astimezone(zone).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    return any(
        since <= at < until
        for hours in layer.hours
        for day in (today - DAY, today)
        for since, until in _of_day(hours, day, zone)
    )


def hours_between(layer: Layer, since: datetime, until: datetime) -> Iterator[datetime]:
    """Every moment between two at which the layer's hours may begin or end, in no order."""
    zone = ZoneInfo(layer.zone)
    for hours in layer.hours:
        day = since.astimezone(zone).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
        day -= DAY
        while moment(day, zone) - DAY < until:
            for span in _of_day(hours, day, zone):
                yield from (each for each in span if since < each < until)
            day += DAY


def _of_day(hours: Hours, day: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """When the hours that begin on a day last, if they begin on that day."""
    if hours.days and WEEK[day.weekday()] not in hours.days:
        return
    first, last = time.fromisoformat(hours.since), time.fromisoformat(hours.until)
    end = day if first < last else day + DAY
    yield (
        moment(datetime.combine(day, first), zone),
        moment(datetime.combine(end, last), zone),
    )
