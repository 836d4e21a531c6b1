"""Decisions on a merge request: the newest counts, may be taken back, and takes a right."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest

from domain.approval.approval import Standpoint
from domain.delegation.aggregate import Delegation
from domain.explanation import explain
from domain.grant.aggregate import Scope
from domain.merge_request.aggregate import AGGREGATE
from domain.merge_request.merging import verdict
from domain.merge_request.standing import last_approver, standings
from domain.merge_request.state import Status
from tests.domain.given import DAY, NOON, authority, known
from tests.domain.merge_stories import (
    AUTHOR,
    BASE,
    FIRST,
    MERGE_WORLD,
    OPENING,
    OTHER_HEAD,
    PROJECT,
    RELEASES,
    REVIEWERS,
    SECOND,
    THIRD,
    handed_over,
    opened,
    signed,
)
from tests.domain.organisation import (
    LONG_AGO,
    MAX,
    PLAYBOOKS,
    Story,
    adopted,
    grant,
    kinds,
    refused,
    revoked,
)

MERGE_COMMIT = "c" * 40


def third_reviewer(story: Story) -> Story:
    story.learn(grant(THIRD, "role:reviewer", Scope.PROJECT, PROJECT))
    return story


def test_only_the_newest_decision_counts() -> None:
    story = third_reviewer(signed())
    story.ask(FIRST, "reject", rule="reviews", reason="It leaks.")
    with refused("approvals_missing"):
        story.ask(SECOND, "merge")
    story.ask(FIRST, "sign_off", rule="reviews")
    with refused("not_the_merger"):
        story.ask(SECOND, "merge")
    story.ask(FIRST, "merge")


def ways_of(story: Story, *able: str) -> list[list[tuple[str, int, tuple[str, ...]]]]:
    asked: Any = {"authority": authority(*story.world), "records": known(*story.others)}
    asked |= {"at": story.at, "who": lambda _action: frozenset(able)}
    found = verdict(story.state, "merge", **asked)
    told = explain(found, approve="merge_request.sign_off").ways
    return [[(each.action, each.count, each.people) for each in way.acts] for way in told]


SIGN, BACK, MERGE = (f"merge_request.{verb}" for verb in ("sign_off", "withdraw_sign_off", "merge"))


def test_of_what_is_rejected_it_is_told_who_may_approve_it_instead() -> None:
    story = signed()
    story.ask(FIRST, "reject", rule="reviews", reason="It leaks.")
    (way,) = ways_of(story, FIRST, SECOND)
    assert way[0] == (SIGN, 1, (FIRST,))
    story.ask(FIRST, "sign_off", rule="reviews")
    story.ask(FIRST, "merge")


def test_of_a_veto_it_is_told_who_takes_it_back_or_approves_instead() -> None:
    story = opened(playbook="security", kind="strict")
    story.learn(*(grant(who, "role:appsec", Scope.PROJECT, PROJECT) for who in (FIRST, SECOND)))
    story.learn(grant(THIRD, "role:maintainer", Scope.PROJECT, PROJECT))
    handed_over(story)
    story.ask(THIRD, "sign_off", rule="maintainer")
    story.ask(FIRST, "reject", rule="appsec", reason="It leaks.")
    approved, taken = ways_of(story, FIRST, SECOND, RELEASES)
    assert approved == [(SIGN, 1, (FIRST,))]
    assert taken == [(BACK, 1, (FIRST,)), (SIGN, 1, (SECOND,))]
    story.ask(FIRST, "withdraw_sign_off", rule="appsec")
    story.ask(SECOND, "sign_off", rule="appsec")
    story.ask(RELEASES, "merge")


def test_a_sign_off_taken_back_counts_no_more() -> None:
    story = signed()
    story.ask(SECOND, "withdraw_sign_off", rule="reviews")
    with refused("approvals_missing"):
        story.ask(SECOND, "merge")
    with refused("no_vote"):
        story.ask(SECOND, "withdraw_sign_off", rule="reviews")


def test_nothing_is_taken_back_once_it_is_merged_or_closed() -> None:
    story = signed()
    story.ask(AUTHOR, "close", reason="Not now.")
    with refused("no_vote"):
        story.ask(SECOND, "withdraw_sign_off", rule="reviews")


@pytest.mark.parametrize("by", [THIRD, FIRST])
def test_delegate_and_delegator_take_back_what_was_decided(by: str) -> None:
    story = opened()
    story.learn(
        Delegation(
            id="delegation",
            version=1,
            delegator=FIRST,
            delegate=THIRD,
            board=None,
            role="role:reviewer",
            scope=None,
            value=None,
            max_risk=None,
            since=LONG_AGO,
            until=NOON + DAY,
            reason="On leave.",
            given_at=LONG_AGO,
        )
    )
    story.ask(THIRD, "sign_off", rule="reviews", behalf=FIRST)
    assert story.state.votes[0].seat == FIRST
    with refused("no_vote"):
        story.ask(SECOND, "withdraw_sign_off", rule="reviews")
    story.ask(by, "withdraw_sign_off", rule="reviews")
    assert story.state.votes == ()


def test_an_alarm_is_raised_once() -> None:
    story = opened(contributors=(FIRST,))
    assert story.ask(AUTHOR, "recount") == []


def test_a_later_stage_waits_for_the_earlier_one() -> None:
    text = (PLAYBOOKS / "security.toml").read_text()
    text = text.replace('title = "Maintainer"\n', 'title = "Maintainer"\nstage = 2\n')
    world = tuple(each for each in MERGE_WORLD if getattr(each, "title", "") != "security")
    story = Story(AGGREGATE, (*world, adopted("security", text)), subject="8" * 32)
    story.learn(grant(FIRST, "role:maintainer", Scope.PROJECT, PROJECT, id="third grant"))
    story.learn(grant(MAX, "role:appsec", Scope.PROJECT, PROJECT))
    story.ask(AUTHOR, "open", **(OPENING | {"playbook": "security", "kind": "strict"}))
    with refused("stage_waiting"):
        story.ask(FIRST, "sign_off", rule="maintainer")
    story.ask(MAX, "sign_off", rule="appsec")
    story.ask(FIRST, "sign_off", rule="maintainer")


def test_a_merge_names_a_commit() -> None:
    with refused("not_a_commit"):
        signed().ask(SECOND, "merge", merge_commit="main")


@pytest.mark.req("X-01", "X-05")
@pytest.mark.parametrize(
    "changes,free",
    [
        ({"head": MERGE_COMMIT}, False),
        ({"merge_commit": MERGE_COMMIT, "status": Status.MERGED}, False),
        ({"merge_commit": MERGE_COMMIT, "project": "group/other"}, True),
        ({"merge_commit": MERGE_COMMIT, "embargoed": True}, True),
    ],
)
def test_nothing_is_merged_as_what_another_one_is(changes: dict[str, Any], free: bool) -> None:
    story = signed()
    other = {"id": "9" * 32, "number": 9, "head": "9" * 40} | changes
    story.learn(replace(story.state, **other))
    with nullcontext() if free else refused("merge_commit_taken"):
        story.ask(SECOND, "merge", merge_commit=MERGE_COMMIT)


def test_a_rejection_says_why() -> None:
    with refused("text_missing"):
        opened().ask(FIRST, "reject", rule="reviews", reason="")


def test_a_revoked_reviewer_has_not_reviewed() -> None:
    story = third_reviewer(signed())
    story.learn(revoked(REVIEWERS[1], story.at))
    now = standings(story.state, authority(*story.world), story.at)
    assert now.of("reviews").status is Standpoint.OPEN
    assert last_approver(story.state, now) == FIRST
    with refused("approvals_missing"):
        story.ask(FIRST, "merge")


def test_a_quorum_that_nobody_can_fill_raises_an_alarm() -> None:
    story = opened(contributors=(FIRST,))
    assert kinds([each.event for each in story.told]) == ["Opened", "QuorumFoundImpossible"]
    third_reviewer(story)
    story.ask(AUTHOR, "push", head=OTHER_HEAD, base=BASE)
    assert story.state.alarms == ()
    story.learn(revoked(REVIEWERS[1]))
    assert kinds(story.ask(AUTHOR, "recount")) == ["QuorumFoundImpossible"]


def test_claims_sign_nothing_off_and_merge_nothing() -> None:
    story = signed()
    for verb, more in (("sign_off", {"rule": "reviews"}), ("merge", {})):
        with refused("mere_claim"):
            story.ask(SECOND, verb, claimed=True, happened=LONG_AGO, **more)
