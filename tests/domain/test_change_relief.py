"""Where nobody can only because others named somebody: the gate says what these have to say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from domain.change.aggregate import AGGREGATE
from domain.change.beyond import beyond_reach
from domain.change.gate_implement import authorising
from domain.change.gates import verdict
from domain.change.question import Question
from domain.change.state import Outcome
from domain.content import Content
from domain.explanation import Explanation, explain
from domain.gate import Verdict, evaluate, nowhere
from tests.domain.change_stories import assessed, emergency_scheduled, submitted
from tests.domain.given import authority, known
from tests.domain.organisation import (
    ANN,
    ASA,
    CAB_ONE,
    CAB_THREE,
    CAB_TWO,
    CHAIR,
    CONTENT,
    ENG,
    HIGH,
    MAX,
    OWEN,
    SUE,
    WINDOW,
    Story,
    board,
    person,
    refused,
)

REQUEST, OWNERSHIP = "change.decline_request", "change.decline_ownership"


def everybody(_action: str) -> frozenset[str]:
    return frozenset((ANN, ASA, CAB_ONE, CAB_TWO, CAB_THREE, CHAIR, ENG, MAX, OWEN, SUE))


def asked(
    story: Story, gate: str = "implement", who: Callable[[str], frozenset[str]] = everybody
) -> Verdict:
    return verdict(
        story.state,
        gate,
        at=story.at,
        authority=authority(*story.world),
        records=known(*story.world),
        who=who,
    )


def told(story: Story, gate: str = "implement") -> Explanation:
    return explain(asked(story, gate))


def acts(found: Explanation) -> list[tuple[str, tuple[str, ...]]]:
    """What the first way asks for, of whom, up to the first that all may do."""
    [way, *_] = found.ways
    return [(each.action, each.people) for each in way.acts if each.total < 10]


def question(
    story: Story,
    who: Callable[[str], frozenset[str]] = everybody,
    approvers: frozenset[str] | None = None,
) -> Question:
    """What the list asks, and the gate; where some alone may approve, by the policy too."""
    there = (lambda _action, _scopes: approvers) if approvers is not None else nowhere
    world = (authority(*story.world), known(*story.world))
    return Question(story.state, story.at, *world, who, there)


def put(requester: str, owner: str, content: Content = HIGH) -> Story:
    """A change of high risk, which the owner of the service approves, before those people."""
    story = Story(AGGREGATE)
    given: dict[str, Any] = {"kind": "normal", "playbook": "itsm", "content": content}
    story.ask(ANN, "open", requester=requester, owner=owner, **given)
    story.ask(ANN, "submit")
    story.ask(ASA, "approve", rule="assessment")
    return story


@pytest.mark.req("X-04", "S3-20")
@pytest.mark.parametrize(
    "requester,owner,said",
    [
        (SUE, OWEN, [REQUEST]),
        (ANN, SUE, [OWNERSHIP]),
        (SUE, SUE, [REQUEST, OWNERSHIP]),
    ],
)
def test_who_alone_can_approve_and_was_named_by_others_says_so_first(
    requester: str, owner: str, said: list[str]
) -> None:
    story = put(requester, owner)
    finding = next(each for each in asked(story).findings if each.requirement == "service_owner")
    assert finding.code == "quorum_impossible"
    assert "may say so" in finding.message
    found = told(story)
    assert found.impossible_reason is None
    assert acts(found)[: len(said) + 1] == [
        *((each, (SUE,)) for each in said),
        ("change.approve", (SUE,)),
    ]
    for each in said:
        story.ask(SUE, each.removeprefix("change."))
    assert acts(told(story))[0][0] == "change.approve"
    story.ask(SUE, "approve", rule="service_owner")


@pytest.mark.req("X-04", "S1-16")
def test_it_is_beyond_reach_only_where_nobody_has_anything_to_say() -> None:
    def but_who_was_named(action: str) -> frozenset[str]:
        return everybody(action) - {SUE}

    story = put(SUE, OWEN)
    assert not beyond_reach(question(story))
    assert beyond_reach(question(story, but_who_was_named))
    story.ask(SUE, "decline_request")
    assert not beyond_reach(question(story, but_who_was_named))


@pytest.mark.req("S1-16")
def test_what_is_assessed_is_beyond_reach_by_the_rules_that_are_opened_after_that() -> None:
    story = submitted(HIGH)
    assert [each.rule.name for each in story.state.rules] == ["assessment"]
    assert not beyond_reach(question(story))
    story.learn(person(SUE, suspended=True))
    assert beyond_reach(question(story)), "nobody else approves as the owner of the service"
    assert told(story).impossible_reason is not None
    assert not beyond_reach(question(submitted())), "a lower risk is approved by others"
    story.ask(ANN, "hold", reason="The vendor is late.")
    assert beyond_reach(question(story)), "nor once it is resumed"


@pytest.mark.req("X-04", "S1-16", "X-06")
def test_who_was_named_says_so_too_where_the_policy_lets_too_few_others_approve() -> None:
    story, able = put(CAB_ONE, OWEN, CONTENT), frozenset((CAB_ONE, CAB_TWO))
    ask = question(story, approvers=able)
    assert not beyond_reach(ask)
    assert beyond_reach(question(story, approvers=frozenset((CAB_TWO, MAX))))
    [way] = explain(evaluate(authorising(ask)), may=ask.may).ways
    assert [(each.action, each.people) for each in way.acts] == [
        (REQUEST, (CAB_ONE,)),
        ("change.approve", (CAB_ONE, CAB_TWO)),
    ]
    story.ask(CAB_ONE, "decline_request")
    for each in sorted(able):
        story.ask(each, "approve", rule="cab_two")


@pytest.mark.req("X-04")
def test_who_asked_for_it_themselves_has_nothing_to_say() -> None:
    story = Story(AGGREGATE)
    story.ask(SUE, "open", kind="normal", playbook="itsm", content=HIGH, owner=OWEN)
    story.ask(SUE, "submit")
    story.ask(ASA, "approve", rule="assessment")
    found = told(story)
    assert (found.ways, bool(found.impossible_reason)) == ((), True)


@pytest.mark.req("X-04")
def test_who_stands_behind_whom_others_named_says_so_for_them() -> None:
    story = put(ANN, MAX)
    story.learn(person(SUE, linked=(MAX,)), person(MAX, linked=(SUE,), suspended=True))
    assert acts(told(story))[0] == (OWNERSHIP, (SUE,))
    story.ask(SUE, "decline_ownership")
    story.ask(SUE, "approve", rule="service_owner")


@pytest.mark.req("X-04", "S3-20")
def test_who_answered_for_the_work_by_others_word_says_so_before_they_judge_it() -> None:
    story = emergency_scheduled()
    story.at = WINDOW.since
    story.ask(ENG, "implement")
    story.ask(ANN, "assign", owner=CAB_ONE)
    story.ask(ENG, "finish", outcome=Outcome.SUCCESSFUL)
    story.ask(ANN, "assign", owner=ANN)
    story.learn(board("cab", CAB_ONE, CHAIR, chair=CHAIR))
    found = told(story, "close")
    assert found.impossible_reason is None
    assert (OWNERSHIP, (CAB_ONE,)) in acts(found)
    story.ask(CAB_ONE, "decline_ownership")
    for each in (CAB_ONE, CHAIR):
        story.ask(each, "approve", rule="cab_afterwards")


@pytest.mark.req("X-04")
def test_who_alone_may_look_back_says_first_that_they_did_not_answer_for_it() -> None:
    story = emergency_scheduled()
    story.at = WINDOW.since
    story.ask(ENG, "implement")
    story.ask(ANN, "assign", owner=MAX)
    story.ask(ENG, "finish", outcome=Outcome.SUCCESSFUL)

    def who(action: str) -> frozenset[str]:
        return frozenset((MAX, ENG)) if action == "change.review" else everybody(action)

    [way, *_] = explain(asked(story, "close", who)).ways
    found = [(each.action, each.people) for each in way.acts]
    assert found.index((OWNERSHIP, (MAX,))) < found.index(("change.review", (MAX,)))
    with refused("own_work"):
        story.ask(MAX, "review", findings="All was well.")
    story.ask(MAX, "decline_ownership")
    story.ask(MAX, "review", findings="All was well.")


@pytest.mark.req("S3-20")
def test_what_is_asked_for_twice_is_told_once() -> None:
    story = emergency_scheduled()
    story.at = WINDOW.since
    story.ask(ENG, "implement")
    story.ask(ENG, "finish", outcome=Outcome.SUCCESSFUL)
    for way in told(story, "close").ways:
        assert [each.action for each in way.acts].count("change.review") == 1


def test_where_all_can_nobody_is_asked_to_say_anything() -> None:
    story = assessed()
    story.ask(ANN, "assign", owner=CAB_ONE)
    [way, *_] = told(story).ways
    assert OWNERSHIP not in {each.action for each in way.acts}
