"""Releases elsewhere as tests make them: lines of a file, and what plain Python counts in them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from api.importing.claiming import Importer
from api.importing.releases import read_release
from api.importing.running import Tally, Told, run
from domain.kernel import OPERATOR
from tests.api.office import Office

Row = dict[str, Any]
PROJECT = "shop/till"
DAYS = (1, 3, 7, 14)


def spelled(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def commit(number: int, at: datetime, **changes: Any) -> Row:
    """A commit of a release."""
    told = {
        "sha": f"{number:040x}",
        "author": f"au-{number % 7}",
        "authored_at": spelled(at - timedelta(hours=1)),
        "committed_at": spelled(at),
        "subject": f"Mend part {number}",
        "pr": number % 9 or None,
        "merge": False,
    }
    return told | changes


def release(tag: str, at: datetime, commits: Sequence[Row] = (), **changes: Any) -> Row:
    """A line of a file."""
    major, minor, patch = map(int, tag.split("."))
    told = {
        "repo": PROJECT,
        "tag": tag,
        "version": {"major": major, "minor": minor, "patch": patch, "pre": None},
        "object_type": "annotated",
        "tag_date": spelled(at),
        "commit": f"{major:010x}{minor:010x}{patch:020x}",
        "tagger": "au-1",
        "previous_tag": None,
        "changelog_date": None,
        "commits": list(commits),
    }
    return told | changes


def random_rows(seed: int, count: int = 40) -> list[Row]:
    """Releases of three lines over some years, some commits dated after their tag."""
    rng = random.Random(seed)
    at, patches, number = datetime(2021, 11, 3, tzinfo=UTC), dict.fromkeys(range(3), 0), 0
    found = []
    for _ in range(count):
        at += timedelta(hours=rng.randint(1, 800))
        minor = rng.randrange(3)
        commits = []
        for _ in range(rng.randrange(7)):
            number += 1
            written = at - timedelta(minutes=rng.randint(-300, 60_000))
            commits.append(commit(number, written, merge=rng.random() < 0.3))
        found.append(release(f"1.{minor}.{patches[minor]}", at, commits))
        patches[minor] += 1
    return found


def bring(office: Office, file: Path) -> Tally:
    """Import a file in which nothing is bad."""
    importer = Importer(office.reader, office.writer, OPERATOR)
    told = Told(lambda _outcome: None, lambda _done: None)
    with file.open("rb") as source:
        tally = run(source, read_release, importer, told, lambda: False)
    assert tally.bad == 0
    return tally


# What plain Python counts.


def counted(rows: Iterable[Row]) -> list[Row]:
    """The report by year, worked out from the lines alone."""
    rows = sorted(rows, key=lambda each: each["tag_date"])
    last: dict[Any, datetime] = {}
    soon: dict[int, list[timedelta]] = {}
    for each in rows:
        at, version = moment(each["tag_date"]), each["version"]
        line = (version["major"], version["minor"])
        if version["patch"] and line in last:
            soon.setdefault(at.year, []).append(at - last[line])
        last[line] = at
    return [
        _of_year(year, [each for each in rows if moment(each["tag_date"]).year == year], soon)
        for year in sorted({moment(each["tag_date"]).year for each in rows})
    ]


def _of_year(year: int, rows: list[Row], soon: dict[int, list[timedelta]]) -> Row:
    months = [moment(each["tag_date"]).month for each in rows]
    waits = [
        (moment(each["tag_date"]) - moment(one["committed_at"])).total_seconds() / 3600
        for each in rows
        for one in each["commits"]
        if not one["merge"]
    ]
    good = [each for each in waits if each >= 0]
    intervals = soon.get(year, [])
    return {
        "year": year,
        "releases": len(rows),
        "months": [months.count(month) for month in range(1, 13)],
        "hours": round(median(good), 1) if good else None,
        "n": len(good),
        "patches": len(intervals),
        "within": [sum(each <= timedelta(days=days) for each in intervals) for days in DAYS],
    }


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def as_counted(years: list[Any]) -> list[Row]:
    """The report of the service, spelled as `counted` does."""
    return [
        {
            "year": each["year"],
            "releases": int(each["releases"]["value"]),
            "months": [int(one["releases"]["value"]) for one in each["months"]],
            "hours": each["leadTime"]["value"] and round(float(each["leadTime"]["value"]), 1),
            "n": each["leadTime"]["count"],
            "patches": each["patchIntervals"][0]["share"]["count"],
            "within": [one["share"]["numerator"] for one in each["patchIntervals"]],
        }
        for each in years
    ]
