"""What releases elsewhere tell by year: how many, how long commits waited, how soon patches came.

From claims alone, by what happened and not by when it was recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from domain.elsewhere.release_record import Cut
from domain.metrics.metrics import Definition, Exclusion, Fact, Metric, median, share, total

FREQUENCY: Final = Definition(
    "releases_per_month",
    1,
    "releases",
    "Releases tagged in a month, by UTC; those before a release proper, and tags that are no "
    "version, do not count.",
)
LEAD_TIME: Final = Definition(
    "lead_time_commit_to_tag",
    1,
    "hours",
    "Median time from a commit (its committer's date) to the tag that first has it, over all "
    "commits of the releases tagged in the year; merges do not count, nor do dates that run "
    "backwards.",
)
PATCH_INTERVAL: Final = Definition(
    "patch_release_within_days",
    1,
    "share",
    "Share of patch releases at most so many days after the release before it on the same line "
    "(same major and minor); the first of a line has none before it and does not count.",
)
DAYS: Final = (1, 3, 7, 14)
HOUR: Final = 3_600
RELEASES: Final = (Cut.MAJOR, Cut.MINOR, Cut.PATCH)


@dataclass(frozen=True, slots=True)
class Tagged:
    """A release, as far as these numbers need it."""

    id: str
    cut: Cut
    line: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Leads:
    """The commits of a year's releases: how long each waited, and which do not count."""

    facts: tuple[Fact, ...]
    merges: int = 0
    backwards: int = 0


@dataclass(frozen=True, slots=True)
class ReleaseMonth:
    """The releases of one month."""

    month: Annotated[int, "The month, from 1 to 12."]
    releases: Annotated[Metric, "How many there were."]


@dataclass(frozen=True, slots=True)
class PatchInterval:
    """How soon patch releases came after the release before."""

    days: Annotated[int, "At most so many days, of 24 hours."]
    share: Annotated[Metric, "The share that came so soon."]


@dataclass(frozen=True, slots=True)
class ReleaseYear:
    """What is told of the releases of one project in one year, by UTC."""

    project: Annotated[str, "The project, by its full path."]
    year: Annotated[int, "The year in which they were tagged."]
    releases: Annotated[Metric, "How many there were in the whole year."]
    months: Annotated[tuple[ReleaseMonth, ...], "How many there were in each month."]
    lead_time: Annotated[Metric, "How long commits waited for their release."]
    patch_intervals: Annotated[tuple[PatchInterval, ...], "How soon patch releases came."]


def years(
    project: str, releases: Sequence[Tagged], leads: Mapping[int, Leads]
) -> tuple[ReleaseYear, ...]:
    """The numbers of every year in which there was a release, in order."""
    counted = [each for each in releases if each.cut in RELEASES]
    intervals = patch_intervals(counted)
    found = sorted({_year(each) for each in releases})
    return tuple(
        _of_year(project, year, releases, intervals, leads.get(year, Leads(()))) for year in found
    )


def _of_year(
    project: str,
    year: int,
    releases: Sequence[Tagged],
    intervals: Mapping[str, timedelta | None],
    leads: Leads,
) -> ReleaseYear:
    mine = [each for each in releases if _year(each) == year]
    counted = [each for each in mine if each.cut in RELEASES]
    out = (
        Exclusion("before a release proper", _of(mine, Cut.PRERELEASE)),
        Exclusion("no version", _of(mine, Cut.OTHER)),
    )
    months = tuple(
        ReleaseMonth(month, total(FREQUENCY, _facts(counted, month))) for month in range(1, 13)
    )
    waits = (Exclusion("merge", leads.merges), Exclusion("tagged before it", leads.backwards))
    return ReleaseYear(
        project,
        year,
        total(FREQUENCY, _facts(counted), out),
        months,
        median(LEAD_TIME, leads.facts, waits, unit=HOUR),
        _shares(counted, intervals),
    )


def _facts(releases: Iterable[Tagged], month: int | None = None) -> list[Fact]:
    return [
        Fact(each.id)
        for each in releases
        if month is None or each.at.astimezone(UTC).month == month
    ]


def _shares(
    counted: Sequence[Tagged], intervals: Mapping[str, timedelta | None]
) -> tuple[PatchInterval, ...]:
    patches = [(each.id, intervals[each.id]) for each in counted if each.cut is Cut.PATCH]
    first = Exclusion("first of its line", sum(1 for _, interval in patches if interval is None))
    return tuple(
        PatchInterval(
            days,
            share(
                PATCH_INTERVAL,
                [
                    Fact(id, interval <= timedelta(days=days))
                    for id, interval in patches
                    if interval is not None
                ],
                (first,),
            ),
        )
        for days in DAYS
    )


def patch_intervals(releases: Iterable[Tagged]) -> dict[str, timedelta | None]:
    """The time from the release before on the same line to each; None for the first of a line."""
    last: dict[str | None, datetime] = {}
    found: dict[str, timedelta | None] = {}
    for each in sorted(releases, key=lambda each: (each.at, each.id)):
        before = last.get(each.line)
        found[each.id] = None if before is None else each.at - before
        last[each.line] = each.at
    return found


def _of(releases: Iterable[Tagged], cut: Cut) -> int:
    return sum(1 for each in releases if each.cut is cut)


def _year(release: Tagged) -> int:
    return release.at.astimezone(UTC).year
