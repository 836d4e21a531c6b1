"""A demo is made whole or not at all, by real commands, and can never be taken for more."""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, text
from starlette.testclient import TestClient

from api.app import create_app
from api.demo.cast import FOUNDERS, PANELS, PEOPLE, PROGRAMS
from api.demo.making import ensure_demo
from api.demo.settings import demo_settings, tokens_file
from api.machine.installation import Installation, Unready
from api.settings import Misconfigured
from domain.change.state import Change, Status
from domain.deployment.state import Deployment
from domain.environment.state import Environment
from domain.log import SUBJECT, Log
from domain.package import Package
from domain.playbook.format import decode
from domain.rotation.schedule import Schedule, on_duty
from domain.rotation.state import Rotation
from domain.stable_line.state import StableLine, lines
from ledger.request import Answer, Request
from ledger.store import Reader
from policies.files import shipped
from policies.rules import NONE
from tests.api.company import operation
from tests.api.machine import BESIDE, Machine
from tests.api.served import ROOT, environment


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo; tests read it, or change a copy."""
    file = tmp_path_factory.mktemp("demo") / "demo.sqlite"
    assert ensure_demo(demo_settings(file, {}), file)
    return file


@pytest.fixture
def demo(machine: Machine, made: Path) -> Machine:
    """A machine with a copy of the demo."""
    for ending in BESIDE:
        shutil.copy(f"{made}{ending}", machine.beside(ending))
    return machine


@contextmanager
def visited(file: Path) -> Iterator[tuple[TestClient, dict[str, str]]]:
    """Whoever asks the demo's application in this process, and the tokens of its people."""
    opened = Installation.open(demo_settings(file, {}))
    writer = opened.writer()

    async def submit(request: Request) -> Answer:
        return writer.submit(request)

    lines = tokens_file(file).read_text().splitlines()
    with TestClient(create_app(opened, submit), base_url="http://localhost") as client:
        yield client, dict(line.split() for line in lines)
    writer.close()


def all_of(reader: Reader, connection: Connection, state: type[Any]) -> list[Any]:
    """Every aggregate of a kind."""
    ids = connection.execute(select(reader.snapshot(state).c.id)).scalars().all()
    return list(reader.find(connection, state, ids).values())


def asked(client: TestClient, token: str, **headers: str) -> int:
    """The status of a question, which needs no right."""
    given = {"authorization": f"Bearer {token}", **headers}
    return client.post("/graphql", json={"query": "{ __typename }"}, headers=given).status_code


# What is in it.


def test_there_is_somebody_for_every_role_and_a_token_for_everybody(made: Path) -> None:
    handles = {each.handle for each in (*FOUNDERS, *PEOPLE, *PROGRAMS)}
    with visited(made) as (client, tokens):
        assert tokens.keys() == handles
        assert {asked(client, token) for token in tokens.values()} == {200}
        assert asked(client, "x" * 50) == 401
    opened = Installation.open(demo_settings(made, {}))
    with opened.reader.connection() as connection:
        standing = opened.reader.standing(connection)
        boards = {each.kind for each in PANELS}
    opened.close()
    held = {
        grant.role
        for handle in handles
        for grant in standing.authority.grants_of(standing.authority.named(handle) or "")
    }
    assert standing.judge is not None
    assert standing.judge.roles - held <= {"role:everyone", "role:directory"}
    assert boards == {"cab", "ecab"}


def test_every_role_is_held_in_every_kind_of_scope_that_the_policy_asks_of_it() -> None:
    rules = shipped().rules
    rows = re.findall(r"^p, (role:[a-z_]+), \S+, (\w+), allow$", rules, re.MULTILINE)
    asked = {(role, kind) for role, kind in rows if kind != NONE} - {
        ("role:administrator", "board")
    }
    held = {
        (role.name, role.scope) for each in (*FOUNDERS, *PEOPLE, *PROGRAMS) for role in each.roles
    }
    assert asked - held == set()


def test_two_can_decide_where_playbooks_ask_two() -> None:
    for name in ("role:appsec", "role:release_manager", "role:change_manager", "role:maintainer"):
        holders = {each.handle for each in PEOPLE for role in each.roles if role.name == name}
        assert len(holders) > 1, name


@pytest.mark.req("S0-20", "S1-02", "S3-13")
def test_there_are_places_packages_lines_and_somebody_on_duty(made: Path) -> None:
    opened = Installation.open(demo_settings(made, {}))
    with opened.reader.connection() as connection:
        places, packages, deployments, found, rotations = (
            all_of(opened.reader, connection, noun)
            for noun in (Environment, Package, Deployment, StableLine, Rotation)
        )
    opened.close()
    hosted = {"gstg", "gprd", "release"}
    assert {each.name for each in places} == {"test", "staging", "production"} | hosted
    shipped_as = (ROOT / "policies" / "playbooks" / "gitlab.toml").read_text(encoding="utf-8")
    declared = decode(shipped_as).releases.environments
    kinds = {each.name: each.plan.kind for each in places if each.plan}
    assert {each.name: kinds[each.name] for each in declared} == {e.name: e.kind for e in declared}
    assert {(each.name, each.label) for each in packages} == {
        ("billing", "4.2.0"),
        ("billing", "4.2.1"),
        ("storefront", "2.7.0"),
    }
    assert {(d.environment, d.label) for d in deployments if d.current} == {
        ("test", "4.2.1"),
        ("staging", "4.2.0"),
        ("production", "4.2.0"),
    }
    assert len(lines(found)) == 4
    [rotation] = rotations
    duty = on_duty(Schedule(rotation, ()), datetime.now(UTC), None)
    assert duty is not None


def test_its_importer_brings_in_deployments_as_the_guide_has_them(demo: Machine) -> None:
    guide = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")
    [line] = re.findall(r"```json\n(.*?)```", guide.partition("## Deployments")[2], re.DOTALL)
    file = demo.folder / "deployments.jsonl"
    file.write_text(line.replace("\n", " "))
    told = demo.done("import", "deployments", file, "--as", "importer")
    assert told == "1 lines: 1 added, 0 known already, 0 bad\n"


@pytest.mark.req("S3-13")
def test_its_release_manager_promotes_what_stands_in_the_test_environment(demo: Machine) -> None:
    packages = "{ packages(first: 9) { edges { node { id label } } } }"
    with visited(demo.database) as (client, tokens):
        headers = {"authorization": f"Bearer {tokens['viktor']}"}

        def told(query: str, **given: Any) -> Any:
            body = {"query": query, "variables": {"input": given} if given else {}}
            return client.post("/graphql", json=body, headers=headers).json()["data"]

        edges = told(packages)["packages"]["edges"]
        [newest] = [each["node"]["id"] for each in edges if each["node"]["label"] == "4.2.1"]
        wish = {"package": newest, "environment": "staging"}
        wish |= {"contents": "Everything.", "configuration": "None."}
        filed = told(operation("RequestDeployment"), wish=wish)["requestDeployment"]
        assert filed["problems"] == []
        begun = told(operation("StartDeployment"), id=filed["deployment"]["id"])["startDeployment"]
        assert (begun["problems"], begun["deployment"]["status"]) == ([], "RUNNING")


def test_there_are_changes_in_every_state(made: Path) -> None:
    opened = Installation.open(demo_settings(made, {}))
    with opened.reader.connection() as connection:
        table = opened.reader.snapshot(Change)
        found = set(connection.execute(text(f"select distinct status from {table.name}")).scalars())
    opened.close()
    assert found == {each.value for each in Status}


def test_it_was_made_by_commands_alone(demo: Machine) -> None:
    assert demo.done("verify").endswith(" 0 faults\n")
    with demo.rows() as connection:
        actors = set(connection.execute(text("select distinct actor from events")).scalars())
        kinds = set(
            connection.execute(
                text("select distinct kind from events where actor = 'operator'")
            ).scalars()
        )
    assert len(actors) > len(FOUNDERS) + 10, "its people did it"
    assert {each.partition(".")[0] for each in kinds} == {
        "log",
        "policy",
        "playbook",
        "principal",
        "grant",
        "credential",
    }


def test_its_files_are_their_owners(made: Path) -> None:
    for ending in ("", ".key", ".pepper", ".tokens"):
        mode = stat.S_IMODE(Path(f"{made}{ending}").stat().st_mode)
        assert mode == 0o600, ending
    assert {each.name for each in made.parent.iterdir()} == {
        f"{made.name}{ending}" for ending in BESIDE
    }


def test_two_demos_are_two_logs(made: Path, tmp_path: Path) -> None:
    file = tmp_path / "other.sqlite"
    ensure_demo(demo_settings(file, {}), file)
    origins = set()
    for each in (made, file):
        opened = Installation.open(demo_settings(each, {}))
        origins.add(opened.origin)
        opened.close()
    assert len(origins) == 2
    assert all(each.startswith("demo.") for each in origins)


# What it can never be.


def test_that_it_is_one_stands_in_event_0_and_in_the_origin(demo: Machine) -> None:
    log = demo.log()
    assert (log.demo, log.origin.startswith("demo.changegate.invalid/")) == (True, True)
    with demo.rows() as connection:
        facts = connection.execute(text("select facts from events where position = 0"))
        assert b'"demo":true' in bytes(facts.scalar_one())


@pytest.mark.parametrize(
    "statement", ["update head set demo = false", "update head set origin = 'gate.example'"]
)
def test_it_cannot_be_cleared(demo: Machine, statement: str) -> None:
    with demo.rows() as connection:
        connection.execute(text(statement))
    with pytest.raises(Unready):
        Installation.open(demo.settings)
    assert demo.run("verify").status != 0


def test_serve_refuses_it(demo: Machine) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "api.cli", "serve"],
        cwd=ROOT,
        env=environment(CHANGEGATE_DATABASE=str(demo.database), CHANGEGATE_PORT="0"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2
    assert "changegate demo --serve" in told.stderr


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "gate.example.org"},
        {"host": "localhost.example.org"},
        {"x-forwarded-for": "192.0.2.1"},
        {"forwarded": "for=192.0.2.1"},
        {"via": "1.1 proxy"},
    ],
    ids="".join,
)
def test_it_answers_neither_foreign_hosts_nor_proxies(made: Path, headers: dict[str, str]) -> None:
    with visited(made) as (client, tokens):
        assert asked(client, tokens["ada"], **headers) in (400, 403, 421)
        assert asked(client, tokens["ada"]) == 200


def test_it_refuses_them_whoever_serves_it(demo: Machine) -> None:
    """Also when it was opened by settings that say nothing of a demo."""
    opened = Installation.open(demo.settings)
    assert opened.settings.demo is False

    async def nobody(request: Request) -> Answer:
        raise AssertionError

    with TestClient(create_app(opened, nobody), base_url="http://localhost") as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/healthz", headers={"via": "1.1 proxy"}).status_code != 200


# Where it is not made.


@pytest.mark.parametrize(
    "name,value",
    [
        ("CHANGEGATE_DATABASE", "postgresql:///gate"),
        ("CHANGEGATE_DATABASE", "var/demo.sqlite"),
        ("CHANGEGATE_SIGNING_KEY", "/run/keys/log"),
        ("CHANGEGATE_SIGNING_KEY_TEXT", "x"),
        ("CHANGEGATE_TOKEN_PEPPER", "p" * 32),
        ("CHANGEGATE_WRITER_SOCKET", "/run/writer"),
        ("CHANGEGATE_HOSTS", "gate.example.org"),
        ("CHANGEGATE_HOST", "::"),
        ("CHANGEGATE_HOST", "192.0.2.1"),
        ("CHANGEGATE_HOST", "gate.example.org"),
    ],
)
def test_it_is_not_made_beside_a_real_installation(
    machine: Machine, tmp_path: Path, name: str, value: str
) -> None:
    file = tmp_path / "demo" / "demo.sqlite"
    machine.set(CHANGEGATE_DATABASE="").set(**{name: value})
    told = machine.run("demo", "--database", file)
    assert (told.status, "CHANGEGATE_" in told.err) == (2, True)
    assert not file.parent.exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_it_listens_on_loopback(tmp_path: Path, host: str) -> None:
    assert demo_settings(tmp_path / "x", {"CHANGEGATE_HOST": host}).host == host


def test_it_is_kept_in_a_file(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="SQLite file of its own"):
        demo_settings(Path("sqlite:///x"), {})


def test_a_real_log_is_not_taken_for_one(founded: Machine) -> None:
    before = founded.database.read_bytes()
    file = founded.database
    founded.set(CHANGEGATE_DATABASE="")
    told = founded.run("demo", "--database", file)
    assert (told.status, "no demo" in told.err) == (2, True)
    assert file.read_bytes() == before


@pytest.mark.parametrize("content", [b"words" * 100, b"x"])
def test_a_file_of_something_else_is_left_alone(
    machine: Machine, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(content)
    machine.set(CHANGEGATE_DATABASE="")
    told = machine.run("demo", "--database", file)
    assert (told.status, "Traceback" in told.err) == (2, False)
    assert file.read_bytes() == content


def test_another_programs_database_is_left_alone(machine: Machine) -> None:
    with machine.rows() as connection:
        connection.execute(text("create table notes (words text)"))
    before = machine.database.read_bytes()
    file = machine.database
    machine.set(CHANGEGATE_DATABASE="")
    told = machine.run("demo", "--database", file)
    assert (told.status, "no demo" in told.err) == (2, True)
    assert file.read_bytes() == before


# Made once, made whole.


def test_the_second_time_it_is_kept(demo: Machine) -> None:
    before, file = demo.envelopes(), demo.database
    demo.set(CHANGEGATE_DATABASE="")
    said = demo.done("demo", "--database", file)
    assert said.startswith("Using the demo")
    tokens = tokens_file(file)
    assert str(tokens) in said
    assert tokens.read_text() in said
    assert demo.set(CHANGEGATE_DATABASE=str(file)).envelopes() == before


def test_a_demo_without_its_tokens_is_told_so(demo: Machine) -> None:
    file = demo.database
    tokens_file(file).unlink()
    demo.set(CHANGEGATE_DATABASE="")
    told = demo.run("demo", "--database", file)
    assert (told.status, "remove" in told.err) == (2, True)


def test_whoever_is_killed_while_making_it_leaves_no_half_of_it(tmp_path: Path) -> None:
    file = tmp_path / "demo.sqlite"
    making = multiprocessing.get_context("spawn").Process(target=_make, args=(file,))
    making.start()
    folder = tmp_path / f".{file.name}.making"
    inside = folder / file.name
    until = time.monotonic() + 60
    while not (inside.exists() and inside.stat().st_size) and time.monotonic() < until:
        time.sleep(0.01)
    assert making.pid is not None
    os.kill(making.pid, signal.SIGKILL)
    making.join()
    assert not file.exists()
    assert folder.exists()
    assert ensure_demo(demo_settings(file, {}), file)
    assert not folder.exists()
    opened = Installation.open(demo_settings(file, {}))
    with opened.reader.connection() as connection:
        assert opened.reader.get(connection, Log, SUBJECT) is not None
    opened.close()


def test_a_demo_takes_the_place_of_what_an_old_one_left(demo: Machine) -> None:
    """The database was removed; key, checkpoint and tokens of the old log are still there."""
    file = demo.database
    file.unlink()
    before = tokens_file(file).read_text()
    assert ensure_demo(demo_settings(file, {}), file)
    assert tokens_file(file).read_text() != before
    with visited(file) as (client, tokens):
        assert asked(client, tokens["ada"]) == 200


def _make(file: Path) -> None:
    ensure_demo(demo_settings(file, {}), file)
