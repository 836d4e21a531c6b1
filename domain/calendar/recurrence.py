"""Recurrence rules (RFC 5545) on the wall clock of a zone, expanded within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from heapq import heappop, heappush
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, weekday

from domain.calendar.recurrence_text import DAYS, Frequency, Rule, Unreadable, read_rule
from domain.calendar.window import Clock, clock_of, find_zone, moment_of
from domain.kernel import Problem, Problems, Refusal, refusal

MOST: Final = 10_000
"""How many occurrences one question may bring to light."""
LONGEST: Final = timedelta(days=12 * 366)
"""The longest period one question may be about; what asks on behalf of others leaves a margin."""
PATIENCE: Final = timedelta(days=41 * 366)
"""How long after its start a recurrence must have come about: 29 February is a Monday each 28."""
_LATER: Final = 7600
"""Years by which the library is fed. The calendar repeats after 400 years to the day, and the
library gives up on an impossible rule only in the year 9999: so it gets there soon."""
_DAY: Final = timedelta(days=1)
_SKIPPED: Final = timedelta(hours=49)
"""No zone ever skipped two days."""
_FREQUENCIES: Final = {
    Frequency.DAILY: DAILY,
    Frequency.WEEKLY: WEEKLY,
    Frequency.MONTHLY: MONTHLY,
    Frequency.YEARLY: YEARLY,
}


@dataclass(frozen=True, slots=True)
class Recurrence:
    """When something comes about again and again (X-03).

    `rrule` is the value of an RFC 5545 RRULE, such as `FREQ=WEEKLY;INTERVAL=2;BYDAY=TU`. `start`
    is the wall time, `2026-01-06T10:00`, on the clocks of the IANA `zone`, before which nothing
    comes about and from which intervals and whatever the rule leaves out are taken. Days, weeks,
    months and years are those of the wall clock; HOURLY counts hours gone by, so that a change of
    clocks neither drops nor doubles one.
    """

    rrule: str
    start: str
    zone: str


@dataclass(frozen=True, slots=True)
class Beat:
    """One time a recurrence comes about: the wall time, the moment (UTC), how the clock shows it.

    A skipped wall time is meant as the moment that many minutes on, of a repeated one the first.
    """

    local: datetime
    at: datetime
    clock: Clock = Clock.ONCE


@dataclass(frozen=True, slots=True)
class _Compiled:
    rule: Rule
    start: datetime
    zone: ZoneInfo


def check_recurrence(problems: Problems, recurrence: Recurrence, *path: str) -> None:
    """Note everything wrong with it, each at its field.

    Codes: `unreadable_recurrence`, `unknown_zone`, `unreadable_time`, `zone_in_time`,
    `skipped_local_time` and `repeated_local_time` for a start that the zone's clocks show never
    or twice, `impossible_recurrence` for what never comes about.
    """
    before = len(problems)
    try:
        read_rule(recurrence.rrule)
    except Unreadable as broken:
        problems.add("unreadable_recurrence", str(broken), *path, "rrule")
    _check_local(problems, recurrence.start, recurrence.zone, *path)
    if len(problems) == before:
        message = "By this rule nothing ever comes about."
        possible = first(recurrence) is not None
        problems.unless(possible, "impossible_recurrence", message, *path, "rrule")


def _check_local(problems: Problems, local: str, zone: str, *path: str) -> None:
    """Note what is wrong with the start, a wall time that must name one moment."""
    place = find_zone(zone)
    message = f"There is no zone {zone[:50]!r}."
    problems.unless(place, "unknown_zone", message, *path, "zone")
    try:
        found = wall(local)
    except Refusal as broken:
        problems.extend(
            Problem(each.code, each.message, (*path, "start")) for each in broken.problems
        )
        return
    clock = Clock.ONCE if place is None else clock_of(found, place)
    if clock is Clock.SKIPPED:
        message = f"Clocks in {zone} never show {local}; give another time, or give it in UTC."
        problems.add("skipped_local_time", message, *path, "start")
    if clock is Clock.REPEATED:
        message = f"Clocks in {zone} show {local} twice; give another time, or give it in UTC."
        problems.add("repeated_local_time", message, *path, "start")


def wall(local: str) -> datetime:
    """The naive wall time of `2026-01-06T10:00` or with seconds, from 1970 to 2199; or Refusal."""
    try:
        found = datetime.fromisoformat(local) if 16 <= len(local) <= 19 else None
    except ValueError:
        found = None
    if found is None or not 1970 <= found.year < 2200 or local[10] != "T":
        raise refusal("unreadable_time", "A wall time looks like 2026-11-20T19:00.")
    if found.tzinfo is not None:
        raise refusal("zone_in_time", "A wall time has no offset; its zone is beside it.")
    return found


def beats(recurrence: Recurrence, since: datetime, until: datetime) -> tuple[Beat, ...]:
    """Everything that comes about from `since` up to, not including, `until`, in order.

    Refusal: `period_too_long` beyond twelve years, `too_many_occurrences` beyond 10,000.
    """
    return tuple(coming(recurrence, since, until))


def coming(recurrence: Recurrence, since: datetime, until: datetime) -> Iterator[Beat]:
    """The same one by one: nothing is worked out beyond what is taken. Refusal: as `beats`."""
    if until - since > LONGEST:
        raise refusal("period_too_long", "Ask about at most ten years at once.")
    for number, beat in enumerate(_between(_compiled(recurrence), since, until)):
        if number == MOST:
            raise refusal("too_many_occurrences", f"There are more than {MOST}; ask about less.")
        yield beat


def earliest(recurrence: Recurrence, number: int) -> tuple[Beat, ...]:
    """The first so many that come about; fewer where no more do in time, as for `first`."""
    return tuple(islice(_from(recurrence), number))


def first(recurrence: Recurrence, since: datetime | None = None) -> Beat | None:
    """The first that comes about at `since` or later, or at all; None when none does in time.

    In time is within 41 years, and for HOURLY within 400 days.
    """
    return next(_from(recurrence, since), None)


def _from(recurrence: Recurrence, since: datetime | None = None) -> Iterator[Beat]:
    found = _compiled(recurrence)
    begin = moment_of(found.start, found.zone)
    low = begin if since is None else max(since, begin)
    reach = timedelta(days=400) if found.rule.freq is Frequency.HOURLY else PATIENCE
    return _between(found, low, low + reach)


@lru_cache(maxsize=512)
def _compiled(recurrence: Recurrence) -> _Compiled:
    zone = find_zone(recurrence.zone)
    if zone is None:
        raise refusal("unknown_zone", f"There is no zone {recurrence.zone[:50]!r}.", "zone")
    return _Compiled(read_rule(recurrence.rrule), wall(recurrence.start), zone)


def _between(compiled: _Compiled, since: datetime, until: datetime) -> Iterator[Beat]:
    """What comes about in the period, once each: skipped hours may meet the hour after."""
    rule = compiled.rule
    if rule.freq is Frequency.HOURLY:
        yield from _hourly(compiled, since, until)
        return
    zone = compiled.zone
    low = since.astimezone(zone).replace(tzinfo=None) - 2 * _DAY
    high = until.astimezone(zone).replace(tzinfo=None) + _DAY
    last = None
    for beat in _in_order(compiled, low, high):
        if since <= beat.at < until and beat.at != last and not _ended(rule, beat.local, beat.at):
            yield beat
            last = beat.at


def _in_order(compiled: _Compiled, low: datetime, high: datetime) -> Iterator[Beat]:
    """By moment: a skipped time is meant later than its place among wall times says."""
    waiting: list[tuple[datetime, bool, datetime, Beat]] = []
    for local in _walls(compiled, low, high):
        at, clock = moment_of(local, compiled.zone), clock_of(local, compiled.zone)
        while waiting and waiting[0][2] + _SKIPPED < local:
            yield heappop(waiting)[3]
        heappush(waiting, (at, clock is not Clock.ONCE, local, Beat(local, at, clock)))
    while waiting:
        yield heappop(waiting)[3]


def _ended(rule: Rule, local: datetime, at: datetime) -> bool:
    if rule.until_moment is not None:
        return at > rule.until_moment
    return rule.until_day is not None and local.date() > rule.until_day


def _walls(compiled: _Compiled, low: datetime, high: datetime) -> Iterator[datetime]:
    """The wall times from `low` to `high`, worked out 7600 years on and brought back."""
    rule, start = compiled.rule, compiled.start
    begin = start.date() if rule.count else _aligned(rule, start.date(), low.date())
    ahead = rrule(
        _FREQUENCIES[rule.freq],
        dtstart=_shifted(start if rule.count else datetime.combine(begin, time()), _LATER),
        interval=rule.interval,
        count=rule.count,
        wkst=DAYS.index(rule.wkst),
        bysetpos=rule.bysetpos or None,
        bymonth=rule.bymonth or _month(rule, start),
        bymonthday=rule.bymonthday or _month_day(rule, start),
        byweekday=[weekday(DAYS.index(each.day), each.nth) for each in rule.byday]
        or _week_day(rule, start),
        byhour=rule.byhour or (start.hour,),
        byminute=rule.byminute or (start.minute,),
        bysecond=(start.second,),
    )
    for each in ahead:
        local = _shifted(each, -_LATER)
        if local > high:
            return
        if low <= local and start <= local:
            yield local


def _shifted(wall: datetime, years: int) -> datetime:
    return wall.replace(year=wall.year + years)


def _aligned(rule: Rule, start: date, low: date) -> date:
    """A day in step with the start's intervals, shortly before `low` or the start itself."""
    if low <= start:
        return start
    if rule.freq in (Frequency.DAILY, Frequency.WEEKLY):
        step = rule.interval * (7 if rule.freq is Frequency.WEEKLY else 1)
        return start + timedelta(days=max(0, (low - start).days // step - 1) * step)
    step = rule.interval * (12 if rule.freq is Frequency.YEARLY else 1)
    months = (low.year - start.year) * 12 + low.month - start.month
    periods = max(0, months // step - 1)
    if periods == 0:
        return start
    month = 0 if rule.freq is Frequency.YEARLY else start.month - 1
    total = start.year * 12 + month + periods * step
    return date(total // 12, total % 12 + 1, 1)


# What the rule leaves out is taken from the start.


def _bare(rule: Rule) -> bool:
    return not rule.bymonthday and not rule.byday


def _month(rule: Rule, start: datetime) -> int | None:
    return start.month if rule.freq is Frequency.YEARLY and _bare(rule) else None


def _month_day(rule: Rule, start: datetime) -> int | None:
    dated = rule.freq in (Frequency.YEARLY, Frequency.MONTHLY)
    return start.day if dated and _bare(rule) else None


def _week_day(rule: Rule, start: datetime) -> int | None:
    return start.weekday() if rule.freq is Frequency.WEEKLY and _bare(rule) else None


def _hourly(compiled: _Compiled, since: datetime, until: datetime) -> Iterator[Beat]:
    """Hours gone by since the start; the wall clock only tells which of them are wanted."""
    rule, zone = compiled.rule, compiled.zone
    begin, step = moment_of(compiled.start, zone), timedelta(hours=rule.interval)
    number = max(0, -((begin - since) // step))
    days = {DAYS.index(each.day) for each in rule.byday}
    while rule.count is None or number < rule.count:
        at = begin + number * step
        local = at.astimezone(zone).replace(tzinfo=None, fold=0)
        if at >= until or _ended(rule, local, at):
            return
        wanted = local.hour in (rule.byhour or (local.hour,))
        if at >= since and wanted and (not days or local.weekday() in days):
            yield Beat(local, at, clock_of(local, zone))
        number += 1
