"""What follows from votes on a change: returns, stages, alarms."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.approval.approval import Standpoint
from domain.approval.dead_end import dead_end
from domain.board.state import SeatKind
from domain.change.standing import standings
from domain.change.state import Status
from domain.gate import approval_findings
from tests.domain.change_stories import assessed, drafted, scheduled, submitted
from tests.domain.given import authority
from tests.domain.organisation import (
    ANN,
    ASA,
    ASSESSOR,
    CAB_ONE,
    CAB_THREE,
    CAB_TWO,
    CHAIR,
    DUTY,
    ENG,
    HIGH,
    LOW,
    MANAGER,
    MAX,
    SUE,
    WINDOW,
    Story,
    board,
    kinds,
    person,
    refused,
    revoked,
)


def high() -> Story:
    """A change of high risk before the service owner and half of the board with its chair."""
    return assessed(HIGH)


# What a rejection does.


def test_a_rejection_out_of_reach_of_the_quorum_returns_to_draft_as_a_new_revision() -> None:
    story = submitted()
    events = story.ask(ASA, "reject", rule="assessment", reason="No way back is tested.")
    assert kinds(events) == ["Rejected", "Returned"]
    assert events[1].rules == ("assessment",)
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


def test_a_decision_under_one_rule_leaves_ones_decision_under_another() -> None:
    story = assessed()
    story.learn(board("cab", ASA, CAB_ONE, CAB_TWO, CAB_THREE))
    story.ask(ASA, "abstain", rule="cab_two")
    story.ask(ASA, "reject", rule="cab_two", reason="Not for me.")
    assert [(vote.rule, vote.choice.value) for vote in story.state.votes] == [
        ("assessment", "approve"),
        ("cab_two", "reject"),
    ]
    story.ask(ASA, "withdraw_vote", rule="cab_two")
    assert [vote.rule for vote in story.state.votes] == ["assessment"]


def test_a_scheduled_change_is_scheduled_once() -> None:
    assert kinds(scheduled().ask(CAB_THREE, "approve", rule="cab_two")) == ["Approved"]


def test_only_the_newest_decision_of_a_person_counts() -> None:
    story = assessed()
    story.ask(CAB_ONE, "approve", rule="cab_two")
    story.ask(CAB_ONE, "reject", rule="cab_two", reason="On second thought, no.")
    assert kinds(story.ask(CAB_TWO, "approve", rule="cab_two")) == ["Approved"]
    assert kinds(story.ask(CAB_ONE, "approve", rule="cab_two")) == ["Approved", "Authorized"]
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
    events = story.ask(CAB_TWO, "approve", rule="cab_half")
    assert kinds(events) == ["Approved"], "half of the board, but not its chair"
    assert kinds(story.ask(CHAIR, "approve", rule="cab_half")) == ["Approved", "Authorized"]


def test_a_later_stage_waits_also_when_nobody_could_fill_it() -> None:
    story = high()
    story.learn(board("cab", CAB_ONE))
    with refused("stage_waiting"):
        story.ask(CAB_ONE, "approve", rule="cab_half")


def test_the_numbers_are_those_of_when_authorizing_opened_and_the_chair_is_who_is_now() -> None:
    story = high()
    opened = next(each for each in story.state.rules if each.rule.name == "cab_half")
    assert (opened.rule.mandatory, opened.members, opened.needed) == ((CHAIR,), 4, 2)
    story.learn(board("cab", CAB_ONE, CAB_TWO, CAB_THREE, CHAIR, SUE, MAX, chair=DUTY))
    now = standings(story.state, authority(*story.world), story.at).of("cab_half")
    assert (now.rule.mandatory, now.needed) == ((DUTY,), 2)


@pytest.mark.req("S3-20", "X-04")
def test_another_chair_decides_where_the_first_left() -> None:
    story = high()
    story.ask(SUE, "approve", rule="service_owner")
    story.ask(CAB_ONE, "approve", rule="cab_half")
    story.learn(board("cab", CAB_ONE, CAB_TWO, chair=CAB_THREE))
    assert kinds(story.ask(CAB_THREE, "approve", rule="cab_half")) == ["Approved", "Authorized"]


@pytest.mark.req("S3-20", "X-04")
def test_who_stands_in_for_a_chair_who_had_a_hand_in_it_decides_as_the_chair_would() -> None:
    story = high()
    story.ask(SUE, "approve", rule="service_owner")
    story.ask(MAX, "assign", owner=CHAIR)
    seats = board("cab", CAB_ONE, CAB_TWO, chair=CHAIR)
    alternate = replace(seats.seats[0], id="alternate", person=DUTY, kind=SeatKind.ALTERNATE)
    story.learn(replace(seats, seats=(*seats.seats, replace(alternate, stands_for=CHAIR))))
    story.ask(CAB_ONE, "approve", rule="cab_half")
    assert kinds(story.ask(DUTY, "approve", rule="cab_half")) == ["Approved", "Authorized"]


@pytest.mark.req("S3-20", "X-04")
@pytest.mark.parametrize("gone", ["suspended", "unseated"])
def test_who_chaired_a_board_before_is_not_its_chair_again(gone: str) -> None:
    story = high()
    story.ask(SUE, "approve", rule="service_owner")
    if gone == "suspended":
        story.learn(
            board("cab", CAB_ONE, CHAIR, chair=CAB_THREE), person(CAB_THREE, suspended=True)
        )
    else:
        story.learn(board("cab", CAB_ONE, CHAIR))
    story.ask(CAB_ONE, "approve", rule="cab_half")
    assert "Authorized" not in kinds(story.ask(CHAIR, "approve", rule="cab_half"))
    now = standings(story.state, authority(*story.world), story.at).of("cab_half")
    assert now.status is Standpoint.IMPOSSIBLE
    story.learn(board("cab", CAB_ONE, chair=CHAIR))
    assert kinds(story.ask(MAX, "recount")) == ["Authorized"]


@pytest.mark.req("S3-20", "X-04")
@pytest.mark.parametrize("suspended", ["before", "after"])
def test_who_stands_in_for_a_suspended_chair_decides_as_the_chair_would(suspended: str) -> None:
    story = submitted(HIGH)
    seats = board("cab", CAB_ONE, CAB_TWO, chair=CHAIR)
    alternate = replace(seats.seats[0], id="alternate", person=DUTY, kind=SeatKind.ALTERNATE)
    story.learn(replace(seats, seats=(*seats.seats, replace(alternate, stands_for=CHAIR))))
    if suspended == "before":
        story.learn(person(CHAIR, suspended=True))
    story.ask(ASA, "approve", rule="assessment")
    story.learn(person(CHAIR, suspended=True))
    story.ask(SUE, "approve", rule="service_owner")
    story.ask(CAB_ONE, "approve", rule="cab_half")
    assert kinds(story.ask(DUTY, "approve", rule="cab_half")) == ["Approved", "Authorized"]


@pytest.mark.req("S3-20")
def test_that_the_chair_cannot_approve_is_told_by_name_with_what_helps() -> None:
    story = high()
    story.learn(person(CHAIR, suspended=True))
    now = standings(story.state, authority(*story.world), story.at)
    told = dead_end(now.rules, {CHAIR: "Carla"}.__getitem__)
    assert told is not None
    assert told.reason == (
        "Too few people may approve: cab_half must have Carla, who cannot approve, and another "
        "chair of the board may be appointed, or somebody stand in."
    )


@pytest.mark.req("S3-20")
def test_where_nobody_chairs_the_board_the_gate_names_nobody_as_missing() -> None:
    story = submitted(HIGH)
    story.learn(board("cab", CAB_ONE, CAB_TWO))
    story.ask(ASA, "approve", rule="assessment")
    now = standings(story.state, authority(*story.world), story.at)
    assert not any(each.lacking for each in approval_findings(now))
    told = dead_end(now.rules)
    assert told is not None
    assert "cab_half must have a chair" in told.reason


# Quorums that cannot be met.


def test_a_rule_that_nobody_may_fill_raises_an_alarm_when_it_opens() -> None:
    story = drafted()
    story.learn(revoked(ASSESSOR))
    events = story.ask(ANN, "submit")
    assert kinds(events) == ["Submitted", "QuorumFoundImpossible"]
    assert story.state.alarms == ("assessment",)
    assert events[1].lacking == 1


def test_every_rule_that_nobody_may_fill_is_alarmed() -> None:
    story = drafted()
    story.learn(revoked(ASSESSOR))
    story.ask(ANN, "submit")
    story.state = replace(story.state, status=Status.AUTHORIZING, alarms=("cab_two",))
    assert kinds(story.ask(ANN, "recount")) == ["QuorumFoundImpossible"]
    assert story.state.alarms == ("cab_two", "assessment")


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
