"""Releases elsewhere are imported whole or not at all, once, and reported with their lineage."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from api.importing.claiming import Importer
from api.importing.releases import read_release
from domain.elsewhere.commit_record import CommitRecord
from domain.elsewhere.release_record import ReleaseRecord
from domain.kernel import OPERATOR
from ledger.verifying import verify_contents
from tests.api.merges import Machine, Ran, opened_office, write
from tests.api.office import Office
from tests.api.releases import PROJECT, as_counted, bring, commit, counted, random_rows, release
from tests.api.rotations import look

NOON = datetime(2023, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ROWS = random_rows(11)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp(f"releases-{request.param}")
    with opened_office(request, folder) as office:
        tally = bring(office, write(folder / "releases", ROWS))
        assert (tally.lines, tally.added) == (len(ROWS), len(ROWS))
        assert tally.claims == len(ROWS) + sum(len(each["commits"]) for each in ROWS)
        yield office


def reported(office: Office, project: str = PROJECT, **more: Any) -> list[dict[str, Any]]:
    return as_counted(look(office, "ReleaseReport", project=project, **more))


@pytest.fixture
def machine(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Machine:
    return Machine(office, monkeypatch, capsys)


def size(office: Office) -> tuple[int, int]:
    """How many releases and commits are recorded."""
    with office.reader.connection() as connection:
        releases, commits = (
            connection.execute(
                select(func.count()).select_from(office.reader.snapshot(each))
            ).scalar_one()
            for each in (ReleaseRecord, CommitRecord)
        )
    return releases, commits


def imports(machine: Machine, file: Path) -> Ran:
    return machine.types("import", "releases", file, "--json")


@pytest.mark.req("S0-25", "S3-28", "X-06")
def test_the_report_is_what_plain_python_counts(office: Office) -> None:
    assert reported(office) == counted(ROWS)
    assert reported(office, "nowhere") == []


@pytest.mark.req("X-06")
def test_the_report_can_be_worked_out_again_as_of_a_moment(office: Office, tmp_path: Path) -> None:
    first, second = (release(f"9.0.{n}", NOON + n * DAY, repo="shop/late") for n in range(2))
    bring(office, write(tmp_path / "first", [first]))
    known = datetime.now(UTC).isoformat()
    bring(office, write(tmp_path / "second", [second]))
    assert reported(office, "shop/late", asOf=known) == counted([first])
    assert reported(office, "shop/late") == counted([first, second])
    assert reported(office, "shop/late", asOf="2020-01-01T00:00:00Z") == []


def test_twice_the_same_file_adds_nothing(machine: Machine, tmp_path: Path) -> None:
    before = size(machine.office)
    ran = imports(machine, write(tmp_path / "again", ROWS))
    assert ran.status == 0
    assert (ran.said["added"], ran.said["known"], ran.said["claims"]) == (0, len(ROWS), 0)
    assert size(machine.office) == before


BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "no version": ({"version": {"major": -1, "minor": 0, "patch": 0, "pre": None}},
                   "not_a_version", "version.major"),
    "half a version": ({"version": {"major": 1, "minor": 0, "pre": None}},
                       "field_absent", "version.patch"),
    "a text as version": ({"version": "1.0.0"}, "wrong_type", "version"),
    "no commit": ({"commit": "abc"}, "not_a_commit", "commit"),
    "no date": ({"tag_date": "yesterday"}, "unreadable_time", "tag_date"),
    "a date without offset": ({"tag_date": "2023-03-01T12:00:00"}, "naive_time", "tag_date"),
    "a day that never was": ({"changelog_date": "2023-02-30"}, "unreadable_time", "changelog_date"),
    "an unknown object": ({"object_type": "heavy"}, "wrong_type", "object_type"),
    "commits that are none": ({"commits": {}}, "wrong_type", "commits"),
    "a number as commit": ({"commits": [7]}, "wrong_type", "commits.0"),
    "a commit twice": (
        {"commits": [commit(801, NOON), commit(801, NOON)]}, "named_twice", "commits"),
    "a bad second commit": (
        {"commits": [commit(801, NOON), commit(802, NOON, sha="-x")]},
        "not_a_commit", "commits.1.sha"),
    "a subject that reorders": (
        {"commits": [commit(801, NOON, subject="\u202etxt")]},
        "forbidden_character", "commits.0.subject"),
    "a commit without merge": (
        {"commits": [commit(801, NOON, merge=None)]}, "wrong_type", "commits.0.merge"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_line_is_told_by_number_and_nothing_of_it_is_kept(
    machine: Machine, tmp_path: Path, name: str
) -> None:
    changes, code, place = BAD[name]
    fine = {"commits": [commit(800, NOON)]}
    before = size(machine.office)
    rows = [ROWS[0], {**release("7.7.7", NOON), **fine, **changes}]
    ran = imports(machine, write(tmp_path / "bad", rows))
    assert ran.status == 1
    assert ran.problems == [(2, code, place)]
    assert size(machine.office) == before


def test_a_line_that_tells_something_otherwise_is_left_out_whole(
    machine: Machine, tmp_path: Path
) -> None:
    before = size(machine.office)
    known = next(each for each in ROWS if each["commits"])
    moved = release("7.7.8", NOON, [commit(810, NOON), known["commits"][0]])
    ran = imports(machine, write(tmp_path / "moved", [moved, {**ROWS[1], "tagger": "au-9"}]))
    assert {(line, code) for line, code, _ in ran.problems} == {
        (1, "claimed_differently"),
        (2, "claimed_differently"),
    }
    assert (2, "claimed_differently", "tagger") in ran.problems
    assert size(machine.office) == before


@pytest.mark.parametrize("told", [[820], [820, 821, 822], [820, 822], []], ids=str)
def test_a_release_told_with_other_commits_is_told_otherwise(
    machine: Machine, tmp_path: Path, told: list[int]
) -> None:
    first = release("7.8.0", NOON, [commit(each, NOON) for each in (820, 821)], repo="shop/other")
    assert imports(machine, write(tmp_path / "first", [first])).status == 0
    before = size(machine.office)
    other = {**first, "commits": [commit(each, NOON) for each in told]}
    ran = imports(machine, write(tmp_path / "other", [other]))
    assert (ran.status, ran.problems) == (1, [(1, "claimed_differently", "commits")])
    assert size(machine.office) == before
    turned = {**first, "commits": first["commits"][::-1]}
    again = imports(machine, write(tmp_path / "turned", [turned]))
    assert (again.status, again.said["known"]) == (0, 1)


def test_so_is_one_that_the_same_file_tells_twice(machine: Machine, tmp_path: Path) -> None:
    first = release("7.8.1", NOON, [commit(830, NOON)], repo="shop/twice")
    other = {**first, "commits": [commit(830, NOON), commit(831, NOON)]}
    ran = imports(machine, write(tmp_path / "twice", [first, other, first]))
    assert (ran.said["added"], ran.said["known"]) == (1, 1)
    assert ran.problems == [(2, "claimed_differently", "commits")]


def test_what_a_crash_left_of_a_release_is_completed(machine: Machine, tmp_path: Path) -> None:
    row = release("7.8.2", NOON, [commit(each, NOON) for each in (840, 841)], repo="shop/crashed")
    entry = read_release(1, json.dumps(row).encode())
    importer = Importer(machine.office.reader, machine.office.writer, OPERATOR)
    assert [each.added for each in importer.settle([replace(entry, claims=entry.claims[:1])])] == [
        1
    ]
    ran = imports(machine, write(tmp_path / "crashed", [row]))
    assert (ran.status, ran.said["claims"]) == (0, 2)


def test_a_release_of_tomorrow_is_refused(machine: Machine, tmp_path: Path) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    ran = imports(machine, write(tmp_path / "ahead", [release("7.7.9", tomorrow)]))
    assert ran.problems == [(1, "still_to_come", "happened")]


@pytest.mark.req("X-06")
def test_records_are_what_their_events_say(office: Office) -> None:
    assert list(verify_contents(office.reader)) == []


def test_a_number_names_its_definition_its_sources_and_what_is_left_out(office: Office) -> None:
    document = """query($p: String!) { releaseReport(project: $p) { leadTime {
        definition { id version unit meaning } count sources sourcesDigest
        excluded { reason count } } } }"""
    [*_, last] = office.data(document, "rita", p=PROJECT)["releaseReport"]
    lead = last["leadTime"]
    assert lead["definition"]["id"] == "lead_time_commit_to_tag"
    assert lead["definition"]["version"] == 1
    assert len(lead["sources"]) == min(lead["count"], 100)
    found = [each["reason"] for each in lead["excluded"]]
    assert set(found) <= {"merge", "tagged before it"}
    assert lead["sourcesDigest"].startswith("sha256:")
