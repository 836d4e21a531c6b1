"""The other ways of a change, standard and emergency, and the way of a merge request."""

from __future__ import annotations

from typing import Any

import pytest

from api.demo.cast import projects
from tests.api.company import HIGH, Headquarters, content

HEAD = "9f2c1d7e5b3a4c6d8e0f1a2b3c4d5e6f7a8b9c0d"
LATER = "1a2b3c4d5e6f7a8b9c0d9f2c1d7e5b3a4c6d8e0f"
MERGED = "5b3a4c6d8e0f1a2b3c4d5e6f7a8b9c0d9f2c1d7e"


def opened(hq: Headquarters, by: str, kind: str, said: Any, **more: Any) -> str:
    """A fresh draft."""
    wish = {"playbook": "itsm", "kind": kind, "content": said, **more}
    return str(hq.do(by, "OpenChange", **wish)["id"])


# Standard changes.


@pytest.fixture
def template(hq: Headquarters) -> str:
    """A template that is in force."""
    said = content("Restart the workers", "storefront", window=None)
    wish = {"playbook": "itsm", "kind": "standard", "content": said}
    proposed = hq.do("olga", "ProposeTemplate", **wish)
    assert proposed["status"] == "PROPOSED"
    approved = hq.do("carla", "ApproveTemplate", id=proposed["id"], seen=1)
    assert approved["status"] == "ACTIVE"
    return str(proposed["id"])


@pytest.mark.req("S3-14")
def test_a_standard_change_from_a_template_is_scheduled_at_once(
    hq: Headquarters, template: str
) -> None:
    said = content("Restart the workers on Tuesday", "storefront")
    change = opened(hq, "olga", "standard", said, template=template)
    assert hq.do("olga", "SubmitChange", id=change, seen=1)["status"] == "SCHEDULED"
    assert hq.do("pavel", "ImplementChange", id=change, seen=1)["status"] == "IMPLEMENTING"
    hq.do("pavel", "FinishChange", id=change, outcome="SUCCESSFUL")
    assert hq.do("carla", "CloseChange", id=change)["status"] == "CLOSED"


@pytest.mark.req("S3-14")
def test_a_standard_change_that_departs_from_its_template_is_not(
    hq: Headquarters, template: str
) -> None:
    said = content("Restart the workers", "storefront", backoutPlan="None is needed.")
    change = opened(hq, "olga", "standard", said, template=template)
    payload = hq.ask("olga", "SubmitChange", input={"id": change, "seen": 1})
    assert [each["code"] for each in payload["problems"]] == ["template_departed_from"]
    assert payload["verdict"]["allowed"] is False
    without = opened(hq, "olga", "standard", content("Restart", "storefront"))
    assert hq.refused("olga", "SubmitChange", id=without, seen=1) == ["template_missing"]


def test_nobody_approves_a_template_they_wrote(hq: Headquarters) -> None:
    said = content("Rotate a key", "storefront", window=None)
    wish = {"playbook": "itsm", "kind": "standard", "content": said}
    own = hq.do("carla", "ProposeTemplate", **wish)["id"]
    assert hq.refused("carla", "ApproveTemplate", id=own, seen=1) == ["own_template"]


# Emergencies.


def settle(hq: Headquarters, change: str) -> None:
    """Do everything that is owed after an emergency."""
    owed = {each["name"]: each for each in hq.ask("wanda", "Change", id=change)["obligations"]}
    assert all(each["due"] for each in owed.values())
    for name, each in owed.items():
        if each["fulfilledBy"] == "WRITE_UP":
            hq.do("nils", "FulfilChangeObligation", id=change, name=name, writeUp="We had to.")
    for member in ("erin", "grace"):
        awaiting = hq.ask(member, "ChangesAwaitingMe", first=100)["edges"]
        (rule,) = [e["node"]["rule"] for e in awaiting if e["node"]["change"]["id"] == change]
        hq.do(member, "ApproveChange", id=change, rule=rule, seen=1)
    hq.do("kofi", "ReviewChange", id=change, findings="It held.", lessons="Meet faster.")


def test_an_emergency_is_owed_its_papers_before_it_can_close(hq: Headquarters) -> None:
    change = opened(hq, "nils", "emergency", content("Block the flood", window=None))
    assert hq.do("nils", "SubmitChange", id=change, seen=1)["status"] == "AUTHORIZING"
    approved = hq.do("ivan", "ApproveChange", id=change, rule="ecab", seen=1, comment="Go.")
    assert approved["status"] == "SCHEDULED"
    told = hq.ask("dario", "ChangeGate", id=change, action="CLOSE")["can"]["explanation"]
    assert told["complete"]
    begins = ["change.implement", "change.finish", "change.fulfil_obligation", "change.approve"]
    assert [*begins, "change.review"] in [[a["action"] for a in w["acts"]] for w in told["ways"]]
    hq.do("pavel", "ImplementChange", id=change, seen=1)
    hq.do("pavel", "FinishChange", id=change, outcome="WITH_ISSUES", note="Slow at first.")
    refused = hq.refused("dario", "CloseChange", id=change)
    assert refused == ["review_missing", *["obligation_open"] * 3]
    assert hq.refused("dario", "CancelChange", id=change, reason="Done anyway.") != []
    settle(hq, change)
    assert hq.do("dario", "CloseChange", id=change)["status"] == "CLOSED"


def test_the_glass_is_broken_by_two_people_and_accounted_for(hq: Headquarters) -> None:
    change = opened(hq, "nils", "emergency", content("Fail over", window=None, **HIGH))
    wish = {"reason": "Payments fail for everybody.", "second": hq.id("carla"), "seen": 1}
    waiting = hq.do("pavel", "BreakGlassForChange", id=change, **wish)
    assert waiting["status"] == "DRAFT", "nothing begins before the second person confirms"
    assert hq.refused("dario", "ConfirmBreakGlassForChange", id=change, seen=1) == ["not_asked"]
    begun = hq.do("carla", "ConfirmBreakGlassForChange", id=change, seen=1)
    assert begun["status"] == "IMPLEMENTING"
    bypassed = hq.ask("wanda", "Changes", filter={"bypassed": True}, first=100)["edges"]
    assert change in [each["node"]["id"] for each in bypassed]
    hq.do("pavel", "FinishChange", id=change, outcome="SUCCESSFUL")
    assert "obligation_open" in hq.refused("dario", "CloseChange", id=change)
    told = hq.ask("olga", "ChangeApprovals", id=change)
    assert (len(told["debts"]), told["settledDebts"]) == (1, [])
    settle(hq, change)
    for verb in (None, "CloseChange"):
        if verb:
            assert hq.do("dario", verb, id=change)["status"] == "CLOSED"
        told = hq.ask("olga", "ChangeApprovals", id=change)
        (settled,) = told["settledDebts"]
        assert (told["debts"], settled["status"]) == ([], "SATISFIED")
        seats = {each["person"]["name"]: each["seat"]["kind"] for each in settled["counted"]}
        kinds = {name.split()[0]: kind for name, kind in seats.items()}
        assert kinds == {"Grace": "CHAIR", "Erin": "MEMBER"}


def test_another_wish_than_one_looked_at_is_confirmed_by_its_number_alone(hq: Headquarters) -> None:
    change = opened(hq, "nils", "emergency", content("Swap the pump", window=None))
    wish = {"second": hq.id("carla"), "seen": 1}
    hq.do("pavel", "BreakGlassForChange", id=change, reason="It leaks.", **wish)
    hq.do("pavel", "BreakGlassForChange", id=change, reason="I like to.", **wish)
    confirm = {"id": change, "seen": 1}
    assert hq.refused("carla", "ConfirmBreakGlassForChange", **confirm) == ["moved_on"]
    assert hq.refused("carla", "ConfirmBreakGlassForChange", **confirm, wish=1) == ["moved_on"]
    begun = hq.do("carla", "ConfirmBreakGlassForChange", **confirm, wish=2)
    assert begun["status"] == "IMPLEMENTING"


# Merge requests.


def merge_request(hq: Headquarters, number: int, head: str = HEAD) -> str:
    """A merge request of the gitaly component by uma."""
    wish = {
        "playbook": "gitaly",
        "kind": "component",
        "project": "gitlab-org/gitaly",
        "number": number,
        "title": "Cache the object directory",
        "head": head,
        "target": "refs/heads/master",
        "base": LATER,
    }
    return str(hq.do("uma", "OpenMergeRequest", **wish)["id"])


@pytest.fixture
def reviewers(hq: Headquarters) -> tuple[str, str]:
    """Two people who may review."""
    if "rick" not in hq.tokens:
        hq.hire("rick", "gitaly", projects("role:reviewer"))
    return "tara", "rick"


@pytest.mark.req("S2-01", "S2-02")
def test_two_reviewers_sign_off_and_the_second_merges(
    hq: Headquarters, reviewers: tuple[str, str]
) -> None:
    first, second = reviewers
    request = merge_request(hq, 7301)
    waiting = hq.ask(first, "MergeRequestsAwaitingMe", first=100)["edges"]
    assert request in [each["node"]["mergeRequest"]["id"] for each in waiting]
    hq.do(first, "SignOffMergeRequest", id=request, rule="reviews", seen=1)
    assert hq.refused(first, "MergeMergeRequest", id=request, seen=1) != []
    hq.do(second, "SignOffMergeRequest", id=request, rule="reviews", seen=1)
    refused = hq.refused(first, "MergeMergeRequest", id=request, seen=1)
    assert refused == ["not_the_merger"]
    merged = hq.do(second, "MergeMergeRequest", id=request, seen=1, mergeCommit=MERGED)
    assert (merged["status"], merged["mergedBy"]) == ("MERGED", {"handle": second})


SUSPENDED = """mutation($id: ID!) {
  suspendPrincipal(input: {id: $id, reason: "Left."}) { problems { code } } }"""
REINSTATED = """mutation($id: ID!) {
  reinstatePrincipal(input: {id: $id, reason: "Back."}) { problems { code } } }"""
SIGN_OFFS = """query($id: ID!) { mergeRequest(id: $id) {
  signOffs { status counted { person { handle } } void { reason } } } }"""


def test_sign_offs_that_were_used_stay_though_others_suffice(
    hq: Headquarters, reviewers: tuple[str, str]
) -> None:
    third = "renata"
    left = hq.hire(third, "gitaly", projects("role:reviewer"))
    request = merge_request(hq, 7311)
    for each in (third, *reviewers):
        hq.do(each, "SignOffMergeRequest", id=request, rule="reviews", seen=1)
    hq.do(reviewers[1], "MergeMergeRequest", id=request, seen=1, mergeCommit="7" + MERGED[1:])
    before = hq.post("olga", SIGN_OFFS, {"id": request}).json()["data"]["mergeRequest"]["signOffs"]
    assert before[0]["void"] == []
    gone = hq.post("ada", SUSPENDED, {"id": left}).json()
    assert gone["data"]["suspendPrincipal"]["problems"] == []
    after = hq.post("olga", SIGN_OFFS, {"id": request}).json()["data"]["mergeRequest"]["signOffs"]
    assert after == before


def test_a_sign_off_that_did_not_count_when_it_was_merged_does_not_come_back(
    hq: Headquarters, reviewers: tuple[str, str]
) -> None:
    third = hq.hire("roland", "gitaly", projects("role:reviewer"))
    request = merge_request(hq, 7312)
    for each in ("roland", *reviewers):
        hq.do(each, "SignOffMergeRequest", id=request, rule="reviews", seen=1)
    hq.post("ada", SUSPENDED, {"id": third})
    hq.do(reviewers[1], "MergeMergeRequest", id=request, seen=1, mergeCommit="8" + MERGED[1:])
    before = hq.post("olga", SIGN_OFFS, {"id": request}).json()["data"]["mergeRequest"]["signOffs"]
    assert [each["reason"] for each in before[0]["void"]] == ["suspended"]
    back = hq.post("ada", REINSTATED, {"id": third}).json()
    assert back["data"]["reinstatePrincipal"]["problems"] == []
    after = hq.post("olga", SIGN_OFFS, {"id": request}).json()["data"]["mergeRequest"]["signOffs"]
    assert after == before


def test_a_push_voids_what_was_signed_off(hq: Headquarters, reviewers: tuple[str, str]) -> None:
    request = merge_request(hq, 7302)
    hq.do("tara", "SignOffMergeRequest", id=request, rule="reviews", seen=1)
    pushed = hq.do("uma", "PushMergeRequest", id=request, head=LATER, base=HEAD)
    assert pushed["revision"] == 2
    assert hq.refused("rick", "SignOffMergeRequest", id=request, rule="reviews", seen=1) == [
        "moved_on"
    ]
    signed = hq.do("rick", "SignOffMergeRequest", id=request, rule="reviews", seen=2)
    assert [each["missing"] for each in signed["signOffs"]] == [1]


def test_a_change_is_tied_to_the_merge_request_it_brings(hq: Headquarters) -> None:
    request = merge_request(hq, 7303)
    change = opened(hq, "nils", "normal", content("Bring the cache"))
    tied = hq.do("nils", "LinkChange", id=change, kind="MERGE_REQUEST", reference=request)
    assert tied["links"] == [{"kind": "MERGE_REQUEST", "reference": request}]
    assert tied["revision"] == 2, "it says what goes out"
