"""What a gate of a merge request says would help can be done, in that order, by who is named."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

import pytest

from domain.clearance import clearing
from domain.explanation import explain
from domain.gate import Verdict
from domain.grant.state import Scope
from domain.handing_over import HAND_OVER
from domain.lock.state import Kind, Lock, Terms
from domain.lock.state import Status as Locked
from domain.merge_request.merging import verdict
from domain.merge_request.state import Status
from tests.domain.given import DAY, NOON, asked_by, authority
from tests.domain.merge_stories import (
    AUTHOR,
    FIRST,
    PROGRAMS,
    PROJECT,
    RELEASES,
    SECOND,
    opened,
    signed,
)
from tests.domain.organisation import OWEN, Story, grant, person

ADMIN, OTHER_ADMIN = ("user:" + each * 32 for each in "de")
READ = "merge_request.read_embargoed"
MAY: Mapping[str, Collection[str]] = {
    **{each: {ADMIN, OTHER_ADMIN} for each in ("grant.give", "grant.confirm", HAND_OVER)},
    **{f"merge_request.{each}": {FIRST} for each in ("assign", "reopen")},
    **{f"merge_request.{each}": {FIRST, SECOND} for each in ("merge", "sign_off")},
}
CLEAR = ("grant.give", "grant.confirm")


def asked(story: Story, may: Mapping[str, Collection[str]] = MAY) -> Verdict:
    """What the gate of merging says."""
    by = asked_by(AUTHOR, *story.others, at=story.at)
    return verdict(
        story.state,
        "merge",
        at=story.at,
        authority=by.authority,
        records=by.records,
        who=lambda action: frozenset(may.get(action, ())),
        sees=lambda who, _: who in may.get(READ, (who,)),
    )


def way(story: Story, may: Mapping[str, Collection[str]] = MAY) -> list[tuple[str, set[str]]]:
    """The acts of the one way to merge it, in their order, and whose they are."""
    [found] = explain(asked(story, may), approve="merge_request.sign_off").ways
    return [(act.action, set(act.people)) for act in found.acts]


def hidden(**more: Any) -> Story:
    """A hidden one."""
    story = opened(**more)
    story.state = replace(story.state, embargoed=True)
    return story


@pytest.mark.req("S2-02", "X-04")
def test_it_is_merged_once_nothing_else_is_in_the_way() -> None:
    story = signed()
    terms = Terms("Stop", Kind.MERGE, since=NOON - DAY, until=NOON + DAY)
    story.learn(Lock("1" * 32, 1, Locked.ACTIVE, Kind.MERGE, terms, 1, ADMIN, NOON - DAY))
    assert way(story) == [("lock.wait", set()), ("merge_request.merge", {SECOND})]


@pytest.mark.req("X-04")
def test_a_closed_one_is_opened_again_unless_it_is_open_under_another_id() -> None:
    story = signed()
    story.state = replace(story.state, status=Status.CLOSED)
    assert way(story)[0] == ("merge_request.reopen", {FIRST})
    story.learn(replace(story.state, id="9" * 32, status=Status.OPEN))
    with pytest.raises(ValueError, match="not enough values"):
        way(story)


@pytest.mark.req("S2-02", "X-04")
@pytest.mark.parametrize("begin", [opened, signed])
def test_a_closed_one_is_signed_off_anew_once_it_is_open(begin: Callable[[], Story]) -> None:
    story = begin()
    story.ask(AUTHOR, "close", reason="It was not needed.")
    both = ("merge_request.sign_off", {FIRST, SECOND})
    told = way(story)
    assert told[:2] == [("merge_request.reopen", {FIRST}), both]
    story.ask(FIRST, "reopen")
    assert way(story) == told[1:]
    assert not asked(story).allowed


@pytest.mark.req("S1-12", "X-04")
def test_who_may_not_know_of_a_hidden_one_is_told_to_nobody_as_its_reviewer() -> None:
    third = "user:" + "f" * 32
    story = opened()
    story.learn(person(third), grant(third, "role:reviewer", Scope.PROJECT, PROJECT))
    everybody = ("merge_request.sign_off", {FIRST, SECOND, third})
    may = {**MAY, "merge_request.sign_off": everybody[1], READ: {FIRST, SECOND}}
    assert way(story, may)[0] == everybody, "everybody knows of what is in the open"
    story.state = replace(story.state, embargoed=True)
    assert way(story, may)[0] == ("merge_request.sign_off", {FIRST, SECOND})
    first, second, sign, *_ = way(story, {**may, READ: {FIRST}})
    assert (first[0], second[0], sign) == (*CLEAR, everybody), "one of the others is cleared first"


@pytest.mark.req("S1-12", "X-04")
def test_a_clearance_that_waits_is_confirmed_and_not_given_again() -> None:
    story = hidden()
    given = grant(SECOND, "role:cleared", Scope.PROJECT, PROJECT)
    waiting = replace(given, status=type(given.status).PROPOSED, granted_by=ADMIN)
    may = {**MAY, READ: {FIRST}}
    assert [action for action, _ in way(story, may)][:2] == [*CLEAR]
    story.learn(waiting)
    assert way(story, may)[0] == ("grant.confirm", {OTHER_ADMIN}), "by who did not give it"
    story.learn(replace(waiting, granted_by=SECOND))
    assert way(story, may)[0] == ("grant.confirm", {ADMIN, OTHER_ADMIN})


@pytest.mark.req("S1-12", "S1-25")
def test_of_a_program_that_is_cleared_and_its_owner_not_the_owner_is_named() -> None:
    world = (*PROGRAMS, person(OWEN), person(RELEASES, owner=OWEN))
    cleared = grant(RELEASES, "role:cleared_bot", Scope.PROJECT, PROJECT)
    for states, knowing, words in (
        ((), frozenset[str](), "role:cleared_bot, and who owns it role:cleared in "),
        ((cleared,), frozenset[str](), f"Give {person(OWEN).name} role:cleared in "),
        ((), frozenset((OWEN,)), "role:cleared_bot in "),
    ):
        may = {**MAY, READ: knowing}
        known = authority(*world, *states)
        give, _ = clearing(known, [RELEASES], PROJECT, lambda each: frozenset(may[each]), NOON)  # noqa: B023
        assert words in give.description


@pytest.mark.req("S1-25", "X-04")
def test_where_it_goes_to_a_program_with_a_hand_in_it_that_needs_an_owner_too() -> None:
    story = opened(playbook="security", kind="strict")
    away = (person(OWEN, suspended=True), person(RELEASES, owner=OWEN))
    story.learn(*PROGRAMS, *away)
    story.state = replace(story.state, contributors=(AUTHOR, RELEASES))
    finding = next(e for e in asked(story).findings if e.requirement == "assignee")
    assert [act.action for act in finding.acts] == [HAND_OVER, "merge_request.assign"]
