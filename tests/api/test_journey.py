"""A change travels from draft to closed over GraphQL, and everything can be asked afterwards."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ledger.checkpoint import verify_receipt
from ledger.merkle import leaf_hash
from ledger.note import VerifierKey
from tests.api.company import MODERATE, Company, Headquarters, content


def drafted(company: Company, by: str = "carla", title: str = "Raise the pool", **more: Any) -> str:
    """A fresh draft of moderate risk."""
    said = content(title, **MODERATE | more)
    id: str = company.do(by, "OpenChange", playbook="itsm", kind="normal", content=said)["id"]
    return id


def assessed(company: Company, by: str = "carla", **more: Any) -> str:
    """A change of moderate risk that waits for two members of the board."""
    change = drafted(company, by, **more)
    company.do(by, "SubmitChange", id=change, seen=1)
    company.do("mara", "ApproveChange", id=change, rule="assessment", seen=1)
    return change


def scheduled(company: Company, by: str = "carla", **more: Any) -> str:
    """A change that two members of the board approved."""
    change = assessed(company, by, **more)
    for member in ("erin", "farid"):
        company.do(member, "ApproveChange", id=change, rule="cab_two", seen=1)
    return change


def missing(change: Any) -> dict[str, int]:
    """How many approvals each rule of a change still lacks."""
    return {each["rule"]["name"]: each["missing"] for each in change["approvals"]}


def awaits(company: Company, who: str, change: str) -> list[str]:
    """The rules under which a change awaits somebody's decision, by their inbox."""
    found, after = [], None
    while True:
        page = company.ask(who, "ChangesAwaitingMe", first=100, after=after)
        found += [each["node"] for each in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return [each["rule"] for each in found if each["change"]["id"] == change]
        after = page["pageInfo"]["endCursor"]


def travel(company: Company) -> str:
    """Take a change through everything; the change."""
    change = drafted(company)
    submitted = company.do("carla", "SubmitChange", id=change, seen=1)
    assert submitted["status"] == "ASSESSING"
    assert awaits(company, "mara", change) == ["assessment"]
    company.do("mara", "ApproveChange", id=change, rule="assessment", seen=1, comment="Sound.")
    assert (awaits(company, "mara", change), awaits(company, "erin", change)) == ([], ["cab_two"])
    waiting = company.do("erin", "ApproveChange", id=change, rule="cab_two", seen=1)
    assert waiting["status"] == "AUTHORIZING"
    assert missing(waiting) == {"assessment": 0, "cab_two": 1}
    approved = company.do("farid", "ApproveChange", id=change, rule="cab_two", seen=1)
    assert approved["status"] == "SCHEDULED"
    assert awaits(company, "erin", change) == []
    company.do("pavel", "AddChangeTask", id=change, title="Watch the error rate")
    assert company.do("pavel", "ImplementChange", id=change, seen=1)["status"] == "IMPLEMENTING"
    done = company.do("pavel", "FinishChange", id=change, outcome="SUCCESSFUL")
    assert done["status"] == "REVIEW"
    assert company.refused("dario", "CloseChange", id=change) == ["tasks_open"]
    company.do("pavel", "CompleteChangeTask", id=change, number=1)
    assert company.do("dario", "CloseChange", id=change)["status"] == "CLOSED"
    return change


def test_a_change_travels_from_draft_to_closed(hq: Headquarters) -> None:
    change = hq.ask("wanda", "Change", id=travel(hq))
    assert (change["status"], change["outcome"], change["risk"]) == (
        "CLOSED",
        "SUCCESSFUL",
        "moderate",
    )
    assert change["startedAt"] <= change["finishedAt"] <= change["endedAt"]


# Asked while it is under way.


def test_a_blocked_act_says_why_and_who_can_unblock_it_by_doing_what(hq: Headquarters) -> None:
    change = assessed(hq)
    answer = hq.ask("pavel", "ChangeGate", id=change, action="IMPLEMENT")["can"]
    assert (answer["allowed"], answer["permitted"]) == (False, True)
    findings = answer["verdict"]["findings"]
    (missing,) = [each for each in findings if each["code"] == "approvals_missing"]
    assert missing["missing"] == ["2 more"]
    (way,) = answer["explanation"]["ways"]
    (act,) = [each for each in way["acts"] if each["action"] == "change.approve"]
    assert act["count"] == 2
    able = {each["name"] for each in act["people"]}
    assert {"Erin Eriksen", "Farid Farah", "Grace Gallo"} <= able
    assert "Carla Conti" not in able, "who asked for it does not approve it"
    assert (act["total"], answer["explanation"]["complete"]) == (len(able), True)


def test_what_the_answer_says_would_help_does_help(hq: Headquarters) -> None:
    change = scheduled(hq)
    answer = hq.ask("pavel", "ChangeGate", id=change, action="IMPLEMENT")["can"]
    assert (answer["allowed"], answer["permitted"]) == (True, True)
    later = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    told = {"id": change, "action": "IMPLEMENT"}
    ahead = hq.ask("pavel", "ChangeGate", **told, at=later)["can"]["verdict"]["findings"]
    assert [each["code"] for each in ahead if each["code"]] == ["window_over"]
    hq.do("pavel", "ImplementChange", id=change, seen=1)


def test_changes_are_found_by_what_people_remember_of_them(hq: Headquarters) -> None:
    title = f"Rename the queue of {datetime.now(UTC).timestamp()}"
    change = drafted(hq, title=title)
    known: list[dict[str, Any]] = [
        {"text": title},
        {"text": title, "statuses": ["DRAFT"], "service": "billing", "risks": ["moderate"]},
        {"text": title, "person": hq.id("carla")},
        {"text": title, "environment": "production", "configurationItem": "billing-db"},
        {"text": title, "plannedSince": datetime.now(UTC).isoformat()},
    ]
    for narrowed in known:
        page = hq.ask("wanda", "Changes", filter=narrowed, order="PLANNED", first=10)
        assert [each["node"]["id"] for each in page["edges"]] == [change], narrowed
    others: list[dict[str, Any]] = [
        {"statuses": ["CLOSED"]},
        {"service": "storefront"},
        {"risks": ["high"]},
    ]
    for narrowed in others:
        page = hq.ask("wanda", "Changes", filter={"text": title, **narrowed})
        assert (page["edges"], page["totalCount"]["count"]) == ([], 0), narrowed


def test_comments_stand_beside_a_change_and_move_no_vote(hq: Headquarters) -> None:
    change = assessed(hq)
    hq.do("erin", "ApproveChange", id=change, rule="cab_two", seen=1)
    hq.do("olga", "WriteComment", about="CHANGE", subject=change, body="Mind the <b>holiday</b>.")
    page = hq.ask("wanda", "Comments", filter={"subject": change})
    (comment,) = [each["node"] for each in page["edges"]]
    assert (comment["author"]["name"], comment["body"]) == (
        "Olga Ortiz",
        "Mind the <b>holiday</b>.",
    )
    approved = hq.do("farid", "ApproveChange", id=change, rule="cab_two", seen=1)
    assert approved["status"] == "SCHEDULED"


def test_a_change_waits_on_hold_and_goes_on_where_it_was(hq: Headquarters) -> None:
    change = assessed(hq)
    assert hq.do("dario", "HoldChange", id=change, reason="Legal looks.")["status"] == "ON_HOLD"
    held = hq.refused("erin", "ApproveChange", id=change, rule="cab_two", seen=1)
    assert held == ["not_awaited"]
    assert hq.do("dario", "ResumeChange", id=change)["status"] == "AUTHORIZING"
    assert hq.do("carla", "CancelChange", id=change, reason="Not now.")["status"] == "CANCELLED"


def test_a_vote_can_be_taken_back_while_it_is_awaited(hq: Headquarters) -> None:
    change = assessed(hq)
    hq.do("erin", "ApproveChange", id=change, rule="cab_two", seen=1)
    back = hq.do("erin", "WithdrawChangeVote", id=change, rule="cab_two", seen=1)
    assert missing(back)["cab_two"] == 2


CAN = """{ change(id: "%s") { can(action: IMPLEMENT) { allowed permitted reason } } }"""


def test_a_token_is_for_actions_that_there_are_and_all_that_is_wrong_is_told(
    hq: Headquarters,
) -> None:
    until = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    wish = {"owner": hq.id("erin"), "name": "Phone", "until": until}
    made = hq.ask("erin", "CreateToken", input=wish | {"actions": ["log.read", "change.aprove"]})
    told = [(each["code"], each["path"]) for each in made["problems"]]
    assert told == [("unknown_action", ["actions", "1"]), ("until_passed", ["until"])]
    assert made["token"] is None


def test_a_token_can_be_limited_to_one_act(hq: Headquarters) -> None:
    change = assessed(hq)
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    wish = {"owner": hq.id("erin"), "name": "Phone", "actions": ["comment.write"], "until": until}
    made = hq.ask("erin", "CreateToken", input=wish)
    assert made["problems"] == []
    hq.tokens["erin's phone"] = made["token"]
    hq.do("erin's phone", "WriteComment", about="CHANGE", subject=change, body="On my way.")
    vote = {"id": change, "rule": "cab_two", "seen": 1}
    assert hq.refused("erin's phone", "ApproveChange", **vote) == ["forbidden"]
    wish = wish | {"owner": hq.id("pavel"), "name": "Pager"}
    hq.tokens["pavel's pager"] = hq.ask("pavel", "CreateToken", input=wish)["token"]
    own, by_token = (
        hq.post(who, CAN % change).json()["data"]["change"]["can"]
        for who in ("pavel", "pavel's pager")
    )
    assert own["permitted"]
    assert not by_token["permitted"]
    assert by_token["reason"] == "The token used is not for this action."
    assert hq.do("erin", "ApproveChange", **vote)["status"] == "AUTHORIZING"


# Asked afterwards.


def test_everybody_can_see_who_approved_what_by_which_right(hq: Headquarters) -> None:
    change = hq.ask("olga", "ChangeApprovals", id=scheduled(hq))
    peer, board = change["approvals"]
    assert {vote["person"]["name"] for vote in board["counted"]} == {"Erin Eriksen", "Farid Farah"}
    assert {vote["board"]["name"] for vote in board["counted"]} == {"Change advisory board"}
    assert {vote["seat"]["seatedBy"]["name"] for vote in board["counted"]} == {"Ada Almeida"}
    (vote,) = peer["counted"]
    assert (vote["board"], vote["seat"]) == (None, None)
    assert vote["grant"] == {
        "role": "role:assessor",
        "grantedBy": {"name": "Ada Almeida"},
        "confirmedBy": {"name": "Ben Bakker"},
    }


def test_a_change_can_be_seen_as_it_stood(hq: Headquarters) -> None:
    change = drafted(hq)
    before = datetime.now(UTC)
    events = hq.ask("wanda", "History", id=change)["edges"]
    hq.do("carla", "EditChange", id=change, seen=1, content=content("Another title"))
    now = hq.ask("wanda", "Change", id=change)
    then = hq.ask("wanda", "Change", id=change, asOf={"time": before.isoformat()})
    opened = {"position": events[0]["node"]["position"]}
    at_first = hq.ask("wanda", "Change", id=change, asOf=opened)
    assert (now["content"]["title"], now["revision"]) == ("Another title", 2)
    assert then == at_first
    assert (then["content"]["title"], then["revision"]) == ("Raise the pool", 1)


@pytest.mark.req("X-04")
def test_history_tells_newest_first_who_did_what(hq: Headquarters) -> None:
    change = travel(hq)
    told = [each["node"] for each in hq.ask("olga", "History", id=change, first=50)["edges"]]
    assert [(each["kind"], each["actor"]["name"]) for each in reversed(told)] == [
        ("change.opened", "Carla Conti"),
        ("change.submitted", "Carla Conti"),
        ("change.approved", "Mara Moreau"),
        ("change.assessed", "Mara Moreau"),
        ("change.approved", "Erin Eriksen"),
        ("change.approved", "Farid Farah"),
        ("change.authorized", "Farid Farah"),
        ("change.task_added", "Pavel Petrov"),
        ("change.started", "Pavel Petrov"),
        ("change.finished", "Pavel Petrov"),
        ("change.task_completed", "Pavel Petrov"),
        ("change.closed", "Dario Duarte"),
    ]
    assert [each["at"] for each in told] == sorted((each["at"] for each in told), reverse=True)
    assert {each["position"] for each in told} == {None}, "positions are for auditors"
    details = {each["name"]: each["value"] for each in told[-1]["details"]}
    assert details["requester"] == hq.id("carla")
    said = {each["name"]: each["value"] for each in told[-3]["details"]}
    assert (said["role"], said["revision"], said["comment"]) == ("role:assessor", "1", "Sound.")


def test_every_event_is_proved_to_whoever_trusts_only_the_key(hq: Headquarters) -> None:
    change = scheduled(hq)
    for event in hq.ask("wanda", "History", id=change, first=50)["edges"]:
        proof = hq.ask("wanda", "Proof", event=event["node"]["id"])
        keys = [VerifierKey.parse(proof["verifierKey"])]
        leaf = leaf_hash(proof["entry"].encode())
        checkpoint = verify_receipt(proof["receipt"], leaf, proof["origin"], keys)
        assert event["node"]["position"] < checkpoint.size
        assert json.loads(proof["entry"])["kind"] == event["node"]["kind"]
    head = hq.ask("wanda", "Head")
    assert head["checkpoint"].startswith(f"company.example/log\n{head['size']}\n")


def test_who_may_approve_is_answered_for_now_and_for_then(hq: Headquarters) -> None:
    before = datetime.now(UTC)
    within = [{"scope": "SERVICE", "value": "billing"}]
    newcomer = hq.hire("nina", "payments")
    grant = hq.do(
        "ada",
        "GiveGrant",
        person=newcomer,
        role="role:assessor",
        scope="SERVICE",
        value="billing",
        reason="Joins the payments team.",
    )
    waiting = hq.ask("wanda", "WhoMay", action="change.approve", within=within)
    assert grant["status"] == "PROPOSED"
    assert "Nina" not in names(waiting)
    hq.do("ben", "ConfirmGrant", id=grant["id"])
    now = hq.ask("wanda", "WhoMay", action="change.approve", within=within)
    assert {"Nina", "Mara Moreau"} <= names(now)
    then = hq.ask("wanda", "WhoMay", action="change.approve", within=within, at=before.isoformat())
    assert "Nina" not in names(then)
    assert "Mara Moreau" in names(then)
    hq.do("ada", "RevokeGrant", id=grant["id"], reason="Moved on.")
    assert "Nina" not in names(hq.ask("wanda", "WhoMay", action="change.approve", within=within))


def names(answer: Any) -> set[str]:
    """Who is named as a holder."""
    return {each["person"]["name"] for each in answer["holders"]}


def test_who_was_turned_away_is_listed_for_auditors(hq: Headquarters) -> None:
    change = scheduled(hq)
    before = hq.size()
    for _ in range(3):
        assert hq.refused("uma", "ImplementChange", id=change, seen=1) == ["forbidden"]
    assert hq.size() == before + 1, "one event for the hour"
    wanted = {"person": hq.id("uma"), "action": "change.implement"}
    listed = hq.ask("wanda", "Denials", filter=wanted, first=10)["edges"]
    (denial,) = [each["node"] for each in listed]
    assert (denial["person"]["name"], denial["outcome"]) == ("Uma Ulrich", "DENIED")
    assert denial["attempts"] == 3


def test_boards_grants_and_rules_are_there_to_be_looked_up(hq: Headquarters) -> None:
    boards = [each["node"] for each in hq.ask("olga", "Boards", filter={"kind": "cab"})["edges"]]
    seats = {seat["person"]["name"]: seat["kind"] for seat in boards[0]["seats"]}
    assert seats["Grace Gallo"] == "CHAIR"
    assert seats["Hugo Hansen"] == "ALTERNATE"
    held = hq.ask("olga", "Grants", filter={"person": hq.id("carla")})["edges"]
    assert {each["node"]["role"] for each in held} == {"role:change_manager", "role:cab_member"}
    assert {each["node"]["grantedBy"]["name"] for each in held} == {"Ada Almeida"}
    data = hq.data("olga", "Rules", first=50)
    assert {each["node"]["status"] for each in data["policies"]["edges"]} == {"ADOPTED"}
    assert {each["node"]["name"] for each in data["playbooks"]["edges"]} >= {"itsm", "gitaly"}
    assert hq.ask("olga", "Viewer")["handle"] == "olga"
