"""Every way to close a change, as its gate tells it, closes it when it is carried out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from domain.change.gates import verdict
from domain.change.state import Outcome, Status
from domain.explanation import Explanation, Slot, explain
from tests.domain.change_stories import (
    WHY,
    assessed,
    broken,
    drafted,
    emergency,
    emergency_scheduled,
    scheduled,
    submitted,
    under_way,
)
from tests.domain.given import authority, known
from tests.domain.organisation import (
    ANN,
    CAB_ONE,
    CAB_TWO,
    CHAIR,
    DUTY,
    ENG,
    MAX,
    OWEN,
    PLAYBOOKS,
    WINDOW,
    Story,
    adopted,
    person,
)

MAY = {
    "change.edit": ANN,
    "change.submit": ANN,
    "change.resume": ANN,
    "change.recount": ANN,
    "change.implement": ENG,
    "change.finish": ENG,
    "change.break_glass": ENG,
    "change.confirm_break_glass": DUTY,
    "change.fulfil_obligation": ENG,
    "change.review": MAX,
}
NOTES = """
[[change.obligation]]
name = "notes"
title = "Release notes"
cause = "always"
due_hours = 48
fulfilled_by = "write_up"

# Standard: approved"""
ALWAYS = (PLAYBOOKS / "itsm.toml").read_text().replace("\n# Standard: approved", NOTES)


def told(story: Story) -> Explanation:
    """How it is closed."""
    judged = verdict(
        story.state,
        "close",
        at=story.at,
        authority=authority(*story.world),
        records=known(*story.world),
        who=lambda action: frozenset((MAY[action],)) if action in MAY else frozenset(),
    )
    return explain(judged)


def carried_out(story: Story, slot: Slot) -> None:
    """Do what an act says, as those it names."""
    verb = slot.action.removeprefix("change.")
    if verb == "wait":
        story.at = WINDOW.since
    elif verb == "approve":
        for by in slot.people[: slot.count]:
            story.ask(by, verb, rule=slot.rule)
    elif verb == "fulfil_obligation":
        title = slot.description.removeprefix("Write up: ").removesuffix(".")
        [name] = (each.name for each in story.state.obligations if each.title == title)
        story.ask(slot.people[0], verb, name=name, write_up="We moved the disks.")
    else:
        wrong = Outcome.ROLLED_BACK if "wrong" in slot.description else Outcome.SUCCESSFUL
        later = replace(WINDOW, since=story.at, until=story.at + timedelta(days=1))
        arguments = {
            "edit": {"content": replace(story.state.content, window=later)},
            "break_glass": {"second": DUTY, **WHY},
            "finish": {"outcome": wrong, "note": "It was done."},
            "review": {"findings": "It was right."},
        }
        story.ask(slot.people[0], verb, **arguments.get(verb, {}))


def held(begin: Callable[[], Story]) -> Story:
    story = begin()
    story.ask(ANN, "hold", reason="The vendor is late.")
    return story


def held_over(begin: Callable[[], Story]) -> Story:
    story = held(begin)
    story.at = WINDOW.until
    return story


def resumed(begin: Callable[[], Story]) -> Story:
    story = held(begin)
    story.ask(ANN, "resume")
    return story


def begun() -> Story:
    """An emergency that was approved and is carried out."""
    story = emergency_scheduled()
    story.at = WINDOW.since
    story.ask(ENG, "implement")
    return story


def unapproved(begin: Callable[[], Story]) -> Story:
    """What began, was put on hold, and lost an approval before it went on."""
    story = held(begin)
    story.learn(person(story.state.votes[-1].person, suspended=True))
    story.ask(ANN, "resume")
    assert (story.state.status, story.state.unfinished) == (Status.AUTHORIZING, True)
    return story


def owing_notes(begin: Callable[[], Story]) -> Story:
    """As its playbook asks for release notes of every change."""
    story = begin()
    story.learn(adopted("itsm", ALWAYS))
    return story


SENT = partial(submitted, kind="emergency")
STORIES: dict[str, tuple[Callable[[], Story], int]] = {
    "draft": (drafted, 1),
    "assessed": (assessed, 1),
    "scheduled": (scheduled, 1),
    "with notes": (partial(owing_notes, scheduled), 1),
    "under way": (under_way, 1),
    "held": (partial(held, under_way), 2),
    "taken up again": (partial(resumed, under_way), 2),
    "held until its window is over": (partial(held_over, under_way), 2),
    "unapproved": (partial(unapproved, under_way), 2),
    "emergency": (emergency, 2),
    "emergency sent": (SENT, 2),
    "emergency held": (partial(held, SENT), 2),
    "emergency scheduled": (emergency_scheduled, 2),
    "emergency begun": (begun, 1),
    "emergency begun and held": (partial(held, begun), 2),
    "emergency unapproved": (partial(unapproved, begun), 3),
    "by two": (broken, 1),
    "by two and held": (partial(held, broken), 2),
}


@pytest.mark.req("S1-16", "S3-20", "X-06")
@pytest.mark.parametrize("name", STORIES)
def test_every_way_that_is_told_closes_it(name: str) -> None:
    begin, number = STORIES[name]
    explanation = told(begin())
    assert explanation.impossible_reason is None
    assert (len(explanation.ways), explanation.complete) == (number, True), explanation.ways
    for way in explanation.ways:
        story = begin()
        for slot in way.acts:
            carried_out(story, slot)
        story.ask(OWEN, "close")
        assert story.state.status is Status.CLOSED


def test_what_will_be_owed_and_nobody_may_settle_closes_it_to_everybody() -> None:
    story = SENT()
    story.learn(*(person(each, suspended=True) for each in (CAB_ONE, CAB_TWO, CHAIR)))
    reason = told(story).impossible_reason
    assert reason is not None
    assert "cab_afterwards would need 1 more person entitled" in reason
