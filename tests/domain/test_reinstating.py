"""That a package is bad is taken back by two, the second of whom had no hand in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from domain.gate import Finding
from domain.package import AGGREGATE, Package
from domain.reinstating import reinstaters
from domain.release.gate.gates import asked
from domain.release.gate.question import Question
from tests.domain.deployment_stories import package
from tests.domain.organisation import MAX, OWEN, ROBOT, SUE, WORLD, Story, person, refused, ways
from tests.domain.release_stories import RITA, Office, merged
from tests.domain.test_package import BUILT
from tests.domain.test_release_deployment import TEST, built, office

WHY: Final = "The disk was full, and it was not the package."
HEAD: Final = "7" * 40
AIM: Final = ["release.aim"]


def condemned(*others: Any, **more: Any) -> Story:
    """A package that Owen condemned."""
    state = replace(package(), **more)
    story = Story(AGGREGATE, (*WORLD, *others), subject=state.id, state=state)
    story.ask(OWEN, "condemn", reason="It loses data.")
    return story


def wanted(*others: Any, by: str = OWEN, **more: Any) -> Story:
    """One of which somebody asks to take that back."""
    story = condemned(*others, **more)
    story.ask(by, "ask_to_reinstate", reason=WHY)
    return story


@pytest.mark.req("S0-14")
def test_it_stays_bad_until_a_second_person_agrees() -> None:
    story = wanted()
    assert story.state.condemned
    assert story.state.waiting
    story.ask(SUE, "reinstate")
    state: Package = story.state
    assert not state.condemned
    assert not state.waiting
    assert (state.condemned_by, state.condemned_because) == (None, None)
    told = state.reinstatement
    assert told is not None
    assert (told.by, told.reason, told.confirmed_by) == (OWEN, WHY, SUE)


def test_nobody_agrees_with_themselves_and_nobody_who_had_a_hand_in_it_does() -> None:
    story = wanted(by=MAX)
    with refused("needs_second_person"):
        story.ask(MAX, "reinstate")
    mine = merged("m" * 32, head=HEAD, author=SUE)
    for had_a_hand in ({"built_by": SUE}, {"commit": HEAD}):
        story = wanted(mine, **had_a_hand)
        with refused("needs_second_person"):
            story.ask(SUE, "reinstate")
        story.ask(MAX, "reinstate")
    alike = replace(package(), id="c" * 32, label="1.0-again", built_by=SUE, condemned=True)
    story = wanted(alike)
    with refused("needs_second_person"):
        story.ask(SUE, "reinstate")


def test_who_wrote_what_is_hidden_does_not_show_by_it() -> None:
    story = wanted(merged("m" * 32, head=HEAD, author=SUE, embargoed=True), commit=HEAD)
    story.ask(SUE, "reinstate")


def test_people_ask_for_it_with_a_reason_and_only_of_what_is_bad() -> None:
    story = condemned()
    with refused("text_missing"):
        story.ask(OWEN, "ask_to_reinstate", reason=" ")
    with refused("not_a_person"):
        story.ask(ROBOT, "ask_to_reinstate", reason=WHY)
    with refused("not_asked"):
        story.ask(SUE, "reinstate")
    story = Story(AGGREGATE, WORLD, subject=package().id, state=package())
    with refused("not_condemned"):
        story.ask(OWEN, "ask_to_reinstate", reason=WHY)
    with refused("not_asked", "not_a_person", "needs_second_person"):
        story.ask(ROBOT, "reinstate")


def test_it_counts_while_who_asked_may_speak() -> None:
    story = wanted()
    story.learn(person(OWEN, suspended=True))
    with refused("not_asked"):
        story.ask(SUE, "reinstate")
    story.ask(MAX, "ask_to_reinstate", reason=WHY)
    story.ask(SUE, "reinstate")


def test_it_is_turned_down_by_condemning_it_once_more() -> None:
    story = wanted()
    story.ask(SUE, "condemn", reason="It still loses data.")
    assert story.state.condemned
    assert not story.state.waiting
    assert story.state.condemned_by == SUE
    with refused("not_asked"):
        story.ask(MAX, "reinstate")
    with refused("package_condemned"):
        story.ask(SUE, "condemn", reason="Again.")


def test_all_that_has_its_digest_is_taken_back_or_turned_down_with_it() -> None:
    alike = replace(package(), id="c" * 32, label="1.0-again", condemned=True)
    theirs = replace(alike, id="e" * 32, service="elsewhere")
    story = wanted(alike, theirs)
    _, then = story.ask(SUE, "reinstate")
    assert (then.action, then.subject) == ("package.reinstate_along", alike.id)
    along = Story(AGGREGATE, WORLD, subject=alike.id, state=alike)
    along.ask(SUE, "reinstate_along", **then.arguments)
    assert not along.state.condemned
    assert along.state.reinstatement.by == OWEN
    waits = wanted(id="c" * 32).state
    story = Story(AGGREGATE, (*WORLD, waits), subject=package().id, state=package())
    story.state = replace(story.state, condemned=True)
    _, then = story.ask(SUE, "condemn", reason="It still loses data.")
    assert (then.action, then.subject) == ("package.condemn_along", waits.id)


def test_what_was_reinstated_is_added_under_another_name_and_condemned_anew() -> None:
    story = wanted()
    story.ask(SUE, "reinstate")
    again = Story(AGGREGATE, (*WORLD, story.state), subject="e" * 32)
    again.ask(ROBOT, "add", built=replace(BUILT, label="1.0-again"))
    story.ask(OWEN, "condemn", reason="It loses data after all.")
    assert story.state.condemned
    assert story.state.reinstatement is None


# What gates say.


def bad(made: Office, id: str, *people: str) -> Finding:
    """What the gate of a release says of its package, where these may do everything."""
    able = frozenset(people or (OWEN, SUE, RITA))
    ask = Question(made.release(id), made.at, made.authority, made.records, lambda _: able)
    (found,) = (e for e in asked(ask, TEST).blocking if e.code == "package_condemned")
    return found


@pytest.mark.req("S0-14", "S1-20")
def test_the_gate_says_how_it_is_taken_back_and_by_whom() -> None:
    made, major = office(built())
    made.ask(OWEN, "package.condemn", "a" * 32, reason="It loses data.")
    found = bad(made, major)
    assert "one person asks to reinstate it" in found.message
    assert ways(found) == [AIM, ["package.ask_to_reinstate", "package.reinstate"]]
    assert {act.people for act in found.instead[0]} == {frozenset((OWEN, SUE, RITA))}
    assert ways(bad(made, major, OWEN)) == [AIM], "it takes another"
    made.learn(replace(made.states[Package, "a" * 32], built_by=RITA))
    asking, agreeing = bad(made, major, OWEN, RITA).instead[0]
    assert (asking.people, agreeing.people) == (frozenset((RITA,)), frozenset((OWEN,)))
    made.learn(replace(made.states[Package, "a" * 32], built_by=ROBOT))
    made.ask(OWEN, "package.ask_to_reinstate", "a" * 32, reason=WHY)
    found = bad(made, major)
    assert "Someone says that it is not" in found.message
    assert ways(found) == [["package.reinstate"], AIM]
    (act,) = found.acts
    assert (act.action, act.people) == ("package.reinstate", frozenset((SUE, RITA)))
    state = made.states[Package, "a" * 32]
    told = (made.authority, made.records)
    assert reinstaters(state, (OWEN, SUE, ROBOT), *told) == (SUE,)
    made.ask(SUE, "package.reinstate", "a" * 32)
    assert made.codes(major, TEST) == set()
