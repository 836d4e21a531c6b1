"""Who looked back on a change counts as long as a vote of theirs would."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.change.events import ObligationFulfilled, Reviewed
from domain.change.gates import verdict
from domain.change.state import Outcome, Status
from tests.domain.change_stories import broken_and_over, reviewing
from tests.domain.given import NOON, authority, known
from tests.domain.organisation import ENG, MANAGER, MAX, SUE, Story, person, refused

GRANT = replace(MANAGER, id="9" * 32)
LOST: dict[str, tuple[Any, ...]] = {
    "suspended": (person(MAX, suspended=True),),
    "revoked": (replace(GRANT, revoked_at=NOON),),
    "who did the work": (person(MAX, linked=(ENG,)), person(ENG, linked=(MAX,))),
}


def codes(story: Story) -> dict[str, str]:
    """What its close gate says, by requirement."""
    world = (authority(*story.world), known(*story.others))
    found = verdict(story.state, "close", at=story.at, authority=world[0], records=world[1])
    return {each.requirement: each.code for each in found.findings}


@pytest.mark.req("S3-25", "X-04")
@pytest.mark.parametrize("why", LOST)
def test_a_review_counts_while_a_vote_of_theirs_would(why: str) -> None:
    story = reviewing(Outcome.UNSUCCESSFUL)
    story._fold(Reviewed("It was slow.", None, GRANT.id), MAX, {})
    with refused("reviewed_before"):
        story.ask(SUE, "review", findings="It was slow.")
    story.learn(GRANT, *LOST[why])
    assert codes(story)["review"] == "review_missing"
    with refused("review_missing"):
        story.ask(SUE, "close")
    story.ask(SUE, "review", findings="They forgot the index.")
    story.ask(SUE, "close")
    assert story.state.status is Status.CLOSED


@pytest.mark.req("S3-20", "X-04")
@pytest.mark.parametrize("why", LOST)
def test_what_is_owed_is_settled_by_no_review_that_counts_no_more(why: str) -> None:
    story = broken_and_over()
    story._fold(Reviewed("Right.", None, GRANT.id), MAX, {})
    story._fold(ObligationFulfilled("break_glass_review"), MAX, {})
    assert codes(story)["break_glass_review"] == ""
    story.learn(GRANT, *LOST[why])
    assert codes(story)["break_glass_review"] == "obligation_open"
    story.ask(SUE, "review", findings="Right.")
    assert codes(story)["break_glass_review"] == ""
    assert [each.fulfiller for each in story.state.obligations if each.fulfilled_at] == [MAX]


def test_an_early_log_tells_no_grant_and_it_counts_by_the_account() -> None:
    story = reviewing(Outcome.UNSUCCESSFUL)
    story._fold(Reviewed("It was slow."), MAX, {})
    story.learn(replace(MANAGER, revoked_at=NOON))
    assert codes(story)["review"] == ""
