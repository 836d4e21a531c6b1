"""What was found not to work somewhere is not taken to work because it was deployed once more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.deployment.state import Deployment
from tests.domain.deployment_stories import STAGING, package, requested, succeeded
from tests.domain.organisation import HOUR, MAX, OWEN, ROBOT, SUE, Story, kinds, refused


def found_bad() -> Deployment:
    """What somebody found not to work, and was taken back."""
    story = succeeded()
    story.ask(SUE, "verify", passed=False, findings="Payments fail.")
    story.ask(ROBOT, "roll_back", reason="Payments fail.")
    return story.state  # type: ignore[no-any-return]


def once_more(*others: Any, subject: str = "e" * 32, **more: Any) -> Story:
    story = requested(STAGING, *others, subject=subject, **more)
    story.ask(ROBOT, "start")
    return story


@pytest.mark.req("S3-09", "S4-06", "X-04")
@pytest.mark.parametrize("label", ["1.0", "1.0-again"])
def test_the_very_same_does_not_work_until_who_found_that_or_another_says_so(label: str) -> None:
    first, again = found_bad(), package(label, "b" * 32)
    story = once_more(first, again, what="b" * 32 if label != "1.0" else "a" * 32)
    assert kinds(story.ask(ROBOT, "succeed"))[:2] == ["Succeeded", "FoundBefore"]
    assert story.state.faulty
    assert (story.state.verification.by, story.state.verification.findings) == (SUE, None)
    with refused("needs_second_person"):
        story.ask(OWEN, "verify", passed=True, findings="It works.")
    third = once_more(first, replace(story.state, current=False), again, subject="f" * 32)
    third.ask(ROBOT, "succeed")
    assert third.state.faulty, "deployed as often as one likes"
    story.at += HOUR
    story.ask(MAX, "verify", passed=True, findings="The disk was full.")
    third = once_more(first, replace(story.state, current=False), again, subject="f" * 32)
    third.ask(ROBOT, "succeed")
    assert third.state.verification is None


@pytest.mark.parametrize("changed", [{"environment": "elsewhere"}, {"claimed": True}])
def test_what_was_found_elsewhere_or_is_only_claimed_says_nothing(changed: Any) -> None:
    story = once_more(replace(found_bad(), **changed))
    story.ask(ROBOT, "succeed")
    assert not story.state.faulty


@pytest.mark.req("S4-06", "X-04")
def test_who_saw_it_do_badly_sees_it_do_well_where_it_is_deployed_once_more() -> None:
    story = succeeded()
    story.ask(ROBOT, "watch", well=True, note="Quiet.")
    story.ask(SUE, "watch", well=False, note="Errors.")
    story.ask(ROBOT, "roll_back", reason="Errors.")
    again = once_more(story.state)
    again.ask(ROBOT, "succeed")
    assert again.state.faulty
    assert again.state.verification is None
    assert (again.state.seen_since.by, again.state.seen_since.note) == (SUE, None)
    with refused("needs_second_person"):
        again.ask(OWEN, "watch", well=True, note="Quiet.")
    again.ask(SUE, "watch", well=True, note="Quiet.")
    assert not again.state.faulty
