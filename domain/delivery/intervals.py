"""Time that was lost: from one event to another, at one place, to one cause."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, groupby, zip_longest
from typing import Generic, TypeVar

from domain.delivery.happening import Happening, Period

S = TypeVar("S")
RETIRED = "environment.retired"
REINSTATED = "environment.reinstated"


@dataclass(frozen=True, slots=True)
class Interval:
    """Time that was lost, and the events at its ends; without `end` it goes on."""

    since: datetime
    until: datetime
    start: str
    end: str = ""


@dataclass(frozen=True, slots=True)
class Loss:
    """Time that a cause took from an environment; why it does not count there, if it does not."""

    cause: str
    place: str
    interval: Interval
    excluded: str = ""


@dataclass(frozen=True, slots=True)
class Stage(Generic[S]):
    """How something stood from an event on."""

    event: str
    at: datetime
    state: S


def inside(interval: Interval, since: datetime, until: datetime) -> Iterator[Interval]:
    """The part of an interval that lies between two moments, if any does."""
    begin, end = max(interval.since, since), min(interval.until, until)
    if begin < end:
        yield replace(interval, since=begin, until=end)


def united(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time without overlaps, in order: what two took counts for the one that began first.

    Each that took any of it stays, with the events at its own ends.
    """
    found: list[Interval] = []
    for each in sorted(intervals, key=lambda each: (each.since, each.until, each.start, each.end)):
        last = found[-1] if found else None
        if last is None or each.since >= last.until:
            found.append(each)
        elif each.until > last.until:
            found.append(replace(each, since=last.until))
    return found


def lasting(
    stages: Sequence[Stage[S]], told: Callable[[S], object], period: Period
) -> Iterator[tuple[S, Interval]]:
    """How long in the period something told the same, whenever that was more than nothing.

    It lasts from the event that made it so to the one that made it otherwise.
    """
    until = min(period.until, period.known)
    runs = [list(run) for _, run in groupby(stages, key=lambda each: told(each.state))]
    for run, after in zip_longest(runs, runs[1:]):
        first = run[0]
        if told(first.state):
            ends = (after[0].at, after[0].event) if after else (until, "")
            whole = Interval(first.at, ends[0], first.event, ends[1])
            for each in inside(whole, period.since, until):
                yield first.state, each


# Where it may be lost.


@dataclass(frozen=True)
class Places:
    """The environments that are looked at, each with the times it stood; others did all along."""

    stood: dict[str, list[tuple[datetime, datetime]]]

    def within(self, place: str, interval: Interval) -> Iterator[Interval]:
        """The parts of an interval in which the environment stood."""
        for since, until in self.stood.get(place, ()):
            yield from inside(interval, since, until)


def places(happenings: Iterable[Happening], others: Iterable[str], period: Period) -> Places:
    """Those that are kept here, from when they were defined until they were retired, and again."""
    stood: dict[str, dict[str, list[tuple[datetime, datetime]]]] = {}
    for each in happenings:
        times = stood.setdefault(each.place, {}).setdefault(each.subject, [])
        if each.kind in {"environment.defined", REINSTATED}:
            times.append((each.at, period.until))
        elif each.kind == RETIRED and times:
            times[-1] = (times[-1][0], each.at)
    found = {name: sorted(chain(*mine.values())) for name, mine in stood.items()}
    whole = {name: [(period.since, period.until)] for name in others}
    return Places(whole | found)
