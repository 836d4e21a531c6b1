"""Whether packages came when a cadence has them made: on time, late, or not at all (S0-10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple


class Punctuality(StrEnum):
    """How a package came that was due.

    ON_TIME: within the time it is given. LATE: after that, or that is over and none has come yet.
    MISSED: the next one was due before it came. DUE: there is time for it. PLANNED: it is not due.
    """

    ON_TIME = "on_time"
    LATE = "late"
    MISSED = "missed"
    DUE = "due"
    PLANNED = "planned"


class Came(NamedTuple):
    """When a package was built, and its id."""

    at: datetime
    package: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A date of the cadence, and the first package that was built from then to the next date."""

    at: datetime
    punctuality: Punctuality
    came: Came | None


def slots(
    dates: Iterable[datetime],
    last: datetime | None,
    packages: Iterable[Came],
    now: datetime,
    grace: timedelta,
) -> Iterator[Slot]:
    """Each of the dates, in order, with what came of it until the next one.

    `last` is the date after them, None where there is none. A package counts for one date, however
    many were built for that.
    """
    built = sorted(packages)
    ends = (*dates, last)
    for since, until in pairwise(ends):
        if since is not None:
            within = (e for e in built if since <= e.at and (until is None or e.at < until))
            came = next(within, None)
            yield Slot(since, _punctuality(since, until, came, now, grace), came)


def _punctuality(
    since: datetime, until: datetime | None, came: Came | None, now: datetime, grace: timedelta
) -> Punctuality:
    if came is not None:
        return Punctuality.ON_TIME if came.at <= since + grace else Punctuality.LATE
    if now < since:
        return Punctuality.PLANNED
    if until is not None and now >= until:
        return Punctuality.MISSED
    return Punctuality.DUE if now <= since + grace else Punctuality.LATE
