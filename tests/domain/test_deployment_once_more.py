"""What was found not to work somewhere is not taken to work because it was deployed once more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.deployment.aggregate import AGGREGATE
from domain.deployment.gates import verdict
from domain.deployment.state import Deployment, Stand, Status
from domain.gate import Finding
from tests.domain.deployment_stories import (
    PRODUCTION,
    STAGING,
    environment,
    package,
    requested,
    stood,
    succeeded,
)
from tests.domain.given import NOON, authority, known
from tests.domain.organisation import (
    ANN,
    HOUR,
    MAX,
    OWEN,
    ROBOT,
    SUE,
    WORLD,
    Story,
    kinds,
    person,
    refused,
    ways,
)


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


def earlier(hours: int = 5) -> Deployment:
    """What stood in staging for long before that, until something else came."""
    since = NOON - hours * HOUR
    span = (Stand(since, since + 3 * HOUR),)
    return replace(stood(), stands=span, current=False)


def promotion(*there: Any, what: str = "a" * 32) -> list[Finding]:
    """What keeps it from production, by where it stood before."""
    world = (environment(STAGING), package("1.0-again", "b" * 32), *there)
    story = requested(PRODUCTION, *world, what=what, subject="9" * 32)
    given, records = authority(*story.others), known(*story.others)
    people = frozenset((MAX, OWEN, SUE, ROBOT))
    asked = verdict(
        story.state, "start", at=story.at, authority=given, records=records, who=lambda _: people
    )
    return [each for each in asked.blocking if each.requirement == "promotion"]


@pytest.mark.req("S3-09", "S4-06", "X-04")
@pytest.mark.parametrize("name", ["a", "b"])
def test_what_was_rolled_back_is_not_promoted_by_an_older_deployment_of_the_same(name: str) -> None:
    assert promotion(earlier()) == []
    bad = replace(found_bad(), package=name * 32)
    [finding] = promotion(earlier(), bad)
    assert (finding.code, finding.lacking[0].id) == ("found_not_to_work", bad.id)
    assert ways(finding)[:-1] == [["deployment.request"], ["deployment.request"]]
    assert promotion(earlier(), replace(bad, environment="elsewhere")) == []
    assert promotion(earlier(), replace(bad, claimed=True)) == []
    assert promotion(earlier(), replace(bad, package="c" * 32)) == []


@pytest.mark.req("S0-13", "S3-09", "X-04")
def test_what_was_found_not_to_work_anywhere_before_is_not_promoted() -> None:
    """Also where only the environment right before had it for long enough, and it worked there."""
    test = environment(STAGING)
    test = replace(test, id="7" * 32, name="test", plan=replace(test.plan, order=0))
    assert promotion(earlier(), test) == []
    bad = replace(found_bad(), environment="test", status=Status.SUCCEEDED)
    [finding] = promotion(earlier(), test, bad)
    assert (finding.code, finding.title) == ("found_not_to_work", "It works in test")
    assert finding.lacking[0].id == bad.id
    assert finding.acts[0].action == "deployment.verify"
    assert promotion(earlier(), test, replace(bad, verification=None)) == []
    assert promotion(earlier(), replace(test, retired=True), bad) == []
    apart = replace(test, plan=replace(test.plan, line="elsewhere"))
    assert promotion(earlier(), apart, bad) == []


@pytest.mark.req("S3-09", "S4-06", "X-04")
def test_that_it_worked_before_takes_nothing_back_of_what_was_found_since() -> None:
    bad = found_bad()
    before = Story(AGGREGATE, (*WORLD, package(), bad), NOON + HOUR, "5" * 32, earlier())
    before.ask(OWEN, "verify", passed=True, findings="It worked then.")
    assert [each.code for each in promotion(before.state, bad)] == ["found_not_to_work"]
    again = once_more(bad, before.state)
    again.ask(ROBOT, "succeed")
    assert again.state.verification.by == SUE
    back = replace(earlier(), stands=(*earlier().stands, Stand(NOON + HOUR)), current=True)
    [finding] = promotion(back, bad)
    assert (finding.acts[0].action, finding.lacking[0].id) == ("deployment.verify", back.id)
    there = Story(AGGREGATE, (*WORLD, package(), bad), NOON + 2 * HOUR, back.id, back)
    with refused("needs_second_person"):
        there.ask(OWEN, "verify", passed=True, findings="It works.")
    there.ask(SUE, "verify", passed=True, findings="The disk was full.")
    assert [each.code for each in promotion(there.state, bad)] == []


@pytest.mark.req("X-04")
def test_who_asked_for_what_was_found_bad_takes_it_back_nowhere() -> None:
    bad = replace(found_bad(), requested_by=ANN)
    again = once_more(bad)
    again.ask(ROBOT, "succeed")
    for by in (OWEN, ANN):
        with refused("needs_second_person"):
            again.ask(by, "verify", passed=True, findings="It works.")


@pytest.mark.req("S1-20", "S3-09", "S4-06")
def test_those_are_named_who_may_say_that_it_works_after_all() -> None:
    story = succeeded()
    story.ask(SUE, "watch", well=False, note="Errors.")
    [finding] = promotion(story.state)
    told = [(each.action, each.people) for each in finding.acts]
    assert told[0] == ("deployment.watch", frozenset((SUE, MAX))), (
        "not who asked for it, or built it"
    )
    assert ways(finding)[1:-1] == [["deployment.request"]], "either it works, or another goes there"
    story.ask(SUE, "verify", passed=False, findings="Payments fail.")
    [finding] = promotion(story.state)
    both = ["deployment.verify", "deployment.watch"]
    assert ways(finding) == [both, ["deployment.request"], ["deployment.override"]]
    [finding] = promotion(replace(story.state, requested_by=MAX, verification=None))
    assert finding.acts[0].people == {SUE, OWEN}


@pytest.mark.req("S1-20", "S4-07")
def test_what_never_stood_there_is_brought_there_and_waits_as_long_as_it_has_to_stand() -> None:
    [finding] = promotion()
    brought = ["deployment.request", "deployment.wait"]
    assert ways(finding) == [brought, ["deployment.override"]]
    ripe = NOON + timedelta(hours=2, minutes=1)
    assert ripe.isoformat() in finding.acts[1].description


@pytest.mark.req("S3-09", "X-04")
def test_a_link_that_one_made_gives_nobody_the_word_of_another() -> None:
    story = once_more(found_bad())
    story.ask(ROBOT, "succeed")
    story.learn(person(OWEN, linked=(SUE,)), person(ROBOT, owner=OWEN))
    with refused("needs_second_person"):
        story.ask(OWEN, "verify", passed=True, findings="It works.")
    story.ask(SUE, "verify", passed=True, findings="It works.")
    assert not story.state.faulty
