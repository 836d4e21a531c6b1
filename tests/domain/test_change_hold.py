"""Holding a change: it waits with its votes, which are judged anew when it is resumed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.change.state import Outcome, Status
from domain.kernel import Refusal
from tests.domain.change_stories import (
    assessed,
    broken,
    drafted,
    emergency_scheduled,
    reviewing,
    scheduled,
    submitted,
    under_way,
)
from tests.domain.organisation import (
    ANN,
    ASA,
    ASSESSOR,
    CAB_ONE,
    CONTENT,
    DUTY,
    ENG,
    MAX,
    OWEN,
    ROBOT,
    WINDOW,
    Story,
    kinds,
    person,
    refused,
    revoked,
)
from tests.domain.template_stories import standard


def held(story: Story) -> Story:
    story.ask(ANN, "hold", reason="The vendor is late.")
    return story


@pytest.mark.parametrize("begin", [drafted, submitted, assessed, scheduled])
def test_a_change_resumes_where_it_stood(begin: Callable[[], Story]) -> None:
    story = begin()
    before = replace(story.state, version=0)
    held(story)
    assert story.state.status is Status.ON_HOLD
    story.ask(ANN, "resume")
    assert replace(story.state, version=0) == before


@pytest.mark.parametrize(
    "verb,arguments",
    [
        ("submit", {}),
        ("edit", {"content": replace(CONTENT, test_plan="Other.")}),
        ("implement", {}),
        ("hold", {"reason": "Twice."}),
        ("approve", {"rule": "assessment"}),
        ("withdraw_vote", {"rule": "assessment"}),
        ("add_task", {"title": "Call the vendor"}),
    ],
)
def test_a_change_on_hold_can_only_be_given_up_or_resumed(
    verb: str, arguments: dict[str, Any]
) -> None:
    story = held(scheduled())
    with pytest.raises(Refusal):
        story.ask(ASA, verb, **arguments)
    assert kinds(held(submitted()).ask(ANN, "cancel", reason="Too late.")) == ["Cancelled"]


def test_resuming_grants_nothing_back() -> None:
    story = held(scheduled())
    story.learn(person(CAB_ONE, suspended=True))
    story.ask(ANN, "resume")
    assert story.state.status is Status.AUTHORIZING


def test_resuming_tells_of_rules_that_nobody_may_fill_any_more() -> None:
    story = held(submitted())
    story.learn(revoked(ASSESSOR))
    assert kinds(story.ask(ANN, "resume")) == ["Resumed", "QuorumFoundImpossible"]


def test_work_that_was_held_passes_its_gate_again() -> None:
    story = held(under_way())
    story.ask(ANN, "resume")
    assert story.state.status is Status.SCHEDULED
    story.at = WINDOW.until
    with refused("window_over"):
        story.ask(ENG, "implement")


def gone_back() -> Story:
    """A change whose work had begun, and that says something else since."""
    story = held(under_way())
    story.ask(ANN, "resume")
    story.ask(ANN, "edit", content=replace(CONTENT, test_plan="Other."))
    assert story.state.status is Status.DRAFT
    return story


def resumed() -> Story:
    story = held(under_way())
    story.ask(ANN, "resume")
    return story


STOPPED = [lambda: held(under_way()), resumed, gone_back, lambda: held(gone_back())]
"""What has begun, and does not go on."""


@pytest.mark.parametrize("begin", [*STOPPED, under_way, broken, lambda: held(broken())])
def test_what_has_begun_is_not_given_up(begin: Callable[[], Story]) -> None:
    with refused("work_begun"):
        begin().ask(ANN, "cancel", reason="Never mind.")


@pytest.mark.parametrize("outcome", [Outcome.UNSUCCESSFUL, Outcome.ROLLED_BACK])
@pytest.mark.parametrize("begin", STOPPED)
def test_what_has_begun_and_does_not_go_on_ends_as_it_went(
    begin: Callable[[], Story], outcome: Outcome
) -> None:
    story = begin()
    story.ask(ENG, "finish", outcome=outcome, note="The vendor never came.")
    assert (story.state.status, story.state.hold) == (Status.REVIEW, None)
    assert story.state.outcome is outcome
    story.ask(MAX, "review", findings="The vendor was booked too late.")
    story.ask(OWEN, "close")
    assert story.state.status is Status.CLOSED


@pytest.mark.parametrize("outcome", [Outcome.SUCCESSFUL, Outcome.WITH_ISSUES])
@pytest.mark.parametrize("begin", STOPPED)
def test_to_end_well_it_passes_its_gate_again(begin: Callable[[], Story], outcome: Outcome) -> None:
    with refused("not_in_implementing"):
        begin().ask(ENG, "finish", outcome=outcome, note="All fine.")


def test_what_has_not_begun_is_not_finished_on_hold_either() -> None:
    with refused("not_in_implementing"):
        held(scheduled()).ask(ENG, "finish", outcome=Outcome.ROLLED_BACK, note="Not at all.")


def test_where_the_work_has_begun_it_is_not_edited_away() -> None:
    story = resumed()
    with refused("work_begun"):
        story.ask(ANN, "edit", content=replace(CONTENT, environments=("elsewhere",)))
    more = (*CONTENT.environments, "elsewhere")
    story.ask(ANN, "edit", content=replace(CONTENT, environments=more))
    assert story.state.content.environments == more


def test_work_began_when_it_first_began() -> None:
    story = under_way()
    held(story)
    story.ask(ANN, "resume")
    story.ask(ROBOT, "implement")
    assert story.state.started_at == WINDOW.since
    assert story.state.implementers == (ENG, ROBOT)


def test_what_went_ahead_without_approval_resumes_as_it_was() -> None:
    story = held(broken())
    story.ask(ANN, "resume")
    assert story.state.status is Status.IMPLEMENTING


def test_a_wish_to_break_the_glass_carries_nothing_over_a_hold() -> None:
    story = emergency_scheduled()
    story.ask(ENG, "break_glass", second=DUTY, reason="Now.")
    story.at = WINDOW.since
    story.ask(ENG, "implement")
    held(story)
    story.ask(ANN, "resume")
    assert story.state.status is Status.SCHEDULED


def test_a_standard_change_resumes_as_scheduled() -> None:
    story = standard()
    story.ask(ENG, "submit")
    held(story)
    assert kinds(story.ask(ANN, "resume")) == ["Resumed"]
    assert story.state.status is Status.SCHEDULED


def test_what_is_owed_is_owed_once_however_often_work_begins() -> None:
    story = emergency_scheduled()
    story.at = WINDOW.since
    story.ask(ENG, "implement")
    before = story.state.obligations
    held(story)
    story.ask(ANN, "resume")
    story.ask(ENG, "implement")
    assert story.state.obligations == before


def test_only_what_is_active_is_held_and_only_what_is_held_resumes() -> None:
    with refused("not_holdable"):
        held(reviewing())
    with refused("not_on_hold"):
        scheduled().ask(ANN, "resume")


@pytest.mark.req("S3-02")
@pytest.mark.parametrize("begin", [drafted, submitted, assessed, scheduled])
def test_what_is_given_up_on_hold_stays_given_up(begin: Callable[[], Story]) -> None:
    story = held(begin())
    story.ask(ANN, "cancel", reason="The vendor is gone.")
    assert (story.state.status, story.state.held) == (Status.CANCELLED, None)
    with refused("not_on_hold"):
        story.ask(ANN, "resume")
