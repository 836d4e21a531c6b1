"""Times from outside: moments with their offset, and windows on a wall clock in a zone."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import tzdata

from api.derived.text import Unreadable
from domain.calendar.window import LocalTime, Window, resolve, resolve_time
from domain.kernel import Problem, Problems, Refusal

zoneinfo.reset_tzpath(to=())  # rules come from the tzdata package alone: one version, everywhere

ZONE_RULES: Final = tzdata.IANA_VERSION
"""The version of the zone rules, recorded with everything resolved by them."""
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
_ANY_TIMES: Final = (datetime(2100, 1, 1), datetime(2100, 1, 1, 0, 1))  # noqa: DTZ001  (wall times)
"""Stand in for times that cannot be read, so that their zone is looked at all the same."""
_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?", re.ASCII)
_ZONED = re.compile(_LOCAL.pattern + r"(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?", re.ASCII)
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?)(Z|[+-]\d\d:\d\d)?", re.ASCII)


def read_moment(given: str) -> datetime | Unreadable:
    """The moment of an RFC 3339 time with its offset, in UTC, from 1970 to 2199."""
    found = _MOMENT.fullmatch(given)
    if found is None:
        return Unreadable("unreadable_time", "A time looks like 2026-11-20T19:00:00+01:00.")
    if found[2] is None:
        return Unreadable("naive_time", "A time needs its offset, such as Z or +01:00.")
    try:
        moment = datetime.fromisoformat(given).astimezone(UTC)
    except (ValueError, OverflowError):
        return Unreadable("unreadable_time", "There is no such time.")
    return moment if EARLIEST <= moment < LATEST else _out_of_range()


def read_local(given: str) -> datetime | Unreadable:
    """The wall time of a spelling without an offset, from 1970 to 2199."""
    if not _LOCAL.fullmatch(given):
        if _ZONED.fullmatch(given):
            message = "A wall time has no offset and no fraction; the zone stands beside it."
            return Unreadable("zone_in_time", message)
        return Unreadable("unreadable_time", "A wall time looks like 2026-11-20T19:00.")
    try:
        local = datetime.fromisoformat(given)
    except ValueError:
        return Unreadable("unreadable_time", "There is no such time.")
    day = timedelta(days=1)
    within = EARLIEST + day <= local.replace(tzinfo=UTC) < LATEST - day
    return local if within else _out_of_range()


def _out_of_range() -> Unreadable:
    return Unreadable("time_out_of_range", "Times lie between the years 1970 and 2200.")


def read_window(given: Mapping[str, Any], problems: Problems, path: tuple[str, ...]) -> Window:
    """The window of two wall times and a zone, resolved; notes everything wrong with it.

    Another one stands in for one that is none.
    """
    before = len(problems)
    for name in ("since", "until"):
        if isinstance(given[name], Unreadable):
            problems.add(given[name].code, given[name].message, *path, name)
    readable = len(problems) == before
    since, until = (given["since"], given["until"]) if readable else _ANY_TIMES
    try:
        window = resolve(since, until, given["zone"], ZONE_RULES)
    except Refusal as refused:
        problems.extend(_placed(each, path) for each in refused.problems)
        return resolve(*_ANY_TIMES, "UTC", ZONE_RULES)
    return window


def _placed(problem: Problem, path: tuple[str, ...]) -> Problem:
    """The problem where this window stands in the input, not where the domain thinks it does."""
    return Problem(problem.code, problem.message, (*path, *problem.path[-1:]))


def read_local_time(
    given: Mapping[str, Any], problems: Problems, path: tuple[str, ...]
) -> LocalTime:
    """The moment of a wall time and a zone, resolved; notes everything wrong with it.

    Another one stands in for one that is none.
    """
    local = given["local"]
    if isinstance(local, Unreadable):
        problems.add(local.code, local.message, *path, "local")
    readable = not isinstance(local, Unreadable)
    try:
        found = resolve_time(local if readable else _ANY_TIMES[0], given["zone"], ZONE_RULES)
    except Refusal as refused:
        problems.extend(_placed(each, path) for each in refused.problems)
        return resolve_time(_ANY_TIMES[0], "UTC", ZONE_RULES)
    return found
