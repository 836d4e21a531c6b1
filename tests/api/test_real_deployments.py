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
    assert len(office.submitted) == size


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"service": 7}, "wrong_type", "service"),
    ({"commit": "main"}, "not_a_commit", "commit"),
    ({"environment": ""}, "name_unusable", "environment"),
    ({"service": "any"}, "name_unusable", "service"),
    ({"built_at": "soon"}, "unreadable_time", "built_at"),
    ({"built_at": "0001-01-01T00:00:00+14:00"}, "unreadable_time", "built_at"),
    ({"deployed_at": "2020-01-01T09:00:00"}, "naive_time", "deployed_at"),
    ({"deployed_at": "2020-01-01T07:59:59Z"}, "deployed_before_built", "deployed_at"),
    ({"components": ["gitaly"]}, "wrong_type", "components"),
    ({"components": {"gitaly": 7}}, "wrong_type", "components.gitaly"),
    ({"components": {"gitaly": ""}}, "name_unusable", "components.gitaly"),
    ({"components": {"e\u0301": "1", "\u00e9": "2"}}, "named_twice", "components"),
    ({"components": {f"c{n}": "1" for n in range(101)}}, "too_many", "components"),
    ({"moves": "x"}, "wrong_type", "moves"),
    ({"moves": [7]}, "wrong_type", "moves.0"),
    ({"moves": [move("sideways")]}, "wrong_type", "moves.0.direction"),
    ({"moves": [move("forward") | {"after": None}]}, "wrong_type", "moves.0.after"),
    ({"moves": [move("forward") | {"before": "x" * 101}]}, "name_unusable", "moves.0.before"),
    ({"moves": [move("forward")] * 41}, "too_many", "moves"),
    ({"moves": [move("forward", *range(501))]}, "too_many", "moves.0.waits"),
    ({"moves": [move("forward") | {"waits": [1.5]}]}, "wrong_type", "moves.0.waits.0"),
    ({"moves": [move("forward", 10, -1)]}, "out_of_range", "moves.0.waits"),
    ({"moves": [move("forward", 2**31)]}, "out_of_range", "moves.0.waits"),
    ({"moves": [move("forward", 2**53)]}, "out_of_range", "moves.0.waits"),
    ({"moves": [move("forward", 10**30)]}, "out_of_range", "moves.0.waits"),
]


def test_every_bad_line_is_told_in_our_words_and_the_others_are_kept(hosted: Office) -> None:
    importer = DeploymentImporter(hosted.reader, hosted.writer, OPERATOR)
    bad = [row(f"bad-{at}", **wrong) for at, (wrong, _, _) in enumerate(BAD)]
    rows = [
        each
        for pair in zip((row(f"good-{at}") for at in range(len(BAD))), bad, strict=True)
        for each in pair
    ]
    lines = [Line(at, json.dumps(each).encode(), at) for at, each in enumerate(rows, 1)]
    outcomes = [*importer.settle_lines([read_line(each) for each in lines])]
    assert {each.fate for each in outcomes[::2]} == {Fate.ADDED}
    found = [[(each.code, ".".join(each.path)) for each in one.problems] for one in outcomes[1::2]]
    assert found == [[(code, path)] for _, code, path in BAD]
    words = " ".join(each.message for one in outcomes for each in one.problems)
    assert "$" not in words, "no message of a library"


def test_the_longest_wait_and_a_decomposed_name_are_kept(hosted: Office) -> None:
    moves = [move("forward", 2**31 - 1) | {"component": "e\u0301"}]
    rows = [row("e\u0301", moves=moves, components={"e\u0301": "1"})]
    assert bring(hosted, rows) == [Fate.ADDED]
    assert bring(hosted, rows) == [Fate.KNOWN]
    assert reported(hosted)["FORWARD"] == (1, 1, 2**31 - 1)


def test_all_that_is_wrong_with_a_line_is_told_at_once() -> None:
    moves = [{"component": "x"}]
    wrong = row(service=7, deployed_at="2020-01-01T09:00:00", moves=moves)
    with pytest.raises(Refusal) as caught:
        read_told(1, json.dumps(wrong).encode())
    assert [(each.code, ".".join(each.path)) for each in caught.value.problems] == [
        ("wrong_type", "service"),
        ("naive_time", "deployed_at"),
        ("field_absent", "moves.0.before"),
        ("field_absent", "moves.0.after"),
        ("field_absent", "moves.0.direction"),
    ]


def test_a_fault_over_one_line_alone_makes_it_a_bad_one(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.deployment.claiming.LONGEST_WAIT", 10**40)
    rows = [row("1", 1), row("2", 2, moves=[move("forward", 2**53)]), row("3", 3)]
    assert bring(office, rows) == [Fate.ADDED, Fate.BAD, Fate.ADDED]


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
