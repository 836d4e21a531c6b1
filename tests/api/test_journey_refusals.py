"""Nobody decides on what they had a hand in, by no road; and nothing stale is decided on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.demo.cast import BOARD, Role, services
from tests.api.company import Headquarters, content
from tests.api.test_journey import assessed, drafted, missing, scheduled

CAB = {"rule": "cab_two", "seen": 1}
REVOKE = """mutation($input: RevokeDelegationInput!) {
  revokeDelegation(input: $input) { problems { code } } }"""

UNSEAT = """mutation($input: UnseatBoardMemberInput!) {
  unseatBoardMember(input: $input) { problems { code } } }"""


def in_an_hour() -> str:
    return (datetime.now(UTC) + timedelta(hours=1)).isoformat()


Seat = Callable[[str], None]


@pytest.fixture
def seat(hq: Headquarters) -> Iterator[Seat]:
    """Puts people on the change advisory board for as long as the test lasts."""
    (board,) = hq.ask("wanda", "Boards", filter={"kind": "cab"})["edges"]
    id, taken = board["node"]["id"], list[str]()

    def give(account: str) -> None:
        seats = hq.do("ada", "SeatBoardMember", id=id, person=account)["seats"]
        hq.do("ben", "ConfirmBoardSeat", id=id, seat=seats[-1]["id"])
        taken.append(seats[-1]["id"])

    yield give
    for each in taken:
        given = {"input": {"id": id, "seat": each, "reason": "The test is over."}}
        assert hq.post("ada", UNSEAT, given).json()["data"]["unseatBoardMember"]["problems"] == []


def edit(hq: Headquarters, change: str, said: Any) -> Any:
    """Let carla say something else about a change, as it stands."""
    version = hq.ask("carla", "Change", id=change)["version"]
    return hq.do("carla", "EditChange", id=change, seen=version, content=said)


# One's own change.


def test_who_asks_for_a_change_does_not_approve_it(hq: Headquarters) -> None:
    change = assessed(hq, by="carla")
    assert hq.refused("carla", "ApproveChange", id=change, **CAB) == ["own_change"]


def test_nor_does_the_owner_nor_whoever_edited_or_submitted_it(
    hq: Headquarters, seat: Seat
) -> None:
    change = drafted(hq, by="nils")
    said = content("Raise the pool further", impact="medium", probability="possible")
    hq.hire("berit", "payments", services("role:change_manager"), BOARD)
    seat(hq.id("berit"))
    hq.do("berit", "EditChange", id=change, seen=1, content=said)
    hq.do("carla", "SubmitChange", id=change, seen=2)
    hq.do("mara", "ApproveChange", id=change, rule="assessment", seen=2)
    for who in ("berit", "carla"):
        codes = hq.refused(who, "ApproveChange", id=change, rule="cab_two", seen=2)
        assert codes == ["own_change"]


def test_nor_do_they_by_another_account_of_theirs(hq: Headquarters, seat: Seat) -> None:
    other = hq.hire("nils2", "payments", BOARD)
    seat(other)
    hq.do("ada", "LinkPrincipalAccount", id=hq.id("nils"), account=other)
    change = assessed(hq, by="nils")
    assert hq.refused("nils2", "ApproveChange", id=change, **CAB) == ["own_change"]


def test_nor_through_somebody_whom_they_delegate_to(hq: Headquarters) -> None:
    change = assessed(hq, by="carla")
    (board,) = hq.ask("wanda", "Boards", filter={"kind": "cab"})["edges"]
    lent = {"board": board["node"]["id"]}
    erin = hq.id("erin")
    hq.do("carla", "GiveDelegation", delegate=erin, until=in_an_hour(), reason="Away.", **lent)
    behalf = {"onBehalfOf": hq.id("carla")}
    assert "own_change" in hq.refused("erin", "ApproveChange", id=change, **CAB, **behalf)


def test_nor_as_the_delegate_of_somebody_else(hq: Headquarters) -> None:
    change = assessed(hq, by="carla")
    (board,) = hq.ask("wanda", "Boards", filter={"kind": "cab"})["edges"]
    lent = {"board": board["node"]["id"]}
    carla = hq.id("carla")
    hq.do("grace", "GiveDelegation", delegate=carla, until=in_an_hour(), reason="Away.", **lent)
    behalf = {"onBehalfOf": hq.id("grace")}
    assert hq.refused("carla", "ApproveChange", id=change, **CAB, **behalf) == ["own_change"]


def test_a_delegate_without_a_hand_in_it_votes_in_the_others_seat(hq: Headquarters) -> None:
    (board,) = hq.ask("wanda", "Boards", filter={"kind": "cab"})["edges"]
    lent = {"board": board["node"]["id"]}
    hugo, behalf = hq.id("hugo"), hq.id("farid")
    hq.do("farid", "GiveDelegation", delegate=hugo, until=in_an_hour(), reason="Away.", **lent)
    change = assessed(hq, by="nils")
    waiting = hq.ask("hugo", "ChangesAwaitingMe", onBehalfOf=behalf, first=100)
    assert change in [each["node"]["change"]["id"] for each in waiting["edges"]]
    hq.do("hugo", "ApproveChange", id=change, **CAB, onBehalfOf=behalf)
    (vote,) = hq.ask("olga", "ChangeApprovals", id=change)["approvals"][-1]["counted"]
    assert (vote["person"]["name"], vote["behalf"]["name"]) == ("Hugo Hansen", "Farid Farah")


def test_a_delegates_own_vote_stays_until_they_take_it_back(hq: Headquarters) -> None:
    (board,) = hq.ask("wanda", "Boards", filter={"kind": "cab"})["edges"]
    told = {"board": board["node"]["id"], "until": in_an_hour(), "reason": "Away."}
    lent = hq.do("grace", "GiveDelegation", delegate=hq.id("erin"), **told)["id"]
    change, behalf = assessed(hq, by="nils"), {"onBehalfOf": hq.id("grace")}

    def waits() -> bool:
        found = hq.ask("erin", "ChangesAwaitingMe", first=100, **behalf)["edges"]
        return change in [each["node"]["change"]["id"] for each in found]

    assert waits()
    hq.do("erin", "ApproveChange", id=change, **CAB)
    assert not waits()
    assert hq.refused("erin", "ApproveChange", id=change, **CAB, **behalf) == [
        "fills_another_place"
    ]
    assert voters(hq, change) == [("Erin", None)]
    hq.do("erin", "WithdrawChangeVote", id=change, **CAB)
    assert waits()
    hq.do("erin", "ApproveChange", id=change, **CAB, **behalf)
    assert voters(hq, change) == [("Erin", "Grace")]
    over = {"input": {"id": lent, "reason": "Back."}}
    told = hq.post("grace", REVOKE, over).json()["data"]["revokeDelegation"]
    assert told == {"problems": []}


def test_a_delegate_without_a_role_takes_back_what_they_decided_for_another_and_no_more(
    hq: Headquarters,
) -> None:
    (board,) = hq.ask("wanda", "Boards", filter={"kind": "cab"})["edges"]
    lent = {"board": board["node"]["id"], "until": in_an_hour(), "reason": "Away."}
    delphine = hq.hire("delphine", "reliability")
    given = hq.do("farid", "GiveDelegation", delegate=delphine, **lent)["id"]
    change, behalf = assessed(hq, by="nils"), {"onBehalfOf": hq.id("farid")}
    hq.do("farid", "ApproveChange", id=change, **CAB)
    assert hq.refused("delphine", "WithdrawChangeVote", id=change, **CAB, **behalf) == ["no_vote"]
    hq.do("farid", "WithdrawChangeVote", id=change, **CAB)
    hq.do("delphine", "ApproveChange", id=change, **CAB, **behalf)
    assert voters(hq, change) == [("Delphine", "Farid")]
    assert hq.refused("delphine", "WithdrawChangeVote", id=change, **CAB) == ["forbidden"]
    hq.do("delphine", "WithdrawChangeVote", id=change, **CAB, **behalf)
    assert voters(hq, change) == []
    over = {"input": {"id": given, "reason": "Back."}}
    assert hq.post("farid", REVOKE, over).json()["data"]["revokeDelegation"] == {"problems": []}


def voters(hq: Headquarters, change: str) -> list[tuple[str, str | None]]:
    """Who decided on it last, and for whom, by their first names."""
    counted = hq.ask("olga", "ChangeApprovals", id=change)["approvals"][-1]["counted"]
    people = ((each["person"], each["behalf"]) for each in counted)
    return [(by["name"].split()[0], of and of["name"].split()[0]) for by, of in people]


def test_a_program_fills_no_rule_whatever_it_holds(hq: Headquarters) -> None:
    bot = hq.hire("votebot", None, owner="viktor")
    given = {"person": bot, "role": "role:cab_member", "scope": "BOARD", "value": "any"}
    refused = hq.refused("ada", "GiveGrant", **given, reason="It is quick.")
    assert refused == ["machine"]
    change = assessed(hq)
    assert hq.refused("votebot", "ApproveChange", id=change, **CAB) == ["forbidden"]


def test_nobody_answers_for_breaking_the_glass_to_a_colleague_of_their_team(
    hq: Headquarters,
) -> None:
    said = content("Fail over", impact="high", probability="likely")
    change = hq.do("nils", "OpenChange", playbook="itsm", kind="emergency", content=said)["id"]
    hq.hire("petra", "operations", services("role:change_manager"))
    wish = {"id": change, "seen": 1, "reason": "Payments fail for everybody."}
    same = hq.refused("pavel", "BreakGlassForChange", **wish, second=hq.id("petra"))
    assert same == ["same_team"]
    own = hq.refused("pavel", "BreakGlassForChange", **wish, second=hq.id("pavel"))
    assert own == ["not_independent", "same_team", "second_may_not_confirm"]
    involved = hq.refused("pavel", "BreakGlassForChange", **wish, second=hq.id("nils"))
    assert involved == ["not_independent", "second_may_not_confirm"]
    unable = hq.refused("pavel", "BreakGlassForChange", **wish, second=hq.id("erin"))
    assert unable == ["same_team", "second_may_not_confirm"]
    farid = hq.refused("pavel", "BreakGlassForChange", **wish, second=hq.id("farid"))
    assert farid == ["second_may_not_confirm"]
    hq.do("pavel", "BreakGlassForChange", **wish, second=hq.id("dario"))


def test_nobody_gives_themselves_a_role_nor_confirms_what_they_gave(hq: Headquarters) -> None:
    given = {"role": "role:assessor", "scope": "SERVICE", "value": "any", "reason": "Handy."}
    assert hq.refused("ada", "GiveGrant", person=hq.id("ada"), **given) == ["own_grant"]
    grant = hq.do("ada", "GiveGrant", person=hq.id("tara"), **given)["id"]
    assert hq.refused("ada", "ConfirmGrant", id=grant) == ["own_proposal"]


# What is decided on.


def test_a_decision_on_what_one_did_not_look_at_is_refused(hq: Headquarters) -> None:
    change = assessed(hq)
    edit(hq, change, content("Another"))
    payload = hq.ask("erin", "ApproveChange", input={"id": change, **CAB})
    assert [each["code"] for each in payload["problems"]] == ["moved_on"]
    assert payload["change"]["revision"] == 2, "the answer shows what there is to look at now"


def test_an_edit_voids_every_vote_and_returns_to_draft(hq: Headquarters) -> None:
    change = scheduled(hq)
    said = content("Raise the pool to 200", impact="medium", probability="possible")
    edited = edit(hq, change, said)
    assert (edited["status"], edited["revision"]) == ("DRAFT", 2)
    submitted = hq.do("carla", "SubmitChange", id=change, seen=2)
    assert submitted["status"] == "ASSESSING"
    hq.do("mara", "ApproveChange", id=change, rule="assessment", seen=2)
    again = hq.do("erin", "ApproveChange", id=change, rule="cab_two", seen=2)
    assert missing(again)["cab_two"] == 1, "farid's earlier approval counts no more"


def test_a_rejection_returns_to_draft_as_a_new_revision_with_its_reason(hq: Headquarters) -> None:
    said = content("Deploy on a Friday")
    change = hq.do("nils", "OpenChange", playbook="itsm", kind="normal", content=said)["id"]
    hq.do("nils", "SubmitChange", id=change, seen=1)
    reason = "Nobody is there on the weekend."
    hq.do("mara", "RejectChange", id=change, rule="assessment", seen=1, reason=reason)
    seen = hq.ask("nils", "Change", id=change)
    assert (seen["status"], seen["revision"]) == ("DRAFT", 2)
    assert seen["rejection"]["reason"] == reason
    assert seen["rejection"]["by"] == {"handle": "mara"}


def test_a_revoked_role_voids_the_vote_it_carried(hq: Headquarters) -> None:
    account = hq.hire("otto", "payments")
    grant = hq.give(account, Role("role:assessor", "service", "billing"))
    said = content("Change nothing much", impact="high", probability="likely")
    change = hq.do("nils", "OpenChange", playbook="itsm", kind="normal", content=said)["id"]
    hq.do("nils", "SubmitChange", id=change, seen=1)
    approved = hq.do("otto", "ApproveChange", id=change, rule="assessment", seen=1)
    assert approved["status"] == "AUTHORIZING"
    hq.do("ada", "RevokeGrant", id=grant, reason="It was a mistake.")
    (rule, *_) = hq.ask("olga", "ChangeApprovals", id=change)["approvals"]
    assert rule["counted"] == []
    assert [each["reason"] for each in rule["void"]] == ["grant_revoked"]


@pytest.mark.req("S1-16", "X-06")
def test_who_sits_there_without_the_role_is_not_named_as_who_may_approve(
    hq: Headquarters, seat: Seat
) -> None:
    account = hq.hire("ottoline", "payments")
    seat(account)
    change = assessed(hq, by="nils")
    assert "ottoline" not in who_approves(hq, change)
    assert "erin" in who_approves(hq, change)
    assert hq.refused("ottoline", "ApproveChange", id=change, **CAB) == ["forbidden"]
    (board,) = hq.ask("wanda", "Boards", filter={"kind": "cab"})["edges"]
    hq.give(account, Role("role:cab_member", "board", board["node"]["id"]))
    assert "ottoline" in who_approves(hq, change)
    hq.do("ottoline", "ApproveChange", id=change, **CAB)


@pytest.mark.req("S1-16", "X-06")
def test_nor_in_a_draft_nor_after_the_fact(hq: Headquarters, seat: Seat) -> None:
    account, place = hq.hire("ottilia", "payments"), hq.hire("ottfried", "payments")
    for each in (account, place):
        seat(each)
    (board,) = hq.ask("wanda", "Boards", filter={"kind": "cab"})["edges"]
    hq.give(place, Role("role:cab_member", "board", board["node"]["id"]))
    named = who_approves(hq, drafted(hq, by="nils"))
    assert ("ottilia" in named, "ottfried" in named) == (False, True)
    said = content("Block another flood", window=None)
    change = hq.do("nils", "OpenChange", playbook="itsm", kind="emergency", content=said)["id"]
    hq.do("nils", "SubmitChange", id=change, seen=1)
    hq.do("ivan", "ApproveChange", id=change, rule="ecab", seen=1)
    hq.do("pavel", "ImplementChange", id=change, seen=1)
    hq.do("pavel", "FinishChange", id=change, outcome="SUCCESSFUL")
    owed = {"id": change, "rule": "cab_afterwards", "seen": 1}
    named = who_approves(hq, change, "CLOSE")
    assert ("ottilia" in named, "ottfried" in named) == (False, True)
    assert hq.refused("ottilia", "ApproveChange", **owed) == ["forbidden"]
    hq.do("ottfried", "ApproveChange", **owed)


def who_approves(hq: Headquarters, change: str, action: str = "IMPLEMENT") -> set[str]:
    """Whom the gate names for approving a change, by first name."""
    answer = hq.ask("pavel", "ChangeGate", id=change, action=action)["can"]
    ways = answer["explanation"]["ways"]
    acts = [act for way in ways for act in way["acts"] if act["action"] == "change.approve"]
    return {person["name"].split()[0].lower() for act in acts for person in act["people"]}


@pytest.mark.req("X-04")
def test_a_revoked_role_voids_the_vote_by_a_seat_that_stays(hq: Headquarters, seat: Seat) -> None:
    account = hq.hire("ottilie", "payments")
    grant = hq.give(account, BOARD)
    seat(account)
    change = assessed(hq, by="nils")
    hq.do("ottilie", "ApproveChange", id=change, **CAB)
    (rule,) = cab_of(hq, change)
    (vote,) = rule["counted"]
    assert (vote["grant"], vote["roleGrant"]["role"]) == (None, "role:cab_member")
    hq.do("ada", "RevokeGrant", id=grant, reason="They left the board's office.")
    (rule,) = cab_of(hq, change)
    assert rule["counted"] == []
    assert [each["reason"] for each in rule["void"]] == ["grant_revoked"]
    hq.do("erin", "ApproveChange", id=change, **CAB)
    seen = hq.ask("nils", "Change", id=change)
    assert seen["status"] == "AUTHORIZING", "one of the two is void"


@pytest.mark.req("X-04")
def test_a_vote_by_a_seat_goes_on_by_whichever_role_lets_it(hq: Headquarters, seat: Seat) -> None:
    account = hq.hire("ottokar", "payments")
    office, other = hq.give(account, BOARD), hq.give(account, services("role:change_manager"))
    seat(account)
    change = assessed(hq, by="nils")
    hq.do("ottokar", "ApproveChange", id=change, **CAB)
    for grant in (other, office):
        (rule,) = cab_of(hq, change)
        (vote,) = rule["counted"]
        assert vote["roleGrant"]["role"] == "role:cab_member", "the office of who sits there"
        assert [each["role"] for each in vote["otherGrants"]] == ["role:change_manager"]
        hq.do("ada", "RevokeGrant", id=grant, reason="They do something else now.")
    (rule,) = cab_of(hq, change)
    assert [each["reason"] for each in rule["void"]] == ["grant_revoked"]


def cab_of(hq: Headquarters, change: str) -> Any:
    """How the rule of the advisory board stands."""
    found = hq.ask("olga", "ChangeApprovals", id=change)["approvals"]
    return [each for each in found if each["rule"]["name"] == CAB["rule"]]


# Asked again.


def test_the_same_wish_with_the_same_key_is_done_once(hq: Headquarters) -> None:
    said = content("Once")
    wish = {"playbook": "itsm", "kind": "normal", "content": said, "idempotencyKey": "k-1"}
    first = hq.do("nils", "OpenChange", **wish)
    size = hq.size()
    assert hq.do("nils", "OpenChange", **wish)["id"] == first["id"]
    other = wish | {"kind": "emergency"}
    assert hq.refused("nils", "OpenChange", **other) == ["key_reused"]
    assert hq.size() == size
    assert hq.do("olga", "OpenChange", **wish)["id"] != first["id"], "keys are one's own"


def test_a_board_goes_by_its_id_wherever_a_role_is_held_for_it(hq: Headquarters) -> None:
    (found,) = hq.ask("wanda", "Boards", filter={"kind": "cab"})["edges"]
    board = found["node"]["id"]
    account = hq.hire("borja", "payments", Role("role:cab_member", "board", board))
    asked = """query($v: String!) {
      whoMay(action: "change.approve", within: [{scope: BOARD, value: $v}]) {
        holders { person { id } } }
      grants(filter: {scope: BOARD, value: $v}) { edges { node { person { id } } } } }"""
    told = hq.post("uma", asked, {"v": board}).json()["data"]
    assert account in {each["person"]["id"] for each in told["whoMay"]["holders"]}
    assert account in {each["node"]["person"]["id"] for each in told["grants"]["edges"]}
    lent = {"role": "role:cab_member", "scope": "BOARD", "until": in_an_hour(), "reason": "Away."}
    lent["delegate"] = hq.id("hugo")
    assert hq.refused("borja", "GiveDelegation", **lent, value="nonsense") == [
        "unknown_board",
        "not_held",
    ]
    hq.do("borja", "GiveDelegation", **lent, value=board)
