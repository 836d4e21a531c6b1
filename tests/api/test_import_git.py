"""A local clone is read by git; nothing of it is run, whatever its names and configuration say."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from domain.elsewhere.commit_record import CommitRecord
from domain.elsewhere.release_record import Cut, ReleaseRecord
from tests.api.merges import Machine, Ran, opened_office
from tests.api.office import Office


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    with opened_office(request, tmp_path_factory.mktemp(f"git-{request.param}")) as office:
        yield office


@pytest.fixture
def machine(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Machine:
    return Machine(office, monkeypatch, capsys)


class Clone:
    """A clone with a history of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.seconds = folder, 1_600_000_000
        folder.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str, given: str = "") -> str:
        date = f"{self.seconds} +0200"
        who = {"NAME": "Ann Ó", "EMAIL": "ann@example.com", "DATE": date}
        roles = ("AUTHOR", "COMMITTER")
        extra = {f"GIT_{role}_{key}": value for role in roles for key, value in who.items()}
        ran = subprocess.run(
            ["git", *words],
            cwd=self.folder,
            input=given,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **extra},
            capture_output=True,
            text=True,
            check=True,
        )
        return ran.stdout.strip()

    def commit(self, subject: str) -> str:
        self.seconds += 3_600
        self.git("commit", "-q", "--allow-empty", "--cleanup=verbatim", "-F", "-", given=subject)
        return self.git("rev-parse", "HEAD")

    def tag(self, name: str, *more: str) -> None:
        self.seconds += 3_600
        self.git("tag", "-a", "-m", name, name, *more)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "clone")


def imports(machine: Machine, clone: Clone, project: str) -> Ran:
    return machine.types("import", "git", clone.folder, "--project", project, "--json")


def records(office: Office, state: type, project: str) -> list[Any]:
    table = office.reader.snapshot(state)
    statement = select(*office.reader.columns(state)).where(table.c.project == project)
    with office.reader.connection() as connection:
        return [office.reader.state_of(state, row) for row in connection.execute(statement)]


def test_tags_and_the_commits_that_are_theirs_are_recorded_once(
    machine: Machine, clone: Clone
) -> None:
    first = clone.commit("Begin (#7)")
    clone.tag("v1.0.0")
    clone.git("checkout", "-q", "-b", "side")
    second = clone.commit("On the side")
    clone.git("checkout", "-q", "main")
    third = clone.commit("On the line")
    clone.seconds += 60
    clone.git("merge", "-q", "--no-ff", "-m", "Merge pull request #12 from side", "side")
    clone.git("tag", "1.0.1-rc.1")
    clone.commit("Nobody released this")
    ran = imports(machine, clone, "git/one")
    assert (ran.status, ran.said["added"], ran.said["claims"]) == (0, 2, 6)
    found = {each.tag: each for each in records(machine.office, ReleaseRecord, "git/one")}
    assert (found["v1.0.0"].cut, found["v1.0.0"].annotated) == (Cut.MAJOR, True)
    assert (found["1.0.1-rc.1"].cut, found["1.0.1-rc.1"].pre) == (Cut.PRERELEASE, "rc.1")
    assert found["1.0.1-rc.1"].annotated is False
    commits = {each.sha: each for each in records(machine.office, CommitRecord, "git/one")}
    assert commits[first].tag == "v1.0.0"
    assert (commits[first].merge_request, commits[first].author) == (7, "Ann Ó")
    assert {commits[each].tag for each in (second, third)} == {"1.0.1-rc.1"}
    [merge] = [each for each in commits.values() if each.merge]
    assert merge.merge_request == 12
    assert int((found["v1.0.0"].tagged_at - commits[first].committed_at).total_seconds()) == 3_600
    again = imports(machine, clone, "git/one")
    assert (again.said["added"], again.said["known"], again.said["claims"]) == (0, 2, 0)
    clone.tag("v1.1.0")
    assert imports(machine, clone, "git/one").said["claims"] == 2


def test_nothing_of_a_clone_is_run(machine: Machine, clone: Clone, tmp_path: Path) -> None:
    trap, sprung = tmp_path / "trap", tmp_path / "sprung"
    trap.write_text(f"#!/bin/sh\ntouch {sprung}\n")
    trap.chmod(trap.stat().st_mode | stat.S_IXUSR)
    clone.commit("Begin")
    clone.tag("v1.0.0")
    for name in (
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "core.alternateRefsCommand",
        "core.gitProxy",
        "core.askPass",
        "core.editor",
        "gpg.program",
        "diff.external",
        "pager.rev-list",
        "pager.for-each-ref",
        "alias.rev-list",
        "remote.origin.uploadpack",
        "filter.x.smudge",
    ):
        clone.git("config", name, str(trap))
    clone.git("config", "log.showSignature", "true")
    clone.git("config", "core.hooksPath", str(tmp_path))
    clone.git("config", "extensions.partialClone", "origin")
    clone.git("config", "remote.origin.url", f"ext::{trap}")
    clone.git("config", "remote.origin.promisor", "true")
    for hook in ("post-checkout", "reference-transaction", "fsmonitor-watchman"):
        (clone.folder / ".git/hooks" / hook).write_bytes(trap.read_bytes())
        (clone.folder / ".git/hooks" / hook).chmod(0o755)
    ran = imports(machine, clone, "git/trap")
    assert (ran.status, ran.said["claims"]) == (0, 2)
    assert not sprung.exists()


def test_a_missing_object_is_not_fetched(machine: Machine, clone: Clone, tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    sha = clone.commit("Begin")
    clone.commit("Go on")
    clone.tag("v1.0.0")
    clone.git("config", "remote.origin.url", f"ext::sh -c touch% {sprung}")
    clone.git("config", "remote.origin.promisor", "true")
    clone.git("config", "extensions.partialClone", "origin")
    clone.git("config", "protocol.ext.allow", "always")
    (clone.folder / ".git/objects" / sha[:2] / sha[2:]).unlink()
    ran = imports(machine, clone, "git/torn")
    assert ran.status == 2
    assert "cannot be read by git" in ran.err
    assert not sprung.exists()
    assert records(machine.office, ReleaseRecord, "git/torn") == []


def test_hostile_names_are_names_and_nothing_else(machine: Machine, clone: Clone) -> None:
    sha = clone.commit("\x1b]0;owned\x07 \u202egnp.exe $(touch x) `id` ; rm -rf")
    for name in ("--output=x", "-x", "refs;id", "$(id)"):
        clone.git("update-ref", f"refs/tags/{name}", sha)
    long = "x" * 150
    clone.git("update-ref", f"refs/tags/{long}", sha)
    tree = clone.git("rev-parse", "HEAD^{tree}")
    clone.git("update-ref", "refs/tags/tree", tree)
    ran = imports(machine, clone, "git/hostile")
    assert ran.status == 1
    assert sorted(code for _, code, _ in ran.problems) == ["name_unusable", "tag_without_commit"]
    found = records(machine.office, ReleaseRecord, "git/hostile")
    assert {each.tag for each in found} == {"--output=x", "-x", "refs;id", "$(id)"}
    assert {each.cut for each in found} == {Cut.OTHER}
    [commit] = records(machine.office, CommitRecord, "git/hostile")
    assert "\x1b" not in commit.subject
    assert "\u202e" not in commit.subject
    assert not (clone.folder / "x").exists()


def test_what_is_no_clone_is_said_to_be_none(machine: Machine, tmp_path: Path) -> None:
    said = {tmp_path: "it is no clone of a repository", tmp_path / "absent": "there is no folder"}
    for folder, told in said.items():
        ran = machine.types("import", "git", folder, "--project", "git/none")
        assert (ran.status, told in ran.err) == (2, True)


def test_a_clone_without_tags_tells_nothing(machine: Machine, clone: Clone) -> None:
    clone.commit("Begin")
    assert imports(machine, clone, "git/bare").said["lines"] == 0


@pytest.mark.parametrize(
    "address,project",
    [
        ("https://git.example.com/group/part/shop.git", "group/part/shop"),
        ("https://ann:secret@git.example.com/group/shop", "group/shop"),
        ("ssh://git@git.example.com:2222/group/shop.git/", "group/shop"),
        ("git@git.example.com:group/shop.git", "group/shop"),
        ("git.example.com:shop.git", "shop"),
    ],
)
def test_without_a_name_the_project_is_that_of_the_origin(
    machine: Machine, clone: Clone, address: str, project: str
) -> None:
    clone.git("remote", "add", "origin", address)
    clone.commit(f"Begin at {address}")
    clone.tag("v1.0.0")
    before = len(records(machine.office, ReleaseRecord, project))
    assert machine.types("import", "git", clone.folder, "--json").said["lines"] == 1
    found = records(machine.office, ReleaseRecord, project)
    assert ([each.tag for each in found], before <= 1) == (["v1.0.0"], True)
    assert "secret" not in str(found)


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "/srv/git/shop.git",
        "../shop",
        "file:///srv/git/shop.git",
        "C:/shop.git",
        "https://git.example.com/",
        "https:///shop.git",
        "https://[broken/shop.git",
        "https://git.example.com/../../shop",
        "ext::sh -c touch% sprung",
        "git@git.example.com:",
    ],
)
def test_without_a_name_or_an_origin_that_says_one_a_clone_is_refused(
    machine: Machine, clone: Clone, address: str | None
) -> None:
    if address is not None:
        clone.git("config", "remote.origin.url", address)
    clone.commit("Begin")
    clone.tag("v1.0.0")
    ran = machine.types("import", "git", clone.folder)
    assert (ran.status, "say it with --project" in ran.err) == (2, True)


def test_what_is_no_clone_has_no_origin(machine: Machine, tmp_path: Path) -> None:
    ran = machine.types("import", "git", tmp_path)
    assert (ran.status, "it is no clone of a repository" in ran.err) == (2, True)
