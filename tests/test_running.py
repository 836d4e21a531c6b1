"""The page about running the service says what is so: settings, commands, and what is typed."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, cast

import pytest
import typer
from typer.core import TyperGroup

from api.authentication.group_grants import read_group_grants
from api.cli import app
from api.environment import PARTS, variables
from api.machine.preflight import LOOKS
from api.settings import Limits, Oidc, Settings
from tests.api.served import ROOT, environment

PAGE = (ROOT / "docs" / "running.md").read_text()
SHELL = re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
ROW = re.compile(r"^\| `(\w+)` \| (?:`([^`]*)`)? *\| (.+) \|$", re.MULTILINE)
COMMAND = re.compile(r"^\| `changegate ([a-z -]+)` \| ", re.MULTILINE)
TYPED = [line for block in SHELL for line in block.splitlines() if "changegate " in line]


def typed(holding: str) -> str:
    """The one block of shell that holds this text."""
    block: str
    [block] = [block for block in SHELL if holding in block]
    return block


def default(name: str) -> str | None:
    """What a setting is by itself, as it would be typed; None for nothing."""
    part, item, _ = variables()[name]
    whole = {"": Settings(), "oidc": Oidc(), "limits": Limits()}[part]
    value = getattr(whole, item)
    if value is None or value == ():
        return None
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else f"{value}"


def commands(group: TyperGroup, *names: str) -> Iterator[str]:
    """Every command there is, as it is typed."""
    for name, found in group.commands.items():
        if isinstance(found, TyperGroup):
            yield from commands(found, *names, name)
        else:
            yield " ".join((*names, name))


def whole() -> TyperGroup:
    """The command line."""
    found = typer.main.get_command(app)
    assert isinstance(found, TyperGroup)
    return found


def test_every_setting_is_listed_with_its_default_in_the_order_of_the_code() -> None:
    listed = [(name, value or None) for name, value, _ in ROW.findall(PAGE)]
    assert listed == [(name, default(name)) for name in variables()]
    assert len(listed) == sum(len(fields(kind)) for kind, _ in PARTS.values()) - 3


def test_every_command_is_listed() -> None:
    assert sorted(COMMAND.findall(PAGE)) == sorted(commands(whole()))


@pytest.mark.parametrize("line", TYPED, ids=lambda line: line.split("#")[0].strip()[:60])
def test_what_is_typed_is_understood(line: str) -> None:
    """Each line is read by the command it calls, with the options it names; nothing is run."""
    for each in line.split("&&"):
        program, *arguments = shlex.split(each, comments=True)
        if program == "changegate":
            name, command = program, cast("Any", whole())
            while isinstance(command, TyperGroup):
                name, *arguments = arguments
                command = command.commands[name]
            command.make_context(name, arguments)


def test_everything_that_is_looked_at_for_readiness_is_named() -> None:
    told = PAGE.split("**Health.**")[1].split("\n\n")[0]
    for name in ("writer", *LOOKS, "oidc", "directory", "files"):
        assert f"`{name}`" in told, name


def test_the_file_of_groups_can_be_read(tmp_path: Path) -> None:
    [text] = re.findall(r"^```toml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    file = tmp_path / "groups.toml"
    file.write_text(text)
    read = read_group_grants(file).grants
    assert [(each.role, each.scope, each.value) for each in read] == [
        ("role:auditor", None, "any"),
        ("role:change_manager", "service", "billing"),
    ]


def test_an_operator_can_type_how_it_begins_how_it_is_kept_and_how_it_is_proved(
    tmp_path: Path,
) -> None:
    begin = typed("changegate init --origin").replace("changegate serve\n", "")
    blocks = [begin, typed("changegate backup"), typed("mkdir -m 700"), typed("changegate bundle")]
    script = "set -e\n" + "".join(blocks)
    for place in ("/var/lib/changegate", "/backups", "/tmp/trial"):
        script = script.replace(place, str(tmp_path / Path(place).name))
    for folder in ("changegate", "backups"):
        (tmp_path / folder).mkdir()
    script = re.sub(r"--key '[^']*'", '--key "$(changegate key show)" --state seen', script)
    script = script.replace("gate.bundle --contents", "all.bundle --contents")
    ran = subprocess.run(
        ["sh", "-eu"],
        input=script,
        cwd=tmp_path,
        env={**environment(), "PATH": f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout + ran.stderr
    said = [
        "The log gate.example.org/log begins.",
        "Keys are not in it",
        "the restore is its next event",
        ", 0 faults",
        "gate.bundle holds ",
        "all.bundle holds ",
    ]
    at = -1
    for text in said:
        found = ran.stdout.find(text, at + 1)
        assert found > at, f"{text!r} is not in its place in:\n{ran.stdout}"
        at = found
    assert ran.stdout.splitlines()[-1] == "good"
