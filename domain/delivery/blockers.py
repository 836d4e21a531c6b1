"""How many hours what kept deployments away, by its cause and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from domain.delivery.deployments import HOUR
from domain.delivery.happening import Happening, Period, seconds
from domain.environment.state import Health
from domain.metrics import Definition, Fact, Metric, amount

HOURS: Final = Definition(
    "blocker_hours",
    1,
    "hours",
    "Hours of the period in which a cause kept deployments away from an environment: a blocker of "
    "that name, its line stopped, or a monitor that reported it unhealthy. What overlaps under one "
    "cause counts once; what has not ended counts up to now.",
)
STOPPED: Final = "line_stopped"
UNHEALTHY: Final = "unhealthy"
KINDS: Final = (
    "environment.blocked",
    "environment.unblocked",
    "environment.stopped",
    "environment.resumed",
    "environment.health_reported",
    "environment.reporter_dismissed",
    "environment.retired",
)
"""The events these numbers are worked out from."""
Cause = tuple[str, str]
"""The name of a cause, and what tells its intervals apart: a monitor, or nothing."""


@dataclass(frozen=True, slots=True)
class BlockerHours:
    """How long one cause kept deployments away from one environment."""

    cause: Annotated[
        str, f"The name of the blocker; `{STOPPED}`, or `{UNHEALTHY}` by a monitor's report."
    ]
    environment: Annotated[str, "The name of the environment."]
    hours: Annotated[Metric, "For how many hours."]


@dataclass(frozen=True, slots=True)
class Interval:
    """Time that was lost, and the events at its ends; without `end` it goes on."""

    since: datetime
    until: datetime
    start: str
    end: str = ""


def lost(happenings: Iterable[Happening], period: Period) -> tuple[BlockerHours, ...]:
    """The hours by cause and environment, in that order; causes that cost none are left out."""
    by_place: dict[str, list[Happening]] = {}
    for each in happenings:
        by_place.setdefault(each.place, []).append(each)
    found = []
    for place, mine in by_place.items():
        causes: dict[str, list[Interval]] = {}
        for name, interval in _intervals(mine, period):
            causes.setdefault(name, []).append(interval)
        for name, intervals in causes.items():
            facts = [_fact(each) for each in united(intervals)]
            if any(each.value for each in facts):
                found.append(BlockerHours(name, place, amount(HOURS, facts, unit=HOUR)))
    return tuple(sorted(found, key=lambda each: (each.cause, each.environment)))


def _intervals(mine: Sequence[Happening], period: Period) -> Iterator[tuple[str, Interval]]:
    begun: dict[Cause, Happening] = {}
    until = min(period.until, period.known)
    for each in mine:
        starts, ends = _moves(each, begun)
        for cause in ends:
            start = begun.pop(cause, None)
            if start is not None:
                interval = Interval(start.at, each.at, start.id, each.id)
                yield from _inside(cause, interval, period.since, until)
        if starts is not None:
            begun.setdefault(starts, each)
    for cause, start in begun.items():
        yield from _inside(cause, Interval(start.at, until, start.id), period.since, until)


def _moves(happening: Happening, begun: Iterable[Cause]) -> tuple[Cause | None, tuple[Cause, ...]]:
    """The cause that an event begins, and those that it ends."""
    facts = happening.facts
    match happening.kind:
        case "environment.blocked":
            return (facts["name"], ""), ()
        case "environment.unblocked":
            return None, ((facts["name"], ""),)
        case "environment.stopped":
            return (STOPPED, ""), ()
        case "environment.resumed":
            return None, ((STOPPED, ""),)
        case "environment.health_reported":
            cause = (UNHEALTHY, facts["by"])
            return (cause, ()) if facts["health"] == Health.UNHEALTHY else (None, (cause,))
        case "environment.reporter_dismissed":
            return None, ((UNHEALTHY, facts["reporter"]),)
        case "environment.retired":
            return None, tuple(begun)
        case _:
            return None, ()


def _inside(
    cause: Cause, interval: Interval, since: datetime, until: datetime
) -> Iterator[tuple[str, Interval]]:
    """The part of an interval that lies in the period, if any does."""
    begin, end = max(interval.since, since), min(interval.until, until)
    if begin < end:
        yield cause[0], Interval(begin, end, interval.start, interval.end)


def united(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time without overlaps, in order."""
    found: list[Interval] = []
    for each in sorted(intervals, key=lambda each: (each.since, each.until)):
        last = found[-1] if found else None
        if last is None or each.since > last.until:
            found.append(each)
        elif each.until > last.until:
            found[-1] = Interval(last.since, each.until, last.start, each.end)
    return found


def _fact(interval: Interval) -> Fact:
    ends = f"{interval.start}..{interval.end}"
    return Fact(ends, seconds(interval.until - interval.since))
