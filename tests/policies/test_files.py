"""What the files have otherwise than what is adopted is told by the name of the file."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from domain.playbook.aggregate import Playbook
from domain.policy import AGGREGATE, Adopted, Policy, propose
from policies.files import FOLDER, Shipped, differences, shipped
from tests.domain.given import ADA, asked_by, given
from tests.domain.organisation import adopted

NAMES = sorted(path.stem for path in (FOLDER / "playbooks").glob("*.toml"))


def in_force(files: Shipped) -> Policy:
    texts: dict[str, Any] = {"model": files.model, "rules": files.rules}
    (event,) = propose(None, asked_by(ADA), **texts, based_on=None, reason="To begin.")
    return given(AGGREGATE, event, Adopted(1, event.digest))


def playbooks(files: Shipped) -> list[Playbook]:
    return [adopted(name, body) for name, body in files.playbooks]


def test_nothing_differs_once_the_files_are_adopted() -> None:
    files = shipped()
    assert [name for name, _ in files.playbooks] == NAMES
    assert differences(files, in_force(files), playbooks(files)) == ()


def test_everything_differs_before_anything_is_adopted() -> None:
    expected = ("model.conf", "policy.csv", *(f"playbooks/{name}.toml" for name in NAMES))
    assert differences(shipped(), None, ()) == expected


def test_each_file_that_differs_is_named() -> None:
    files = shipped()
    policy = replace(in_force(files), rules=files.rules + "\n")
    others = [each for each in playbooks(files) if each.name != "itsm"]
    changed = replace(adopted("itsm"), body="format = 1\n")
    found = differences(files, policy, [*others, changed])
    assert found == ("policy.csv", "playbooks/itsm.toml")


def test_a_playbook_without_a_file_is_named() -> None:
    files = shipped()
    fewer = replace(files, playbooks=files.playbooks[1:])
    found = differences(fewer, in_force(files), playbooks(files))
    assert found == (f"playbooks/{NAMES[0]}.toml",)


def test_texts_are_read_byte_for_byte(tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    rules = shipped(folder).rules
    (folder / "policy.csv").write_bytes(rules.replace("\n", "\r\n").encode())
    assert shipped(folder).rules == rules.replace("\n", "\r\n")
    (folder / "policy.csv").write_bytes(b"\xff")
    with pytest.raises(ValueError, match="utf-8"):
        shipped(folder)
