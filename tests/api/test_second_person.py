"""Who counts as whom, and who sits where, takes two people; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api.ids import new_id
from api.machine.installation import Failed
from domain.authority import Authority
from tests.api.office import Office

ISSUER = "https://id.example.org"
MODERATE = {"impact": "medium", "probability": "possible"}
VOTE = "mutation($i: ApproveChangeInput!) { approveChange(input: $i) { problems { code } } }"


@pytest.fixture
def office(database: str, tmp_path: Path) -> Iterator[Office]:
    """An office with two administrators, on SQLite and on PostgreSQL."""
    office = Office(tmp_path, database)
    for handle in ("ada", "ben", "cora", "carl"):
        office.people[handle] = office.person(handle)
    for handle in ("ada", "ben"):
        office.grant(handle, "administrator")
    yield office
    office.close()


def known(office: Office) -> Authority:
    """What a reader knows of who holds what."""
    with office.reader.connection() as connection:
        found: Authority = office.reader.standing(connection).authority
        return found


def refused(ask: partial[Any], *given: Any, **arguments: Any) -> list[str]:
    """The codes with which it is refused."""
    with pytest.raises(Failed) as fault:
        ask(*given, **arguments)
    return [problem.code for problem in fault.value.problems]


def test_no_administrator_moves_an_identity_to_a_new_account_alone(office: Office) -> None:
    ada, ben = (partial(office.desk.ask, by=office.people[each]) for each in ("ada", "ben"))
    mine: dict[str, Any] = {"issuer": ISSUER, "subject": "42"}
    old, new = office.people["ada"], f"user:{new_id()}"
    office.desk.ask("principal.link_identity", old, **mine)
    assert known(office).identified(ISSUER, "42") == old
    ada("principal.unlink_identity", old, identity=2)
    told: dict[str, Any] = {"kind": "human", "handle": "another", "name": "Another", "mail": None}
    ada("principal.register", new, identity=mine, **told)
    assert known(office).identified(ISSUER, "42") is None
    assert refused(ada, "principal.verify_identity", new, identity=2) == ["own_proposal"]
    assert known(office).identified(ISSUER, "42") is None
    ben("principal.verify_identity", new, identity=2)
    assert known(office).identified(ISSUER, "42") == new


@pytest.mark.req("S3-20", "X-04")
def test_no_administrator_fills_a_board_alone(office: Office) -> None:
    ada, ben = (partial(office.desk.ask, by=office.people[each]) for each in ("ada", "ben"))
    board = ada("board.establish", kind="cab", name="CAB", services=["zoo"]).subject
    seats = {}
    for handle in ("cora", "carl"):
        office.grant(handle, "cab_member", scope="board", value="any")
        ada("board.seat", board, person=office.people[handle])
        state = known(office).board(board)
        assert state is not None
        seats[handle] = state.seats[-1].id
    ada("board.edit", board, services=["any"], seen=3)
    change = office.change(**MODERATE)
    office.act("submitChange", "rita", change)
    office.act("approveChange", "ava", change, rule="assessment")

    def vote() -> list[str]:
        given = {"id": change["id"], "rule": "cab_two", "seen": 1}
        problems = office.data(VOTE, "cora", i=given)["approveChange"]["problems"]
        return [problem["code"] for problem in problems]

    assert vote() == ["not_entitled"]
    assert refused(ada, "board.confirm_seat", board, seat=seats["cora"]) == ["own_proposal"]
    ben("board.confirm_seat", board, seat=seats["cora"])
    assert vote() == ["not_entitled"], "the board does not decide for this service yet"
    assert refused(ada, "board.confirm_services", board, services=["any"]) == ["own_proposal"]
    ben("board.confirm_services", board, services=["any"])
    assert vote() == []
    ada("board.appoint_chair", board, seat=seats["cora"])
    assert refused(ada, "board.confirm_chair", board, seat=seats["cora"]) == ["own_proposal"]
    ben("board.confirm_chair", board, seat=seats["cora"])
    chair = known(office).board(board)
    assert chair is not None
    assert [seat.kind for seat in chair.seats] == ["chair", "member"]


@pytest.mark.req("X-04")
def test_nobody_confirms_a_role_alone_that_was_given_by_who_may_not_any_more(
    office: Office,
) -> None:
    ada, ben, carl = (partial(office.desk.ask, by=office.people[e]) for e in ("ada", "ben", "carl"))
    third: dict[str, Any] = {"person": office.people["carl"], "role": "role:administrator"}
    ben("grant.confirm", ada("grant.give", new_id(), **third, reason="A third.").subject)
    wanted: dict[str, Any] = {"person": office.people["cora"], "role": "role:release_manager"}
    wanted |= {"scope": "service", "value": "zoo", "reason": "She joins."}
    first = ada("grant.give", new_id(), **wanted).subject
    [held] = known(office).grants_of(office.people["ada"])
    carl("grant.revoke", held.id, reason="She left.")
    assert refused(ben, "grant.confirm", first) == ["proposer_lost"]
    ben("grant.revoke", first, reason="Ada left.")
    anew = carl("grant.give", new_id(), **wanted).subject
    ben("grant.confirm", anew)
    assert [each.grant for each in known(office).holdings(office.people["cora"])] == [anew]
