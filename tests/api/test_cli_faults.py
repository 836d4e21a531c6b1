"""What an operator can mend ends in one sentence and status 2, with no traceback."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.machine import Machine
from tests.api.served import ROOT, command, environment

HEAVY = {"alembic", "sqlalchemy", "strawberry", "starlette", "uvicorn", "psycopg", "casbin"}
COMMANDS = [
    ("init", "--admin", "ada"),
    ("migrate",),
    ("serve",),
    ("verify",),
    ("rebuild",),
    ("token", "list"),
    ("key", "show"),
    ("policy", "explain", "ada", "log.read"),
    ("backup", "x"),
    ("restore", "--accept", "--reason", "x"),
    ("clock", "accept", "--reason", "x"),
    ("import", "merge-requests", "README.md"),
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda each: each[0])
def test_every_command_names_settings_that_are_wrong(
    machine: Machine, arguments: tuple[str, ...]
) -> None:
    machine.set(CHANGEGATE_DATABSE="secret", CHANGEGATE_PORT="many")
    told = machine.run(*arguments)
    assert told.status == 2
    assert "CHANGEGATE_DATABSE is not a setting; CHANGEGATE_DATABASE is" in told.err
    assert "CHANGEGATE_PORT" in told.err
    assert "secret" not in told.err
    assert "Traceback" not in told.err


@pytest.mark.parametrize("arguments", COMMANDS[2:], ids=lambda each: each[0])
def test_every_command_says_that_there_is_no_log(
    machine: Machine, arguments: tuple[str, ...]
) -> None:
    settings = {"CHANGEGATE_DATABASE": str(machine.database), "CHANGEGATE_PORT": "0"}
    told = command(*arguments, **settings) if arguments == ("serve",) else None
    status, said = (told.returncode, told.stderr) if told else machine.run(*arguments)[::2]
    assert status == 2
    assert "run `changegate init`" in said
    assert not machine.database.exists()


def test_the_pepper_is_told_by_its_setting(founded: Machine) -> None:
    founded.beside(".pepper").unlink()
    told = founded.run("token", "create", "ada", "--name", "x")
    assert (told.status, "CHANGEGATE_TOKEN_PEPPER_FILE" in told.err) == (2, True)
    founded.beside(".pepper").write_text("p" * 32)
    founded.beside(".pepper").chmod(0o644)
    told = founded.run("token", "create", "ada", "--name", "x")
    assert (told.status, "has mode 0644" in told.err, "chmod 600" in told.err) == (2, True, True)
    founded.beside(".pepper").chmod(0o600)
    founded.beside(".pepper").write_text("short")
    told = founded.run("token", "create", "ada", "--name", "x")
    assert (told.status, "32 bytes" in told.err) == (2, True)


def test_a_place_for_the_checkpoint_is_asked_for(founded: Machine, tmp_path: Path) -> None:
    founded.set(CHANGEGATE_CHECKPOINT_FILE=str(tmp_path / "none" / "checkpoint"))
    told = founded.run("token", "create", "ada", "--name", "x")
    assert (told.status, "CHANGEGATE_CHECKPOINT_FILE" in told.err) == (2, True)


def test_a_folder_is_no_database(machine: Machine, tmp_path: Path) -> None:
    machine.set(CHANGEGATE_DATABASE=str(tmp_path))
    for arguments in (("verify",), ("migrate",), ("init", "--admin", "ada")):
        told = machine.run(*arguments)
        assert (told.status, "Traceback" in told.err) == (2, False)


def test_help_is_quick_because_it_loads_next_to_nothing() -> None:
    ask = f"import sys, api.cli; print(*sorted({HEAVY!r} & sys.modules.keys()))"
    found = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, check=True)
    assert found.stdout.decode().split() == []


def test_the_parent_of_a_service_holds_no_database() -> None:
    ask = (
        "import sys, api.processes.parent, api.commands.running, api.demo.settings;"
        f"print(*sorted({HEAVY!r} & sys.modules.keys()))"
    )
    found = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, check=True)
    assert found.stdout.decode().split() == []


@pytest.mark.parametrize("module", ["writer", "edge"])
def test_what_only_the_command_line_needs_stays_out_of_the_processes(module: str) -> None:
    ask = (
        f"import sys, api.processes.{module};"
        "print(*sorted({'alembic', 'mako', 'rich', 'typer'} & sys.modules.keys()))"
    )
    found = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, check=True)
    assert found.stdout.decode().split() == []


def test_each_command_explains_itself(machine: Machine) -> None:
    for arguments in (("--help",), *((each[0], "--help") for each in COMMANDS)):
        said = machine.done(*arguments)
        assert "Usage: changegate" in said


def test_a_process_says_in_one_line_why_the_database_cannot_be_used(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ran = subprocess.run(
            [sys.executable, "-m", "api.processes.writer"]
            + ["--socket", str(tmp_path / "writer"), "--lifeline", str(theirs.fileno())],
            pass_fds=(theirs.fileno(),),
            env=environment(CHANGEGATE_DATABASE="postgresql://gate:hunter2@127.0.0.1:1/gate"),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    [line] = (ran.stdout + ran.stderr).splitlines()
    told = json.loads(line)
    assert (ran.returncode, told["event"]) == (75, "database_unusable")
    assert "Connection refused" in told["reason"]
    assert "hunter2" not in line
