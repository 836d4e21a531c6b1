"""Whose releases are whose, what they wait for and whose word counts, as somebody who asks sees."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from api.demo.cast import Role
from tests.api.company import Headquarters
from tests.api.test_journey import scheduled

SERVICE, PROJECT, OTHERS = "storefront", "quarry/app", "quarry-org/others"
COMMITS = itertools.count(7_000_001)
TAGGED = {"action": "TAG"}
LIVE = {"action": "DEPLOY", "environment": "production"}


@pytest.fixture(scope="session")
def crew(hq: Headquarters) -> Headquarters:
    """The company with who releases everything, and who releases one service alone."""
    hq.hire("quarry-rika", "delivery", Role("role:release_manager", "service", "any"))
    hq.hire("quarry-tom", "quarrying", Role("role:release_manager", "service", "quarry"))
    checks = Role("role:ci_bot", "project", "any")
    hq.hire("quarry-ci", None, checks, owner="yusuf")
    hq.hire("quarry-own", None, checks, owner="quarry-rika")
    return hq


def commit() -> str:
    return f"{next(COMMITS):040x}"


def told(playbook: str, kind: str, version: str, **more: Any) -> dict[str, Any]:
    plan = {"title": "Dig on", "service": SERVICE, "versions": [version], "project": PROJECT}
    return {"playbook": playbook, "kind": kind, "plan": plan | more}


def opened(hq: Headquarters, by: str, *kind: str, **more: Any) -> str:
    return str(hq.do(by, "OpenRelease", **told(*kind, **more))["id"])


def codes(hq: Headquarters, id: str, **asked: Any) -> set[str]:
    found = hq.ask("quarry-rika", "ReleaseGate", id=id, **asked)["can"]
    return {each["code"] for each in found["verdict"]["findings"] if each["code"]}


def ready(hq: Headquarters) -> tuple[str, str]:
    """A minor release in staging, and the commit that it is made of."""
    id, made = opened(hq, "quarry-rika", "itsm_releases", "minor", "1.2.0"), commit()
    inside = scheduled(hq, title="For the quarry", service=SERVICE)
    hq.do("pavel", "ImplementChange", id=inside, seen=1)
    hq.do("quarry-rika", "IncludeRelease", id=id, changes=[inside], commits=[{"commit": made}])
    hq.do("quarry-rika", "AimRelease", id=id, releaseVersion="1.2.0", commit=made)
    return id, made


def report(hq: Headquarters, by: str, subject: str, *names: str, **more: Any) -> None:
    for name in names:
        said = {"project": PROJECT, "subject": subject, "name": name, "outcome": "PASSED"}
        hq.do(by, "ReportEvidence", **(said | more))


@pytest.mark.req("X-04", "X-05", "S4-02")
def test_who_releases_one_service_releases_no_project_of_others(crew: Headquarters) -> None:
    taken = told("gitlab", "monthly", "31.1.0", service="quarry", project=OTHERS)
    other = "project_of_other_service"
    assert crew.refused("quarry-tom", "OpenRelease", **taken) == [other]
    own = told("gitlab", "monthly", "31.1.0", service="quarry")
    assert crew.refused("quarry-tom", "OpenRelease", **own) == [other]
    nowhere = {"service": "quarry", "project": None}
    id = opened(crew, "quarry-tom", "gitlab", "monthly", "31.1.0", **nowhere)
    request = {"playbook": "gitaly", "kind": "component", "project": OTHERS, "number": 7_000_001}
    request |= {"title": "Faster", "head": commit(), "target": "main", "base": commit()}
    made = crew.do("uma", "OpenMergeRequest", **request)["id"]
    assert crew.refused("quarry-tom", "IncludeRelease", id=id, mergeRequests=[made]) == [other]
    crew.do("quarry-rika", "IncludeRelease", id=id, mergeRequests=[made])
    first = opened(crew, "quarry-rika", "gitlab", "monthly", "31.1.0", service="quarry")
    second = crew.do("quarry-tom", "OpenRelease", **own)["id"]
    for each in (id, first, second):
        crew.do("quarry-rika", "AbortRelease", id=each, reason="Only tried.")
    assert crew.refused("quarry-tom", "OpenRelease", **own) == [other]
    crew.give(crew.id("quarry-tom"), Role("role:release_manager", "project", PROJECT))
    third = crew.do("quarry-tom", "OpenRelease", **own)["id"]
    crew.do("quarry-tom", "AbortRelease", id=third, reason="Only tried.")


@pytest.mark.req("S3-14", "X-04")
def test_a_test_nobody_named_takes_it_to_the_board_and_an_own_program_is_no_witness(
    crew: Headquarters,
) -> None:
    id, made = ready(crew)
    tests = ("unit_tests", "regression_tests")
    report(crew, "quarry-own", made, *tests)
    assert {"evidence_missing", "approval_not_requested"} <= codes(crew, id, **LIVE)
    report(crew, "quarry-ci", made, *tests)
    assert {"evidence_missing", "approval_not_requested"}.isdisjoint(codes(crew, id, **LIVE))
    report(crew, "quarry-ci", made, "security_tests", outcome="FAILED")
    assert "approval_not_requested" in codes(crew, id, **LIVE)
    crew.do("quarry-rika", "AbortRelease", id=id, reason="Only tried.")


@pytest.mark.req("S0-03", "S3-35")
def test_what_it_waits_for_or_derives_from_closes_its_gates(crew: Headquarters) -> None:
    rika = "quarry-rika"
    first = opened(crew, rika, "gitlab", "monthly", "31.4.0")
    waiting = opened(crew, rika, "gitlab", "monthly", "31.5.0", dependsOn=[first])
    patch = opened(crew, rika, "gitlab", "patch", "31.4.1", parentRelease=first)
    other = told("gitlab", "patch", "31.5.1", parentRelease=first)
    assert crew.refused(rika, "OpenRelease", **other) == ["parent_of_other_series"]
    assert "release_waits" in codes(crew, waiting, **TAGGED)
    assert "parent_aborted" not in codes(crew, patch, **TAGGED)
    crew.do(rika, "AbortRelease", id=first, reason="Not worth it.")
    assert "parent_aborted" in codes(crew, patch, **TAGGED)
    assert "parent_aborted" in codes(crew, patch, action="PUBLISH")
    for each in (waiting, patch):
        crew.do(rika, "AbortRelease", id=each, reason="Only tried.")
