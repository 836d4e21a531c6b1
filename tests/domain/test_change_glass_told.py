"""That two people may break the glass of an emergency, as its gates tell it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from domain.change.gates import verdict
from domain.change.state import Status
from domain.explanation import Explanation, explain
from tests.domain.change_stories import (
    WHY,
    broken,
    drafted,
    emergency,
    emergency_scheduled,
    submitted,
)
from tests.domain.given import authority, known
from tests.domain.organisation import (
    ANN,
    CAB_ONE,
    CAB_THREE,
    CAB_TWO,
    CHAIR,
    DUTY,
    ECAB_ONE,
    ECAB_TWO,
    ENG,
    MANAGER,
    MAX,
    OWEN,
    PLAYBOOKS,
    ROBOT,
    WINDOW,
    Story,
    adopted,
    board,
    person,
)

ASK, CONFIRM = "change.break_glass", "change.confirm_break_glass"
MAY = {
    ASK: frozenset((ENG, MAX, ROBOT, CAB_ONE)),
    CONFIRM: frozenset((DUTY, ANN, ENG, MAX, ROBOT)),
    "change.submit": frozenset((ANN,)),
    "change.resume": frozenset((ANN,)),
    "change.decline_ownership": frozenset((OWEN,)),
    "change.edit": frozenset((ANN,)),
    "change.implement": frozenset((ENG,)),
    "change.finish": frozenset((ENG,)),
    "change.fulfil_obligation": frozenset((ENG,)),
    "change.review": frozenset((MAX,)),
}


def gone_on() -> Story:
    """An emergency that was approved and begun."""
    story = emergency_scheduled()
    story.at = WINDOW.since
    story.ask(ENG, "implement")
    return story


BROKEN = [(ASK, {ENG}), (CONFIRM, {DUTY})]
VOTED = ("change.approve", {ECAB_ONE, ECAB_TWO})


def told(story: Story, gate: str = "implement") -> Explanation:
    judged = verdict(
        story.state,
        gate,
        at=story.at,
        authority=authority(*story.world),
        records=known(*story.world),
        who=lambda action: MAY.get(action, frozenset()),
    )
    return explain(judged)


def ways(story: Story, gate: str = "implement") -> list[list[tuple[str, set[str]]]]:
    found = told(story, gate)
    assert found.impossible_reason is None, found.impossible_reason
    return [[(act.action, set(act.people)) for act in way.acts] for way in found.ways]


@pytest.mark.req("S3-20")
def test_two_people_break_the_glass_instead_of_all_that_an_emergency_waits_for() -> None:
    story = submitted(kind="emergency")
    wait = ("change.wait", set[str]())
    assert ways(story) == [[VOTED, wait], BROKEN]
    story.at = WINDOW.since
    assert ways(story) == [[VOTED], BROKEN]
    assert ways(emergency()) == [[("change.submit", {ANN}), VOTED, wait], BROKEN]


@pytest.mark.req("S3-20")
@pytest.mark.parametrize("sent", [False, True])
def test_where_nobody_may_approve_two_people_break_the_glass(sent: bool) -> None:
    story = submitted(kind="emergency") if sent else emergency()
    story.learn(*(person(each, suspended=True) for each in (ECAB_ONE, ECAB_TWO)))
    assert ways(story) == [BROKEN]
    voted = [("change.approve", {CHAIR}), ("change.approve", {CAB_ONE, CAB_TWO, CAB_THREE})]
    rest = [("change.finish", {ENG}), ("change.fulfil_obligation", {ENG}), *voted]
    assert ways(story, "close") == [[*BROKEN, *rest, ("change.review", {MAX})]]
    story.ask(ENG, "break_glass", second=DUTY, **WHY)
    story.ask(DUTY, "confirm_break_glass")
    assert story.state.status is Status.IMPLEMENTING


@pytest.mark.req("S3-20")
@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("begin", [emergency, partial(submitted, kind="emergency"), gone_on])
def test_the_glass_of_an_emergency_on_hold_is_broken_once_it_is_resumed(
    begin: Callable[[], Story], alone: bool
) -> None:
    story = begin()
    story.ask(ANN, "hold", reason="The vendor is late.")
    if alone:
        story.learn(*(person(each, suspended=True) for each in (ECAB_ONE, ECAB_TWO)))
    resume = ("change.resume", {ANN})
    on = begin is gone_on and not alone
    assert ([resume, *BROKEN] in ways(story)) is not on, "it goes on as it is resumed"
    assert ([resume] in ways(story)) is on
    assert len(ways(story)) == (1 if alone or on else 2)
    story.ask(ANN, "resume")
    story.ask(ENG, "break_glass", second=DUTY, **WHY)
    story.ask(DUTY, "confirm_break_glass")
    assert story.state.status is Status.IMPLEMENTING


def test_what_began_by_two_goes_on_as_it_is_resumed() -> None:
    story = broken()
    story.ask(ANN, "hold", reason="The vendor is late.")
    assert ways(story) == [[("change.resume", {ANN})]]
    story.ask(ANN, "resume")
    assert story.state.status is Status.IMPLEMENTING


def test_the_glass_is_broken_instead_of_what_frees_people_to_approve_as_well() -> None:
    story = submitted(kind="emergency")
    story.at = WINDOW.since
    story.learn(board("ecab", OWEN))
    declined = ("change.decline_ownership", {OWEN})
    assert ways(story) == [[declined, ("change.approve", {OWEN})], BROKEN]


def test_a_wish_that_waits_is_confirmed_by_whom_it_names_or_another_comes_in_its_place() -> None:
    story = submitted(kind="emergency")
    story.at = WINDOW.since
    story.learn(person(MAX, team="databases"))
    anew = [(ASK, {ENG, MAX}), (CONFIRM, {DUTY, ENG, MAX})]
    assert ways(story) == [[VOTED], anew]
    story.learn(right := replace(MANAGER, id="9" * 32, person=ENG))
    story.ask(ENG, "break_glass", second=DUTY, **WHY)
    assert ways(story) == [[VOTED], [(CONFIRM, {DUTY})], anew]
    story.state = replace(story.state, glass=replace(story.state.glass, grant=right.id))
    story.learn(replace(right, revoked_at=story.at))
    assert ways(story) == [[VOTED], anew], "who asked has lost the right to"


def test_the_glass_is_a_way_only_where_two_people_may_break_it() -> None:
    gone = [person(each, suspended=True) for each in (ECAB_ONE, ECAB_TWO)]
    for alone in ({"team": "payments"}, {"suspended": True}, {"linked": (ANN,)}):
        story = submitted(kind="emergency")
        story.learn(*gone, person(DUTY, **alone))
        assert "Too few people may approve" in (told(story).impossible_reason or "")
    story = submitted(kind="emergency")
    bare = (PLAYBOOKS / "itsm.toml").read_text().replace('"break_glass"', '"emergency"')
    story.learn(*gone, adopted("itsm", bare))
    assert told(story).impossible_reason is not None, "nothing would be owed afterwards"
    assert not {ASK, CONFIRM} & {act for way in ways(drafted()) for act, _ in way}
