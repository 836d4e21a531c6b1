"""The combined impact of a release, and the word of its tools, each with who said it."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from domain.change.state import Change
from domain.environment.state import Health
from domain.evidence.aggregate import Evidence, Outcome
from domain.release.impact import Counted, Overlap, RiskShare, Touched, impact
from tests.domain.deployment_stories import environment
from tests.domain.organisation import CONTENT, HOUR, ROBOT, WINDOW, person, refused
from tests.domain.release_stories import (
    CI,
    COMMIT,
    OTHER,
    QUINN,
    RAY,
    RITA,
    Office,
    approved_change,
    filled,
    hold,
)
from tests.domain.test_release_journeys import approved_major

RISKS = {"playbook itsm": ("low", "moderate", "high")}
GIT, SCANNER = "bot:" + "c2" * 16, "bot:" + "c3" * 16


def change(id: str, risk: str | None = "low", hours: int = 0, **content: Any) -> Change:
    """A change that is planned so many hours after the others."""
    window = replace(WINDOW, since=WINDOW.since + hours * HOUR, until=WINDOW.until + hours * HOUR)
    told = replace(CONTENT, **({"window": window} | content))
    return replace(approved_change(id), playbook="playbook itsm", risk=risk, content=told)


@pytest.mark.req("S3-03")
def test_the_impact_of_all_changes_is_told_as_one() -> None:
    one = change("1", environments=("production",), configuration_items=("db", "lb"))
    two = change("2", "high", 1, service="shop", configuration_items=("db",), environments=())
    far = change("3", None, 10_000, environments=("production", "staging"), window=None)
    found = impact(Counted((two, far, one), RISKS, 4))
    assert (found.changes, found.others, found.highest_risk) == (3, 4, "high")
    assert found.risks == (RiskShare("high", 1), RiskShare("low", 1), RiskShare(None, 1))
    assert found.services == (
        Touched(CONTENT.service, ("1", "3")),
        Touched("shop", ("2",)),
    )
    assert found.environments == (
        Touched("production", ("1", "3")),
        Touched("staging", ("3",)),
    )
    assert Touched("db", ("1", "2")) in found.configuration_items
    assert (found.since, found.until) == (WINDOW.since, WINDOW.until + HOUR)
    assert found.overlaps == (Overlap("1", "2", WINDOW.since + HOUR, WINDOW.until, ("db",)),)


def test_of_nothing_there_is_no_impact() -> None:
    found = impact(Counted((), {}, 0))
    assert (found.changes, found.highest_risk, found.since, found.overlaps) == (0, None, None, ())


def test_windows_that_only_touch_do_not_overlap() -> None:
    length = int((WINDOW.until - WINDOW.since) / HOUR)
    changes = [change(str(at), hours=at * length) for at in range(4)]
    assert impact(Counted(changes, RISKS, 0)).overlaps == ()
    close = [change(str(at)) for at in range(4)]
    assert len(impact(Counted(close, RISKS, 0)).overlaps) == len([*combinations(close, 2)])


@pytest.mark.req("S3-03")
def test_a_risk_that_its_playbook_does_not_know_counts_as_the_gravest() -> None:
    found = impact(Counted((change("1", "high"), change("2", "odd")), RISKS, 0))
    assert found.highest_risk == "odd"


# The toolchain.


@pytest.mark.req("S3-26", "X-04")
def test_version_control_builds_and_monitors_report_by_themselves_and_are_named() -> None:
    office = Office()
    office.learn(person(GIT), person(SCANNER), hold(GIT, "role:ci_bot"))
    train = filled(office)
    gate = "deploy:staging"
    office.report("hosting_release", by=SCANNER)
    missing = {each.requirement for each in office.verdict(train, gate).blocking}
    assert "hosting_release" in missing, "the word of a program without the role counts nothing"
    office.report("hosting_release", by=GIT)
    office.report("unit_tests", "integration_tests", by=CI)
    found = [each for (kind, _), each in office.states.items() if kind is Evidence]
    told = {each.name: each for each in sorted(found, key=lambda each: each.reported_at)}
    assert {name: each.reporter for name, each in told.items()} == {
        "hosting_release": GIT,
        "unit_tests": CI,
        "integration_tests": CI,
    }
    left = {each.requirement for each in office.verdict(train, gate).blocking}
    assert left == {"tagged", "safe"}
    place = environment("staging", Health.DEGRADED)
    office.learn(place)
    (sick,) = (e for e in office.verdict(train, gate).blocking if e.requirement == "health")
    assert sick.evidence == (ROBOT,)
    office.report("unit_tests", outcome=Outcome.FAILED)
    assert "evidence_failed" in office.codes(train, gate)
    office.report("unit_tests", subject=OTHER)
    assert "evidence_failed" in office.codes(train, gate), "it is of another commit"


@pytest.mark.req("S3-31")
@pytest.mark.parametrize(
    "left_out", ["integration_tests", "performance_tests", "security_tests", "unit_tests"]
)
def test_a_major_release_is_tested_in_every_way_and_has_a_tested_way_back(left_out: str) -> None:
    office = Office()
    major = approved_major(office)
    live = "deploy:production"
    office.attest(QUINN, major, "acceptance", live)
    assert "attestation_missing" in office.codes(major, live), "nobody tried the way back"
    office.attest(RAY, major, "rollback_plan", live)
    assert "attestation_missing" not in office.codes(major, live)
    assert "evidence_failed" not in office.codes(major, live)
    office.report(left_out, outcome=Outcome.FAILED)
    assert "evidence_failed" in office.codes(major, live)
    with refused("evidence_failed"):
        office.ask(RITA, "release.deploy", major, environment="production")
    office.report(left_out, subject=COMMIT)
    assert "evidence_failed" not in office.codes(major, live)
