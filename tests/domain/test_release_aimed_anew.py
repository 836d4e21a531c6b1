"""What is requested or under way is of what the release was aimed at: aimed anew, more is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.deployment.state import Deployment, Wish
from domain.explanation import Explanation, explain
from domain.lock.state import Running
from domain.release.gate.gates import asked
from domain.release.gate.question import Question
from tests.domain.organisation import refused
from tests.domain.release_stories import COMMIT, PACKAGE, RITA, Office, filled
from tests.domain.test_deployment_first import LIVE, PEOPLE
from tests.domain.test_release_deployment import LOCK, built
from tests.domain.test_release_promoted import staging

PRODUCTION, CLOSE = "deploy:production", "close"
STAGING = replace(staging(), plan=replace(staging().plan, order=0, dwell_hours=0))
ID = "5" * 32
START = ("deployment.start", "Start the deployment to staging that was requested.")
ENDED = ("deployment.succeed", "Say how the deployment to staging ended.")
DEPLOY = ("release.deploy", "Deploy it to staging.")
AIM = ("release.aim", "Aim the release at a good package.")
BACK = ("deployment.roll_back", "Roll back the deployment to staging, or say that it failed.")
NEXT = "sha256:" + "7" * 64


def told(office: Office, id: str, gate: str) -> Explanation:
    """What opens a gate, where everybody named may do everything."""
    given = (office.release(id), office.at, office.authority, office.records)
    ask = Question(*given, lambda _: PEOPLE, there=lambda *_: PEOPLE)
    return explain(asked(ask, gate), approve="release.approve")


def ways(office: Office, id: str, gate: str) -> list[list[tuple[str, str]]]:
    """The ways that override nothing."""
    every = [[(e.action, e.description) for e in way.acts] for way in told(office, id, gate).ways]
    return [each for each in every if not any("override" in action for action, _ in each)]


def requested(*others: Any) -> tuple[Office, str]:
    """A tested release, and the request that takes it to staging."""
    office = Office()
    office.learn(STAGING, LIVE, built(), *others)
    minor = filled(office, "itsm_releases", "minor")
    office.ask(RITA, "release.aim", minor, release_version="1.2.0", commit=COMMIT, package=PACKAGE)
    office.report("unit_tests", "regression_tests")
    wish = Wish("a" * 32, "staging", "None.", contents="All of it.", belongs_to=minor)
    office.ask(RITA, "deployment.request", ID, wish=wish)
    return office, minor


@pytest.mark.req("S1-20", "S0-13", "S0-14")
@pytest.mark.parametrize("gate", [PRODUCTION, CLOSE])
@pytest.mark.parametrize("running", [False, True])
def test_a_bad_package_is_seen_through_only_where_it_is_good_after_all(
    gate: str, *, running: bool
) -> None:
    office, minor = requested()
    if running:
        office.ask(RITA, "deployment.start", ID)
    goes_on = ENDED if running else START
    assert all(goes_on in way for way in ways(office, minor, gate))
    office.learn(built(condemned=True))
    found = ways(office, minor, gate)
    anew = [way for way in found if AIM in way]
    kept = [way for way in found if AIM not in way]
    assert anew
    assert kept
    for way in anew:
        assert way.count(DEPLOY) == 1, "what it is aimed at then goes there as well"
        assert way.index(AIM) < way.index(DEPLOY)
        assert goes_on not in way
        assert (BACK in way) == running
    for way in kept:
        assert goes_on in way
        assert {DEPLOY, BACK}.isdisjoint(way)
        assert "package.reinstate" in dict(way)


@pytest.mark.req("S1-20", "S0-13", "S0-14")
@pytest.mark.parametrize("running", [False, True])
def test_the_way_by_a_good_package_leads_there(*, running: bool) -> None:
    office, minor = requested()
    if running:
        office.ask(RITA, "deployment.start", ID)
    office.learn(built(condemned=True), built(id="b" * 32, digest=NEXT))
    with refused("package_condemned"):
        office.ask(RITA, "deployment.succeed" if running else "deployment.start", ID)
    if running:
        office.ask(RITA, "deployment.roll_back", ID, reason="It is bad.")
    office.ask(RITA, "release.aim", minor, release_version="1.2.0", commit=COMMIT, package=NEXT)
    office.report("unit_tests", "regression_tests")
    office.ask(RITA, "release.deploy", minor, environment="staging")
    (fresh,) = [id for kind, id in office.states if kind is Deployment and id != ID]
    office.ask(RITA, "deployment.succeed", fresh)
    assert office.release(minor).reached("staging") is not None


@pytest.mark.req("S1-20", "S0-13", "S0-14")
def test_an_override_of_what_is_requested_is_none_of_what_is_requested_then() -> None:
    office, minor = requested(LOCK)
    office.learn(built(condemned=True))
    every = [[each.action for each in way.acts] for way in told(office, minor, PRODUCTION).ways]
    over = [way for way in every if "deployment.override" in way and "release.aim" in way]
    assert over
    assert all("deployment.request" in way for way in over)


@pytest.mark.req("S1-20", "S0-12")
def test_what_halts_it_on_its_way_is_told_before_that_it_ended() -> None:
    office, minor = requested()
    office.ask(RITA, "deployment.start", ID)
    office.learn(replace(LOCK, terms=replace(LOCK.terms, running=Running.HALTS)))
    with refused("hard_locked"):
        office.ask(RITA, "deployment.succeed", ID)
    for gate in (PRODUCTION, CLOSE):
        way = ways(office, minor, gate)[0]
        assert ENDED in way
        first = [action for action, _ in way[: way.index(ENDED)]]
        assert first, "the lock is lifted, exempted from or waited for"
