"""A real schedule of release managers: eight years, two regions, and the gaps it had."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.api.merges import opened_office
from tests.api.office import Office
from tests.api.rotations import act, look, on

FILE = "gitlab-release-managers.jsonl"
REGIONS = ("americas", "apac_emea")
LACKING = {
    "americas": ["8.5", "8.6", "8.10"],
    "apac_emea": ["8.0", "8.1", "8.2", "8.3", "8.4", "8.8", "8.9"],
}
"""Versions, after the first, for which a region had no release manager."""


def midnight(version: Any) -> str:
    return f"{version['scheduled_date']}T00:00:00+00:00"


@pytest.fixture(scope="module")
def versions(real_data: Path) -> list[Any]:
    return [json.loads(line) for line in (real_data / FILE).read_text().splitlines()]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(
    request: pytest.FixtureRequest, versions: list[Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    with opened_office(request, tmp_path_factory.mktemp(f"real-duty-{request.param}")) as office:
        for each in versions:
            named = (*each["managers"].values(), each["appsec"], each["trainees"])
            for handle in (one for people in named for one in people):
                if handle not in office.people:
                    office.people[handle] = office.person(handle)
        yield office


def ids(office: Office, handles: list[str]) -> list[str]:
    return [office.id(each) for each in handles]


@pytest.fixture(scope="module")
def managers(office: Office, versions: list[Any]) -> str:
    """The rotation: whoever a version names is on duty from the previous date to its own."""
    named: dict[str, Any] = {"name": "Release managers", "service": "billing", "regions": REGIONS}
    made = act(office, "establishRotation", **named, handles=["@release-managers"])
    turns = [
        {
            "people": ids(office, version["managers"][region]),
            "trainees": ids(office, version["trainees"]),
            "since": midnight(before),
            "until": midnight(version),
            "region": region,
            "occasion": version["version"],
        }
        for before, version in pairwise(versions)
        for region in REGIONS
        if version["managers"][region]
    ]
    assert len(turns) == 2 * 101 - 10
    for at in range(0, len(turns), 100):
        act(office, "planRotationTurns", id=made["id"], turns=turns[at : at + 100])
    return str(made["id"])


@pytest.mark.real
@pytest.mark.req("S0-20", "S0-21", "S4-01")
def test_on_duty_for_a_version_are_those_it_names_until_its_date(
    office: Office, managers: str, versions: list[Any]
) -> None:
    assert len(versions) == 102
    assert len(office.people) >= 69
    for before, version in pairwise(versions):
        first = f"{before['scheduled_date']}T00:00:00Z"
        found = on(office, handle="@release-managers", at=first)
        assert found == {region: version["managers"][region] for region in REGIONS}
    last = f"{versions[-2]['scheduled_date']}T23:59:59Z"
    assert on(office, rotation=managers, at=last) == versions[-1]["managers"]
    assert on(office, rotation=managers, at=f"{versions[-1]['scheduled_date']}T00:00:00Z") == {
        region: [] for region in REGIONS
    }


@pytest.mark.real
@pytest.mark.req("S0-20")
def test_versions_that_lack_a_region_are_gaps(
    office: Office, managers: str, versions: list[Any]
) -> None:
    span = {"since": midnight(versions[0]), "until": midnight(versions[-1])}
    found = look(office, "CoverageGaps", rotation=managers, **span)
    assert found["complete"]
    terms = {
        one["version"]: (midnight(before), midnight(one)) for before, one in pairwise(versions)
    }
    for region, lacking in LACKING.items():
        gaps = [each for each in found["gaps"] if each["region"] == region]
        assert {each["lack"] for each in gaps} == {"NOBODY"}
        within = [
            version
            for version, (since, until) in terms.items()
            if any(each["since"] <= since and until <= each["until"] for each in gaps)
        ]
        assert within == lacking
        assert lacking == [one["version"] for one in versions[1:] if not one["managers"][region]]
        covered = sum(_days(each["since"], each["until"]) for each in gaps)
        assert covered == sum(_days(*terms[version]) for version in lacking)


def _days(since: str, until: str) -> int:
    return (datetime.fromisoformat(until) - datetime.fromisoformat(since)).days
