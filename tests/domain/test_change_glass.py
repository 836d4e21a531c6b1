"""Breaking the glass: two people let an emergency begin without approval."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.change.events import GlassBreakRequested, GlassBroken
from domain.change.glass import break_glass
from domain.change.state import Outcome, Status
from domain.gate import Status as Is
from domain.kernel import Refusal
from domain.principal.accounts import LASTING
from domain.principal.state import Former
from tests.domain.change_stories import (
    WHY,
    broken,
    drafted,
    emergency,
    emergency_scheduled,
    submitted,
)
from tests.domain.given import asked_by
from tests.domain.organisation import (
    ANN,
    CAB_ONE,
    CAB_THREE,
    CHAIR,
    CONTENT,
    DUTY,
    ENG,
    MANAGER,
    MAX,
    OWEN,
    PLAYBOOKS,
    ROBOT,
    WINDOW,
    adopted,
    board,
    kinds,
    person,
    refused,
)


def test_two_people_break_the_glass_and_work_begins_without_approval() -> None:
    story = broken()
    state = story.state
    assert state.status is Status.IMPLEMENTING
    assert (state.glass.by, state.glass.second, state.implementers) == (ENG, DUTY, (ENG,))
    assert {each.name for each in state.obligations} == {
        "break_glass_write_up",
        "break_glass_approval",
        "break_glass_review",
    }


def test_nobody_is_named_who_may_not_confirm_it() -> None:
    story = emergency()
    asked: list[tuple[str, str]] = []

    def may(who: str, verb: str = "") -> bool:
        asked.append((who, verb))
        return who != DUTY

    context = asked_by(ENG, *story.others, at=story.at, subject=story.subject, may=may)
    with refused("second_may_not_confirm"):
        break_glass(story.state, context, second=DUTY, **WHY)
    assert asked == [(DUTY, "confirm_break_glass")]


def test_what_was_bypassed_is_recorded() -> None:
    event = broken().told[-1].event
    assert isinstance(event, GlassBroken)
    bypassed = {each.requirement for each in event.evidence if each.status is Is.BYPASSED}
    assert bypassed == {"status", "ecab", "window"}


def test_nothing_begins_until_the_second_person_confirms() -> None:
    story = emergency()
    story.ask(ENG, "break_glass", second=DUTY, **WHY)
    assert story.state.status is Status.DRAFT
    for by in (ENG, MAX):
        with refused("not_asked"):
            story.ask(by, "confirm_break_glass")


@pytest.mark.req("S3-20", "X-04")
def test_it_is_not_broken_for_whom_has_lost_the_right_to_ask() -> None:
    right = replace(MANAGER, id="9" * 32, person=ENG)
    for early, lost in ((False, True), (True, False)):
        story = emergency()
        story.learn(right)
        wish = GlassBreakRequested(DUTY, 1, WHY["reason"], None if early else right.id)
        story._fold(wish, ENG, {})
        story.learn(replace(right, revoked_at=story.at))
        if lost:
            with refused("not_asked") as caught:
                story.ask(DUTY, "confirm_break_glass")
            assert "break_glass" in caught.value.problems[0].message
            story.learn(person(MAX, team="payments"))
            story.ask(MAX, "break_glass", second=DUTY, **WHY)
            story.ask(DUTY, "confirm_break_glass", wish=2)
        else:
            story.ask(DUTY, "confirm_break_glass")
        assert story.state.status is Status.IMPLEMENTING


@pytest.mark.req("S3-20", "X-04")
@pytest.mark.parametrize("gone", [("one",), ("other",), ("one", "other")])
def test_a_wish_stands_as_long_as_one_of_the_grants_it_was_asked_by(gone: tuple[str, ...]) -> None:
    story = emergency()
    held = {each: replace(MANAGER, id=each, person=ENG) for each in ("one", "other")}
    context = asked_by(ENG, *story.others, at=story.at, subject=story.subject, grant="one")
    context = replace(context, grants=lambda who: ("one", "other") if who == ENG else ())
    (wish,) = break_glass(story.state, context, second=DUTY, **WHY)
    story._fold(wish, ENG, {})
    story.learn(*(replace(own, revoked_at=story.at) for id, own in held.items() if id in gone))
    if len(gone) == len(held):
        with refused("not_asked"):
            story.ask(DUTY, "confirm_break_glass")
    else:
        story.ask(DUTY, "confirm_break_glass")
        assert story.state.status is Status.IMPLEMENTING


@pytest.mark.parametrize(
    "second,code",
    [
        (ENG, "not_independent"),
        (ANN, "not_independent"),
        (OWEN, "not_independent"),
        (ROBOT, "unknown_person"),
        ("user:" + "f" * 32, "unknown_person"),
        (MAX, "same_team"),
    ],
)
def test_the_second_is_an_independent_person_of_another_team(second: str, code: str) -> None:
    with refused(code):
        emergency().ask(ENG, "break_glass", second=second, **WHY)


def test_the_second_is_not_of_the_same_team_nor_a_second_account() -> None:
    story = emergency()
    story.learn(person(DUTY, team="payments"))
    with refused("same_team"):
        story.ask(ENG, "break_glass", second=DUTY, **WHY)
    story.learn(person(DUTY, linked=(ENG,)))
    with refused("not_independent"):
        story.ask(ENG, "break_glass", second=DUTY, **WHY)
    story.learn(person(DUTY, linked=(ANN,)))
    with refused("not_independent"):
        story.ask(ENG, "break_glass", second=DUTY, **WHY)


def test_nobody_becomes_independent_by_leaving_a_team_for_the_occasion() -> None:
    story = emergency()
    until = story.state.opened_at - timedelta(days=7)
    story.learn(person(DUTY, former=(Former(until, team="payments"),)))
    with refused("same_team"):
        story.ask(ENG, "break_glass", second=DUTY, **WHY)
    story.learn(person(DUTY, former=(Former(until - LASTING, team="payments"),)))
    story.ask(ENG, "break_glass", second=DUTY, **WHY)


def test_who_confirms_is_judged_when_confirming() -> None:
    for change in ({"team": "payments"}, {"suspended": True}, {"linked": (ENG,)}):
        story = emergency()
        story.ask(ENG, "break_glass", second=DUTY, **WHY)
        story.learn(person(DUTY, **change))
        with pytest.raises(Refusal):
            story.ask(DUTY, "confirm_break_glass")
    story = emergency()
    story.ask(ENG, "break_glass", second=DUTY, **WHY)
    story.learn(person(ENG, suspended=True))
    with refused("unknown_person"):
        story.ask(DUTY, "confirm_break_glass")


def test_an_edit_makes_the_wish_to_break_the_glass_void() -> None:
    story = emergency()
    story.ask(ENG, "break_glass", second=DUTY, **WHY)
    story.ask(ANN, "edit", content=replace(CONTENT, test_plan="None."))
    with refused("not_asked"):
        story.ask(DUTY, "confirm_break_glass")


@pytest.mark.req("S3-20", "X-03")
def test_no_other_wish_is_confirmed_than_the_second_person_looked_at() -> None:
    story = emergency()
    story.ask(ENG, "break_glass", second=DUTY, **WHY)
    story.ask(ENG, "break_glass", second=DUTY, **WHY)
    assert story.state.glass.number == 1, "the same is asked for once more"
    story.ask(OWEN, "break_glass", second=DUTY, reason="I like to.")
    assert (story.state.glass.by, story.state.glass.number) == (OWEN, 2)
    for told in ({}, {"wish": 1}, {"wish": 3}):
        with refused("moved_on"):
            story.ask(DUTY, "confirm_break_glass", **told)
    story.ask(DUTY, "confirm_break_glass", wish=2)
    assert story.state.status is Status.IMPLEMENTING


def test_who_was_not_asked_before_confirms_without_naming_the_wish() -> None:
    story = emergency()
    story.learn(person(MAX, team="databases"))
    for second in (MAX, DUTY):
        story.ask(ENG, "break_glass", second=second, **WHY)
    with refused("moved_on"):
        story.ask(DUTY, "confirm_break_glass", wish=1)
    story.ask(DUTY, "confirm_break_glass")
    story = emergency()
    story.ask(ENG, "break_glass", second=DUTY, reason="Quickly.")
    story.ask(ANN, "edit", content=replace(CONTENT, test_plan="None."))
    story.ask(ENG, "break_glass", second=DUTY, **WHY)
    story.ask(DUTY, "confirm_break_glass")
    assert story.state.status is Status.IMPLEMENTING


def test_programs_break_no_glass() -> None:
    with refused("not_a_person"):
        emergency().ask(ROBOT, "break_glass", second=DUTY, **WHY)


def test_breaking_the_glass_takes_a_reason() -> None:
    with refused("text_missing"):
        emergency().ask(ENG, "break_glass", second=DUTY, reason="")


def test_only_emergencies_break_the_glass() -> None:
    with refused("not_an_emergency"):
        drafted().ask(ENG, "break_glass", second=DUTY, **WHY)


def test_the_glass_may_be_broken_while_the_board_is_asked_and_before_the_window() -> None:
    for story in (submitted(kind="emergency"), emergency_scheduled()):
        story.ask(ENG, "break_glass", second=DUTY, **WHY)
        story.ask(DUTY, "confirm_break_glass")
        assert story.state.status is Status.IMPLEMENTING


def test_a_glass_is_not_broken_for_work_that_began_otherwise() -> None:
    story = emergency_scheduled()
    story.ask(ENG, "break_glass", second=DUTY, **WHY)
    story.at = WINDOW.since
    story.ask(ENG, "implement")
    with refused("not_breakable"):
        story.ask(DUTY, "confirm_break_glass")


def test_work_under_way_breaks_no_glass() -> None:
    with refused("not_breakable"):
        broken().ask(ENG, "break_glass", second=DUTY, **WHY)


def test_a_playbook_that_asks_for_nothing_afterwards_lets_nobody_break_the_glass() -> None:
    story = emergency()
    text = (PLAYBOOKS / "itsm.toml").read_text().replace('"break_glass"', '"emergency"')
    story.learn(adopted("itsm", text))
    with refused("nothing_owed_afterwards"):
        story.ask(ENG, "break_glass", second=DUTY, **WHY)


def test_a_rule_after_the_fact_that_nobody_may_fill_raises_an_alarm() -> None:
    story = emergency()
    story.learn(board("cab", CAB_THREE, chair=ENG))
    story.ask(ENG, "break_glass", second=DUTY, **WHY)
    events = story.ask(DUTY, "confirm_break_glass")
    assert kinds(events) == ["GlassBroken", "QuorumFoundImpossible"]


def test_the_glass_that_was_broken_is_closed_like_any_other() -> None:
    story = broken()
    story.ask(ENG, "finish", outcome=Outcome.SUCCESSFUL)
    story.ask(ENG, "fulfil_obligation", name="break_glass_write_up", write_up="We did it.")
    story.ask(CHAIR, "approve", rule="cab_on_break_glass")
    story.ask(CAB_ONE, "approve", rule="cab_on_break_glass")
    story.ask(MAX, "review", findings="Right.")
    story.ask(OWEN, "close")
    assert story.state.status is Status.CLOSED
