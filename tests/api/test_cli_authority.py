"""Policies and playbooks are checked, explained and adopted at the command line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from policies.files import FOLDER
from tests.api.machine import Machine

PLAYBOOK = FOLDER / "playbooks" / "gitaly.toml"


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """A policy and a playbook to change."""
    folder = tmp_path / "mine"
    folder.mkdir()
    for each in (FOLDER / "model.conf", FOLDER / "policy.csv", PLAYBOOK):
        shutil.copy(each, folder / each.name)
    return folder


def edit(file: Path, old: str, new: str) -> Path:
    """Change a text that stands in the file."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    return file


def token(machine: Machine, handle: str) -> Path:
    return machine.folder / f"{handle}.token"


# Checking needs no installation.


def test_what_is_shipped_can_be_adopted(machine: Machine) -> None:
    machine.done("policy", "check")
    for playbook in (FOLDER / "playbooks").glob("*.toml"):
        machine.done("playbook", "check", playbook, "--policy", FOLDER)


def test_every_fault_of_a_policy_is_named_with_file_and_line(machine: Machine, texts: Path) -> None:
    rules = texts / "policy.csv"
    lines = rules.read_text().splitlines()
    place = next(n for n, line in enumerate(lines, 1) if line.startswith("p,"))
    lines[place - 1] = "p, role:administrator, principal.regster, none, allow"
    rules.write_text("\n".join([*lines, "p, nonsense"]) + "\n")
    told = machine.run("policy", "check", texts)
    assert told.status == 1
    assert f"{rules}:{place}: " in told.out
    assert f"{rules}:{len(lines) + 1}: " in told.out
    faults = machine.run("policy", "check", texts, "--json").json["faults"]
    assert [(each["file"], each["line"]) for each in faults] == [
        (str(rules), place),
        (str(rules), len(lines) + 1),
    ]


def test_every_fault_of_a_playbook_is_named_with_file_and_line(
    machine: Machine, texts: Path
) -> None:
    file = texts / PLAYBOOK.name
    file.write_text(file.read_text() + "\n[unheard]\nof = 1\n")
    last = len(file.read_text().splitlines())
    told = machine.run("playbook", "check", file)
    assert (told.status, f"{file}:{last - 1}: " in told.out) == (1, True)
    faults = machine.run("playbook", "check", file, "--json").json["faults"]
    assert {each["file"] for each in faults} == {str(file)}


def test_a_role_that_the_named_policy_does_not_know_is_told(machine: Machine, texts: Path) -> None:
    file = texts / "ours.toml"
    text = (FOLDER / "playbooks" / "itsm.toml").read_text()
    file.write_text(text.replace('"role:assessor"', '"role:asessor"'))
    machine.done("playbook", "check", file)
    machine.done("playbook", "check", FOLDER / "playbooks" / "itsm.toml", "--policy", texts)
    told = machine.run("playbook", "check", file, "--policy", texts)
    line = text[: text.index('"role:assessor"')].count("\n") + 1
    assert (told.status, f"{file}:{line}: " in told.out) == (1, True)
    assert "has no role:asessor" in told.out


def test_an_act_that_the_named_policy_allows_nobody_is_told(machine: Machine, texts: Path) -> None:
    file, rules = texts / PLAYBOOK.name, texts / "policy.csv"
    lines = rules.read_text().splitlines()
    rules.write_text("\n".join(e for e in lines if ", merge_request.sign_off," not in e) + "\n")
    machine.done("policy", "check", texts)
    text = file.read_text()
    place = f"{file}:{text[: text.index('[[merge_request.rule]]')].count(chr(10)) + 1}: "
    for ask in (("playbook", "check", file, "--policy"), ("policy", "check", "--playbook", file)):
        told = machine.run(*ask, texts)
        assert (told.status, place in told.out) == (1, True)
        assert "merge_request.sign_off, which no line of the policy allows anybody" in told.out
    machine.done("policy", "check", FOLDER, "--playbook", file)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[", b"format = 99\n"])
def test_what_is_no_playbook_is_refused(machine: Machine, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes(content)
    told = machine.run("playbook", "check", file)
    assert (told.status, "Traceback" in told.err) == (1, False)


def test_a_file_that_is_not_there_is_named(machine: Machine, tmp_path: Path) -> None:
    for arguments in (("policy", "check", tmp_path), ("playbook", "check", tmp_path / "x.toml")):
        told = machine.run(*arguments)
        assert (told.status, str(tmp_path) in told.err) == (2, True)


def test_a_policy_is_a_folder(machine: Machine, texts: Path) -> None:
    told = machine.run("policy", "check", texts / "policy.csv")
    assert told.status != 0
    assert "name the folder that has model.conf and policy.csv" in " ".join(told.err.split())


# Explaining.


def test_a_decision_is_explained_by_line_and_grant(founded: Machine) -> None:
    told = founded.run("policy", "explain", "ada", "grant.give", "--json")
    assert told.status == 0
    assert told.json["allowed"] is True
    assert "role:administrator" in told.json["line"]
    assert told.json["grant"] is not None
    said = founded.done("policy", "explain", founded.person("ada"), "grant.give")
    assert said.startswith("allowed\nline: p, role:administrator, grant.give")


def test_a_denial_is_explained_and_ends_with_1(founded: Machine) -> None:
    told = founded.run("policy", "explain", "ada", "change.approve", "--scope", "service=billing")
    assert (told.status, told.out.startswith("denied")) == (1, True)


@pytest.mark.parametrize(
    "arguments,status,said",
    [
        (("nobody", "grant.give"), 1, "nobody"),
        (("ada", "grant.giev"), 1, "grant.give is one"),
        (("ada", "grant.give", "--scope", "billing"), 2, "KIND=VALUE"),
        (("ada", "grant.give", "--scope", "galaxy=one"), 2, "service"),
    ],
)
def test_a_question_that_makes_no_sense_is_told_so(
    founded: Machine, arguments: tuple[str, ...], status: int, said: str
) -> None:
    told = founded.run("policy", "explain", *arguments)
    assert (told.status, said in told.err) == (status, True)


# Adopting takes two people, each with a token of their own.


def test_a_policy_is_in_force_once_a_second_person_adopts_it(founded: Machine, texts: Path) -> None:
    edit(texts / "policy.csv", "p, role:auditor, log.read", "p, role:nobody, log.read")
    proposed = founded.run(
        *("policy", "adopt", texts, "--token-file", token(founded, "ada")),
        *("--reason", "A test.", "--json"),
    ).json["proposal"]
    own = founded.run(
        "policy", "adopt", "--proposal", proposed, "--token-file", token(founded, "ada")
    )
    assert (own.status, "own_proposal" in own.err) == (1, True)
    founded.done("policy", "adopt", "--proposal", proposed, "--token-file", token(founded, "ben"))
    with founded.opened() as opened, opened.reader.connection() as connection:
        assert opened.reader.head(connection).policy == proposed
        rows = connection.exec_driver_sql(
            "select actor, credential from events where subject = ? order by position", (proposed,)
        ).all()
    assert [row.actor for row in rows] == [founded.person("ada"), founded.person("ben")]
    assert all(row.credential.startswith("token:") for row in rows), "not the operator's acts"


def test_a_playbook_is_in_force_once_a_second_person_adopts_it(
    founded: Machine, texts: Path
) -> None:
    file = texts / PLAYBOOK.name
    file.write_text(file.read_text() + "# Another text.\n")
    proposed = founded.run(
        *("playbook", "adopt", file, "--token-file", token(founded, "ben")),
        *("--reason", "A test.", "--json"),
    ).json["proposal"]
    founded.done("playbook", "adopt", "--proposal", proposed, "--token-file", token(founded, "ada"))


def test_a_text_with_a_fault_is_not_even_proposed(founded: Machine, texts: Path) -> None:
    (texts / "policy.csv").write_text("p, nonsense\n")
    (texts / PLAYBOOK.name).write_text("format = 1\n")
    before = founded.size()
    for arguments in (("policy", "adopt", texts), ("playbook", "adopt", texts / PLAYBOOK.name)):
        told = founded.run(*arguments, "--token-file", token(founded, "ada"), "--reason", "A test.")
        assert (told.status, ":1: " in told.out) == (1, True)
    assert founded.size() == before


def test_the_text_in_force_is_not_proposed_again(founded: Machine) -> None:
    told = founded.run(
        "policy", "adopt", "--token-file", token(founded, "ada"), "--reason", "A test."
    )
    assert (told.status, "unchanged" in told.err) == (1, True)


def test_a_token_that_is_not_valid_changes_nothing(founded: Machine, tmp_path: Path) -> None:
    before = founded.size()
    for text in ("", "cg_x", "\x00" * 5000, token(founded, "ada").read_text()[:-1]):
        (tmp_path / "bad.token").write_text(text)
        told = founded.run(
            *("policy", "adopt", "--proposal", "x", "--token-file", tmp_path / "bad.token")
        )
        assert (told.status, "no token that is valid" in told.err) == (1, True)
    assert founded.size() == before


def test_a_token_for_other_actions_does_not_propose(founded: Machine, texts: Path) -> None:
    edit(texts / "policy.csv", "p, role:auditor, log.read", "p, role:nobody, log.read")
    limited = founded.done("token", "create", "ada", "--name", "x", "--action", "log.read")
    (founded.folder / "limited.token").write_text(limited)
    told = founded.run(
        *("policy", "adopt", texts, "--token-file", token(founded, "limited")),
        *("--reason", "A test."),
    )
    assert (told.status, "forbidden" in told.err) == (1, True)


@pytest.mark.parametrize(
    "arguments,said",
    [
        (("policy", "adopt", "--reason", "x"), "--token-file"),
        (("policy", "adopt", "--token-file", "ada.token"), "--reason"),
        (("playbook", "adopt", "--token-file", "ada.token"), "--proposal"),
    ],
)
def test_what_is_missing_is_said(founded: Machine, arguments: tuple[str, ...], said: str) -> None:
    told = founded.run(*arguments)
    assert (told.status, said in told.err) == (2, True)
