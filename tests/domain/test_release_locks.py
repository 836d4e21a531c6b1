"""Locks, stopped lines and sick environments keep a release away, whatever its playbook says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.environment.state import Health, Stop
from domain.lock.state import Kind, Lock, Running, Status, Terms
from domain.release.state import Progress
from tests.domain.deployment_stories import environment
from tests.domain.given import DAY, NOON
from tests.domain.organisation import HOUR, OWEN, PLAYBOOKS, SERVICE, adopted, refused
from tests.domain.release_stories import RITA, Office, filled
from tests.domain.test_release_deployment import built

GATE = "deploy:test"
STOPPED = Stop(by=OWEN, at=NOON, reason="It burns.")
PLAYBOOK = PLAYBOOKS / "itsm_releases.toml"
ROW = '[[release.requirement]]\nname = "strategy"'
HEALTHY = """[[release.requirement]]
name = "well"
title = "It is well there"
about = "health"
environment = "test"
gates = ["deploy:test"]

"""


def lock(kind: Kind = Kind.HARD, **more: Any) -> Lock:
    """A lock that was declared and is in force."""
    told: dict[str, Any] = {"since": NOON - HOUR, "until": NOON + DAY} | more
    terms = Terms("Year end", kind, **told)
    return Lock("1" * 32, 1, Status.ACTIVE, kind, terms, 1, OWEN, NOON - DAY)


@pytest.mark.req("S0-12", "S0-13")
@pytest.mark.parametrize(
    "found,code",
    [
        (lock(), "hard_locked"),
        (lock(Kind.SOFT), "soft_locked"),
        (lock(environments=("test",)), "hard_locked"),
        (lock(services=(SERVICE,)), "hard_locked"),
        (lock(environments=("staging",)), None),
        (lock(services=("other",)), None),
        (lock(Kind.MERGE), None),
        (lock(until=NOON), None),
    ],
)
def test_nothing_is_deployed_while_a_lock_is_in_force_there(found: Lock, code: str | None) -> None:
    office = Office()
    major = filled(office, "itsm_releases", "major")
    office.learn(found)
    assert office.codes(major, GATE) == ({code} if code else set())
    if code:
        with refused(code):
            office.ask(RITA, "release.deploy", major, environment="test")


@pytest.mark.req("S0-12")
def test_a_lock_to_come_is_told_for_a_time_to_come() -> None:
    office = Office()
    major = filled(office, "itsm_releases", "major")
    office.learn(lock(since=NOON + DAY, until=NOON + 2 * DAY))
    assert office.verdict(major, GATE).allowed
    assert office.codes(major, GATE, NOON + DAY) == {"hard_locked"}
    assert office.verdict(major, GATE, NOON + 2 * DAY).allowed


@pytest.mark.req("S0-13")
def test_a_stopped_line_stops_releases_too() -> None:
    office = Office()
    train = filled(office)
    place = environment("staging")
    office.learn(replace(place, stop=STOPPED))
    assert "line_stopped" in office.codes(train, "deploy:staging")
    office.learn(place)
    assert "line_stopped" not in office.codes(train, "deploy:staging")


@pytest.mark.req("S0-13", "S3-16", "X-05")
def test_health_is_what_monitors_say_and_is_unknown_where_nobody_keeps_the_place() -> None:
    office = Office()
    major = filled(office, "itsm_releases", "major")
    text = PLAYBOOK.read_text()
    assert text.count(ROW) == 1
    body = text.replace(ROW, HEALTHY + ROW)
    office.learn(replace(adopted("itsm_releases", body), id=office.release(major).playbook))
    office.learn(built())
    assert office.codes(major, GATE) == {"could_not_be_evaluated"}
    for health, code in (
        (Health.HEALTHY, set()),
        (None, {"health_unknown"}),
        (next(each for each in Health if each is not Health.HEALTHY), {"environment_unhealthy"}),
    ):
        office.at = NOON + HOUR / 60
        office.learn(replace(environment("staging", health), id="t" * 32, name="test"))
        assert office.codes(major, GATE) == code
    office.at = NOON + HOUR
    office.learn(replace(environment("staging"), id="t" * 32, name="test"))
    assert office.codes(major, GATE) == {"health_stale"}


@pytest.mark.req("S0-12")
@pytest.mark.parametrize(
    "found,halts",
    [
        (lock(running=Running.HALTS), True),
        (lock(Kind.SOFT, running=Running.HALTS), True),
        (lock(), False),
        (lock(running=Running.HALTS, environments=("staging",)), False),
        (lock(running=Running.HALTS, until=NOON), False),
    ],
)
def test_what_was_brought_by_hand_does_not_arrive_while_a_lock_halts_it(
    found: Lock, *, halts: bool
) -> None:
    office = Office()
    major = filled(office, "itsm_releases", "major")
    office.ask(RITA, "release.deploy", major, environment="test")
    office.learn(found)
    told = {"environment": "test", "progress": Progress.SUCCEEDED}
    if halts:
        with refused("hard_locked" if found.kind is Kind.HARD else "soft_locked"):
            office.ask(RITA, "release.settle_deployment", major, **told)
        gone = {"progress": Progress.FAILED, "note": "It was halted for too long."}
        office.ask(RITA, "release.settle_deployment", major, environment="test", **gone)
        return
    (settled,) = office.ask(RITA, "release.settle_deployment", major, **told)
    assert [each.requirement for each in settled.evidence] == ["status", "package", "locks"]
