"""A year of packages of a hosted service, replayed as deployments: what moved where, and when."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from api.importing.claiming import Fate
from api.importing.deployments import DeploymentImporter, Told, read_line, read_told
from api.importing.lines import Line
from domain.kernel import OPERATOR, Refusal
from domain.package import Package, changed
from ledger.verifying import verify_tree
from tests.api.company import operation
from tests.api.machine import Machine
from tests.api.merges import opened_office
from tests.api.office import Office
from tests.api.served import ROOT

HOSTED = "gitlab.com"
BATCH = 128


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    yield office
    office.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def hosted(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """An office on either database."""
    with opened_office(request, tmp_path) as office:
        yield office


def row(label: str = "1.0", day: int = 1, **more: Any) -> dict[str, Any]:
    """A package and its deployment, as a file tells them."""
    return {
        "environment": HOSTED,
        "service": "gitlab",
        "name": "omnibus",
        "label": label,
        "commit": "a" * 40,
        "built_at": f"2020-01-{day:02}T08:00:00Z",
        "deployed_at": f"2020-01-{day:02}T09:00:00Z",
        "components": {"gitaly": label},
        "moves": [],
        **more,
    }


def move(direction: str, *waits: int) -> dict[str, Any]:
    return {
        "component": "gitaly",
        "before": "1",
        "after": "2",
        "direction": direction,
        "waits": list(waits),
    }


def told(rows: list[dict[str, Any]]) -> list[Told]:
    return [read_told(number, json.dumps(each).encode()) for number, each in enumerate(rows, 1)]


def bring(office: Office, rows: list[dict[str, Any]]) -> list[Fate]:
    """Import rows as the operator; what became of each."""
    importer = DeploymentImporter(office.reader, office.writer, OPERATOR)
    lines = told(rows)
    batches = [lines[at : at + BATCH] for at in range(0, len(lines), BATCH)]
    return [outcome.fate for batch in batches for outcome in importer.settle(batch)]


def reported(office: Office, **filter: Any) -> dict[str, tuple[int, int, int | None]]:
    """Deployments, merges and the median wait by direction."""
    document = operation("DeploymentMoves")
    found = office.data(document, "aud", filter=filter)["deploymentMoves"]
    return {
        each["direction"]: (each["deployments"], each["merges"], each["medianWaitSeconds"])
        for each in found
    }


@pytest.mark.parametrize(
    "wrong,code",
    [
        ({"deployed_at": "2020-01-01T07:59:59Z"}, "deployed_before_built"),
        ({"moves": [move("forward", 10, -1)]}, "out_of_range"),
    ],
)
def test_what_would_have_gone_back_in_time_is_a_bad_line(
    office: Office, wrong: dict[str, Any], code: str
) -> None:
    line = Line(1, json.dumps(row(**wrong)).encode(), 1)
    importer = DeploymentImporter(office.reader, office.writer, OPERATOR)
    [outcome] = importer.settle_lines([read_line(line)])
    assert (outcome.fate, [each.code for each in outcome.problems]) == (Fate.BAD, [code])


def test_moves_are_counted_apart_by_direction(office: Office) -> None:
    rows = [
        row("1", 1, moves=[move("forward", 10, 30)]),
        row("2", 2, moves=[move("forward", 20, 100)]),
        row("3", 3, moves=[move("backward")]),
        row("4", 4, moves=[move("diverged", 7)]),
    ]
    assert bring(office, rows) == [Fate.ADDED] * 4
    assert reported(office) == {
        "FORWARD": (2, 4, 25),
        "BACKWARD": (1, 0, None),
        "DIVERGED": (1, 1, 7),
    }
    assert reported(office, environment="elsewhere") == {}
    assert reported(office, until="2020-01-02T00:00:00Z")["FORWARD"] == (1, 2, 20)


def test_the_same_file_twice_adds_nothing_and_other_words_are_refused(office: Office) -> None:
    rows = [row("1", 1, moves=[move("forward", 10)]), row("1", 2)]
    assert bring(office, [rows[0]]) == [Fate.ADDED]
    size = len(office.submitted)
    assert bring(office, [rows[0]]) == [Fate.KNOWN]
    assert bring(office, [row("1", 1, moves=[move("backward")])]) == [Fate.BAD]
    assert bring(office, [row("1", 1, commit="b" * 40)]) == [Fate.BAD]
    assert bring(office, [row("9", 1, commit="main")]) == [Fate.BAD]
    assert len(office.submitted) == size


@pytest.mark.parametrize(
    "more", [{"deployed_at": "2020-01-01T09:00:00"}, {"moves": [{"component": "x"}]}, {"label": 7}]
)
def test_a_line_that_is_no_such_row_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as caught:
        read_told(1, json.dumps(row(**more)).encode())
    assert [each.code for each in caught.value.problems] == ["wrong_type"]


def test_claims_stand_in_the_table_of_the_past_and_in_no_gate(office: Office) -> None:
    bring(office, [row("1", 1), row("2", 2)])
    document = operation("StandingPackages")
    then = office.data(document, "aud", at="2020-01-01T12:00:00Z")["standingPackages"]
    assert [(each["label"], each["claimed"]) for each in then] == [("1", True)]
    now = office.data(document, "aud")["standingPackages"]
    assert [(each["label"], each["claimed"]) for each in now] == [("2", True)]


# The command.


def test_a_file_of_deployments_is_brought_in_at_the_machine(founded: Machine) -> None:
    file = founded.folder / "deployments.jsonl"
    rows = [row("1", 1, moves=[move("forward", 10)]), row("2", 2)]
    file.write_text("".join(json.dumps(each) + "\n" for each in rows))
    told = founded.run("import", "deployments", file)
    assert (told.status, told.out) == (0, "2 lines: 2 added, 0 known already, 0 bad\n")
    again = founded.run("import", "deployments", file, "--json")
    assert (again.status, again.json["known"], again.json["added"]) == (0, 2, 0)


def test_a_bad_line_is_named_and_the_others_are_kept(founded: Machine) -> None:
    file = founded.folder / "deployments.jsonl"
    rows = [json.dumps(row("1", 1)), "{", json.dumps(row("2", 2, commit="main"))]
    file.write_text("\n".join(rows))
    told = founded.run("import", "deployments", file)
    assert (told.status, told.out) == (1, "3 lines: 1 added, 0 known already, 2 bad\n")
    assert "line 2: The line holds no JSON" in told.err
    assert "(not_a_commit)" in told.err
    nobody = founded.run("import", "deployments", file, "--as", "nobody")
    assert nobody.status == 2
    may_not = founded.run("import", "deployments", file, "--as", "ada")
    assert may_not.status == 1


# A real company.


def packages(folder: Path) -> Iterator[dict[str, Any]]:
    """Every package for the hosted service with what it moved, in the order they were made."""
    bumps = {each["package"]: each for each in rows_of(folder / "gitaly-auto-deploy-bumps.jsonl")}
    for tag in rows_of(folder / "gitlab-omnibus-tags.jsonl"):
        if tag["kind"] == "auto_deploy":
            bump = bumps.get(tag["tag"])
            yield row(
                tag["tag"],
                commit=tag["commit"],
                built_at=tag["tag_date"],
                deployed_at=tag["tag_date"],
                components={k: v for k, v in tag["components"].items() if v},
                moves=[moved(bump)] if bump else [],
            )


def rows_of(path: Path) -> Iterator[Any]:
    with path.open() as file:
        yield from map(json.loads, file)


def moved(bump: Any) -> dict[str, Any]:
    return {
        "component": bump["component"],
        "before": bump["from"],
        "after": bump["to"],
        "direction": bump["direction"] or "unknown",
        "waits": [each["wait_seconds"] for each in bump["merge_requests"]],
    }


@pytest.mark.real
@pytest.mark.req("S0-04", "S0-06", "S0-07", "S0-10", "S0-14")
def test_a_year_of_packages_is_replayed_as_deployments(hosted: Office, real_data: Path) -> None:
    rows = list(packages(real_data))
    assert len(rows) == 1056
    assert sum(bool(each["moves"]) for each in rows) == 561
    assert set(bring(hosted, rows)) == {Fate.ADDED}
    found = reported(hosted, environment=HOSTED, claimed=True)
    assert {name: deployments for name, (deployments, _, _) in found.items()} == {
        "FORWARD": 505,
        "BACKWARD": 30,
        "DIVERGED": 25,
        "UNKNOWN": 1,
    }
    forward = [m for each in rows for m in each["moves"] if m["direction"] == "forward"]
    waits = [wait for each in forward for wait in each["waits"]]
    assert found["FORWARD"][1:] == (1677, 179_345)
    assert median(waits) == 179_345
    assert set(bring(hosted, rows)) == {Fate.KNOWN}
    assert list(verify_tree(hosted.reader, [hosted.installation.key.verifier])) == []


@pytest.mark.real
@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_the_guides_example_joins_the_files_as_they_are(real_data: Path) -> None:
    guide = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")
    [line] = re.findall(r"^jq .*$", guide, re.MULTILINE)
    command = [str(real_data / each) if each.endswith(".jsonl") else each for each in line.split()]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    rows = [json.loads(each) for each in made.stdout.splitlines()]
    assert rows == list(packages(real_data))


@pytest.mark.real
def test_the_changed_component_is_the_one_that_the_packages_differ_in(
    office: Office, real_data: Path
) -> None:
    rows = sorted(packages(real_data), key=lambda each: (each["built_at"], each["label"]))[:200]
    bring(office, rows)
    with office.reader.connection() as connection:
        states = {
            each["label"]: office.reader.get(connection, Package, told([each])[0].package)
            for each in rows
        }
    for before, after in pairwise(rows):
        one, other = states[before["label"]], states[after["label"]]
        assert one is not None
        assert other is not None
        assert ("gitaly" in changed(one, other)) == bool(after["moves"]), after["label"]
