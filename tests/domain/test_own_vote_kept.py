"""A vote in somebody's place lets no vote for another place vanish, whoever gave that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import pytest

from domain.approval.approval import Choice
from domain.approval.casting import at_hand
from domain.change.state import Outcome, Status
from domain.change.votes import decidable
from domain.delegation.aggregate import Delegation
from domain.grant.aggregate import Scope
from domain.kernel import Refusal
from tests.domain.change_stories import assessed, broken
from tests.domain.given import asked_by
from tests.domain.merge_stories import FIRST, PROJECT, SECOND, THIRD
from tests.domain.merge_stories import opened as merge_request
from tests.domain.organisation import (
    CAB,
    CAB_ONE,
    CAB_THREE,
    CAB_TWO,
    CHAIR,
    CONTENT,
    DUTY,
    ENG,
    LONG_AGO,
    SUE,
    WINDOW,
    Story,
    grant,
    person,
    refused,
)
from tests.domain.release_stories import EVE, PAULA, RITA, Office, filled, hold

RULE: Final = "cab_two"
NAMES: Final = {CAB_ONE: "One", CAB_TWO: "Two", CAB_THREE: "Three", DUTY: "Duty"}


def lent(by: str, to: str, **changes: Any) -> Delegation:
    """Somebody on the board lets another decide in their place."""
    given = Delegation(
        id=f"{by} to {to}",
        version=1,
        delegator=by,
        delegate=to,
        board=CAB.id,
        role=None,
        scope=None,
        value=None,
        max_risk=None,
        since=LONG_AGO,
        until=WINDOW.until,
        reason="On leave.",
        given_at=LONG_AGO,
    )
    return replace(given, **changes)


def board(*lending: Delegation) -> Story:
    """A change before its board, some of whom lent their seats."""
    story = assessed()
    story.learn(*lending, *(replace(person(id), name=name) for id, name in NAMES.items()))
    return story


def waits_for(story: Story, by: str, behalf: str | None) -> bool:
    """Whether their inbox has it."""
    context = asked_by(by, *story.others, at=story.at, subject=story.subject, behalf=behalf)
    return RULE in decidable(story.state, context)


@contextmanager
def told(words: str) -> Iterator[None]:
    """Refused since another decision would vanish, with these words first."""
    with pytest.raises(Refusal) as found:
        yield
    [problem] = found.value.problems
    assert (problem.code, problem.path) == ("fills_another_place", ("rule",))
    assert problem.message.startswith(f"{words}. ")


def cast(story: Story) -> list[tuple[str, str | None, Choice]]:
    return [(e.person, e.behalf, e.choice) for e in story.state.votes if e.rule == RULE]


def test_a_delegate_keeps_their_own_vote() -> None:
    story = board(lent(CAB_ONE, CAB_TWO))
    assert waits_for(story, CAB_TWO, CAB_ONE)
    story.ask(CAB_TWO, "abstain", rule=RULE)
    assert not waits_for(story, CAB_TWO, CAB_ONE)
    for verb, more in (("approve", {}), ("reject", {"reason": "No."}), ("abstain", {})):
        with told("You decided for yourself already"):
            story.ask(CAB_TWO, verb, rule=RULE, behalf=CAB_ONE, **more)
    assert cast(story) == [(CAB_TWO, None, Choice.ABSTAIN)]
    story.ask(CAB_TWO, "withdraw_vote", rule=RULE)
    assert waits_for(story, CAB_TWO, CAB_ONE)
    story.ask(CAB_TWO, "approve", rule=RULE, behalf=CAB_ONE)
    assert cast(story) == [(CAB_TWO, CAB_ONE, Choice.APPROVE)]


def test_the_vote_for_somebody_is_kept_too() -> None:
    story = board(lent(CAB_ONE, CAB_TWO), lent(CAB_THREE, CAB_TWO))
    story.ask(CAB_TWO, "approve", rule=RULE, behalf=CAB_ONE)
    for behalf in (None, CAB_THREE):
        assert not waits_for(story, CAB_TWO, behalf)
        with told("You decided for One already"):
            story.ask(CAB_TWO, "approve", rule=RULE, behalf=behalf)
    story.ask(CAB_THREE, "approve", rule=RULE)
    assert story.state.status is Status.SCHEDULED


def test_nobody_decides_for_a_delegate_who_decided_for_another() -> None:
    story = board(lent(CAB_ONE, CAB_TWO), lent(CAB_TWO, DUTY))
    story.ask(CAB_TWO, "approve", rule=RULE, behalf=CAB_ONE)
    with told("Two decided for One already"):
        story.ask(DUTY, "approve", rule=RULE, behalf=CAB_TWO)
    story = board(lent(CAB_ONE, CAB_TWO), lent(CAB_TWO, DUTY))
    story.ask(DUTY, "approve", rule=RULE, behalf=CAB_TWO)
    with told("Duty decided for you already"):
        story.ask(CAB_TWO, "approve", rule=RULE, behalf=CAB_ONE)


def test_of_one_seat_the_newest_vote_counts() -> None:
    story = board(lent(CAB_ONE, CAB_TWO), replace(lent(CAB_ONE, DUTY), id="other"))
    for by, behalf in ((CAB_ONE, None), (DUTY, CAB_ONE), (CAB_TWO, CAB_ONE), (CAB_ONE, None)):
        story.ask(by, "abstain", rule=RULE, behalf=behalf)
        assert cast(story) == [(by, behalf, Choice.ABSTAIN)]


def test_another_account_of_theirs_is_the_same_person() -> None:
    story = board(lent(CAB_ONE, DUTY))
    story.learn(replace(person(DUTY), name="Duty", linked=(CAB_TWO,)))
    story.ask(CAB_TWO, "approve", rule=RULE)
    with told("You decided for yourself already"):
        story.ask(DUTY, "approve", rule=RULE, behalf=CAB_ONE)


@pytest.mark.parametrize("lost", ["suspended", "taken_back", "edited"])
def test_a_vote_that_counts_no_more_is_in_nobodys_way(lost: str) -> None:
    own = lent(CAB_THREE, CAB_TWO)
    story = board(lent(CAB_ONE, CAB_TWO), own)
    story.ask(CAB_TWO, "approve", rule=RULE, behalf=CAB_THREE)
    if lost == "suspended":
        story.learn(person(CAB_THREE, suspended=True))
    elif lost == "taken_back":
        story.learn(replace(own, revoked_at=story.at))
    else:
        state = replace(story.state, revision=2, digest="sha256:" + "2" * 64)
        assert at_hand(story.state.votes, state.revision, state.digest) == ()
        story.state = state
    assert kept(story)


def kept(story: Story) -> bool:
    """Whether they may decide for another seat now."""
    rules = story.state.rules
    story.state = replace(story.state, rules=tuple(e for e in rules if e.rule.name == RULE))
    story.ask(CAB_TWO, "approve", rule=RULE, behalf=CAB_ONE)
    return (CAB_TWO, CAB_ONE, Choice.APPROVE) in cast(story)


def test_so_it_is_for_merge_requests() -> None:
    story = merge_request()
    by_role = {"board": None, "role": "role:reviewer"}
    story.learn(lent(FIRST, SECOND, **by_role))
    story.ask(SECOND, "reject", rule="reviews", reason="It leaks.")
    with refused("fills_another_place"):
        story.ask(SECOND, "sign_off", rule="reviews", behalf=FIRST)
    story.ask(SECOND, "withdraw_sign_off", rule="reviews")
    story.learn(grant(THIRD, "role:reviewer", Scope.PROJECT, PROJECT))
    story.learn(lent(FIRST, THIRD, **by_role))
    story.ask(THIRD, "sign_off", rule="reviews", behalf=FIRST)
    with refused("fills_another_place"):
        story.ask(THIRD, "sign_off", rule="reviews")


def test_nor_does_who_is_needed_for_a_merge_request_fill_the_place_of_another() -> None:
    story = merge_request()
    story.learn(lent(FIRST, SECOND, board=None, role="role:reviewer"))
    with refused("needed_themselves"):
        story.ask(SECOND, "sign_off", rule="reviews", behalf=FIRST)
    story.ask(SECOND, "sign_off", rule="reviews")


def test_so_it_is_for_releases() -> None:
    office = Office()
    office.learn(hold(EVE, "role:product_owner"))
    office.learn(lent(PAULA, EVE, board=None, role="role:product_owner"))
    release = filled(office, "itsm_releases", "major")
    office.ask(RITA, "release.request_approval", release)
    office.ask(EVE, "release.approve", release, rule="product_owner")
    with refused("fills_another_place"):
        office.ask(EVE, "release.approve", release, rule="product_owner", behalf=PAULA)


HIGH = replace(CONTENT, impact="high", probability="likely")


@pytest.mark.req("S3-20", "X-04")
def test_whom_a_rule_needs_decides_in_their_own_place_and_in_no_other_there() -> None:
    story = assessed(HIGH)
    story.learn(lent(CAB_ONE, CHAIR))
    story.ask(SUE, "approve", rule="service_owner")
    story.ask(CAB_TWO, "approve", rule="cab_half")
    votes = story.state.votes
    context = asked_by(CHAIR, *story.others, at=story.at, behalf=CAB_ONE)
    assert decidable(story.state, context) == (), "their inbox has it for themselves alone"
    with refused("needed_themselves"):
        story.ask(CHAIR, "approve", rule="cab_half", behalf=CAB_ONE)
    assert (story.state.votes, story.state.status) == (votes, Status.AUTHORIZING)
    story.ask(CHAIR, "approve", rule="cab_half")
    assert story.state.status is Status.SCHEDULED


@pytest.mark.req("S3-20", "X-04")
def test_nor_does_who_is_needed_after_the_fact() -> None:
    story, rule = broken(), "cab_on_break_glass"
    story.ask(ENG, "finish", outcome=Outcome.SUCCESSFUL)
    story.learn(lent(CAB_ONE, CHAIR))
    with refused("needed_themselves"):
        story.ask(CHAIR, "approve", rule=rule, behalf=CAB_ONE)
    assert story.state.afterwards == ()
    story.ask(CAB_TWO, "approve", rule=rule)
    story.ask(CHAIR, "approve", rule=rule)
    (owed,) = [
        each for each in story.state.obligations if each.rule and each.rule.rule.name == rule
    ]
    assert (owed.fulfilled_at is not None, owed.refused) == (True, False)


@pytest.mark.req("S3-19", "S3-20", "X-04")
def test_nor_in_another_that_is_kept_apart_from_it() -> None:
    story = assessed(HIGH)
    story.learn(lent(SUE, CHAIR, board=None, role="role:service_owner"))
    with refused("needed_themselves"):
        story.ask(CHAIR, "approve", rule="service_owner", behalf=SUE)
    story.ask(SUE, "approve", rule="service_owner")
    assert story.state.revision == 1


@pytest.mark.req("X-04")
def test_where_a_rule_was_out_of_reach_before_it_an_approval_sends_the_change_back() -> None:
    story = assessed(HIGH)
    story.ask(SUE, "approve", rule="service_owner")
    for who in (CAB_ONE, CAB_TWO):
        story.ask(who, "abstain", rule="cab_half")
    story.learn(person(CAB_THREE, suspended=True))
    assert story.state.status is Status.AUTHORIZING, "nobody counted again"
    story.ask(CHAIR, "approve", rule="cab_half")
    assert (story.state.status, story.state.revision) == (Status.DRAFT, 2)
