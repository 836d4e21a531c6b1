"""Nobody keeps others from judging what was done, or from seeing it, by naming them for it."""

from __future__ import annotations

import pytest

from domain.change.reading import awaited
from domain.change.state import Outcome
from tests.domain.change_stories import drafted, emergency_scheduled
from tests.domain.organisation import (
    ANN,
    ASA,
    CAB_ONE,
    CAB_THREE,
    CAB_TWO,
    CHAIR,
    ENG,
    HIGH,
    MAX,
    OWEN,
    SUE,
    WINDOW,
    Story,
    refused,
)


def over(*named: str) -> Story:
    """An emergency whose work is over, of which these were named one after the other meanwhile."""
    story = emergency_scheduled()
    story.at = WINDOW.since
    story.ask(ENG, "implement")
    for each in named:
        story.ask(ANN, "assign", owner=each)
    story.ask(ENG, "finish", outcome=Outcome.SUCCESSFUL)
    return story


@pytest.mark.req("X-04", "S3-20")
def test_nobody_keeps_others_from_judging_the_work_by_naming_them_once_it_is_over() -> None:
    story = over()
    for each in (CHAIR, CAB_ONE, CAB_TWO, CAB_THREE, MAX, SUE):
        story.ask(ANN, "assign", owner=each)
        assert not story.state.alarms
    story.ask(ANN, "assign", owner=ANN)
    for each in (CAB_ONE, CAB_TWO):
        story.ask(each, "approve", rule="cab_afterwards")
    story.ask(MAX, "review", findings="All was well.")
    open_ones = [each.name for each in story.state.obligations if not each.fulfilled_at]
    assert open_ones == ["write_up"]


@pytest.mark.req("X-04", "S3-20")
def test_of_those_who_were_named_during_the_work_who_answered_for_it_at_its_end_says_no() -> None:
    story = over(CAB_ONE, MAX, CAB_TWO)
    story.ask(ANN, "assign", owner=ANN)
    story.ask(CAB_ONE, "approve", rule="cab_afterwards")
    with refused("own_change"):
        story.ask(CAB_TWO, "approve", rule="cab_afterwards")
    with refused("not_the_owner"):
        story.ask(MAX, "decline_ownership")
    story.ask(CAB_TWO, "decline_ownership")
    assert (story.state.owner, story.state.declined_owners) == (ANN, (CAB_TWO,))
    with refused("not_the_owner"):
        story.ask(CAB_TWO, "decline_ownership")
    story.ask(CAB_TWO, "approve", rule="cab_afterwards")
    story.ask(MAX, "review", findings="All was well.")


@pytest.mark.req("X-04")
def test_who_answered_for_the_work_and_had_a_hand_in_it_says_no_such_thing() -> None:
    story = over()
    story.ask(OWEN, "assign", owner=ENG)
    with refused("own_work"):
        story.ask(OWEN, "review", findings="All was well.")
    with refused("own_change"):
        story.ask(ENG, "decline_ownership")
    story = over(CAB_ONE)
    story.ask(CAB_ONE, "assign", owner=ANN)
    with refused("own_work"):
        story.ask(CAB_ONE, "review", findings="All was well.")


@pytest.mark.req("X-04")
def test_who_took_it_upon_themselves_does_not_look_back_though_others_had_named_them_before() -> (
    None
):
    story = over(MAX, ANN)
    story.ask(MAX, "assign", owner=MAX)
    story.ask(ANN, "assign", owner=ANN)
    with refused("own_work"):
        story.ask(MAX, "review", findings="All was well.")


@pytest.mark.req("S3-20")
def test_an_inbox_leaves_out_nothing_for_whom_others_had_merely_named() -> None:
    story = drafted(HIGH)
    story.ask(ANN, "submit")
    story.ask(ASA, "approve", rule="assessment")
    story.ask(ANN, "assign", owner=SUE)
    story.ask(ANN, "assign", owner=ANN)
    waits = {each.rule: each.waits for each in awaited(story.state)}
    story.ask(SUE, "approve", rule="service_owner")
    after = {each.rule: each.waits for each in awaited(story.state)}
    assert (waits["cab_half"], after["cab_half"]) == (True, False)
