"""The past is answered by who held what then, and shown to who may see the present."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api.derived.identity import read_id
from domain.change.state import Change, Status
from ledger.store import Reader
from tests.api.office import Office, past_records

STOOD = """
query($i: ID!, $then: AsOf, $a: ChangeAct!) { change(id: $i, asOf: $then) {
  status requester { handle }
  approvals {
    rule { name } status missing
    counted { person { handle } behalf { handle } grant { status } board { name } seat { ended } }
    void { reason vote { person { handle } } }
  }
  can(action: $a) {
    allowed permitted
    verdict { allowed }
    explanation { ways { acts { action people { handle } } } }
  }
} }
"""
MODERATE = {"impact": "medium", "probability": "possible"}
MISTAKE: dict[str, Any] = {"reason": "A mistake."}


@pytest.fixture
def office(database: str, tmp_path: Path) -> Iterator[Office]:
    """An office with a board of two, on SQLite and on PostgreSQL."""
    office = Office(tmp_path, database)
    for handle in ("cora", "carl", "dan", "pia"):
        office.people[handle] = office.person(handle)
    office.grant("pia", "privacy_officer")
    yield office
    office.close()


def last(office: Office) -> dict[str, int]:
    """The moment after the newest event."""
    with office.reader.connection() as connection:
        return {"position": office.reader.head(connection).size - 1}


def stood(office: Office, change: Any, then: Any = None, act: str = "IMPLEMENT") -> Any:
    """A change as it stands, or stood, for somebody who may read the log."""
    return office.data(STOOD, "aud", i=change["id"], then=then, a=act)["change"]


def approved(office: Office, by: str = "mia", **more: Any) -> Any:
    """A change of low risk that a change manager approved."""
    change = office.change(**more)
    office.act("submitChange", "rita", change)
    office.act("approveChange", "ava", change, rule="assessment")
    if by:
        office.act("approveChange", by, change, rule="change_manager")
    return change


def of_rule(told: Any, name: str) -> Any:
    """How one rule stands."""
    [found] = [each for each in told["approvals"] if each["rule"]["name"] == name]
    return found


def who_can(told: Any) -> set[str]:
    """Everybody an explanation names."""
    ways = told["can"]["explanation"]["ways"]
    return {one["handle"] for way in ways for act in way["acts"] for one in act["people"]}


@pytest.mark.req("X-04")
def test_an_approval_counted_while_its_grant_stood(office: Office) -> None:
    change = approved(office)
    then, before = last(office), stood(office, change)
    with office.reader.connection() as connection:
        held = office.reader.standing(connection).authority
    [given] = held.grants_of(office.people["mia"])
    office.desk.ask("grant.revoke", given.id, **MISTAKE)
    now, past = of_rule(stood(office, change), "change_manager"), stood(office, change, then)
    assert [(each["reason"], each["vote"]["person"]["handle"]) for each in now["void"]] == [
        ("grant_revoked", "mia")
    ]
    assert past == before
    [vote] = of_rule(past, "change_manager")["counted"]
    assert (vote["person"]["handle"], vote["grant"]["status"]) == ("mia", "ACTIVE")
    assert past["can"]["verdict"]["allowed"]
    assert not stood(office, change)["can"]["verdict"]["allowed"]


def test_who_could_open_a_gate_is_told_as_of_then(office: Office) -> None:
    change = approved(office, by="")
    then = last(office)
    office.desk.ask("principal.suspend", office.people["max"], reason="Left.")
    assert who_can(stood(office, change)) == {"mia"}
    assert who_can(stood(office, change, then)) == {"mia", "max"}


def test_a_member_sat_on_the_board_until_unseated(office: Office) -> None:
    for handle in ("aud", "pia"):
        office.grant(handle, "administrator", scope="board", value="any")
    ask = partial(office.desk.ask, by=office.people["aud"])
    board = ask("board.establish", kind="cab", name="CAB", services=["any"]).subject
    for handle in ("cora", "carl"):
        office.grant(handle, "cab_member", scope="board", value="any")
        office.seat(board, handle, by="aud", second="pia")
    change = approved(office, by="", **MODERATE)
    for handle in ("cora", "carl"):
        office.act("approveChange", handle, change, rule="cab_two")
    then, before = last(office), stood(office, change)
    with office.reader.connection() as connection:
        seats = office.reader.standing(connection).authority.seats(board, datetime.now(UTC))
    ask("board.unseat", board, seat=seats[office.people["cora"]], **MISTAKE)
    ask("board.edit", board, name="Another name", seen=6)
    now, past = (
        of_rule(stood(office, change), "cab_two"),
        of_rule(stood(office, change, then), "cab_two"),
    )
    assert [each["reason"] for each in now["void"]] == ["grant_revoked"]
    assert now["status"] != "SATISFIED"
    assert past == of_rule(before, "cab_two")
    assert {vote["board"]["name"] for vote in past["counted"]} == {"CAB"}
    assert {vote["seat"]["ended"] for vote in past["counted"]} == {None}


def test_a_delegation_counted_once_given_and_until_taken_back(office: Office) -> None:
    change = approved(office, by="")
    before = last(office)
    until = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    lent = office.desk.ask(
        "delegation.give",
        by=office.people["max"],
        delegate=office.people["dan"],
        role="role:change_manager",
        until=until,
        reason="Away.",
    ).subject
    behalf = office.id("max")
    office.act("approveChange", "dan", change, rule="change_manager", onBehalfOf=behalf)
    then = last(office)
    office.desk.ask("delegation.revoke", lent, by=office.people["max"], reason="Back.")
    [void] = of_rule(stood(office, change), "change_manager")["void"]
    assert void["reason"] == "delegation_revoked"
    [vote] = of_rule(stood(office, change, then), "change_manager")["counted"]
    assert (vote["person"]["handle"], vote["behalf"]["handle"]) == ("dan", "max")
    with office.reader.connection() as connection:
        held = office.reader.standing_then(connection, before["position"] + 1).authority
    assert held.delegated_by(office.people["max"]) == ()


def test_accounts_were_two_people_until_linked(office: Office) -> None:
    change = approved(office)
    then = last(office)
    mia, rita = office.people["mia"], office.people["rita"]
    office.grant("aud", "administrator")
    office.desk.ask("principal.link_account", mia, by=office.people["aud"], account=rita)
    [void] = of_rule(stood(office, change), "change_manager")["void"]
    assert void["reason"] == "excluded"
    past = of_rule(stood(office, change, then), "change_manager")
    assert past["status"] == "SATISFIED"
    assert past["void"] == []


def test_people_went_by_their_handles_of_then_but_for_what_was_erased(office: Office) -> None:
    change = approved(office)
    then = last(office)
    rita = office.people["rita"]
    office.desk.ask("principal.edit", rita, handle="rita-maria", seen=1)
    assert stood(office, change)["requester"] == {"handle": "rita-maria"}
    assert stood(office, change, then)["requester"] == {"handle": "rita"}
    office.desk.ask(
        "erasure.erase",
        by=office.people["pia"],
        aggregate="principal",
        subject=rita,
        parts=["handle"],
        ground="Article 17.",
    )
    assert stood(office, change)["requester"] == {"handle": None}
    assert stood(office, change, then)["requester"] == {"handle": None}
    document = "query($h: String!) { person(handle: $h) { id } }"
    assert office.data(document, "aud", h="rita-maria") == {"person": None}
    with office.reader.connection() as connection:
        held = office.reader.standing_then(connection, then["position"] + 1).authority
    assert held.named("rita") is None


def test_the_policy_of_then_says_who_could_ask(office: Office) -> None:
    change = approved(office)
    office.grant("aud", "policy_owner")
    office.grant("ivo", "auditor")
    then = last(office)
    policies = "{ policies(first: 1) { edges { node { model rules } } } }"
    policy = office.data(policies, "aud")["policies"]["edges"][0]["node"]
    with office.reader.connection() as connection:
        in_force = office.reader.standing(connection).policy
    kept = [line for line in policy["rules"].splitlines() if "change.implement," not in line]
    text = {"model": policy["model"], "rules": "\n".join(kept) + "\n"}
    asked: dict[str, Any] = {
        **text,
        "based_on": in_force,
        "reason": "Nobody implements on Fridays.",
    }
    proposed = office.desk.ask("policy.propose", **asked).subject
    office.desk.ask("policy.adopt", proposed, by=office.people["aud"])
    at = {"time": datetime.now(UTC).isoformat()}
    told = [
        office.data(STOOD, "ivo", i=change["id"], then=each, a="IMPLEMENT")["change"]["can"]
        for each in (then, at, None)
    ]
    assert [each["permitted"] for each in told] == [True, False, False]


def test_one_request_tells_of_several_moments(office: Office) -> None:
    change = approved(office, by="")
    then = last(office)
    office.act("approveChange", "mia", change, rule="change_manager")
    document = """query($i: ID!, $then: AsOf!) {
      past: change(id: $i, asOf: $then) { ...f } now: change(id: $i) { ...f }
      again: change(id: $i, asOf: $then) { ...f } }
      fragment f on Change { status approvals { rule { name } status } }"""
    told = office.data(document, "aud", i=change["id"], then=then)
    found = {key: of_rule(value, "change_manager")["status"] for key, value in told.items()}
    assert found == {"past": "OPEN", "now": "SATISFIED", "again": "OPEN"}
    assert told["past"]["status"] == "AUTHORIZING"


def test_a_gate_finds_other_objects_as_they_stood(office: Office) -> None:
    one, other = office.change(title="One"), office.change(title="Other")
    then = last(office)["position"] + 1
    office.act("submitChange", "rita", one)
    office.change(title="A third")
    ids = [read_id(each["id"], "Change") for each in (one, other)]
    with office.reader.connection() as connection:
        past = past_records(office.reader, connection, then)
        drafts = past.find(Change, status=Status.DRAFT)
        assert [each.id for each in drafts] == sorted(map(str, ids))
        assert past.find(Change, status=Status.ASSESSING) == ()
        assert past.find(Change, status=frozenset(Status), id=frozenset(ids[:1])) == drafts[:1]
        assert past.find(Change, id=ids[1]) == drafts[1:] == (past.get(Change, str(ids[1])),)
        assert past.get(Change, "0" * 32) is None


def test_of_the_past_only_what_has_moved_since_is_folded(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    still, moved = office.change(title="Still"), office.change(title="Moved")
    then = last(office)["position"] + 1
    office.act("submitChange", "rita", moved)
    office.change(title="Opened since")
    folded: list[str] = []
    stood = Reader.stood

    def noted(reader: Reader, connection: Any, state: Any, ids: Any, until: int) -> Any:
        folded.extend(ids)
        return stood(reader, connection, state, ids, until)

    monkeypatch.setattr(Reader, "stood", noted)
    with office.reader.connection() as connection:
        drafts = past_records(office.reader, connection, then).find(Change, status=Status.DRAFT)
    ids = [str(read_id(each["id"], "Change")) for each in (still, moved)]
    assert [each.id for each in drafts if each.id in ids] == sorted(ids)
    assert (ids[0] in folded, ids[1] in folded) == (False, True)


def test_gates_look_at_other_objects_through_the_sight_that_knows_the_moment() -> None:
    made = re.compile(r"(return|=|\() ?StoredRecords\(")
    users = [each.name for each in Path("api").rglob("*.py") if made.search(each.read_text())]
    assert users == ["visibility.py"], "say `sight.records`: it knows the moment"
