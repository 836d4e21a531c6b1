"""Merges told of elsewhere are brought in once, as claims, in somebody's name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api.context import new_id
from domain.kernel import OPERATOR
from ledger.request import Request, Status
from tests.api.merges import (
    Machine,
    Row,
    opened_office,
    record,
    row,
    size,
    write,
)
from tests.api.office import Office

SHOP = "gitlab-org/gitaly"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    with opened_office(request, tmp_path_factory.mktemp(f"import-{request.param}")) as office:
        yield office


@pytest.fixture
def machine(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Machine:
    return Machine(office, monkeypatch, capsys)


# A file.


def test_a_line_becomes_a_claim_by_whoever_brings_it(machine: Machine, tmp_path: Path) -> None:
    told = row(1000)
    ran = machine.types("import", "merge-requests", write(tmp_path / "merges", [told]))
    assert ran.status == 0
    assert ran.out.startswith("1 lines: 1 added, 0 known already, 0 bad; ")
    assert ran.out.endswith(" lines a second\n")
    found = record(machine.office, told)
    assert found is not None
    assert found.claimed_by == OPERATOR
    assert found.merged_at.isoformat() == "2023-05-04T10:11:12+00:00"
    assert (found.authors, found.approved_by) == (("p-1",), ("p-2", "p-3"))
    assert (found.reviewed_by, found.merged_by) == (None, "p-3")
    events = machine.office.reader.tables.events
    with machine.office.reader.connection() as connection:
        statement = select(events).where(events.c.subject == found.id)
        [event] = connection.execute(statement).mappings()
    assert (event["kind"], event["outcome"]) == ("merge_record.claimed", "claimed")
    assert (event["actor"], event["credential"]) == (OPERATOR, OPERATOR)
    assert event["happened"] == found.merged_at < event["at"] == found.claimed_at


def test_names_are_kept_apart_from_facts(machine: Machine, tmp_path: Path) -> None:
    told = row(1001, authors=["p-7777"], merged_by="p-8888")
    machine.imports(write(tmp_path / "merges", [told]))
    tables = machine.office.reader.tables
    with machine.office.reader.connection() as connection:
        statement = select(tables.events.c.facts, tables.events.c.envelope)
        for facts, envelope in connection.execute(statement):
            assert b"p-7777" not in facts + envelope
            assert b"p-8888" not in facts + envelope


def test_twice_the_same_file_adds_nothing(machine: Machine, tmp_path: Path) -> None:
    file = write(tmp_path / "merges", [row(number) for number in range(2000, 2300)])
    timed = ("seconds", "lines_per_second", "claims_per_second")
    assert machine.imports(file).said | dict.fromkeys(timed, 0) == {
        "lines": 300,
        "added": 300,
        "known": 0,
        "bad": 0,
        "claims": 300,
        "stopped": False,
        "seconds": 0,
        "lines_per_second": 0,
        "claims_per_second": 0,
    }
    before = size(machine.office)
    again = machine.imports(file)
    assert (again.status, again.said["added"], again.said["known"]) == (0, 0, 300)
    assert size(machine.office) == before


def test_a_merge_told_twice_in_one_file_is_recorded_once(machine: Machine, tmp_path: Path) -> None:
    ran = machine.imports(write(tmp_path / "merges", [row(2400), row(2400), row(2400)]))
    assert (ran.status, ran.said["added"], ran.said["known"]) == (0, 1, 2)


def test_the_same_request_merged_twice_is_two_merges(machine: Machine, tmp_path: Path) -> None:
    ran = machine.imports(write(tmp_path / "merges", [row(2500), row(2500, sha="9" * 40)]))
    assert ran.said["added"] == 2


@pytest.mark.parametrize(
    "changes,place",
    [
        ({"title": "Other"}, "title"),
        ({"approved_by": ["p-2"]}, "approved_by"),
        ({"merged_by": None}, "merged_by"),
        ({"merged_at": "2023-05-04T10:11:13Z"}, "merged_at"),
        ({"default_branch_first_parent": None}, "default_branch_first_parent"),
        ({"security": True}, "security"),
    ],
)
def test_what_is_told_differently_later_is_reported_and_changes_nothing(
    machine: Machine, tmp_path: Path, changes: Row, place: str
) -> None:
    machine.imports(write(tmp_path / "first", [row(2600)]))
    before, known = size(machine.office), record(machine.office, row(2600))
    ran = machine.imports(write(tmp_path / "second", [row(2600, **changes), row(2600)]))
    assert (ran.status, ran.said["known"], ran.said["bad"]) == (1, 1, 1)
    assert ran.problems == [(1, "claimed_differently", place)]
    assert (size(machine.office), record(machine.office, row(2600))) == (before, known)


def test_what_one_file_tells_differently_is_reported_at_the_later_line(
    machine: Machine, tmp_path: Path
) -> None:
    told = [row(2700), row(2700, title="Other"), row(2701)]
    ran = machine.imports(write(tmp_path / "merges", told))
    assert (ran.said["added"], ran.problems) == (2, [(2, "claimed_differently", "title")])


def test_what_was_erased_is_not_brought_back(machine: Machine, tmp_path: Path) -> None:
    office, told = machine.office, row(2800, reviewed_by=["p-9"])
    file = write(tmp_path / "merges", [told])
    machine.imports(file)
    known = record(office, told)
    assert known is not None
    if "eve" not in office.people:
        office.people["eve"] = office.person("eve")
        office.grant("eve", "privacy_officer")
    parts = [f"merge.{each}" for each in ("title", "authors", "approved_by", "merged_by")]
    erasing = {"aggregate": "merge_record", "subject": known.id, "parts": parts, "ground": "17."}
    request = Request(
        new_id(), "erasure.erase", new_id(), json.dumps(erasing).encode(), office.people["eve"]
    )
    assert office.writer.submit(request).status is Status.DONE
    ran = machine.imports(file)
    assert (ran.status, ran.said["known"]) == (0, 1)
    erased = record(office, told)
    assert erased is not None
    assert (erased.authors, erased.approved_by, erased.reviewed_by) == ((), (), ("p-9",))
    assert erased.approvals == known.approvals == 2
    changed = write(tmp_path / "changed", [told | {"reviewed_by": ["p-8"]}])
    assert machine.imports(changed).problems == [(1, "claimed_differently", "reviewed_by")]
    fewer = write(tmp_path / "fewer", [told | {"approved_by": ["p-3"]}])
    assert machine.imports(fewer).problems == [(1, "claimed_differently", "approvals")]


# In whose name.


@pytest.fixture(scope="module")
def robot(office: Office) -> str:
    """A program that may bring in the merges of one project."""
    told: dict[str, Any] = {"kind": "bot", "handle": "reader", "name": "Reader", "mail": None}
    told["owner"] = office.people["max"]
    office.people["reader"] = office.desk.ask(
        "principal.register", f"bot:{new_id()}", **told
    ).subject
    office.grant("reader", "importer", scope="project", value=SHOP)
    return office.people["reader"]


def test_a_program_claims_in_its_own_name(machine: Machine, robot: str, tmp_path: Path) -> None:
    for told, named in ((row(6000), "reader"), (row(6001), robot)):
        ran = machine.imports(write(tmp_path / "merges", [told]), "--as", named)
        assert ran.said["added"] == 1
        found = record(machine.office, told)
        assert found is not None
        assert found.claimed_by == robot


def test_a_program_claims_nothing_of_other_projects(
    machine: Machine, robot: str, tmp_path: Path
) -> None:
    told = [row(6100), row(6101, mr_project="elsewhere"), row(6102)]
    ran = machine.imports(write(tmp_path / "merges", told), "--as", "reader")
    assert (ran.status, ran.said["added"]) == (1, 2)
    assert ran.problems == [(2, "forbidden", "")]
    assert record(machine.office, told[1]) is None


@pytest.mark.parametrize("named", ["nobody-here", "rita"])
def test_who_may_claim_nothing_begins_nothing(machine: Machine, tmp_path: Path, named: str) -> None:
    before = size(machine.office)
    ran = machine.imports(write(tmp_path / "merges", [row(6200)]), "--as", named)
    assert (ran.status, ran.out) == (1, "")
    assert named in ran.err
    assert size(machine.office) == before
