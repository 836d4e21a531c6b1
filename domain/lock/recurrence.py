"""When a lock that comes again is on: every week, month or year, in half-open spans of UTC."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final

from domain.kernel import Problems

DAYS_OF_WEEK: Final = 7
MOST_OFFSET: Final = 31
"""By how many days an edge may lie from its weekday."""
_TIME: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_WEEK: Final = timedelta(days=DAYS_OF_WEEK)


class Every(StrEnum):
    """How often it comes again."""

    WEEK = "week"
    YEAR = "year"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Boundary:
    """Where a span begins or ends within its week, month or year, in UTC.

    In a week: a weekday. In a month: a day of it, or its nth weekday, such as the third Thursday.
    In a year: the same of a month of it.
    """

    time: Annotated[str, "The time of day in UTC, such as 09:00."]
    weekday: Annotated[int | None, "From 1, a Monday, to 7."] = None
    month: Annotated[int | None, "From 1 to 12; in a year only."] = None
    day: Annotated[int | None, "The day of the month; in a month or a year."] = None
    nth: Annotated[int | None, "Which such weekday of the month, from 1."] = None
    offset_days: Annotated[int, "So many days after that weekday, or before it."] = 0


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A span that comes again: it ends at the first `until` after its `since`."""

    every: Annotated[Every, "How often it comes again."]
    since: Annotated[Boundary, "Where it begins."]
    until: Annotated[Boundary, "Where it ends, itself not included."]


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` up to, not including, `until`; without `until` it does not end."""

    since: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether the moment lies inside."""
        return self.since <= at and (self.until is None or at < self.until)


def spans_near(recurrence: Recurrence, at: datetime) -> Iterator[Span]:
    """The spans that may hold or follow `at`: of its own week, month or year, and those near."""
    return _spans(recurrence, at, _NEAR[recurrence.every])


def spans_from(recurrence: Recurrence, at: datetime) -> tuple[Span, ...]:
    """The spans from the moment on, as many as tell how long any of them lasts, earliest first."""
    return tuple(_spans(recurrence, at, range(-1, _TELLING[recurrence.every])))


def spans_between(recurrence: Recurrence, since: datetime, until: datetime) -> tuple[Span, ...]:
    """The spans that touch the period, earliest first."""
    near = _NEAR[recurrence.every]
    periods = range(near.start, (until - since).days // _FEWEST_DAYS[recurrence.every] + near.stop)
    every = _spans(recurrence, since, periods)
    return tuple(e for e in every if e.since <= until and (e.until is None or since <= e.until))


def _spans(recurrence: Recurrence, at: datetime, periods: range) -> Iterator[Span]:
    """The spans that begin in these weeks, months or years, counted from that of the moment."""
    edges = _EDGES[recurrence.every]
    around = range(periods.start - 1, periods.stop + 2)
    ends = sorted(edges(recurrence.until, at, each) for each in around)
    for period in periods:
        since = edges(recurrence.since, at, period)
        yield Span(since, ends[bisect_right(ends, since)])


def repeats_within(inner: Recurrence, outer: Recurrence, at: datetime, earlier: timedelta) -> bool:
    """Whether each span of one lies in a span of the other, were that to begin so much earlier.

    All are looked at that there are: weeks are alike, every kind of month comes within 40 years,
    and the calendar begins anew after 400. A week never lies in a month or a year, nor the other
    way around, even if it did.
    """
    if inner == outer or inner.every is not outer.every:
        return inner == outer
    for period in range(_CYCLES[inner.every]):
        (span,) = _spans(inner, at, range(period, period + 1))
        beside = _NEAR[outer.every]
        near = _spans(outer, at, range(period + beside.start, period + beside.stop))
        if not any(_holds(each, span, earlier) for each in near):
            return False
    return True


def _holds(outer: Span, inner: Span, earlier: timedelta) -> bool:
    ends = outer.until is None or (inner.until is not None and inner.until <= outer.until)
    return ends and outer.since - earlier <= inner.since


def check_recurrence(problems: Problems, recurrence: Recurrence, *path: str) -> None:
    """Note what no calendar has: an edge without a day, or one that some of them lack (X-05)."""
    check = _CHECKS[recurrence.every]
    for name in ("since", "until"):
        edge: Boundary = getattr(recurrence, name)
        timed = _TIME.fullmatch(edge.time)
        message = "A time of day looks like 09:00."
        problems.unless(timed, "recurrence_unusable", message, *path, name, "time")
        check(problems, edge, *path, name)
    if recurrence.since == recurrence.until:
        problems.add("recurrence_unusable", "It ends where it begins.", *path, "until")


def _check_week(problems: Problems, edge: Boundary, *path: str) -> None:
    bare = (edge.month, edge.day, edge.nth, edge.offset_days) == (None, None, None, 0)
    message = "In a week, an edge has a weekday from 1 to 7 and nothing else."
    problems.unless(bare and _weekday(edge), "recurrence_unusable", message, *path)


def _check_month(problems: Problems, edge: Boundary, *path: str) -> None:
    near = abs(edge.offset_days) <= DAYS_OF_WEEK
    good = edge.month is None and near and _is_day(edge, min(_SHORTEST.values()))
    message = (
        "In a month, an edge is one of its first 28 days, or its 1st to 4th weekday, a week off at "
        "most."
    )
    problems.unless(good, "recurrence_unusable", message, *path)


def _is_day(edge: Boundary, longest: int) -> bool:
    """Whether it says one day of a month of so many days."""
    dated = edge.day is not None and edge.weekday is None and edge.nth is None
    counted = edge.day is None and _weekday(edge) and edge.nth in range(1, 5)
    return (dated and edge.day in range(1, longest + 1) and not edge.offset_days) or (
        counted and abs(edge.offset_days) <= MOST_OFFSET
    )


def _check_year(problems: Problems, edge: Boundary, *path: str) -> None:
    good = edge.month in range(1, 13) and _is_day(edge, _SHORTEST[edge.month or 1])
    message = (
        "In a year, an edge is a day that every year has, or the 1st to 4th weekday of a month."
    )
    problems.unless(good, "recurrence_unusable", message, *path)


def _weekday(edge: Boundary) -> bool:
    return edge.weekday in range(1, DAYS_OF_WEEK + 1)


_SHORTEST: Final = dict(enumerate((31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), 1))
"""The days that a month has in every year."""


# Edges.


def _in_week(edge: Boundary, at: datetime, period: int) -> datetime:
    monday = at.astimezone(UTC) - timedelta(days=at.astimezone(UTC).weekday()) + period * _WEEK
    return _at_time(monday + timedelta(days=(edge.weekday or 1) - 1), edge.time)


def _in_month(edge: Boundary, at: datetime, period: int) -> datetime:
    now = at.astimezone(UTC)
    years, month = divmod(now.month - 1 + period, _MONTHS)
    return _day_of(edge, now.year + years, month + 1)


def _in_year(edge: Boundary, at: datetime, period: int) -> datetime:
    return _day_of(edge, at.astimezone(UTC).year + period, edge.month or 1)


def _day_of(edge: Boundary, year: int, month: int) -> datetime:
    if edge.day is not None:
        return _at_time(datetime(year, month, edge.day, tzinfo=UTC), edge.time)
    first = datetime(year, month, 1, tzinfo=UTC)
    ahead = ((edge.weekday or 1) - first.isoweekday()) % DAYS_OF_WEEK
    days = ahead + DAYS_OF_WEEK * ((edge.nth or 1) - 1) + edge.offset_days
    return _at_time(first + timedelta(days=days), edge.time)


_MONTHS: Final = 12
_NEAR: Final = {Every.WEEK: range(-1, 3), Every.MONTH: range(-3, 4), Every.YEAR: range(-1, 3)}
"""The weeks, months or years whose spans may hold a moment or come next, counted from its own."""
_CYCLES: Final = {Every.WEEK: 1, Every.MONTH: 40 * _MONTHS, Every.YEAR: 400}
"""After how many of them all spans have been seen that there are."""
_TELLING: Final = {Every.WEEK: 3, Every.MONTH: 48, Every.YEAR: 28}
"""How many of them show every length there is: weeks are alike, weekdays come again in 28 years."""
_FEWEST_DAYS: Final = {Every.WEEK: DAYS_OF_WEEK, Every.MONTH: 28, Every.YEAR: 365}
"""The fewest days that a week, month or year has."""
_EDGES: Final[dict[Every, Callable[[Boundary, datetime, int], datetime]]] = {
    Every.WEEK: _in_week,
    Every.MONTH: _in_month,
    Every.YEAR: _in_year,
}
_CHECKS: Final[dict[Every, Callable[..., None]]] = {
    Every.WEEK: _check_week,
    Every.MONTH: _check_month,
    Every.YEAR: _check_year,
}


def _at_time(day: datetime, time: str) -> datetime:
    hour, minute = time.split(":")
    return day.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
