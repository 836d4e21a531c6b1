"""A change travels from draft to closed, and every step is guarded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from domain.change.events import Authorized, Submitted
from domain.change.state import Outcome, Status
from domain.kernel import Refusal
from tests.domain.change_stories import (
    assessed,
    drafted,
    reviewing,
    scheduled,
    submitted,
    under_way,
)
from tests.domain.organisation import (
    ANN,
    ASA,
    CAB_ONE,
    CAB_TWO,
    CONTENT,
    ENG,
    HOUR,
    LOW,
    MAX,
    OWEN,
    ROBOT,
    WINDOW,
    Story,
    kinds,
    refused,
)


@pytest.mark.req("S3-07", "S3-20", "S3-02")
def test_a_change_travels_from_draft_to_closed() -> None:
    story = drafted()
    passed = [story.state.status]
    for at, by, verb, arguments in (
        (None, ANN, "submit", {}),
        (None, ASA, "approve", {"rule": "assessment"}),
        (None, CAB_ONE, "approve", {"rule": "cab_two"}),
        (None, CAB_TWO, "approve", {"rule": "cab_two"}),
        (WINDOW.since, ENG, "implement", {}),
        (None, ENG, "finish", {"outcome": Outcome.SUCCESSFUL}),
        (None, OWEN, "close", {}),
    ):
        story.at = at or story.at
        story.ask(by, verb, **arguments)
        if story.state.status is not passed[-1]:
            passed.append(story.state.status)
    assert [each.value for each in passed] == [
        "draft",
        "assessing",
        "authorizing",
        "scheduled",
        "implementing",
        "review",
        "closed",
    ]


def test_the_last_approval_of_a_phase_carries_the_change_on() -> None:
    story = submitted()
    assert kinds(story.ask(ASA, "approve", rule="assessment")) == ["Approved", "Assessed"]
    assert kinds(story.ask(CAB_ONE, "approve", rule="cab_two")) == ["Approved"]
    assert kinds(story.ask(CAB_TWO, "approve", rule="cab_two")) == ["Approved", "Authorized"]
    assert isinstance(story.told[-1].event, Authorized)


def test_risk_comes_from_the_playbooks_table() -> None:
    assert drafted(CONTENT).state.risk == "moderate"
    assert drafted(LOW).state.risk == "low"
    assert drafted(replace(CONTENT, impact=None)).state.risk is None


@pytest.mark.req("X-07")
def test_the_rules_that_a_risk_demands_come_from_the_playbook() -> None:
    story = assessed(LOW)
    assert [each.rule.name for each in story.state.rules] == ["assessment", "change_manager"]
    assert kinds(story.ask(MAX, "approve", rule="change_manager")) == ["Approved", "Authorized"]


@pytest.mark.req("S3-08")
def test_a_draft_without_what_is_required_is_not_submitted() -> None:
    story = drafted(replace(CONTENT, backout_plan="  ", test_plan="", probability=None))
    with pytest.raises(Refusal) as caught:
        story.ask(ANN, "submit")
    assert [(each.code, each.message) for each in caught.value.problems] == [
        ("field_missing", "Test plan: nothing is filled in."),
        ("field_missing", "Backout plan: nothing is filled in."),
        ("field_missing", "Probability: nothing is filled in."),
        ("risk_unknown", "Impact or probability is not answered."),
    ]
    assert caught.value.verdict is not None


def test_a_window_that_is_over_is_not_submitted() -> None:
    story = drafted()
    story.at = WINDOW.until
    with refused("window_over"):
        story.ask(ANN, "submit")


def test_only_a_draft_is_submitted() -> None:
    with refused("not_in_draft"):
        submitted().ask(ANN, "submit")


def test_submitting_keeps_what_was_complete() -> None:
    event = submitted().told[-1].event
    assert isinstance(event, Submitted)
    assert {each.requirement for each in event.evidence} >= {"status", "backout_plan", "risk"}


@pytest.mark.req("S3-15")
@pytest.mark.parametrize(
    "at,code",
    [
        (WINDOW.since - HOUR, "window_not_open"),
        (WINDOW.until, "window_over"),
        (WINDOW.until + HOUR, "window_over"),
    ],
)
def test_work_begins_only_inside_the_window(at: datetime, code: str) -> None:
    story = scheduled()
    story.at = at
    with refused(code):
        story.ask(ENG, "implement")


def test_work_begins_in_the_first_moment_of_the_window_and_a_program_may_do_it() -> None:
    story = scheduled()
    story.at = WINDOW.since
    assert kinds(story.ask(ROBOT, "implement")) == ["Started"]
    assert story.state.implementers == (ROBOT,)


def test_what_counted_when_work_began_is_kept() -> None:
    event = under_way().told[-1].event
    approvals = {each.requirement: each.evidence for each in event.evidence}
    assert len(approvals["cab_two"]) == 2
    assert len(approvals["assessment"]) == 1


@pytest.mark.parametrize("story", [drafted, submitted, assessed])
def test_nothing_begins_before_it_is_scheduled(story: Callable[[], Story]) -> None:
    telling = story()
    telling.at = WINDOW.since
    with pytest.raises(Refusal) as caught:
        telling.ask(ENG, "implement")
    assert caught.value.verdict is not None
    assert not caught.value.verdict.allowed


@pytest.mark.parametrize(
    "outcome,needs_review",
    [
        ("successful", False),
        ("with_issues", True),
        ("unsuccessful", True),
        ("rolled_back", True),
    ],
)
@pytest.mark.req("S3-11")
def test_what_did_not_go_well_is_looked_back_on(outcome: str, needs_review: bool) -> None:
    story = reviewing(Outcome(outcome))
    if needs_review:
        with refused("review_missing"):
            story.ask(OWEN, "close")
        story.ask(MAX, "review", findings="The disks were slower.", lessons="Measure before.")
    story.ask(OWEN, "close")
    assert story.state.status is Status.CLOSED


@pytest.mark.parametrize("by", [ENG, OWEN, ROBOT])
def test_who_did_the_work_or_answers_for_it_does_not_judge_it(by: str) -> None:
    with pytest.raises(Refusal) as caught:
        reviewing(Outcome.ROLLED_BACK).ask(by, "review", findings="All fine.")
    assert {each.code for each in caught.value.problems} <= {"own_work", "not_a_person"}


def test_a_bad_outcome_needs_a_word_about_it() -> None:
    with refused("text_missing"):
        under_way().ask(ENG, "finish", outcome=Outcome.UNSUCCESSFUL)


def test_only_work_under_way_is_finished() -> None:
    with refused("not_in_implementing"):
        scheduled().ask(ENG, "finish", outcome=Outcome.SUCCESSFUL)


def test_a_change_is_given_up_with_a_reason_before_its_work_is_over() -> None:
    story = assessed()
    with refused("text_missing"):
        story.ask(ANN, "cancel", reason=" ")
    story.ask(ANN, "cancel", reason="Not needed any more.")
    assert story.state.status is Status.CANCELLED
    assert story.state.cancelled_because == "Not needed any more."
    with refused("not_cancellable"):
        reviewing().ask(ANN, "cancel", reason="Too late.")


@pytest.mark.parametrize("verb", ["submit", "close", "hold", "cancel", "implement"])
def test_nothing_happens_to_a_closed_change(verb: str) -> None:
    story = reviewing()
    story.ask(OWEN, "close")
    arguments = {"reason": "So."} if verb in ("hold", "cancel") else {}
    with pytest.raises(Refusal):
        story.ask(ANN, verb, **arguments)
