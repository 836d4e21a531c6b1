"""Windows that come again: a recurrence that says when they open, and how long they last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from domain.calendar.recurrence import Beat, Recurrence, check_recurrence, coming, earliest
from domain.calendar.window import Clock, Window, clock_of, moment_of
from domain.kernel import Problems

MOST_MINUTES: Final = 366 * 24 * 60
LOOKED_AT: Final = 400
"""How many of its first windows show whether one begins before the one before it has ended."""


@dataclass(frozen=True, slots=True)
class RecurringWindow:
    """A span of time that comes again.

    It closes on the wall clock, `minutes` after it opens on it: from Saturday 01:00 for 2,640
    minutes is until Sunday 21:00 whatever clocks do in between.
    """

    recurrence: Recurrence
    minutes: int


def check_recurring(problems: Problems, window: RecurringWindow, *path: str) -> None:
    """Note everything wrong with it; codes as check_recurrence, and `out_of_range`.

    `windows_overlap` where one begins before the last has ended: who writes that mistook how long
    it lasts or how often it comes, and it would be on without a pause.
    """
    before = len(problems)
    check_recurrence(problems, window.recurrence, *path, "recurrence")
    message = "A window lasts from one minute to a year."
    within = 1 <= window.minutes <= MOST_MINUTES
    problems.unless(within, "out_of_range", message, *path, "minutes")
    if len(problems) == before:
        message = "One begins before the last has ended: let it be shorter, or come less often."
        problems.unless(not overlapping(window), "windows_overlap", message, *path, "minutes")


@lru_cache(maxsize=512)
def overlapping(window: RecurringWindow) -> bool:
    """Whether one of its first 400 windows begins before the one before it has ended.

    By the clock and by hours gone by: a change of clocks alone is none.
    """
    length = timedelta(minutes=window.minutes)
    return any(
        max(later.at - beat.at, later.local - beat.local) < length
        for beat, later in pairwise(earliest(window.recurrence, LOOKED_AT))
        if beat.clock is later.clock is Clock.ONCE
    )


def openings(
    window: RecurringWindow, since: datetime, until: datetime, zone_data: str
) -> tuple[Window, ...]:
    """The windows that overlap the period from `since` up to, not including, `until`, in order.

    Refusal: as `beats`, for periods beyond ten years or more than 10,000 windows.
    """
    return tuple(opening(window, since, until, zone_data))


def opening(
    window: RecurringWindow, since: datetime, until: datetime, zone_data: str
) -> Iterator[Window]:
    """The same one by one, by when they open; nothing is worked out beyond what is taken."""
    begin = since - timedelta(minutes=window.minutes, days=2)
    for beat in coming(window.recurrence, begin, until):
        found = _window(window, beat, zone_data)
        if found.since < found.until and since < found.until:
            yield found


def open_at(window: RecurringWindow, at: datetime, zone_data: str) -> Window | None:
    """The window that holds the moment; of several the one that closes last."""
    found = openings(window, at, at + timedelta(microseconds=1), zone_data)
    return max((each for each in found if each.holds(at)), key=_close, default=None)


def _close(window: Window) -> datetime:
    return window.until


def _window(window: RecurringWindow, beat: Beat, zone_data: str) -> Window:
    zone = ZoneInfo(window.recurrence.zone)
    end = beat.local + timedelta(minutes=window.minutes)
    return Window(
        since=beat.at,
        until=moment_of(end, zone),
        local_since=beat.local.isoformat(),
        local_until=end.isoformat(),
        zone=zone.key,
        since_clock=beat.clock,
        until_clock=clock_of(end, zone),
        zone_data=zone_data,
    )
