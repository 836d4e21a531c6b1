"""A planned span of time: as written on a wall clock, and the moments it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from domain.kernel import Problems


class Clock(StrEnum):
    """How a wall clock shows a local time on its day: once, never, or twice.

    A SKIPPED time, of the night clocks go forward, moves forward by what was skipped. Of a
    REPEATED one, of the night they go back, the first is meant.
    """

    ONCE = "once"
    SKIPPED = "skipped"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Window:
    """A span from `since` up to, not including, `until`.

    `local_since` and `local_until` are the wall times in `zone` as they were asked for; the clocks
    say how those fell. `zone_data` is the version of the zone data that resolved them.
    """

    since: datetime
    until: datetime
    local_since: str
    local_until: str
    zone: str
    since_clock: Clock = Clock.ONCE
    until_clock: Clock = Clock.ONCE
    zone_data: str = ""

    def holds(self, at: datetime) -> bool:
        """Whether the moment lies inside."""
        return self.since <= at < self.until


def resolve(since: datetime, until: datetime, zone: str, zone_data: str) -> Window:
    """The window between two wall times (naive) of an IANA zone, such as `Europe/Berlin`.

    Raises Refusal: `zone_in_time` for a time that has a zone of its own, `unknown_zone`,
    `window_ends_first` when it does not end after it starts, and `skipped_local_time` when that is
    so only as its start is a time that clocks never show.
    """
    problems = Problems()
    for name, time in (("since", since), ("until", until)):
        message = "Give a wall time; the zone stands beside it."
        problems.unless(time.tzinfo is None, "zone_in_time", message, "window", name)
    place = find_zone(zone)
    naive = not problems
    problems.unless(place, "unknown_zone", f"There is no zone {zone[:50]!r}.", "window", "zone")
    window = _window(since, until, place or ZoneInfo("UTC"), zone_data)
    if _swallowed(window):
        _check_clocks(problems, window)
    elif naive:
        _check_order(problems, window)
    problems.settle()
    return window


def check_window(problems: Problems, window: Window, *path: str) -> None:
    """Note when a window does not end after it starts, or at times clocks show never, or twice."""
    if not _swallowed(window):
        _check_order(problems, window, *path)
    _check_clocks(problems, window, *path)


def _check_clocks(problems: Problems, window: Window, *path: str) -> None:
    for name, clock in (("since", window.since_clock), ("until", window.until_clock)):
        check_clock(problems, clock, *path, "window", name)


def _swallowed(window: Window) -> bool:
    """Whether it is empty only as the clocks skip its start."""
    aware = window.since.tzinfo is not None and window.until.tzinfo is not None
    empty = aware and window.since >= window.until
    in_order = window.local_since < window.local_until
    return empty and in_order and window.since_clock is Clock.SKIPPED


def _check_order(problems: Problems, window: Window, *path: str) -> None:
    """Note when a window does not end after it starts, or names times without a zone."""
    aware = window.since.tzinfo is not None and window.until.tzinfo is not None
    problems.unless(aware, "zone_missing", "A moment needs a zone.", *path, "window")
    if aware:
        message = "A window ends after it starts."
        ordered = window.since < window.until
        problems.unless(ordered, "window_ends_first", message, *path, "window", "until")


def check_clock(problems: Problems, clock: Clock, *path: str) -> None:
    """Note a wall time that the zone's clocks show never, or twice."""
    message = "The zone's clocks never show this time; give another, or give it in UTC."
    problems.unless(clock is not Clock.SKIPPED, "skipped_local_time", message, *path)
    message = "The zone's clocks show this time twice; give another, or give it in UTC."
    problems.unless(clock is not Clock.REPEATED, "repeated_local_time", message, *path)


def _window(since: datetime, until: datetime, zone: ZoneInfo, zone_data: str) -> Window:
    return Window(
        since=moment_of(since, zone),
        until=moment_of(until, zone),
        local_since=since.isoformat(),
        local_until=until.isoformat(),
        zone=zone.key,
        since_clock=clock_of(since, zone),
        until_clock=clock_of(until, zone),
        zone_data=zone_data,
    )


def find_zone(name: str) -> ZoneInfo | None:
    """The IANA zone of this name, or None when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # absent, not a name at all, or a folder of zones
        return None


def moment_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment a wall time (naive) stands for, in UTC; see Clock for skipped and repeated."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def clock_of(wall: datetime, zone: ZoneInfo) -> Clock:
    """How the zone's clocks show this wall time."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    if first == second:
        return Clock.ONCE
    back = moment_of(wall, zone).astimezone(zone).replace(tzinfo=None, fold=0)
    return Clock.REPEATED if back == wall.replace(fold=0) else Clock.SKIPPED


@dataclass(frozen=True, slots=True)
class LocalTime:
    """One wall time in a zone, the moment it stands for, and by which zone data."""

    at: Annotated[datetime, "The moment."]
    local: Annotated[str, "What the clock shows."]
    zone: str
    clock: Annotated[Clock, "How the clock shows it on its day."] = Clock.ONCE
    zone_data: Annotated[str, "The version of the zone data."] = ""


def resolve_time(local: datetime, zone: str, zone_data: str) -> LocalTime:
    """The moment of a wall time (naive); Refusal `unknown_zone`, or `zone_in_time`."""
    problems = Problems()
    message = "Give a wall time; the zone stands beside it."
    problems.unless(local.tzinfo is None, "zone_in_time", message, "local")
    place = find_zone(zone)
    problems.unless(place, "unknown_zone", f"There is no zone {zone[:50]!r}.", "zone")
    problems.settle()
    found = place or ZoneInfo("UTC")
    moment, clock = moment_of(local, found), clock_of(local, found)
    return LocalTime(moment, local.isoformat(), found.key, clock, zone_data)
