"""Votes on a change: who may cast them, and what they name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.approval.approval import Void
from domain.change.events import Approved
from domain.change.standing import standings
from domain.change.state import Status
from domain.grant.aggregate import Scope
from tests.domain.change_stories import assessed, drafted, scheduled, submitted
from tests.domain.given import DAY, authority
from tests.domain.organisation import (
    ANN,
    ASA,
    ASSESSOR,
    CAB_ONE,
    CONTENT,
    ENG,
    LONG_AGO,
    OWEN,
    ROBOT,
    grant,
    person,
    refused,
    revoked,
)


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


def test_whom_it_was_opened_for_does_not_decide() -> None:
    story = drafted(requester=ASA)
    story.ask(ANN, "submit")
    with refused("own_change"):
        story.ask(ASA, "approve", rule="assessment")


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
def test_it_takes_the_role_for_this_service_now(held: Any) -> None:
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
def test_the_digest_covers_everything_people_decide_on(part: dict[str, Any]) -> None:
    from domain.change.state import digest_of

    state = submitted().state
    assert digest_of(state) == state.digest
    assert digest_of(replace(state, **part)) != state.digest
