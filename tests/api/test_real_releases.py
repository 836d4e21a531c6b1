"""Eight years of real releases, imported and reported: the answers stand here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.counted import statements
from tests.api.merges import opened_office
from tests.api.office import Office
from tests.api.releases import as_counted, bring, counted
from tests.api.rotations import look

FILE, PROJECT = "syncstorage-rs-releases.jsonl", "mozilla-services/syncstorage-rs"
ANSWERS = """
year releases  by month                     hours    n  patches  within 1 3 7 14 days
2019 14   0 0 0 0 0 0 0 0 0 6 2 6   876.8  326   13   2 5 10 12
2020 37   3 1 6 3 3 3 4 6 2 3 3 0   123.1  352   30   4 9 18 25
2021  9   2 3 1 3 0 0 0 0 0 0 0 0    73.0   43    7   0 2 2 4
2022 10   0 0 0 1 1 0 1 1 2 1 2 1  1065.1  134    7   0 0 2 2
2023 11   0 3 2 0 0 0 0 0 2 1 2 1     1.2   37   10   1 1 2 5
2024 31   0 2 0 6 3 2 1 2 6 4 4 1     0.6  105   27   3 9 15 19
2025  7   0 0 0 0 1 0 0 4 2 0 0 0   323.1   76    4   0 1 1 2
2026  8   0 0 1 3 1 3 0 0 0 0 0 0   768.0  307    6   1 2 3 4
"""
"""Median hours from commit (non-merge) to tag over all commits, with their number."""


def answers() -> list[dict[str, Any]]:
    """The table, as `as_counted` spells it."""
    found = []
    for line in ANSWERS.strip().splitlines()[1:]:
        year, releases, *rest = line.split()
        months, (hours, n, patches), within = rest[:12], rest[12:15], rest[15:]
        numbers = {"year": int(year), "releases": int(releases), "n": int(n)}
        found.append(
            numbers
            | {"months": [*map(int, months)], "within": [*map(int, within)]}
            | {"hours": float(hours), "patches": int(patches)}
        )
    return found


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(
    request: pytest.FixtureRequest, real_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    with opened_office(request, tmp_path_factory.mktemp(f"tags-{request.param}")) as office:
        tally = bring(office, real_data / FILE)
        assert (tally.lines, tally.added, tally.claims) == (127, 127, 127 + 1_995)
        yield office


@pytest.mark.real
@pytest.mark.req("S0-25", "S3-28", "S4-07", "X-06")
def test_real_releases_have_these_answers_in_one_query(office: Office) -> None:
    with statements(office.reader.engine) as seen:
        assert as_counted(look(office, "ReleaseReport", project=PROJECT)) == answers()
    assert len([each for each in seen if "_records" in each]) == 3


@pytest.mark.real
def test_the_answers_are_those_of_plain_python(real_data: Path) -> None:
    rows = [json.loads(line) for line in (real_data / FILE).read_text().splitlines()]
    assert counted(rows) == answers()


@pytest.mark.real
def test_twice_the_same_real_file_adds_nothing(office: Office, real_data: Path) -> None:
    tally = bring(office, real_data / FILE)
    assert (tally.added, tally.known, tally.claims) == (0, 127, 0)
