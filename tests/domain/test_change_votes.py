"""Votes on a change: who may cast them, what they name, and what makes them void."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.approval import Standpoint, Void
from domain.change import Change, Status, standings
from domain.change.events import Approved
from domain.delegation import Delegation
from domain.grant import Scope
from domain.kernel import Refusal
from tests.domain.change_stories import assessed, drafted, scheduled, submitted
from tests.domain.given import DAY, authority
from tests.domain.organisation import (
    ANN,
    ASA,
    ASSESSOR,
    CAB,
    CAB_ONE,
    CAB_THREE,
    CAB_TWO,
    CHAIR,
    CONTENT,
    DUTY,
    ENG,
    HIGH,
    LOW,
    LONG_AGO,
    MANAGER,
    MAX,
    OWEN,
    OWNER,
    ROBOT,
    SUE,
    WINDOW,
    Story,
    board,
    grant,
    kinds,
    person,
    refused,
    revoked,
)


def standing_of(story: Story, rule: str) -> Standpoint:
    now = standings(story.state, authority(*story.world), story.at)
    return now.of(rule).status


def high() -> Story:
    """A change of high risk before the service owner and half of the board with its chair."""
    return assessed(HIGH)


@pytest.mark.req("X-04")
def test_a_vote_tells_person_role_time_revision_and_comment() -> None:
    story = submitted()
    at = story.at
    event = story.ask(ASA, "approve", rule="assessment", comment="Looks sound.")[0]
    assert event == Approved(
        rule="assessment",
        revision=1,
        digest=story.state.digest,
        grant=ASSESSOR.id,
        role="role:assessor",
        comment="Looks sound.",
    )
    vote = story.state.votes[0]
    assert (vote.person, vote.at, vote.revision) == (ASA, at, 1)


@pytest.mark.req("S3-20")
def test_a_board_members_vote_names_their_seat() -> None:
    event = assessed().ask(CAB_ONE, "approve", rule="cab_two")[0]
    assert (event.grant, event.role) == (f"seat cab {CAB_ONE}", "board:cab")


# Who may not.


@pytest.mark.parametrize("by", [ANN, OWEN])
def test_requester_and_owner_do_not_decide(by: str) -> None:
    story = submitted()
    story.learn(grant(by, "role:assessor", Scope.SERVICE, "ledger"))
    with refused("own_change"):
        story.ask(by, "approve", rule="assessment")


def test_whoever_ever_wrote_on_it_does_not_decide() -> None:
    story = drafted()
    story.ask(ASA, "edit", content=replace(CONTENT, test_plan="Book twice."))
    story.ask(ANN, "edit", content=CONTENT)
    story.ask(ANN, "submit")
    with refused("own_change"):
        story.ask(ASA, "approve", rule="assessment")


def test_who_submits_does_not_decide() -> None:
    story = drafted()
    story.ask(ASA, "submit")
    with refused("own_change"):
        story.ask(ASA, "approve", rule="assessment")


def test_a_second_account_of_the_requester_does_not_decide() -> None:
    story = submitted()
    story.learn(person(ASA, linked=(ANN,)))
    with refused("own_change"):
        story.ask(ASA, "approve", rule="assessment")


def test_the_owner_of_a_program_that_wrote_does_not_decide() -> None:
    story = drafted()
    story.learn(person(ROBOT, owner=ASA))
    story.ask(ROBOT, "edit", content=replace(CONTENT, test_plan="Book twice."))
    story.ask(ANN, "submit")
    with refused("own_change"):
        story.ask(ASA, "approve", rule="assessment")


def test_a_program_fills_no_human_rule() -> None:
    story = submitted()
    story.learn(grant(ROBOT, "role:assessor", Scope.SERVICE, "ledger"))
    with refused("not_a_person"):
        story.ask(ROBOT, "approve", rule="assessment")


@pytest.mark.parametrize(
    "held",
    [
        None,
        grant(ENG, "role:assessor", Scope.SERVICE, "payments"),
        grant(ENG, "role:change_manager", Scope.SERVICE, "ledger"),
        grant(ENG, "role:assessor", Scope.SERVICE, "ledger", until=LONG_AGO + DAY),
        revoked(grant(ENG, "role:assessor", Scope.SERVICE, "ledger")),
    ],
)
def test_it_takes_the_role_for_this_service_now(held) -> None:  # type: ignore[no-untyped-def]
    story = submitted()
    story.learn(*filter(None, (held,)))
    with refused("not_entitled"):
        story.ask(ENG, "approve", rule="assessment")


@pytest.mark.parametrize("verb,more", [("reject", {"reason": "No."}), ("abstain", {})])
def test_rejecting_and_abstaining_take_the_same_right(verb: str, more: dict[str, str]) -> None:
    with refused("not_entitled"):
        submitted().ask(ENG, verb, rule="assessment", **more)


def test_only_rules_that_are_open_take_votes() -> None:
    for story in (drafted(), submitted()):
        with refused("not_awaited"):
            story.ask(CAB_ONE, "approve", rule="cab_two")


def test_a_claim_about_a_vote_elsewhere_is_no_vote() -> None:
    story = submitted()
    with refused("mere_claim"):
        story.ask(ASA, "approve", rule="assessment", claimed=True, happened=LONG_AGO)


def test_a_rejection_says_why() -> None:
    with refused("text_missing"):
        submitted().ask(ASA, "reject", rule="assessment", reason=" ")


# What a vote names.


def test_an_edit_voids_every_vote_and_returns_to_draft() -> None:
    story = scheduled()
    story.ask(ANN, "edit", content=replace(CONTENT, test_plan="Book twice."))
    state = story.state
    assert (state.status, state.revision, state.votes, state.rules) == (Status.DRAFT, 2, (), ())
    assert state.voided == 3


def test_content_that_comes_back_brings_no_vote_back() -> None:
    story = scheduled()
    before = story.state.digest
    story.ask(ANN, "edit", content=replace(CONTENT, test_plan="Book twice."))
    story.ask(ANN, "edit", content=CONTENT)
    assert (story.state.revision, story.state.votes) == (3, ())
    assert story.state.digest != before


def test_an_edit_that_says_the_same_is_no_edit() -> None:
    story = scheduled()
    assert story.ask(ANN, "edit", content=CONTENT) == []
    assert story.state.status is Status.SCHEDULED


def test_a_vote_on_another_digest_is_void() -> None:
    story = assessed()
    story.state = replace(story.state, digest="sha256:other")
    now = standings(story.state, authority(*story.world), story.at).of("assessment")
    assert [each.reason for each in now.void] == [Void.OTHER_DIGEST]


@pytest.mark.parametrize(
    "part",
    [
        {"risk": "high"},
        {"revision": 7},
        {"kind": "emergency"},
        {"playbook": "another"},
        {"content": replace(CONTENT, service="payments")},
        {"content": replace(CONTENT, environments=("staging",))},
        {"content": replace(CONTENT, window=None)},
        {"content": replace(CONTENT, backout_plan="None.")},
    ],
)
def test_the_digest_covers_everything_people_decide_on(part) -> None:  # type: ignore[no-untyped-def]
    from domain.change.state import digest_of

    state = submitted().state
    assert digest_of(state) == state.digest
    assert digest_of(replace(state, **part)) != state.digest


# What a rejection does.


def test_a_rejection_out_of_reach_of_the_quorum_returns_to_draft_as_a_new_revision() -> None:
    story = submitted()
    events = story.ask(ASA, "reject", rule="assessment", reason="No way back is tested.")
    assert kinds(events) == ["Rejected", "Returned"]
    state = story.state
    assert (state.status, state.revision, state.votes) == (Status.DRAFT, 2, ())
    assert state.rejection is not None
    assert (state.rejection.by, state.rejection.reason) == (ASA, "No way back is tested.")


def test_a_rejection_that_leaves_the_quorum_in_reach_returns_nothing() -> None:
    story = assessed()
    events = story.ask(CAB_ONE, "reject", rule="cab_two", reason="Not for me.")
    assert kinds(events) == ["Rejected"]
    assert story.state.status is Status.AUTHORIZING


@pytest.mark.req("S3-20")
def test_a_veto_returns_it_whatever_the_others_say() -> None:
    story = high()
    story.ask(SUE, "approve", rule="service_owner")
    story.ask(CHAIR, "approve", rule="cab_half")
    events = story.ask(CAB_ONE, "reject", rule="cab_half", reason="Too close to the year's end.")
    assert kinds(events) == ["Rejected", "Returned"]


def test_a_scheduled_change_may_still_be_rejected() -> None:
    story = scheduled()
    events = story.ask(ASA, "reject", rule="assessment", reason="I found a flaw.")
    assert kinds(events) == ["Rejected", "Returned"]
    assert story.state.status is Status.DRAFT


def test_only_the_newest_decision_of_a_person_counts() -> None:
    story = assessed()
    story.ask(CAB_ONE, "approve", rule="cab_two")
    story.ask(CAB_ONE, "reject", rule="cab_two", reason="On second thought, no.")
    story.ask(CAB_TWO, "approve", rule="cab_two")
    assert story.state.status is Status.AUTHORIZING
    story.ask(CAB_ONE, "approve", rule="cab_two")
    assert story.state.status is Status.SCHEDULED
    assert len(story.state.votes) == 3


def test_abstaining_takes_no_side_and_may_put_the_quorum_out_of_reach() -> None:
    story = assessed()
    assert kinds(story.ask(CAB_ONE, "abstain", rule="cab_two")) == ["Abstained"]
    assert kinds(story.ask(CAB_TWO, "abstain", rule="cab_two")) == ["Abstained"]
    events = story.ask(CAB_THREE, "abstain", rule="cab_two", comment="I sold the disks.")
    assert kinds(events) == ["Abstained", "Returned"]


def test_a_decision_taken_back_counts_no_more() -> None:
    story = scheduled()
    assert kinds(story.ask(CAB_TWO, "withdraw_vote", rule="cab_two")) == ["VoteWithdrawn"]
    story.at = WINDOW.since
    with refused("approvals_missing"):
        story.ask(ENG, "implement")
    story.ask(CAB_THREE, "approve", rule="cab_two")
    story.ask(ENG, "implement")


def test_only_ones_own_decision_is_taken_back() -> None:
    for by in (CAB_ONE, ENG):
        with refused("no_vote"):
            submitted().ask(by, "withdraw_vote", rule="assessment")


# Ordered stages and the chair.


@pytest.mark.req("S3-19")
def test_a_later_stage_waits_for_the_earlier_one() -> None:
    story = high()
    with refused("stage_waiting"):
        story.ask(CHAIR, "approve", rule="cab_half")
    story.ask(SUE, "approve", rule="service_owner")
    story.ask(CAB_ONE, "approve", rule="cab_half")
    story.ask(CAB_TWO, "approve", rule="cab_half")
    assert story.state.status is Status.AUTHORIZING, "half of the board, but not its chair"
    story.ask(CHAIR, "approve", rule="cab_half")
    assert story.state.status is Status.SCHEDULED


def test_the_chair_and_the_numbers_are_those_of_the_moment_authorizing_opened() -> None:
    story = high()
    opened = next(each for each in story.state.rules if each.rule.name == "cab_half")
    assert (opened.rule.mandatory, opened.members, opened.needed) == ((CHAIR,), 4, 2)
    story.learn(board("cab", CAB_ONE, CAB_TWO, CAB_THREE, CHAIR, SUE, MAX, chair=DUTY))
    now = standings(story.state, authority(*story.world), story.at).of("cab_half")
    assert (now.rule.mandatory, now.needed) == ((CHAIR,), 2)


# What becomes of the right to vote.


def gate_refuses(story: Story, code: str) -> None:
    story.at = WINDOW.since
    with refused(code):
        story.ask(ENG, "implement")


def test_a_revoked_grant_voids_the_vote() -> None:
    story = scheduled()
    story.learn(revoked(ASSESSOR, story.at))
    assert standing_of(story, "assessment") is Standpoint.IMPOSSIBLE
    gate_refuses(story, "quorum_impossible")


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


# Quorums that cannot be met.


def test_a_rule_that_nobody_may_fill_raises_an_alarm_when_it_opens() -> None:
    story = drafted()
    story.learn(revoked(ASSESSOR))
    events = story.ask(ANN, "submit")
    assert kinds(events) == ["Submitted", "QuorumFoundImpossible"]
    assert story.state.alarms == ("assessment",)
    assert events[1].lacking == 1


def test_an_alarm_is_raised_once_and_when_counting_again() -> None:
    story = assessed(LOW)
    assert story.ask(ANN, "recount") == []
    story.learn(revoked(MANAGER))
    assert kinds(story.ask(ANN, "recount")) == ["QuorumFoundImpossible"]
    assert story.ask(ANN, "recount") == []


def test_naming_the_only_approver_as_owner_raises_an_alarm() -> None:
    story = assessed(LOW)
    assert kinds(story.ask(ANN, "assign", owner=MAX)) == ["Assigned", "QuorumFoundImpossible"]


def test_counting_again_moves_what_has_become_possible() -> None:
    story = assessed()
    story.ask(CAB_ONE, "approve", rule="cab_two")
    story.learn(person(CAB_ONE, suspended=True))
    story.ask(CAB_TWO, "approve", rule="cab_two")
    assert story.state.status is Status.AUTHORIZING
    story.learn(person(CAB_ONE))
    assert kinds(story.ask(ANN, "recount")) == ["Authorized"]


def test_one_person_fills_one_slot_over_distinct_rules() -> None:
    story = submitted()
    story.learn(board("cab", ASA, CAB_ONE, chair=None))
    story.ask(ASA, "approve", rule="assessment")
    story.ask(ASA, "approve", rule="cab_two")
    events = story.ask(CAB_ONE, "approve", rule="cab_two")
    assert story.state.status is not Status.SCHEDULED
    assert "Authorized" not in kinds(events)


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
def test_only_a_delegation_in_force_for_this_lets_one_vote(given) -> None:  # type: ignore[no-untyped-def]
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


def test_the_delegator_takes_back_what_was_decided_in_their_place() -> None:
    story = submitted()
    story.learn(lent())
    story.ask(DUTY, "approve", rule="assessment", behalf=ASA)
    story.ask(ASA, "withdraw_vote", rule="assessment")
    assert story.state.votes == ()


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
