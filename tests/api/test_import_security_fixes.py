"""Security fixes elsewhere are imported once, and reported with what is not recorded as that."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.verifying import verify_contents
from tests.api.counted import statements
from tests.api.fix_files import PRODUCT, PROJECT, as_counted, bring, counted, enter, fix, merged
from tests.api.merges import Machine, opened_office, write
from tests.api.office import Office
from tests.api.rotations import look

LINES = (
    ("9.5", "2019-01-01T12:00:00+00:00"),
    ("10.0", "2019-02-01T12:00:00+00:00"),
    ("10.1", "2019-03-01T12:00:00+00:00"),
    ("10.2", "2023-03-01T12:00:00+00:00"),
)
EARLY, NOW, BEFORE = (
    "2019-03-05T10:00:00+00:00",
    "2023-04-01T10:00:00+00:00",
    "2018-01-01T00:00:00Z",
)
BRANCHES = ("master", "10-2-stable", "10-1-stable", "10-0-stable")
ROWS = [
    fix([merged(10 + at, branch, NOW) for at, branch in enumerate(BRANCHES)]),
    fix([merged(20, "master", EARLY, approved_by=[])]),
    fix([merged(30 + at, name, EARLY) for at, name in enumerate(("10-1-stable", "10-0-stable"))]),
    fix(
        [
            merged(40 + at, name, EARLY)
            for at, name in enumerate(("master", "10-1-stable", "10-0-stable", "9-5-stable"))
        ]
    ),
    fix([merged(50 + at, branch, EARLY) for at, branch in enumerate(BRANCHES)]),
    fix([merged(60, "master", NOW, approved_by=[])]),
    fix([merged(70, "master", BEFORE), merged(71, "9-4-stable", BEFORE)]),
]
WHERE = {"project": PROJECT, "service": PRODUCT, "playbook": "security", "policy": "maintenance"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp(f"fixes-{request.param}")
    with opened_office(request, folder) as office:
        tally = bring(office, write(folder / "fixes", ROWS))
        assert (tally.lines, tally.added, tally.bad) == (len(ROWS), len(ROWS), 0)
        enter(office, LINES)
        yield office


@pytest.fixture
def machine(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Machine:
    return Machine(office, monkeypatch, capsys)


def report(office: Office, **changes: Any) -> Any:
    return look(office, "SecurityFixReport", **(WHERE | changes))


@pytest.mark.req("S1-22", "X-02")
def test_shape_and_cover_are_what_plain_python_counts(office: Office) -> None:
    with statements(office.reader.engine) as seen:
        found = report(office)
    assert as_counted(found) == counted(ROWS, LINES)
    assert as_counted(found) | {"fixes": 7, "full": 3, "covered": 2, "open": 1} == as_counted(found)
    told = ("fix_records", "stable_lines", "FROM playbooks")
    assert len([each for each in seen if any(name in each for name in told)]) == 3


@pytest.mark.req("S1-43", "X-05")
def test_what_no_record_tells_is_never_met(office: Office) -> None:
    found = report(office)
    assert found["complete"] == 0
    items = {item["name"]: item for item in found["items"]}
    for name in ("checklist", "appsec_sign_off", "pipelines", "assignee", "label"):
        assert (items[name]["met"], items[name]["unmet"]) == (0, 0)
        assert items[name]["notRecorded"] == len(ROWS)
    approvals = items["approvals"]
    assert (approvals["met"], approvals["unmet"], approvals["notRecorded"]) == (5, 1, 1)


@pytest.mark.req("X-05")
def test_without_a_policy_or_lines_no_cover_is_told(office: Office) -> None:
    for changes in ({"service": "other"}, {"policy": "other"}, {"playbook": "other"}):
        items = {item["name"]: item for item in report(office, **changes)["items"]}
        assert items["versions"]["notRecorded"] == len(ROWS)
    assert report(office, project="nowhere")["fixes"] == 0


def test_twice_the_same_file_adds_nothing(machine: Machine, tmp_path: Path) -> None:
    ran = machine.types("import", "security-fixes", write(tmp_path / "again", ROWS), "--json")
    assert (ran.status, ran.said["added"], ran.said["known"]) == (0, 0, len(ROWS))
    assert list(verify_contents(machine.office.reader)) == []


@pytest.mark.parametrize(
    "changes, code, path",
    [
        ({"merge_requests": []}, "too_many", ["merge_requests"]),
        ({"merge_requests": [1]}, "wrong_type", ["merge_requests", "0"]),
        ({"title": " "}, "text_missing", ["title"]),
        ({"project": "any"}, "name_unusable", ["project"]),
        ({"has_default_branch_mr": "yes"}, "wrong_type", ["has_default_branch_mr"]),
        (
            {"merge_requests": [merged(90, "master", NOW), merged(90, "x", NOW)]},
            "named_twice",
            ["merge_requests"],
        ),
        (
            {"merge_requests": [merged(90, "master", NOW, sha="abc")]},
            "not_a_commit",
            ["merge_requests", "0", "sha"],
        ),
        (
            {"merge_requests": [merged(90, "master", "2199-01-01T00:00:00Z")]},
            "still_to_come",
            [],
        ),
        ({"title": "Otherwise", "merge_requests": [merged(20, "master", EARLY)]}, "title", None),
    ],
)
def test_a_bad_line_is_told_with_its_number_and_the_others_are_kept(
    machine: Machine, tmp_path: Path, changes: dict[str, Any], code: str, path: Any
) -> None:
    rows = [ROWS[0], fix([merged(91, "master", NOW)]) | changes]
    ran = machine.types("import", "security-fixes", write(tmp_path / "bad", rows), "--json")
    assert (ran.status, ran.said["bad"], ran.said["known"]) == (1, 1, 1)
    told = json.loads(ran.err.splitlines()[0])
    assert told["line"] == 2
    problems = {(each["code"], *each["path"]) for each in told["problems"]}
    if path is None:
        assert ("claimed_differently", code) in problems
    else:
        assert {(each[0], *each[1 : 1 + len(path)]) for each in problems} == {(code, *path)}
