"""A merge request is in the hands of somebody who can act, and its author answers for it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pytest

from domain.handing_over import HAND_OVER
from domain.merge_request.merging import verdict
from tests.domain.given import asked_by
from tests.domain.merge_stories import (
    AUTHOR,
    CI,
    COMMITTER,
    FIRST,
    OPENING,
    PROGRAMS,
    RELEASES,
    opened,
)
from tests.domain.organisation import OWEN, Story, person, refused

ADMIN = "user:" + "d" * 32
AWAY = person(OWEN, suspended=True)


def late(*states: object) -> Story:
    """One that is open as something becomes known."""
    story = opened()
    story.learn(*states)
    return story


@pytest.mark.req("S1-25", "X-04")
def test_it_is_in_no_hands_of_a_program_that_nobody_answers_for() -> None:
    story = late(AWAY, person(RELEASES, owner=OWEN))
    with refused("owner_suspended"):
        story.ask(AUTHOR, "assign", assignee=RELEASES)
    story.learn(person(RELEASES, owner=FIRST))
    story.ask(AUTHOR, "assign", assignee=RELEASES)
    assert story.state.assignee == RELEASES


@pytest.mark.req("S1-23", "S1-25", "X-04")
def test_what_only_programs_of_the_suspended_could_do_awaits_an_administrator() -> None:
    story = opened(playbook="security", kind="strict")
    story.learn(AWAY, *PROGRAMS, person(RELEASES, owner=OWEN), person(CI, owner=OWEN))
    hands = {"assignee": (RELEASES, "merge_request.assign"), "evidence": (CI, "evidence.report")}
    for name, (program, act) in hands.items():
        assert acts(story, name) == [(HAND_OVER, {ADMIN}), (act, told(act, program))], name
    story.state = replace(story.state, assignee=RELEASES)
    assert acts(story, "assignee") == [(HAND_OVER, {ADMIN})], "it is in its hands"
    story.learn(person(RELEASES, owner=FIRST), person(CI, owner=FIRST))
    assert acts(story, "assignee") == []
    assert acts(story, "evidence") == [("evidence.report", {CI})]
    other = "bot:" + "c" * 32
    story.learn(person(CI, owner=OWEN), person(other), replace(PROGRAMS[2], id="o", person=other))
    assert acts(story, "evidence") == [("evidence.report", {other})], "another can"


def told(act: str, program: str) -> set[str]:
    """Who does it once the program is handed over."""
    return {program} if act == "evidence.report" else {FIRST}


@pytest.mark.req("S1-12", "S1-25")
def test_where_no_program_may_know_of_it_any_more_two_administrators_clear_one_first() -> None:
    story = opened(playbook="security", kind="strict")
    story.learn(*PROGRAMS, person(RELEASES, owner=FIRST))
    assign = ("merge_request.assign", {FIRST})
    nobody = {RELEASES}
    assert acts(story, "assignee", nobody) == [assign], "everybody knows of what is in the open"
    story.state = replace(story.state, embargoed=True)
    both = [("grant.give", {ADMIN}), ("grant.confirm", {ADMIN})]
    assert acts(story, "assignee", nobody) == [*both, assign]
    assert acts(story, "assignee") == [assign]
    story.learn(AWAY, person(RELEASES, owner=OWEN))
    assert acts(story, "assignee", nobody) == [(HAND_OVER, {ADMIN}), assign]


@pytest.mark.req("S1-12", "S1-25")
def test_it_is_in_no_hands_of_whose_clearance_is_over() -> None:
    story = opened(playbook="security", kind="strict")
    other = "bot:" + "c" * 32
    spare = replace(PROGRAMS[3], id="o", person=other)
    story.learn(*PROGRAMS, person(RELEASES, owner=FIRST))
    story.state = replace(story.state, assignee=RELEASES, embargoed=True)
    assert acts(story, "assignee") == []
    both = [("grant.give", {ADMIN}), ("grant.confirm", {ADMIN})]
    assert acts(story, "assignee", {RELEASES}) == both, "it is in its hands once that is cleared"
    story.learn(person(other, owner=FIRST), spare)
    assert acts(story, "assignee", {RELEASES, other}) == both
    assign = [("merge_request.assign", {FIRST})]
    assert acts(story, "assignee", {RELEASES}) == assign, "the other one may know of it"
    story.state = replace(story.state, embargoed=False)
    assert acts(story, "assignee", {RELEASES, other}) == [], "everybody may"


def acts(story: Story, name: str, unknowing: Collection[str] = ()) -> list[tuple[str, set[str]]]:
    """What helps with one thing that its gate asks for, and who may do it."""
    admins = ("grant.give", "grant.confirm", HAND_OVER)
    may = {each: {ADMIN} for each in admins} | {"merge_request.assign": {FIRST}}
    asked = asked_by(AUTHOR, *story.others, at=story.at)
    found = verdict(
        story.state,
        "merge",
        at=story.at,
        authority=asked.authority,
        records=asked.records,
        who=lambda action: frozenset(may.get(action, ())),
        sees=lambda who, _: who not in unknowing,
    )
    every = (each for each in found.findings if each.requirement.startswith(name))
    return [(act.action, set(act.people)) for each in every for act in each.acts]


@pytest.mark.req("S2-02", "X-04")
@pytest.mark.parametrize("code", ["suspended_person", "owner_suspended", "unknown_person"])
def test_nobody_is_its_author_who_cannot_answer_for_it(code: str) -> None:
    world = {
        "suspended_person": (OWEN, (AWAY,)),
        "owner_suspended": (RELEASES, (AWAY, person(RELEASES, owner=OWEN))),
        "unknown_person": ("user:" + "f" * 32, ()),
    }
    author, states = world[code]
    story = late(*states)
    story.state = None
    with refused(code) as caught:
        story.ask(AUTHOR, "open", **(OPENING | {"author": author, "contributors": (COMMITTER,)}))
    assert [each.path for each in caught.value.problems] == [("author",)]


@pytest.mark.req("S2-02")
def test_who_wrote_it_and_left_is_among_its_contributors() -> None:
    story = late(AWAY)
    story.state = None
    story.ask(AUTHOR, "open", **(OPENING | {"contributors": (OWEN,)}))
    assert story.state.contributors == (AUTHOR, OWEN)
    story.learn(person(OWEN))
    with refused("named_by_others"):
        story.ask(OWEN, "reject", rule=story.state.rules[0].rule.name, reason="No.")
