"""A merge request is in the hands of somebody who can act, and its author answers for it."""

from __future__ import annotations

import pytest

from tests.domain.merge_stories import AUTHOR, COMMITTER, FIRST, OPENING, RELEASES, opened
from tests.domain.organisation import OWEN, Story, person, refused

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
