"""One deployment at a time to an environment, whichever way each of them goes there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.environment.state import Environment
from domain.release.state import Progress
from tests.domain.organisation import refused
from tests.domain.release_stories import OTHER, RITA, Office, filled
from tests.domain.test_release_deployment import PLACE, TEST, begun, built, office

RUNNING = "deployment_running"


def by_hand(made: Office) -> str:
    """A release that set off to the environment when nobody kept it here yet."""
    made.states.pop((Environment, PLACE.id), None)
    id = filled(made, "itsm_releases", "major")
    made.ask(RITA, "release.aim", id, release_version="1.2.0", commit=OTHER)
    made.compare(id, OTHER)
    made.ask(RITA, "release.deploy", id, environment="test")
    made.learn(PLACE)
    return id


@pytest.mark.req("S0-13")
def test_a_release_waits_for_another_that_is_deployed_by_hand() -> None:
    made = Office()
    made.learn(built())
    first, second = by_hand(made), filled(made, "itsm_releases", "major")
    assert RUNNING in made.codes(second, TEST)
    with refused(RUNNING):
        made.ask(RITA, "release.deploy", second, environment="test")
    made.settle(first, "test", Progress.SUCCEEDED)
    assert RUNNING not in made.codes(second, TEST)
    made.ask(RITA, "release.deploy", second, environment="test")


@pytest.mark.req("S0-13")
def test_a_package_waits_for_a_release_that_is_deployed_by_hand() -> None:
    made, major = office(built())
    other = by_hand(made)
    assert RUNNING in made.codes(major, TEST)
    made.settle(other, "test", Progress.FAILED, "It does not start.")
    made.ask(RITA, "release.deploy", major, environment="test")
    assert begun(made).environment == "test"
    assert RUNNING in made.codes(filled(made, "itsm_releases", "major"), TEST)


@pytest.mark.req("S0-13", "X-07")
def test_a_hidden_release_stands_in_the_way_of_hidden_ones_alone() -> None:
    made = Office()
    first, second = by_hand(made), filled(made, "itsm_releases", "major")
    made.learn(replace(made.release(first), embargoed=True))
    assert RUNNING not in made.codes(second, TEST)
    made.learn(replace(made.release(second), embargoed=True))
    assert RUNNING in made.codes(second, TEST)
