"""What becomes of a vote when the right to it changes, and votes in the place of others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.approval.approval import Standpoint
from domain.change.aggregate import AGGREGATE
from domain.change.standing import standings
from domain.change.state import Change, Outcome, Status
from domain.delegation.aggregate import Delegation
from domain.kernel import Refusal
from domain.principal.state import Former
from tests.domain.change_stories import (
    assessed,
    drafted,
    reviewing,
    scheduled,
    submitted,
    under_way,
)
from tests.domain.given import DAY, authority
from tests.domain.organisation import (
    ANN,
    ASA,
    ASSESSOR,
    CAB,
    CAB_ONE,
    CAB_THREE,
    CAB_TWO,
    CONTENT,
    DUTY,
    ENG,
    HIGH,
    LONG_AGO,
    MAX,
    OWEN,
    ROBOT,
    SUE,
    WINDOW,
    Story,
    kinds,
    person,
    refused,
    revoked,
)


def standing_of(story: Story, rule: str) -> Standpoint:
    now = standings(story.state, authority(*story.world), story.at)
    return now.of(rule).status


def gate_refuses(story: Story, code: str) -> None:
    story.at = WINDOW.since
    with refused(code):
        story.ask(ENG, "implement")


def test_a_revoked_grant_voids_the_vote() -> None:
    story = scheduled()
    story.learn(revoked(ASSESSOR, story.at))
    assert standing_of(story, "assessment") is Standpoint.IMPOSSIBLE
    gate_refuses(story, "quorum_impossible")


def test_a_void_vote_tells_that_its_grant_was_revoked() -> None:
    story = scheduled()
    story.learn(revoked(ASSESSOR, story.at))
    now = standings(story.state, authority(*story.world), story.at).of("assessment")
    assert [each.reason for each in now.void] == ["grant_revoked"]


def test_a_seat_taken_away_voids_the_vote() -> None:
    story = scheduled()
    seats = (replace(s, ended=story.at) if s.person == CAB_ONE else s for s in CAB.seats)
    story.learn(replace(CAB, seats=tuple(seats)))
    gate_refuses(story, "approvals_missing")


def test_a_suspended_persons_vote_is_void() -> None:
    story = scheduled()
    story.learn(person(CAB_ONE, suspended=True))
    gate_refuses(story, "approvals_missing")


def test_a_grant_that_merely_ran_out_leaves_the_vote_standing() -> None:
    story = scheduled()
    story.learn(replace(ASSESSOR, until=story.at))
    story.at = WINDOW.since
    assert kinds(story.ask(ENG, "implement")) == ["Started"]


def test_who_becomes_the_owner_after_voting_has_not_voted() -> None:
    story = scheduled()
    story.ask(ANN, "assign", owner=CAB_ONE)
    gate_refuses(story, "approvals_missing")


# Delegation.


def lent(**changes: object) -> Delegation:
    """Asa lets the person on duty assess in their place."""
    given = Delegation(
        id="delegation",
        version=1,
        delegator=ASA,
        delegate=DUTY,
        board=None,
        role="role:assessor",
        scope=None,
        value=None,
        max_risk=None,
        since=LONG_AGO,
        until=WINDOW.until,
        reason="On leave.",
        given_at=LONG_AGO,
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def test_a_delegate_votes_in_the_delegators_place_and_both_are_named() -> None:
    story = submitted()
    story.learn(lent())
    story.ask(DUTY, "approve", rule="assessment", behalf=ASA)
    assert story.state.status is Status.AUTHORIZING
    assert (story.state.votes[0].person, story.state.votes[0].behalf) == (DUTY, ASA)


@pytest.mark.parametrize(
    "given",
    [
        None,
        lent(until=LONG_AGO + DAY),
        lent(revoked_at=LONG_AGO),
        lent(role="role:change_manager"),
        lent(max_risk="low"),
        lent(delegate=ENG),
    ],
)
def test_only_a_delegation_in_force_for_this_lets_one_vote(given: Any) -> None:
    story = submitted()
    story.learn(*filter(None, (given,)))
    with refused("not_entitled"):
        story.ask(DUTY, "approve", rule="assessment", behalf=ASA)


def test_a_delegation_leads_round_no_exclusion() -> None:
    story = drafted()
    story.learn(lent())
    story.ask(DUTY, "edit", content=replace(CONTENT, test_plan="Book twice."))
    story.ask(ANN, "submit")
    with refused("own_change"):
        story.ask(DUTY, "approve", rule="assessment", behalf=ASA)
    story = drafted()
    story.learn(lent())
    story.ask(ASA, "submit")
    with refused("own_change"):
        story.ask(DUTY, "approve", rule="assessment", behalf=ASA)


def test_a_delegation_taken_back_voids_the_vote_and_one_run_out_does_not() -> None:
    for changes, still in (({"revoked_at": WINDOW.since}, False), ({"until": WINDOW.since}, True)):
        story = submitted()
        story.learn(lent())
        story.ask(DUTY, "approve", rule="assessment", behalf=ASA)
        story.learn(lent(**changes))
        story.at = WINDOW.since
        assert (standing_of(story, "assessment") is Standpoint.SATISFIED) is still


def test_the_delegate_takes_back_what_they_decided_for_another() -> None:
    story = submitted()
    story.learn(lent())
    story.ask(DUTY, "approve", rule="assessment", behalf=ASA)
    story.ask(DUTY, "withdraw_vote", rule="assessment")
    assert story.state.votes == ()


def test_the_delegator_takes_back_what_was_decided_in_their_place() -> None:
    story = submitted()
    story.learn(lent())
    story.ask(DUTY, "approve", rule="assessment", behalf=ASA)
    story.ask(ASA, "withdraw_vote", rule="assessment")
    assert story.state.votes == ()


# What cannot be evaluated.


def test_an_empty_set_of_rules_lets_nothing_pass() -> None:
    story = scheduled()
    story.state = replace(story.state, rules=())
    gate_refuses(story, "nothing_to_evaluate")


def test_a_missing_playbook_blocks() -> None:
    story = drafted()
    story.world = tuple(each for each in story.world if not hasattr(each, "body"))
    with pytest.raises(Refusal) as caught:
        story.ask(ANN, "submit")
    assert "could_not_be_evaluated" in {each.code for each in caught.value.problems}
    assert isinstance(story.state, Change)


@pytest.mark.req("X-04")
@pytest.mark.parametrize("by,handed", [(ASA, ANN), (ANN, ASA)])
def test_a_former_owner_who_took_it_or_handed_it_on_does_not_approve(by: str, handed: str) -> None:
    story = drafted()
    story.ask(by, "assign", owner=ASA)
    story.ask(handed, "assign", owner=ENG)
    story.ask(ANN, "submit")
    with refused("own_change"):
        story.ask(ASA, "approve", rule="assessment")
    assert story.state.former_owners == (OWEN, ASA)


@pytest.mark.req("X-04", "S3-20")
def test_nobody_keeps_others_from_deciding_by_naming_them() -> None:
    story = drafted(HIGH)
    for each in (CAB_ONE, CAB_TWO, ASA, ENG):
        story.ask(ANN, "assign", owner=each)
    story.ask(ANN, "submit")
    story.ask(ASA, "approve", rule="assessment")
    members = {each.rule.name: each.members for each in story.state.rules}
    assert members["cab_half"] == 4
    story.ask(SUE, "approve", rule="service_owner")
    story.ask(CAB_ONE, "reject", rule="cab_half", reason="It crashes.")
    assert story.state.status is Status.DRAFT


@pytest.mark.req("X-04")
def test_whom_others_named_says_that_they_do_not_answer_for_it() -> None:
    story = assessed()
    story.ask(ANN, "assign", owner=CAB_ONE)
    with refused("own_change"):
        story.ask(CAB_ONE, "approve", rule="cab_two")
    with refused("not_the_owner"):
        story.ask(CAB_TWO, "decline_ownership")
    story.ask(CAB_ONE, "decline_ownership")
    assert (story.state.owner, story.state.declined_owners) == (ANN, (CAB_ONE,))
    with refused("owner_declined"):
        story.ask(ANN, "assign", owner=CAB_ONE)
    story.ask(CAB_ONE, "approve", rule="cab_two")
    story.ask(CAB_TWO, "approve", rule="cab_two")
    assert story.state.status is Status.SCHEDULED
    with refused("own_change"):
        story.ask(ANN, "decline_ownership")


@pytest.mark.req("X-04")
def test_whom_another_named_as_having_asked_for_it_says_that_they_did_not() -> None:
    story = Story(AGGREGATE)
    given = {"kind": "normal", "playbook": "itsm", "content": CONTENT}
    story.ask(ANN, "open", requester=CAB_ONE, **given)
    assert (story.state.requester, story.state.owner) == (CAB_ONE, CAB_ONE)
    story.ask(ANN, "submit")
    story.ask(ASA, "approve", rule="assessment")
    with refused("own_change"):
        story.ask(CAB_ONE, "approve", rule="cab_two")
    for by in (CAB_TWO, ANN):
        with refused("not_the_requester"):
            story.ask(by, "decline_request")
    story.ask(CAB_ONE, "decline_request")
    assert story.state.requester == ANN
    with refused("own_change"):
        story.ask(CAB_ONE, "approve", rule="cab_two")
    story.ask(CAB_ONE, "decline_ownership")
    story.ask(CAB_ONE, "approve", rule="cab_two")
    story.ask(CAB_TWO, "approve", rule="cab_two")
    assert story.state.status is Status.SCHEDULED


@pytest.mark.req("X-04", "S1-23")
def test_who_handed_a_program_over_to_who_names_them_says_so_too() -> None:
    story = Story(AGGREGATE)
    story.learn(person(ROBOT, owner=ANN, former=(Former(story.at, owner=CAB_ONE),)))
    given = {"kind": "normal", "playbook": "itsm", "content": CONTENT}
    story.ask(ANN, "open", requester=CAB_ONE, **given)
    story.ask(CAB_ONE, "decline_request")
    story.ask(CAB_ONE, "decline_ownership")
    assert (story.state.requester, story.state.owner) == (ANN, ANN)


@pytest.mark.req("X-04")
@pytest.mark.parametrize("by,left", [(ROBOT, False), (ANN, True)])
def test_nobody_is_freed_of_what_nobody_else_would_answer_for(by: str, left: bool) -> None:
    story = Story(AGGREGATE)
    given = {"kind": "normal", "playbook": "itsm", "content": CONTENT}
    story.ask(by, "open", requester=CAB_ONE, **given)
    if left:
        story.learn(person(ANN, suspended=True))
    with refused("nobody_asked") as told:
        story.ask(CAB_ONE, "decline_request")
    assert "have it cancelled" in told.value.problems[0].message
    assert story.state.requester == CAB_ONE
    over = {"status": Status.REVIEW, "started_at": story.at, "finished_at": story.at}
    for begun in ({"status": Status.IMPLEMENTING, "started_at": story.at}, over):
        story.state = replace(story.state, **begun)
        with refused("nobody_asked") as told:
            story.ask(CAB_ONE, "decline_request")
        assert "stand in for you" in told.value.problems[0].message, "it is not cancelled any more"


@pytest.mark.req("X-04", "S1-23")
@pytest.mark.parametrize("suspended", [False, True])
def test_who_stands_behind_the_account_that_was_named_says_that_they_did_not(
    suspended: bool,
) -> None:
    story = Story(AGGREGATE)
    given = {"kind": "normal", "playbook": "itsm", "content": CONTENT}
    story.ask(ANN, "open", requester=CAB_TWO, owner=OWEN, **given)
    story.ask(ANN, "submit")
    story.ask(ASA, "approve", rule="assessment")
    story.learn(
        person(CAB_ONE, linked=(CAB_TWO,)),
        person(CAB_TWO, linked=(CAB_ONE,), suspended=suspended),
    )
    with refused("own_change"):
        story.ask(CAB_ONE, "approve", rule="cab_two")
    with refused("not_the_requester"):
        story.ask(MAX, "decline_request")
    story.ask(CAB_ONE, "decline_request")
    assert story.state.requester == ANN
    story.ask(CAB_ONE, "approve", rule="cab_two")


@pytest.mark.req("X-04")
@pytest.mark.parametrize("suspended", [False, True])
def test_who_stands_behind_the_account_that_was_named_does_not_answer_for_it(
    suspended: bool,
) -> None:
    story = assessed()
    story.ask(ANN, "assign", owner=CAB_TWO)
    story.learn(
        person(CAB_ONE, linked=(CAB_TWO,)),
        person(CAB_TWO, linked=(CAB_ONE,), suspended=suspended),
    )
    with refused("own_change"):
        story.ask(CAB_ONE, "approve", rule="cab_two")
    with refused("not_the_owner"):
        story.ask(MAX, "decline_ownership")
    story.ask(CAB_ONE, "decline_ownership")
    assert (story.state.owner, story.state.declined_owners) == (ANN, (CAB_TWO,))
    story.ask(CAB_ONE, "approve", rule="cab_two")


@pytest.mark.req("X-04")
def test_whose_other_account_named_the_first_does_not_decline_for_it() -> None:
    story = assessed()
    story.ask(MAX, "assign", owner=CAB_TWO)
    story.learn(person(CAB_ONE, linked=(CAB_TWO, MAX)))
    with refused("own_change"):
        story.ask(CAB_ONE, "decline_ownership")


def test_who_asked_for_it_themselves_does_not_decline_that() -> None:
    story = assessed()
    with refused("own_change"):
        story.ask(ANN, "decline_request")


@pytest.mark.parametrize("by", [MAX, ROBOT])
@pytest.mark.parametrize("handed", [False, True])
def test_who_is_named_by_an_account_of_theirs_had_a_hand_in_it(by: str, handed: bool) -> None:
    story = assessed()
    story.learn(person(CAB_ONE, linked=(MAX,)), person(ROBOT, owner=CAB_ONE))
    story.ask(ANN if handed else by, "assign", owner=CAB_ONE)
    story.ask(by if handed else ANN, "assign", owner=ANN)
    with refused("own_change"):
        story.ask(CAB_ONE, "approve", rule="cab_two")
    story.ask(CAB_TWO, "approve", rule="cab_two")
    story.ask(CAB_THREE, "approve", rule="cab_two")
    assert story.state.status is Status.SCHEDULED


@pytest.mark.req("X-04")
def test_whom_an_account_of_theirs_named_does_not_say_that_they_do_not_answer_for_it() -> None:
    story = assessed()
    story.learn(person(CAB_ONE, linked=(MAX,)))
    story.ask(MAX, "assign", owner=CAB_ONE)
    with refused("own_change"):
        story.ask(CAB_ONE, "decline_ownership")
    assert (story.state.owner, story.state.declined_owners) == (CAB_ONE, ())


@pytest.mark.req("X-04")
def test_who_was_merely_named_and_hands_it_on_the_next_time_had_a_hand_in_it() -> None:
    story = assessed()
    for by, owner in ((ANN, CAB_ONE), (ANN, ANN), (ANN, CAB_ONE), (CAB_ONE, ANN)):
        story.ask(by, "assign", owner=owner)
    with refused("own_change"):
        story.ask(CAB_ONE, "approve", rule="cab_two")


def test_a_former_owner_does_not_look_back() -> None:
    story = reviewing()
    story.ask(ANN, "assign", owner=DUTY)
    with refused("own_work"):
        story.ask(OWEN, "review", findings="All was well.")


@pytest.mark.parametrize(
    "verb,arguments",
    [
        ("finish", {"outcome": Outcome.SUCCESSFUL}),
        ("add_task", {"title": "Tell the desk"}),
        ("complete_task", {"number": 1}),
        ("drop_task", {"number": 1, "reason": "It is done."}),
    ],
)
def test_a_mere_claim_ends_no_work(verb: str, arguments: dict[str, Any]) -> None:
    story = under_way()
    story.ask(ENG, "add_task", title="Watch the disks")
    with refused("mere_claim"):
        story.ask(ENG, verb, **arguments, claimed=True, happened=story.at)
