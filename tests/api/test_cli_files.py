"""A file or folder that a command cannot use is told of in words that say what helps."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.machine.files import told
from policies.files import FOLDER
from tests.api.machine import Machine, Ran

HERE = "HERE"
SYSTEM = re.compile(
    r"Traceback|Errno|No such file|s a directory|Not a directory|Permission denied|File exists|"
    r"codec|gzipped|fatal: invalid"
)
"""The words of the operating system, and of Python."""
READS = {
    "playbook check": ("playbook", "check", HERE),
    "playbook adopt": ("playbook", "adopt", HERE, "--token-file", "-", "--reason", "x"),
    "token-file": ("policy", "adopt", "--proposal", "x", "--token-file", HERE),
    "restore": ("restore", HERE, "--reason", "x"),
    "import merge-requests": ("import", "merge-requests", HERE),
    "import releases": ("import", "releases", HERE),
    "import security-fixes": ("import", "security-fixes", HERE),
    "import deployments": ("import", "deployments", HERE),
    "patch-calendar": ("patch-calendar", HERE),
    "patch-calendar --playbook": ("patch-calendar", os.devnull, "--playbook", HERE),
}
LOOKS_INTO = {
    "policy check": ("policy", "check", HERE),
    "policy adopt": ("policy", "adopt", HERE, "--token-file", "-", "--reason", "x"),
    "import git": ("import", "git", HERE, "--project", "a/b"),
}
WRITES = {"backup": ("backup", HERE), "bundle": ("bundle", HERE)}
AT_ONCE = (
    *(name for name in READS if name not in {"token-file", "restore"}),
    "policy check",
)
"""What looks at the file before anything else of the machine."""
CONTENTS = {
    "empty": b"",
    "binary": bytes(range(256)),
    "broken": b'{"a": \n',
    "gzip": gzip.compress(b'{"a": \n'),
}
FAULTY = {
    "playbook check": (1, 1, 1, 1),
    "playbook adopt": (1, 1, 1, 1),
    "token-file": (1, 1, 1, 1),
    "restore": (2, 2, 2, 2),
    "patch-calendar": (0, 2, 2, 2),
    "patch-calendar --playbook": (2, 2, 2, 2),
}
"""The exit status for each of the contents; an import has bad lines, but for the empty one."""


def asked(machine: Machine, name: str, file: Path) -> Ran:
    """Run the command; what it said has one sentence, in words of ours."""
    arguments = (READS | LOOKS_INTO | WRITES)[name]
    ran = machine.run(*(str(file) if each == HERE else each for each in arguments))
    assert not SYSTEM.search(ran.out + ran.err), ran
    if ran.status:
        assert ran.err.splitlines()[-1].startswith("changegate: "), ran
    return ran


@contextmanager
def as_somebody_else() -> Iterator[None]:
    """Be an account that owns nothing here, if this one may read everything."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("name", READS)
def test_a_file_that_is_not_there_or_none_is_told(
    founded: Machine, tmp_path: Path, name: str
) -> None:
    (tmp_path / "file").touch()
    for file, words in {
        tmp_path / "absent": f"there is no file {tmp_path}/absent",
        tmp_path / "none" / "absent": f"there is no folder {tmp_path}/none for",
        tmp_path: f"{tmp_path} is a folder: name a file",
        tmp_path / "file" / "in": f"{tmp_path}/file is no folder",
        tmp_path / ("n" * 300): "is too long",
    }.items():
        ran = asked(founded, name, file)
        assert (ran.status, ran.out, words in ran.err) == (2, "", True), ran


@pytest.mark.parametrize("name", LOOKS_INTO)
def test_a_folder_that_is_not_there_or_none_is_told(
    founded: Machine, tmp_path: Path, name: str
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "bare").mkdir()
    for folder, words in {
        tmp_path / "absent": f"there is no folder {tmp_path}/absent: name ",
        tmp_path / "file": f"{tmp_path}/file is a file: name the folder ",
        tmp_path / "bare": "it is no clone of a repository"
        if "git" in name
        else "there is no file ",
    }.items():
        ran = asked(founded, name, folder)
        assert (ran.status, ran.out, words in ran.err) == (2, "", True), ran


@pytest.mark.parametrize("name", AT_ONCE)
def test_a_file_that_is_closed_to_this_account_is_told(
    founded: Machine, tmp_path: Path, name: str
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    for each in ("model.conf", "policy.csv"):
        (closed / each).touch(mode=0o000)
    asked(founded, name, tmp_path / "absent")  # which imports all that it takes
    with as_somebody_else():
        ran = asked(founded, name, closed if name in LOOKS_INTO else closed / "model.conf")
    assert (ran.status, ran.out, "closed to this account" in ran.err) == (2, "", True), ran


@pytest.mark.parametrize("name", READS)
def test_what_holds_something_else_is_told(founded: Machine, tmp_path: Path, name: str) -> None:
    expected = FAULTY.get(name, (0, 1, 1, 1))
    for (content, raw), status in zip(CONTENTS.items(), expected, strict=True):
        file = tmp_path / content
        file.write_bytes(raw)
        ran = asked(founded, name, file)
        assert ran.status == status, (content, ran)


@pytest.mark.parametrize("name", ["playbook check", "policy check"])
def test_what_is_no_text_is_a_fault_of_a_line_for_a_program_too(
    founded: Machine, tmp_path: Path, name: str
) -> None:
    for each in ("model.conf", "policy.csv"):
        (tmp_path / each).write_bytes((FOLDER / each).read_bytes())
    bad = tmp_path / "policy.csv"
    bad.write_bytes(b"# one\n# two \xff\n")
    ran = founded.run(*name.split(), bad if name == "playbook check" else tmp_path, "--json")
    assert ran.status == 1
    said = {"file": str(bad), "line": 2, "message": "this is no text in UTF-8"}
    assert ran.json == {"faults": [said]}


@pytest.mark.parametrize("name", WRITES)
def test_where_nothing_can_be_written_is_told(founded: Machine, tmp_path: Path, name: str) -> None:
    taken = tmp_path / "taken"
    taken.write_text("kept")
    for file, words in {
        taken: "nothing is overwritten",
        tmp_path: "nothing is overwritten",
        tmp_path / "none" / "log": f"there is no folder {tmp_path}/none for",
        taken / "log": f"{taken} is no folder",
        tmp_path / ("n" * 300): "is too long",
        Path("/proc/log"): "/proc/log cannot be made there",
    }.items():
        ran = asked(founded, name, file)
        assert (ran.status, ran.out, words in ran.err) == (2, "", True), ran
    assert taken.read_text() == "kept"


@pytest.mark.parametrize("name", [*READS, *LOOKS_INTO, *WRITES])
def test_a_program_reads_json_or_nothing(founded: Machine, tmp_path: Path, name: str) -> None:
    arguments = (READS | LOOKS_INTO | WRITES)[name]
    given = (str(tmp_path / "no" / "x") if each == HERE else each for each in arguments)
    ran = founded.run(*given, "--json")
    assert ran.status == 2
    assert not ran.out or json.loads(ran.out) is not None


def test_a_demo_goes_where_a_file_can_be(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHANGEGATE_DATABASE")
    file = tmp_path / "file"
    file.touch()
    for database, words in {
        tmp_path: "is a folder: name a file",
        file / "demo": f"{file} is no folder",
        file / "in" / "demo": "is no folder",
        Path("/proc/demo"): "nothing can be made in /proc",
    }.items():
        ran = machine.run("demo", "--database", database)
        assert (ran.status, words in ran.err) == (2, True), ran
        assert not SYSTEM.search(ran.out + ran.err), ran


def test_what_the_system_says_is_told_of_what_is_rare() -> None:
    assert told("log", OSError(5, "Input/output error")) == "log cannot be used: Input/output error"
    assert told("log", OSError(28, "No space left on device")) == "there is no space left for log"
    assert "disk that only reads" in told("log", OSError(30, "Read-only file system"))
