"""An auditor takes the log away and checks it without us; a fork is found by comparing."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.api.machine import Machine
from tests.api.served import ROOT


def judged(machine: Machine, name: str, *arguments: str | Path) -> tuple[int, str]:
    """How the verifier, which knows nothing of us, judges a bundle."""
    key = machine.run("key", "show", "--json").json["verifier"]
    asked = [sys.executable, "-m", "verifier", machine.folder / name, "--key", key, *arguments]
    state = ("--state", machine.folder / "auditor")
    found = subprocess.run([*asked, *state], cwd=ROOT, capture_output=True, text=True, check=False)
    return found.returncode, found.stdout + found.stderr


def taken(machine: Machine, name: str, *arguments: str) -> None:
    machine.done("bundle", machine.folder / name, *arguments)


@pytest.mark.parametrize("arguments", [(), ("--contents",)], ids=["entries", "contents"])
def test_an_auditor_checks_the_log_elsewhere(
    machine: Machine, database: str, arguments: tuple[str, ...]
) -> None:
    machine.use(database).found()
    machine.crowd(300)
    taken(machine, "log.bundle", *arguments)
    status, said = judged(machine, "log.bundle")
    assert status == 0, said
    whole = judged(machine, "log.bundle", "--complete")
    assert whole[0] == (0 if arguments else 1), whole


def test_a_bundle_tells_nobody_what_the_entries_say(founded: Machine) -> None:
    founded.crowd(3)
    taken(founded, "bare.bundle")
    taken(founded, "full.bundle", "--contents")
    bare, full = (
        len((founded.folder / f"{each}.bundle").read_bytes()) for each in ("bare", "full")
    )
    assert bare < full / 2
    assert b'"parts"' not in (founded.folder / "bare.bundle").read_bytes()


def test_an_erased_part_is_no_fault(founded: Machine) -> None:
    founded.crowd(3)
    founded.done("appoint", "ada", "--role", "role:privacy_officer")
    founded.ask(
        "erasure.erase",
        by=founded.person("ada"),
        aggregate="principal",
        subject=founded.person("p1"),
        parts=["name"],
        ground="GDPR 17.",
    )
    taken(founded, "log.bundle", "--contents")
    status, said = judged(founded, "log.bundle", "--complete")
    assert (status, "erased" in said) == (0, True), said


@pytest.mark.req("S1-37", "X-07")
def test_what_was_hidden_leads_to_what_was_sealed_before_it_was_shown(founded: Machine) -> None:
    founded.crowd(1)
    ada, ben, ed = (founded.person(each) for each in ("ada", "ben", "p0"))
    title = b64encode(b"Close the hole")
    manager = "role:release_manager"
    for who, role in ((ada, "role:developer"), (ben, manager), (ed, manager)):
        told = {"role": role, "scope": "project", "value": "shop", "reason": "Here."}
        founded.ask("grant.give", person=who, **told)
    wish = {"playbook": "security", "kind": "strict", "project": "shop", "number": 7}
    wish |= {"title": "Close the hole", "head": "a" * 40, "target": "master", "base": "b" * 40}
    hole = founded.ask("merge_request.open", by=ada, embargoed=True, **wish).subject
    sealed = founded.envelopes()
    for who in (ben, ed):
        founded.ask("merge_request.reveal", hole, by=who)
    assert founded.envelopes()[: len(sealed)] == sealed, "nothing is written anew to show it"
    assert not any(b"merge_request" in each for each in sealed[-1:])
    taken(founded, "log.bundle", "--contents")
    status, said = judged(founded, "log.bundle", "--complete")
    assert (status, "withheld" in said) == (0, False), said
    whole = (founded.folder / "log.bundle").read_bytes()
    forged = whole.replace(title, b64encode(b"Close the gate"))
    assert forged != whole
    (founded.folder / "forged.bundle").write_bytes(forged)
    status, said = judged(founded, "forged.bundle")
    assert (status, "altered payload" in said) == (1, True), said


def test_what_was_altered_in_the_database_shows_in_the_bundle(founded: Machine) -> None:
    with founded.rows() as connection:
        connection.execute(text("drop trigger events_keep_update"))
        connection.execute(text("update events set facts = '{}' where position = 4"))
    taken(founded, "log.bundle", "--contents")
    status, said = judged(founded, "log.bundle")
    assert (status, "altered payload" in said) == (1, True), said


def test_a_restored_log_is_found_to_be_a_fork(founded: Machine) -> None:
    founded.done("backup", founded.folder / "log.backup")
    founded.crowd(5)
    taken(founded, "before.bundle")
    assert judged(founded, "before.bundle")[0] == 0
    for ending in ("", "-wal", "-shm"):
        founded.beside(ending).unlink(missing_ok=True)
    founded.done("restore", founded.folder / "log.backup", "--reason", "The disk died.")
    founded.crowd(9)
    taken(founded, "after.bundle")
    status, said = judged(founded, "after.bundle")
    assert (status, "inconsistency" in said or "equivocation" in said) == (1, True), said


def test_a_log_under_a_new_key_is_still_the_same_log(founded: Machine) -> None:
    taken(founded, "before.bundle")
    assert judged(founded, "before.bundle")[0] == 0
    founded.done("key", "rotate", "--reason", "Yearly.")
    founded.crowd(2)
    taken(founded, "after.bundle")
    status, said = judged(founded, "after.bundle")
    assert status == 0, said


def test_a_bundle_never_replaces_a_file(founded: Machine) -> None:
    taken(founded, "log.bundle")
    told = founded.run("bundle", founded.folder / "log.bundle")
    assert (told.status, "log.bundle" in told.err) == (2, True)
