"""What keeps a deployment or a release waiting says what would help, and by whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.calendar.window import Window
from domain.deployment.gates import verdict
from domain.deployment.state import Deployment
from domain.environment.state import Environment
from domain.explanation import explain
from domain.verdict import Verdict
from tests.domain.deployment_stories import (
    STAGING,
    environment,
    package,
    requested,
    succeeded,
)
from tests.domain.given import NOON, authority, known
from tests.domain.organisation import HOUR, MAX, OWEN, ROBOT, SUE, Story, refused, ways
from tests.domain.release_stories import RITA, Office, opened
from tests.domain.test_deployment import overridden
from tests.domain.test_release_deployment import TEST, built, office
from tests.domain.test_release_unnamed import aimed, authorise, waiting
from tests.domain.test_release_unnamed import office as several

OPENS = Window(NOON + HOUR, NOON + 2 * HOUR, "", "", "UTC")


def asked(story: Story, action: str = "start") -> Verdict:
    """What a gate says, where everybody may do everything."""
    state, people = story.state, frozenset((MAX, OWEN, SUE))
    given, records = authority(*story.others), known(*story.others)
    return verdict(
        state, action, at=story.at, authority=given, records=records, who=lambda _: people
    )


def helps(said: Verdict, code: str) -> list[tuple[str, int]]:
    """What would help against what blocks with this code, and how many it takes."""
    (found,) = (each for each in said.blocking if each.code == code)
    return [(each.action, each.count) for each in found.acts]


@pytest.mark.req("S1-20", "S3-09", "S4-06")
def test_who_closes_a_deployment_learns_what_is_left_to_do() -> None:
    said = asked(succeeded(), "close")
    assert helps(said, "not_verified") == [("deployment.verify", 1)]
    assert helps(said, "not_watched") == [("deployment.watch", 1)]
    (way,) = explain(said).ways
    assert [each.action for each in way.acts] == ["deployment.verify", "deployment.watch"]


@pytest.mark.req("S1-20")
@pytest.mark.parametrize("started", [False, True])
def test_who_closes_what_has_not_ended_learns_what_ends_it(started: bool) -> None:
    story = requested()
    before = set() if started else {"deployment.start"}
    if started:
        story.ask(ROBOT, "start")
    for act in ("advance", "succeed"):
        assert {e.action for way in explain(asked(story, act)).ways for e in way.acts} == before
    ways = explain(asked(story, "close")).ways
    assert [{each.action for each in way.acts} - before for way in ways] == [
        {"deployment.fail"},
        {"deployment.roll_back"},
        {"deployment.succeed", "deployment.verify", "deployment.watch"},
    ]
    if not started:
        story.ask(ROBOT, "start")
    story.ask(ROBOT, "fail", reason="It did not come up.")
    assert asked(story, "close").allowed


@pytest.mark.req("S0-13", "S1-20")
def test_who_closes_a_deployment_learns_who_may_countersign_it() -> None:
    story = overridden()
    story.ask(ROBOT, "start")
    story.ask(ROBOT, "fail", reason="Out of memory.")
    ((act,),) = ([*each.acts] for each in asked(story, "close").blocking)
    assert (act.action, act.people) == ("deployment.countersign", frozenset((SUE,)))


@pytest.mark.req("S1-20", "S3-15")
def test_outside_a_window_one_waits_for_it_or_names_another() -> None:
    story = requested(STAGING, window=OPENS)
    assert helps(asked(story), "outside_window") == [("deployment.wait", 0)]
    story.at = OPENS.until
    assert helps(asked(story), "outside_window") == [("deployment.request", 1)]
    story = requested()
    place: Environment = environment(STAGING)
    story.learn(replace(place, plan=replace(place.plan, needs_window=True)))
    assert helps(asked(story), "window_missing") == [("calendar_entry.plan", 1)]


@pytest.mark.req("S1-20", "S4-26")
def test_what_waits_for_a_release_says_how_it_becomes_the_releases_again() -> None:
    made, major = office(built())
    wish: dict[str, Any] = {"contents": "All.", "belongs_to": major}
    made.ask(RITA, "deployment.request", "d" * 32, wish=replace(waiting().wish, **wish))
    made.learn(built(condemned=True))
    assert helps(made.verdict(major, TEST), "package_condemned") == [("release.aim", 1)]
    made.learn(built())
    made.ask(RITA, "release.aim", major, release_version="1.2.0", commit="9" * 40)
    assert _start(made, "other_package") == [("release.aim", 1)]


@pytest.mark.req("S1-20", "S4-26")
def test_what_was_requested_for_a_release_that_was_given_up_is_withdrawn() -> None:
    made, major = office(built())
    wish: dict[str, Any] = {"contents": "All.", "belongs_to": major}
    made.ask(RITA, "deployment.request", "d" * 32, wish=replace(waiting().wish, **wish))
    made.ask(RITA, "release.abort", major, reason="Not this year.")
    assert _start(made, "release_not_ready") == [("deployment.withdraw", 1)]
    said = explain(_starting(made))
    assert said.impossible_reason is None
    assert all("deployment.withdraw" in (e.action for e in way.acts) for way in said.ways)
    made.learn(built(condemned=True))
    told = [act for each in _starting(made).blocking for act in each.acts]
    assert "release.aim" not in {each.action for each in told}
    made.ask(RITA, "deployment.withdraw", "d" * 32, reason="It goes nowhere.")


@pytest.mark.req("S1-20", "S4-12")
def test_where_something_bad_stands_something_else_goes_there() -> None:
    stands = succeeded(subject="6" * 32)
    stands.ask(SUE, "verify", passed=False, findings="Payments fail.")
    story = requested(STAGING)
    story.learn(stands.state)
    assert helps(asked(story), "same_version") == [("deployment.request", 1)]
    (found,) = asked(story).blocking
    assert "if it works after all" in found.message
    assert explain(asked(story)).impossible_reason is None
    again = Story(story.aggregate, story.others, subject="e" * 32, at=story.at)
    with refused("same_version") as told:
        again.ask(OWEN, "request", wish=story.state.wish)
    assert "if it works after all" in told.value.problems[0].message
    story.learn(replace(stands.state, verification=None))
    assert helps(asked(story), "same_version") == [], "there is nothing to deploy"
    condemned = requested(STAGING)
    condemned.learn(stands.state, bad := replace(package(), condemned=True))
    assert asked(condemned).codes == ("package_condemned",)
    assert helps(asked(condemned), "package_condemned") == [("deployment.request", 1)]
    (found,) = asked(condemned).blocking
    assert ways(found)[1:] == [["package.ask_to_reinstate", "package.reinstate"]]
    running = requested(STAGING)
    running.ask(ROBOT, "start")
    running.learn(bad)
    assert helps(asked(running, "succeed"), "package_condemned") == [("deployment.roll_back", 1)]


@pytest.mark.req("S1-20", "S4-12", "S4-26")
def test_a_release_that_does_not_work_where_it_stands_is_aimed_at_something_else() -> None:
    made, major = office(built())
    made.ask(RITA, "release.deploy", major, environment="test")
    id = next(id for kind, id in made.states if kind is Deployment)
    made.ask(ROBOT, "deployment.succeed", id)
    made.ask(SUE, "deployment.verify", id, passed=False, findings="Payments fail.")
    assert helps(made.verdict(major, TEST), "same_version") == [("release.aim", 1)]


@pytest.mark.req("S1-20", "S4-26")
def test_what_may_be_of_several_releases_is_requested_for_one() -> None:
    made, major = several()
    other = aimed(made)
    made.learn(waiting())
    authorise(made, major, other)
    assert _start(made, "release_not_named") == [("deployment.request", 1)]


def _start(made: Office, code: str) -> list[tuple[str, int]]:
    state = made.states[Deployment, "d" * 32]
    given, records = made.authority, made.records
    return helps(verdict(state, "start", at=made.at, authority=given, records=records), code)


def _starting(made: Office) -> Verdict:
    """What the gate of the request says, where everybody may do everything."""
    state, people = made.states[Deployment, "d" * 32], frozenset((MAX, OWEN, SUE))
    given, records = made.authority, made.records
    return verdict(
        state, "start", at=made.at, authority=given, records=records, who=lambda _: people
    )


def _ways(said: Verdict, code: str) -> list[list[str]]:
    (found,) = (each for each in said.blocking if each.code == code)
    return ways(found)


@pytest.mark.req("S0-14", "S1-20")
def test_a_request_for_what_is_bad_is_withdrawn_once_its_release_has_something_else() -> None:
    made, major = office(built())
    wish: dict[str, Any] = {"contents": "All.", "belongs_to": major}
    made.ask(RITA, "deployment.request", "d" * 32, wish=replace(waiting().wish, **wish))
    made.learn(built(condemned=True))
    anew, back = ["release.aim", "deployment.withdraw"], ["release.aim"]
    good = ["package.ask_to_reinstate", "package.reinstate"]
    assert _ways(_starting(made), "package_condemned") == [anew, good]
    made.learn(replace(built(), id="8" * 32, commit="9" * 40, digest=f"sha256:{'8' * 64}"))
    made.ask(RITA, "release.aim", major, release_version="1.2.0", commit="9" * 40)
    said = _starting(made)
    assert _ways(said, "package_condemned") == [["deployment.withdraw"], good]
    assert _ways(said, "other_package") == [back, ["deployment.withdraw"]]
    told = [[act.action for act in way.acts] for way in explain(said).ways]
    assert all(("deployment.withdraw" in way) != ("release.aim" in way) for way in told), told
    made.ask(RITA, "deployment.withdraw", "d" * 32, reason="It is bad.")
    assert "package_condemned" not in made.codes(major, TEST), "what it has now goes by another"


@pytest.mark.req("S1-20", "S4-20")
def test_before_a_cycle_begins_one_waits_for_it() -> None:
    made = Office(at=datetime(2025, 12, 1, tzinfo=UTC))
    train = opened(made, scheduled=None)
    assert helps(made.verdict(train, "deploy:staging"), "outside_cycle") == [("release.wait", 0)]


@pytest.mark.req("S1-20")
def test_before_a_later_phase_comes_the_next() -> None:
    made = Office()
    id = opened(made, "gitlab", "monthly")
    assert helps(made.verdict(id, "enter_phase:final"), "phase_not_next") == [
        ("release.enter_phase", 1)
    ]
    assert helps(made.verdict(id, "enter_phase:nowhere"), "phase_not_next") == []
