"""A release counts as deployed where it works and stands, or what stands there goes on from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.deployment.state import Deployment, Observation, Stand, Status, Verification, Wish
from domain.package import Package
from domain.release.state import Delivery, Progress, cargo_of
from tests.domain.given import DAY, NOON
from tests.domain.organisation import HOUR, OWEN, ROBOT, SERVICE, SUE
from tests.domain.release_stories import COMMIT, OTHER, PLAN, RITA, Office, filled

BAD = Verification(SUE, NOON, passed=False, findings="It crashes.")
GOOD = replace(BAD, passed=True, findings="It works.")
ERRORS = Observation(SUE, NOON, well=False, during=False, note="Errors.")
OWN, NEXT = "d" * 32, "e" * 32


def package(id: str = "a" * 32, days: int = -9, commit: str = COMMIT, **more: Any) -> Package:
    """A package of the service, built so many days after noon."""
    told = ("shop", f"of {id[:4]}", SERVICE, commit, f"sha256:{id * 2}", (), ROBOT, NOON)
    return replace(Package(id, 1, *told), built_at=NOON + days * DAY, **more)


def deployment(
    where: str, since: datetime = NOON, id: str = OWN, what: str = "a" * 32, **more: Any
) -> Deployment:
    """One that arrived there and stands there."""
    wish = Wish(what, where, "None.")
    made = Deployment(id, 2, Status.SUCCEEDED, where, what, what[:4], SERVICE, wish, OWEN, since)
    return replace(made, stands=(Stand(since),), current=True, **more)


def gone(state: Deployment, until: datetime) -> Deployment:
    """The same, once something else took its place."""
    *before, last = state.stands
    return replace(state, current=False, stands=(*before, replace(last, until=until)))


def brought(made: Office, id: str, state: Deployment) -> None:
    """Let a release have been brought there by a deployment."""
    release, at = made.release(id), state.stands[0].since
    told = (state.environment, cargo_of(release), Progress.SUCCEEDED, RITA, at, RITA, at, state.id)
    made.learn(state, replace(release, deliveries=(*release.deliveries, Delivery(*told))))


def in_staging() -> tuple[Office, str, Deployment]:
    """A minor release that is in staging."""
    made = Office()
    id, stood = filled(made, "itsm_releases", "minor"), deployment("staging")
    made.learn(package())
    brought(made, id, stood)
    return made, id, stood


def hosted() -> tuple[Office, str, Deployment]:
    """A monthly release of what an automatic deployment brought to the hosted service."""
    made, stood = Office(), deployment("gprd")
    plan = replace(PLAN, versions=("17.6.202603011200",))
    auto = filled(made, "gitlab", "auto_deploy", plan, scheduled=None)
    made.learn(package())
    brought(made, auto, stood)
    return made, filled(made, "gitlab", "monthly", replace(PLAN, versions=("17.6.0",))), stood


def codes(made: Office, id: str, gate: str, row: str, at: datetime | None = None) -> set[str]:
    """Why a requirement keeps a gate closed."""
    found = made.verdict(id, gate, at).blocking
    return {each.code for each in found if each.requirement == row}


@pytest.mark.parametrize(
    "said", [{"verification": BAD}, {"observations": (ERRORS,)}], ids=["verified", "watched"]
)
def test_what_was_found_not_to_work_in_staging_is_not_deployed_on(said: dict[str, Any]) -> None:
    made, id, stood = in_staging()
    assert "not_deployed" not in made.codes(id, "deploy:production")
    made.learn(replace(stood, **said))
    assert "found_not_to_work" in made.codes(id, "deploy:production")
    well = replace(ERRORS, well=True)
    made.learn(replace(stood, verification=GOOD, observations=(ERRORS, well)))
    assert "found_not_to_work" not in made.codes(id, "deploy:production")


def test_what_was_found_not_to_work_where_it_is_hosted_is_published_once_that_is_mended() -> None:
    made, monthly, stood = hosted()
    assert codes(made, monthly, "publish", "hosted_first") == set()
    made.learn(replace(stood, verification=BAD))
    assert codes(made, monthly, "publish", "hosted_first") == {"found_not_to_work"}
    later = deployment("gprd", NOON + HOUR, NEXT, "b" * 32)
    made.learn(gone(replace(stood, verification=BAD), NOON + HOUR), package("b" * 32, -1, OTHER))
    made.learn(replace(later, verification=BAD))
    assert codes(made, monthly, "publish", "hosted_first") == {"found_not_to_work"}
    made.learn(later)
    assert codes(made, monthly, "publish", "hosted_first") == set()


@pytest.mark.req("S0-06")
@pytest.mark.parametrize(
    "built,code",
    [
        (package("b" * 32, -1, OTHER), None),
        (package("b" * 32, -10, OTHER), "older_stands_there"),
        (package("b" * 32, -1, OTHER, label="1.9"), "older_stands_there"),
        (package("b" * 32, -1, OTHER, label="1.9", name="web"), None),
        (package("b" * 32, -1, OTHER, label="2.0.1"), None),
        (package("b" * 32, -1), None),
    ],
)
def test_what_gave_way_to_something_older_runs_there_no_more(
    built: Package, code: str | None
) -> None:
    made, monthly, stood = hosted()
    made.learn(package(label="2.0"), built, gone(stood, NOON + HOUR))
    made.learn(deployment("gprd", NOON + HOUR, NEXT, built.id))
    assert codes(made, monthly, "publish", "hosted_first") == ({code} if code else set())


def test_building_an_old_commit_anew_makes_it_no_newer() -> None:
    made, monthly, stood = hosted()
    made.learn(package("b" * 32, -1, OTHER), package("9" * 32, -20, OTHER))
    made.learn(gone(stood, NOON + HOUR), deployment("gprd", NOON + HOUR, NEXT, "b" * 32))
    assert codes(made, monthly, "publish", "hosted_first") == {"older_stands_there"}
    made.learn(replace(package("8" * 32, -40), claimed=True, service="elsewhere"))
    assert codes(made, monthly, "publish", "hosted_first") == {"older_stands_there"}, "a claim"


def test_what_stands_there_no_more_after_nothing_took_its_place_is_not_there() -> None:
    made, monthly, stood = hosted()
    made.learn(gone(stood, NOON + HOUR))
    assert codes(made, monthly, "publish", "hosted_first") == {"changes_not_deployed"}


def test_what_another_service_has_there_takes_nothing_away() -> None:
    made, monthly, _ = hosted()
    made.learn(replace(deployment("gprd", NOON + HOUR, NEXT, "b" * 32), service="other"))
    assert codes(made, monthly, "publish", "hosted_first") == set()


def test_an_older_package_over_a_release_keeps_it_from_being_closed() -> None:
    made, id, _ = in_staging()
    stood = deployment("production", id="f" * 32)
    brought(made, id, stood)
    assert codes(made, id, "close", "in_production") == set()
    made.learn(gone(stood, NOON + HOUR), package("b" * 32, -10, OTHER))
    made.learn(deployment("production", NOON + HOUR, NEXT, "b" * 32))
    assert codes(made, id, "close", "in_production") == {"older_stands_there"}


@pytest.mark.req("S1-35")
def test_what_was_tested_where_it_does_not_work_counts_no_more() -> None:
    made, monthly, _ = hosted()
    stood = deployment("release", made.at, id="f" * 32)
    brought(made, monthly, stood)
    made.report("qa", environment="release")
    assert codes(made, monthly, "publish", "qa") == set()
    assert codes(made, monthly, "publish", "candidate") == set()
    made.learn(replace(stood, verification=BAD))
    assert codes(made, monthly, "publish", "qa") == {"found_not_to_work"}
    assert codes(made, monthly, "publish", "candidate") == {"found_not_to_work"}


# How long it was there.


def in_a_cycle() -> tuple[Office, str, Deployment]:
    """A train that is in staging since two weeks."""
    made, stood = Office(), deployment("staging", NOON - 14 * DAY)
    id = filled(made)
    made.learn(package(days=-20))
    brought(made, id, stood)
    return made, id, stood


@pytest.mark.req("S4-07")
def test_what_gave_way_too_early_was_not_there_for_long_enough_however_long_one_waits() -> None:
    made, id, stood = in_a_cycle()
    gate, row = "deploy:production", "staging_time"
    assert codes(made, id, gate, row) == set()
    made.learn(gone(stood, NOON - 14 * DAY + timedelta(minutes=1)))
    made.learn(deployment("staging", NOON - 13 * DAY, NEXT, "b" * 32), package("b" * 32, -13))
    for at in (NOON, NOON + 90 * DAY):
        assert codes(made, id, gate, row, at) == {"dwell_interrupted"}


@pytest.mark.req("S4-07")
def test_the_time_begins_anew_once_it_is_back() -> None:
    made, id, stood = in_a_cycle()
    gate, row, back = "deploy:production", "staging_time", NOON - DAY
    was = gone(stood, NOON - 13 * DAY)
    made.learn(replace(was, current=True, stands=(*was.stands, Stand(back))))
    assert codes(made, id, gate, row) == {"dwell_too_short"}
    assert codes(made, id, gate, row, back + 312 * HOUR - timedelta(seconds=1)) != set()
    assert codes(made, id, gate, row, back + 312 * HOUR) == set()


def test_what_stood_there_for_long_enough_before_it_gave_way_may_go_on() -> None:
    made, id, stood = in_a_cycle()
    made.learn(gone(stood, NOON - HOUR), package("b" * 32, -2, OTHER))
    made.learn(deployment("staging", NOON - HOUR, NEXT, "b" * 32))
    assert codes(made, id, "deploy:production", "staging_time") == set()
    made.learn(replace(gone(stood, NOON - HOUR), verification=BAD))
    assert codes(made, id, "deploy:production", "staging_time") == {"found_not_to_work"}
