"""The operator makes, lists and revokes tokens; each of these acts is recorded."""

from __future__ import annotations

import pytest

from api.authentication.accounts import Accounts
from api.authentication.bearer import utc_now
from api.authentication.tokens import StoredToken, check
from api.machine.keys import pepper
from tests.api.machine import Machine


def believed(machine: Machine, token: str) -> StoredToken | None:
    """What a token lets in, if anything."""
    with machine.opened() as opened:
        known = Accounts(opened.reader)
        return check(token.strip(), known.token, pepper(machine.settings), utc_now())


def test_a_token_is_shown_once_and_believed(machine: Machine, database: str) -> None:
    machine.use(database).found()
    token = machine.done("token", "create", "ada", "--name", "Pipeline", "--days", "3")
    stored = believed(machine, token)
    assert stored is not None
    assert stored.principal == machine.person("ada")
    listed = machine.done("token", "list", "--owner", "ada")
    assert f"{stored.public_id}  valid" in listed
    assert "  ada  Pipeline" in listed
    secret = token.strip().split("_")[2]
    assert secret not in listed + machine.done("token", "list", "--json")
    assert secret.encode() not in b"".join(machine.envelopes())


def test_a_token_may_be_for_some_actions_alone(founded: Machine) -> None:
    token = founded.done(
        "token", "create", "ada", "--name", "x", "--action", "grant.give", "--action", "log.read"
    )
    feed = founded.done("token", "create", "ada", "--name", "x", "--action", "calendar.feed")
    told = believed(founded, feed)
    assert told is not None
    assert told.actions == frozenset({"calendar.feed"})
    stored = believed(founded, token)
    assert stored is not None
    assert stored.actions == frozenset({"grant.give", "log.read"})


def test_an_action_nobody_knows_is_not_given(founded: Machine) -> None:
    before = founded.size()
    told = founded.run("token", "create", "ada", "--name", "x", "--action", "grant.giev")
    assert (told.status, "grant.give is one" in told.err) == (1, True)
    assert founded.size() == before


def test_a_revoked_token_is_believed_no_more(founded: Machine) -> None:
    token = founded.run("token", "create", "ada", "--name", "x", "--json").json["token"]
    public = token.split("_")[1]
    founded.done("token", "revoke", public, "--reason", "It leaked.")
    assert believed(founded, token) is None
    states = {each["id"]: each["state"] for each in founded.run("token", "list", "--json").json}
    assert states.pop(public) == "revoked"
    assert set(states.values()) == {"valid"}
    again = founded.run("token", "revoke", public, "--reason", "It leaked.")
    assert (again.status, "Traceback" in again.err) == (1, False)


def test_a_token_of_a_suspended_person_is_believed_no_more(founded: Machine) -> None:
    token = founded.done("token", "create", "ben", "--name", "x")
    ben = founded.person("ben")
    founded.ask("principal.suspend", ben, by=founded.person("ada"), reason="Gone.")
    assert believed(founded, token) is None


def test_a_token_of_a_program_is_believed_no_more_once_that_has_another_owner(
    founded: Machine,
) -> None:
    ada, ben, robot = founded.person("ada"), founded.person("ben"), f"bot:{'7' * 32}"
    told = {"kind": "bot", "handle": "robot", "name": "Robot", "owner": ben}
    founded.ask("principal.register", robot, by=ada, **told)
    old = founded.done("token", "create", "robot", "--name", "x")
    assert believed(founded, old) is not None
    founded.ask("principal.edit", robot, seen=1, owner=ada)
    new = founded.done("token", "create", "robot", "--name", "x")
    assert (believed(founded, old), believed(founded, new) is None) == (None, False)
    found = founded.run("token", "list", "--owner", "robot", "--json").json
    states = {each["id"]: each["state"] for each in found}
    assert states == {old.split("_")[1]: "ended", new.split("_")[1]: "valid"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "nobody", "--name", "x"),
        ("list", "--owner", "nobody"),
        ("revoke", "0123456789abcdef", "--reason", "x"),
        ("create", "ada", "--name", "\x00"),
        ("create", "ada", "--name", "\ud800"),
        ("create", "ada", "--name", "x" * 100_000),
    ],
)
def test_what_cannot_be_done_is_said(founded: Machine, arguments: tuple[str, ...]) -> None:
    before = founded.size()
    told = founded.run("token", *arguments)
    assert (told.status, "Traceback" in told.err) == (1, False)
    assert founded.size() == before


@pytest.mark.parametrize("days", ["0", "367", "-1", "soon"])
def test_a_token_lasts_a_bounded_time(founded: Machine, days: str) -> None:
    assert founded.run("token", "create", "ada", "--name", "x", "--days", days).status == 2


def test_tokens_are_made_as_the_operators_recorded_act(founded: Machine) -> None:
    founded.done("token", "create", "ada", "--name", "Pipeline")
    with founded.rows() as connection:
        found = connection.exec_driver_sql(
            "select actor, credential, kind from events order by position desc limit 1"
        )
        assert tuple(found.one()) == ("operator", "operator", "credential.issued")
