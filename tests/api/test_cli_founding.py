"""An operator founds a log with one command, whatever interrupts it, and nobody founds it twice."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from api.authentication.accounts import Accounts
from api.authentication.bearer import Identity, utc_now
from api.authentication.tokens import check
from api.machine import founding
from api.machine.installation import Installation
from api.machine.keys import pepper
from tests.api.machine import ORIGIN, Machine

ADMINISTRATOR = "role:administrator"


def administrators(machine: Machine) -> dict[str, str]:
    """Who holds the role by which grant."""
    with machine.opened() as opened, opened.reader.connection() as connection:
        authority = opened.reader.standing(connection).authority
        held = authority.holders(ADMINISTRATOR, None, frozenset(), utc_now())
        return {authority.person(each).handle: grant for each, grant in held.items()}  # type: ignore[union-attr]


def test_a_log_begins_with_two_administrators_and_their_tokens(
    machine: Machine, empty_database: str
) -> None:
    machine.use(empty_database)
    said = machine.done("init", "--admin", "ada=Ada Almeida", "--admin", "ben", "--origin", ORIGIN)
    tokens = {words[0]: words[1] for words in map(str.split, said.splitlines()) if len(words) == 2}
    assert administrators(machine).keys() == {"ada", "ben"} == tokens.keys()
    with machine.opened() as opened:
        assert str(opened.key.verifier) in said
        known = Accounts(opened.reader)
        for handle, token in tokens.items():
            stored = check(token, known.token, pepper(machine.settings), utc_now())
            assert stored is not None
            assert stored.principal == machine.person(handle)
    assert machine.done("verify").endswith(" 0 faults\n")


def test_event_0_says_whose_log_it_is_and_which_key_signs_it(machine: Machine) -> None:
    machine.found()
    log = machine.log()
    with machine.opened() as opened:
        assert (log.origin, log.demo, log.key) == (ORIGIN, False, str(opened.key.verifier))
    assert log.opened_by == "operator"
    with machine.rows() as connection:
        first = connection.execute(text("select kind, subject from events where position = 0"))
        assert first.one() == ("log.opened", "log")


def test_the_appointment_is_recorded_as_the_operators_act(machine: Machine) -> None:
    machine.found()
    with machine.rows() as connection:
        found = connection.execute(
            text("select distinct actor, credential from events where aggregate = 'grant'")
        )
        assert [tuple(row) for row in found] == [("operator", "operator")]


def test_secrets_and_the_database_are_their_owners(machine: Machine) -> None:
    machine.found()
    for ending in ("", ".key", ".pepper"):
        assert stat.S_IMODE(machine.beside(ending).stat().st_mode) == 0o600


def test_a_log_is_founded_once(machine: Machine) -> None:
    machine.found()
    before = machine.size()
    again = machine.run("init", "--admin", "eve")
    assert again.status == 2
    assert "changegate appoint" in again.err
    assert machine.size() == before


# What one administrator cannot do.


def test_a_lone_administrator_is_warned_and_a_second_can_be_appointed(machine: Machine) -> None:
    alone = machine.run("init", "--admin", "ada")
    assert alone.status == 0
    assert "appoint another" in alone.err
    assert machine.run("init", "--admin", "ben").status == 2
    said = machine.done("appoint", "ben=Ben Bakker")
    assert "cg_" in said
    assert administrators(machine).keys() == {"ada", "ben"}


def test_the_operator_appoints_no_third(machine: Machine) -> None:
    machine.found()
    third = machine.run("appoint", "eve")
    assert third.status == 1
    assert "needs_second_person" in third.err
    assert administrators(machine).keys() == {"ada", "ben"}


def test_whoever_is_known_gets_another_role_and_no_token(machine: Machine) -> None:
    machine.found()
    said = machine.done("appoint", "ada", "--role", "role:policy_owner")
    assert "cg_" not in said
    asked = machine.run("policy", "explain", "ada", "policy.propose", "--json")
    assert asked.json["allowed"] is True


def test_a_role_nobody_knows_is_not_given(machine: Machine) -> None:
    machine.found()
    assert "unknown_role" in machine.run("appoint", "ada", "--role", "role:emperor").err


# Interruptions.


def test_a_founding_that_ended_before_event_0_is_finished(
    machine: Machine, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.use(empty_database)
    interrupt(monkeypatch, founding, "make_pepper")
    assert machine.run("init", "--admin", "ada", "--origin", ORIGIN).status == 2
    monkeypatch.undo()
    machine.use(empty_database)
    assert "run `changegate init` again" in machine.run("verify").err
    assert "leave --origin out" in machine.run("init", "--admin", "x", "--origin", "other").err
    machine.done("init", "--admin", "ada")
    assert machine.log().origin == ORIGIN
    assert machine.done("verify").endswith(" 0 faults\n")


def test_a_founding_that_ended_before_anybody_was_appointed_is_finished(
    machine: Machine, empty_database: str
) -> None:
    machine.use(empty_database)
    founding.found_log(machine.settings, origin=ORIGIN)
    with machine.desk() as desk:
        founding.adopt_shipped(desk)
        desk.ask("principal.register", "user:" + "1" * 32, kind="human", handle="ada", name="Ada")
    before = machine.size()
    machine.done("init", "--admin", "ada", "--admin", "ben")
    assert administrators(machine).keys() == {"ada", "ben"}
    assert machine.size() == before + 5, "one registration, two grants, two tokens"


def test_nobody_is_half_appointed_when_a_name_is_unfit(machine: Machine) -> None:
    refused = machine.run("init", "--admin", "ada", "--admin", "a b")
    assert (refused.status, "Traceback" in refused.err) == (1, False)
    machine.done("init", "--admin", "ada", "--admin", "ben")
    assert administrators(machine).keys() == {"ada", "ben"}


def interrupt(monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> None:
    """Let a step fail as it does when the disk is full."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, name, full)


# What is in the way.


def test_a_new_log_is_not_begun_where_another_is_remembered(machine: Machine) -> None:
    machine.found()
    for ending in ("", "-wal", "-shm"):
        machine.beside(ending).unlink(missing_ok=True)
    refused = machine.run("init", "--admin", "ada")
    assert refused.status == 2
    assert "gate.sqlite.checkpoint remembers a log" in refused.err
    machine.beside(".checkpoint").unlink()
    machine.done("init", "--admin", "ada")


@pytest.mark.parametrize("origin", ["two words", "a+b", "line\nbreak", "demo.example", "a\x7fb"])
def test_an_origin_that_no_checkpoint_can_bear_is_refused(machine: Machine, origin: str) -> None:
    refused = machine.run("init", "--admin", "ada", "--origin", origin)
    assert refused.status == 2
    assert "name of a log" in refused.err
    assert not machine.database.exists()


@pytest.mark.parametrize(
    "arguments,said",
    [
        ((), "--admin"),
        (("--admin", "a", "--admin", "b", "--admin", "c"), "two administrators"),
        (("--admin", "ada", "--admin", "Ada"), "named twice"),
        (("--admin", "=Ada"), "HANDLE=NAME"),
        (("--admin", "ada="), "HANDLE=NAME"),
        (("--admin", "ada", "--identity", "ada=1"), "CHANGEGATE_OIDC_ISSUER"),
    ],
)
def test_what_was_typed_wrong_is_said(
    machine: Machine, arguments: tuple[str, ...], said: str
) -> None:
    refused = machine.run("init", *arguments)
    assert refused.status == 2
    assert said in refused.err
    assert not machine.database.exists()


@pytest.mark.parametrize(
    "missing", ["CHANGEGATE_SIGNING_KEY", "CHANGEGATE_TOKEN_PEPPER"], ids=["key", "pepper"]
)
def test_a_server_database_needs_its_secrets_named(
    machine: Machine, empty_postgresql_database: str, missing: str
) -> None:
    machine.use(empty_postgresql_database).set(**{missing: ""})
    refused = machine.run("init", "--admin", "ada")
    assert (refused.status, missing in refused.err) == (2, True)
    machine.use(empty_postgresql_database)
    machine.done("init", "--admin", "ada")


def test_an_administrator_may_sign_in_through_the_provider_from_the_beginning(
    machine: Machine,
) -> None:
    issuer = "https://id.example.org"
    machine.set(CHANGEGATE_OIDC_ISSUER=issuer, CHANGEGATE_OIDC_AUDIENCE="changegate")
    stranger = machine.run("init", "--admin", "ada", "--identity", "eve=00u1")
    assert (stranger.status, "eve" in stranger.err) == (2, True)
    machine.done("init", "--admin", "ada", "--admin", "ben", "--identity", "ada=00u1")
    with machine.opened() as opened:
        known = Accounts(opened.reader)
        assert known.identified(Identity(issuer, "00u1")) == machine.person("ada")
        assert known.identified(Identity(issuer, "00u2")) is None


def test_what_is_opened_and_not_a_log_is_told_apart(machine: Machine, tmp_path: Path) -> None:
    assert "run `changegate init`" in machine.run("verify").err
    assert not machine.database.exists(), "looking makes no file"
    machine.database.write_bytes(b"This is no database, whatever its name says." * 50)
    assert "this file is not a database" in machine.run("verify").err
    assert "this file is not a database" in machine.run("init", "--admin", "ada").err


def test_a_head_that_was_altered_is_not_served(founded: Machine) -> None:
    with founded.rows() as connection:
        connection.execute(text("update head set origin = 'other.example'"))
    with pytest.raises(RuntimeError, match="altered"):
        Installation.open(founded.settings)
