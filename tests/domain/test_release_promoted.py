"""What goes by hand is promoted as packages are: it stood where it comes from, or all of it did."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.deployment.state import Status
from domain.environment.state import Environment
from domain.explanation import explain
from domain.release.gate.gates import asked
from domain.release.gate.question import Question
from domain.release.state import Progress
from tests.domain.given import DAY, NOON
from tests.domain.organisation import HOUR, ways
from tests.domain.release_stories import COMMIT, PACKAGE, RITA, Office, merged
from tests.domain.test_release_deployment import PLACE, TEST, begun, built, office
from tests.domain.test_release_taken import by_hand
from tests.domain.test_release_there import BAD, deployment

STAGING = "deploy:staging"
SECOND = built(id="b" * 32, label="1.2.1", commit="9" * 40, digest="sha256:" + "9" * 64)
CODES = {"not_promoted", "dwell_too_short", "dwell_interrupted", "found_not_to_work"}


def staging(hours: int = 2, **more: Any) -> Environment:
    """Where packages are promoted to from the test environment."""
    plan = replace(PLACE.plan, order=2, dwell_hours=hours, **more)
    return replace(PLACE, id="f" * 32, name="staging", plan=plan)


def two(*others: Any) -> tuple[Office, str]:
    """A release of two versions, each of a package that was built here."""
    made, major = office(built(), SECOND, staging(), *others)
    plan = replace(made.release(major).plan, versions=("1.2.1", "1.2.0"))
    made.ask(RITA, "release.edit", major, plan=plan)
    made.ask(RITA, "release.aim", major, release_version="1.2.1", commit="9" * 40)
    made.ask(RITA, "release.aim", major, release_version="1.2.0", commit=COMMIT, package=PACKAGE)
    made.compare(major, COMMIT)
    made.compare(major, "9" * 40)
    return made, major


def why(made: Office, id: str) -> set[str]:
    """What its promotion has against it."""
    return made.codes(id, STAGING) & CODES


@pytest.mark.req("S0-13", "S0-14")
def test_a_release_of_several_versions_is_promoted_in_order_and_stays_long_enough() -> None:
    made, major = two()
    assert why(made, major) == {"not_promoted"}
    made.ask(RITA, "release.deploy", major, environment="test")
    assert why(made, major) == {"not_promoted"}, "it is on its way"
    made.settle(major, "test", Progress.SUCCEEDED)
    assert why(made, major) == {"dwell_too_short"}
    made.at += 2 * HOUR
    assert why(made, major) == set()
    by_hand(made, "test", "1.1.0", made.at - 2 * HOUR + HOUR / 2, hidden=False)
    assert why(made, major) == {"dwell_interrupted"}
    made.deploy(major, "test")
    assert why(made, major) == {"dwell_too_short"}
    made.settle(major, "test", Progress.ROLLED_BACK, "It crashes.")
    assert why(made, major) == {"not_promoted"}


@pytest.mark.req("S0-13", "S4-12")
def test_a_package_that_gave_way_to_something_by_hand_is_not_promoted() -> None:
    made, major = office(built(), staging())
    made.ask(RITA, "release.deploy", major, environment="test")
    made.ask(RITA, "deployment.succeed", begun(made).id)
    made.at += 2 * HOUR
    assert why(made, major) == set()
    by_hand(made, "test", "1.1.0", made.at - HOUR, hidden=False)
    assert why(made, major) == {"dwell_interrupted"}
    wish = replace(begun(made).wish, belongs_to=None, contents="All of it.")
    made.ask(RITA, "deployment.request", "8" * 32, wish=wish)
    made.ask(RITA, "release.deploy", major, environment="test")
    (again,) = (e for e in made.states.values() if getattr(e, "status", "") == Status.RUNNING)
    made.ask(RITA, "deployment.succeed", again.id)
    assert why(made, major) == {"dwell_too_short"}
    made.at += 2 * HOUR
    assert why(made, major) == set()


def test_what_is_in_it_now_is_what_stood_there() -> None:
    made, major = two()
    made.deploy(major, "test")
    made.at += 2 * HOUR
    assert why(made, major) == set()
    made.ask(RITA, "release.exclude", major, merge_requests=("m" * 32,), reason="Another time.")
    assert why(made, major) == {"not_promoted"}


def test_it_is_promoted_too_where_each_of_its_packages_stood_there_by_itself() -> None:
    made, major = two()
    first = deployment("test", NOON - DAY)
    made.learn(first)
    assert why(made, major) == {"not_promoted"}
    second = deployment("test", NOON - DAY, "e" * 32, SECOND.id)
    made.learn(second)
    assert why(made, major) == set()
    made.learn(deployment("test", made.at, "e" * 32, SECOND.id))
    assert why(made, major) == {"not_promoted"}, "not for long enough"


def test_where_it_does_not_go_itself_its_packages_are_asked_and_of_what_is_hidden_nothing() -> None:
    before = replace(PLACE, id="9" * 32, name="lab", plan=replace(PLACE.plan, order=1))
    made, major = two(before)
    made.deploy(major, "test")
    made.at += 2 * HOUR
    assert why(made, major) == {"not_promoted"}
    (found,) = (e for e in made.verdict(major, STAGING).blocking if e.code in CODES)
    assert [each.action for each in found.acts] == ["deployment.request"]
    made.learn(replace(made.release(major), embargoed=True))
    assert why(made, major) == set(), "it has no way to go there"


@pytest.mark.req("S0-13", "S3-09")
def test_nothing_that_it_is_made_of_was_found_not_to_work_anywhere_before() -> None:
    lab = replace(PLACE, id="9" * 32, name="lab", plan=replace(PLACE.plan, order=0))
    made, major = two()
    made.deploy(major, "test")
    made.at += 2 * HOUR
    made.learn(lab)
    assert why(made, major) == set()
    bad = replace(deployment("lab", NOON - DAY, "e" * 32, SECOND.id), verification=BAD)
    made.learn(bad)
    assert why(made, major) == {"found_not_to_work"}
    (found,) = (e for e in made.verdict(major, STAGING).blocking if e.code in CODES)
    assert ways(found) == [["deployment.verify"], ["release.aim"]]
    made.learn(replace(bad, verification=None))
    assert why(made, major) == set()
    right_before = replace(bad, environment="test", status=Status.ROLLED_BACK, current=False)
    made.learn(right_before)
    assert why(made, major) == {"found_not_to_work"}, "nor right before, by a deployment"


@pytest.mark.req("S1-50")
def test_what_is_hidden_is_promoted_by_its_own_deliveries() -> None:
    for around in ((), (built(),)):
        made, major = office(staging(), *around)
        made.learn(replace(made.release(major), embargoed=True), merged(embargoed=True))
        assert why(made, major) == {"not_promoted"}
        made.ask(RITA, "release.deploy", major, environment="test")
        made.settle(major, "test", Progress.SUCCEEDED)
        made.at += 2 * HOUR
        assert why(made, major) == set()


def test_what_goes_by_hand_needs_a_window_where_that_is_needed() -> None:
    made, major = two(staging(needs_window=True))
    assert "window_missing" in made.codes(major, STAGING)
    assert "window_missing" not in made.codes(major, TEST)


@pytest.mark.req("S0-13", "S0-14", "X-04")
def test_it_is_built_before_its_packages_are_deployed_anywhere() -> None:
    lab = replace(PLACE, id="9" * 32, name="lab", plan=replace(PLACE.plan, order=1))
    made, major = office(staging(), lab)
    told = [each.requirement for each in made.verdict(major, STAGING).blocking]
    assert told.index("package") < told.index("promotion")
    given = (made.release(major), made.at, made.authority, made.records)
    for way in explain(asked(Question(*given, lambda _: frozenset((RITA,))), STAGING)).ways:
        acts = [each.action for each in way.acts]
        assert acts.index("package.add") < acts.index("deployment.request")
