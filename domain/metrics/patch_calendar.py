"""How dates that a cadence plans compare with the days on which patches really came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Final

REACH: Final = 3
"""How many days a batch may be from a planned date and still answer to it: under half a week."""


@dataclass(frozen=True, slots=True)
class Patched:
    """A patch release that was tagged, and the batch of releases it belongs to."""

    version: str
    line: str
    batch: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """Patch releases of one or more lines that were tagged together; `day` is the first, in UTC."""

    name: str
    day: date
    lines: int


@dataclass(frozen=True, slots=True)
class Held:
    """A planned day, the batch that came of it, and how many days later it came."""

    planned: date
    batch: Batch | None = None

    @property
    def off(self) -> int | None:
        """Days after the planned one, negative before it; None when nothing came."""
        return (self.batch.day - self.planned).days if self.batch else None


@dataclass(frozen=True, slots=True)
class Agreement:
    """A year of planned days and real batches: how many met, how closely, and what met nothing."""

    year: int
    planned: int
    on_the_day: int
    within_one: int
    within_reach: int
    batches: int

    @property
    def missed(self) -> int:
        """Planned days on which nothing came."""
        return self.planned - self.within_reach

    @property
    def unplanned(self) -> int:
        """Batches that no planned day stands for, such as critical ones."""
        return self.batches - self.within_reach


def batches(patches: Iterable[Patched], lines: int = 1) -> tuple[Batch, ...]:
    """The batches that touch at least so many lines, by their first day."""
    rows = sorted(patches, key=lambda each: (each.batch, each.at))
    found = (_batch(name, list(group)) for name, group in groupby(rows, key=lambda e: e.batch))
    return tuple(
        sorted((e for e in found if e.lines >= lines), key=lambda each: (each.day, each.name))
    )


def _batch(name: str, rows: Sequence[Patched]) -> Batch:
    return Batch(name, rows[0].at.astimezone(UTC).date(), len({each.line for each in rows}))


def held(planned: Iterable[date], real: Iterable[Batch]) -> tuple[Held, ...]:
    """Each planned day with its batch: the nearest pairs first, and nobody twice."""
    days, found = sorted(set(planned)), tuple(real)
    taken: dict[date, Batch] = {}
    for day, batch in sorted(_pairs(days, found), key=_nearness):
        if day not in taken and batch not in taken.values():
            taken[day] = batch
    return tuple(Held(day, taken.get(day)) for day in days)


def _pairs(days: Sequence[date], found: Sequence[Batch]) -> Iterator[tuple[date, Batch]]:
    reach = timedelta(days=REACH)
    for day in days:
        yield from ((day, batch) for batch in found if abs(batch.day - day) <= reach)


def _nearness(pair: tuple[date, Batch]) -> tuple[timedelta, date, str]:
    day, batch = pair
    return abs(batch.day - day), day, batch.name


def agreement(planned: Iterable[date], real: Iterable[Batch]) -> tuple[Agreement, ...]:
    """How well planned days and real batches agree, by year; batches beyond the plan are left out.

    A batch counts in the year of its first day, a pair in that of the planned one.
    """
    pairs = held(planned, real)
    years = sorted({each.planned.year for each in pairs})
    return tuple(_of_year(year, pairs, tuple(real)) for year in years)


def _of_year(year: int, pairs: Sequence[Held], real: Sequence[Batch]) -> Agreement:
    offs = [each.off for each in pairs if each.planned.year == year]
    near = [abs(each) for each in offs if each is not None]
    return Agreement(
        year,
        len(offs),
        sum(each == 0 for each in near),
        sum(each <= 1 for each in near),
        len(near),
        sum(each.day.year == year for each in real),
    )
