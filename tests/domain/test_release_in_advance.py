"""Approval in advance: valid while every test of what goes out passes, whoever asks for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.deployment.gates import verdict
from domain.deployment.state import Deployment, Wish
from domain.deployment.state import Status as Running
from domain.evidence.aggregate import Outcome
from domain.gate import explain
from domain.grant.state import Scope, Status
from domain.package import Built
from domain.release.gate.gates import asked
from domain.release.gate.question import Question
from domain.release.state import Progress
from tests.domain.organisation import CAB_ONE, SERVICE, person, refused
from tests.domain.release_stories import (
    CI,
    COMMIT,
    EVE,
    OTHER,
    PACKAGE,
    PROJECT,
    RITA,
    WATCH,
    Office,
    approved_change,
    hold,
    opened,
)
from tests.domain.test_release_deployment import PLACE, built
from tests.domain.test_release_left_behind import HOME, out

LIVE = "deploy:production"
FAILED = Outcome.FAILED
MONITOR, HERE = "role:monitor", (Scope.PROJECT, PROJECT)
OTHER_WATCH, TARA = "bot:" + "c3" * 16, "user:" + "7a" * 16


def approved_in_advance(office: Office) -> str:
    """A minor release in staging whose tests all passed."""
    office.learn(approved_change())
    minor = opened(office, "itsm_releases", "minor")
    office.ask(RITA, "release.include", minor, changes=("c" * 32,))
    office.ask(RITA, "release.aim", minor, release_version="1.2.0", commit=COMMIT)
    office.deploy(minor, "staging")
    office.report("unit_tests", "regression_tests")
    office.compare(minor)
    assert office.verdict(minor, LIVE).allowed
    return minor


@pytest.mark.req("S3-14", "X-05")
@pytest.mark.parametrize("outcome", [each for each in Outcome if each is not Outcome.PASSED])
def test_a_test_that_the_playbook_does_not_name_voids_it_as_well(outcome: Outcome) -> None:
    office = Office()
    minor = approved_in_advance(office)
    office.report("security_tests", outcome=outcome)
    assert office.codes(minor, LIVE) == {"approval_not_requested"}
    assert _said(office, minor).endswith(
        f"since not every test passed: security_tests {outcome.in_words}."
    )
    office.report("security_tests")
    assert office.verdict(minor, LIVE).allowed


@pytest.mark.req("S1-20", "S3-14")
@pytest.mark.parametrize("asked_for", [False, True])
def test_the_reports_by_which_it_is_are_a_way_of_their_own(*, asked_for: bool) -> None:
    office = Office()
    minor = approved_in_advance(office)
    office.report("regression_tests", outcome=FAILED)
    if asked_for:
        office.ask(RITA, "release.request_approval", minor)

    def able(action: str) -> frozenset[str]:
        return frozenset((CI,) if action == "evidence.report" else (RITA,))

    known = (office.at, office.authority, office.records, able)
    found = explain(asked(Question(office.release(minor), *known), LIVE))
    ways = [[(each.action, each.people) for each in way.acts] for way in found.ways]
    assert ways[0] == [("evidence.report", (CI,))]
    assert found.complete
    office.report("regression_tests")
    assert office.verdict(minor, LIVE).allowed


@pytest.mark.req("S3-14")
def test_a_check_that_the_playbook_names_is_told_once() -> None:
    office = Office()
    minor = approved_in_advance(office)
    office.report("unit_tests", outcome=FAILED)
    assert _said(office, minor).endswith("since not every test passed: unit_tests failed.")
    office.report("regression_tests", outcome=Outcome.SKIPPED)
    told = "unit_tests failed, regression_tests was skipped."
    assert _said(office, minor).endswith(f"since not every test passed: {told}")


@pytest.mark.req("S3-14")
def test_what_failed_in_one_place_is_not_forgotten_once_it_passed_in_another() -> None:
    office = Office()
    minor = approved_in_advance(office)
    office.report("unit_tests", outcome=FAILED, environment="test")
    office.report("unit_tests")
    office.report("unit_tests", environment="staging")
    told = "since not every test passed: unit_tests in test failed."
    assert _said(office, minor).endswith(told)
    office.report("unit_tests", environment="test")
    assert office.verdict(minor, LIVE).allowed


@pytest.mark.req("S3-14")
def test_the_board_may_still_approve_what_failed() -> None:
    office = Office()
    minor = approved_in_advance(office)
    office.report("security_tests", outcome=FAILED)
    office.ask(RITA, "release.request_approval", minor)
    assert office.codes(minor, LIVE) == {"approvals_missing"}
    office.ask(CAB_ONE, "release.approve", minor, rule="cab")
    assert office.verdict(minor, LIVE).allowed


@pytest.mark.req("S3-14", "X-04")
def test_what_somebody_found_to_fail_is_taken_back_by_them_or_one_of_their_role() -> None:
    office = Office()
    minor = approved_in_advance(office)
    office.learn(*(person(each) for each in (OTHER_WATCH, TARA)), hold(OTHER_WATCH, MONITOR, *HERE))
    office.learn(hold(TARA, "role:qa", *HERE))
    office.report("security_tests", outcome=FAILED, by=WATCH)
    for nobody in (CI, TARA):
        office.report("security_tests", by=nobody)
        assert office.codes(minor, LIVE) == {"approval_not_requested"}, nobody
    office.report("security_tests", by=WATCH)
    assert office.verdict(minor, LIVE).allowed
    office.report("security_tests", outcome=FAILED, by=WATCH)
    office.report("security_tests", outcome=FAILED, by=TARA)
    office.report("security_tests", by=OTHER_WATCH)
    assert office.codes(minor, LIVE) == {"approval_not_requested"}, "each has to say so"
    office.report("security_tests", by=TARA)
    assert office.verdict(minor, LIVE).allowed


@pytest.mark.req("S3-14", "X-04")
def test_who_is_named_by_the_playbook_answers_what_its_reporter_cannot_take_back() -> None:
    office = Office()
    minor = approved_in_advance(office)
    office.report("security_tests", outcome=FAILED, by=EVE)
    office.report("security_tests", by=WATCH)
    assert office.codes(minor, LIVE) == {"approval_not_requested"}
    office.report("security_tests", by=CI)
    assert office.verdict(minor, LIVE).allowed, "Eve holds nothing by which she reports"
    office.report("security_tests", outcome=FAILED, by=RITA)
    office.report("security_tests", by=RITA)
    assert office.codes(minor, LIVE) == {"approval_not_requested"}, "she opened the release"
    office.report("security_tests", by=CI)
    assert office.verdict(minor, LIVE).allowed
    office.report("security_tests", outcome=FAILED, by=WATCH)
    office.report("security_tests", by=CI)
    assert office.codes(minor, LIVE) == {"approval_not_requested"}
    watch = hold(WATCH, MONITOR, *HERE)
    office.learn(replace(watch, status=Status.REVOKED, revoked_at=office.at))
    assert office.verdict(minor, LIVE).allowed


@pytest.mark.req("S3-14")
def test_what_was_built_of_its_commit_counts_too() -> None:
    office = Office()
    built = Built(name="shop", label="1.2.0", service=SERVICE, commit=COMMIT, digest=PACKAGE)
    office.ask(RITA, "package.add", office.fresh(), built=built)
    office.learn(approved_change())
    minor = opened(office, "itsm_releases", "minor")
    office.ask(RITA, "release.include", minor, changes=("c" * 32,))
    office.ask(RITA, "release.aim", minor, release_version="1.2.0", commit=COMMIT)
    office.report("unit_tests", "regression_tests")
    assert "not every test" not in _said(office, minor)
    office.report("security_tests", subject=PACKAGE, outcome=FAILED)
    assert "security_tests failed" in _said(office, minor)
    office.report("security_tests", outcome=FAILED)
    assert _said(office, minor).endswith("since not every test passed: security_tests failed.")


@pytest.mark.req("S3-14")
@pytest.mark.parametrize(
    "more", [{"subject": OTHER}, {"project": "toy"}, {"manifest": "sha256:" + "7" * 64}]
)
def test_what_is_of_something_else_leaves_it(more: dict[str, Any]) -> None:
    office = Office()
    minor = approved_in_advance(office)
    office.report("security_tests", outcome=FAILED, **more)
    assert office.verdict(minor, LIVE).allowed


def _said(office: Office, id: str) -> str:
    found = office.verdict(id, LIVE).findings
    return next((each.message for each in found if each.requirement == "approval"), "")


def board_approves(office: Office, minor: str) -> None:
    office.ask(RITA, "release.request_approval", minor)
    office.ask(CAB_ONE, "release.approve", minor, rule="cab")


@pytest.mark.req("S3-14")
def test_it_is_valid_only_while_every_test_passes_also_on_its_way_and_as_it_is_closed() -> None:
    office = Office()
    minor = approved_in_advance(office)
    office.ask(RITA, "release.deploy", minor, environment="production")
    office.report("unit_tests", outcome=FAILED)
    with refused("approval_not_requested"):
        office.settle(minor, "production", Progress.SUCCEEDED)
    office.report("unit_tests")
    office.settle(minor, "production", Progress.SUCCEEDED)
    assert office.codes(minor, "close").isdisjoint({"approval_not_requested"})
    office.report("unit_tests", outcome=FAILED)
    assert "approval_not_requested" in office.codes(minor, "close")
    board_approves(office, minor)
    assert office.codes(minor, "close").isdisjoint({"approval_not_requested", "approvals_missing"})


@pytest.mark.req("S3-14")
def test_what_fails_on_its_way_fails_is_rolled_back_or_is_approved_by_others() -> None:
    for progress in (Progress.FAILED, Progress.ROLLED_BACK):
        office = Office()
        minor = approved_in_advance(office)
        office.ask(RITA, "release.deploy", minor, environment="production")
        office.report("unit_tests", outcome=FAILED)
        office.settle(minor, "production", progress, "A test failed.")
    office = Office()
    minor = approved_in_advance(office)
    office.ask(RITA, "release.deploy", minor, environment="production")
    office.report("unit_tests", outcome=FAILED)
    board_approves(office, minor)
    office.settle(minor, "production", Progress.SUCCEEDED)


def under_way(office: Office) -> tuple[str, Deployment]:
    """A minor release that a deployment kept here brings to production, whose test failed."""
    minor = approved_in_advance(office)
    wish = Wish("a" * 32, "production", "None.", contents="All.", belongs_to=minor)
    told = ("production", "a" * 32, "7", SERVICE, wish, RITA, office.at)
    place = replace(PLACE, name="production", plan=replace(PLACE.plan, kind="production"))
    running = Deployment("d" * 32, 2, Running.RUNNING, *told, started_at=office.at)
    office.learn(place, built(), running)
    office.report("unit_tests", outcome=FAILED)
    return minor, running


@pytest.mark.req("S3-14", "S4-06")
def test_nor_does_a_deployment_kept_here_go_on_with_it() -> None:
    office = Office()
    _, running = under_way(office)
    for verb, given in (("advance", {"stage": "half"}), ("succeed", {})):
        with refused("approval_not_requested"):
            office.ask(RITA, f"deployment.{verb}", running.id, **given)
    office.report("unit_tests")
    office.ask(RITA, "deployment.advance", running.id, stage="half")
    office.ask(RITA, "deployment.succeed", running.id)


def ways(office: Office, running: Deployment, act: str) -> set[str]:
    """What the gate of the deployment names, where everybody may do everything."""
    told: Any = {"at": office.at, "authority": office.authority, "records": office.records}
    said = verdict(running, act, who=lambda _: frozenset((RITA,)), **told)
    explained = explain(said, approve="deployment.countersign")
    assert explained.impossible_reason is None
    return {slot.action for way in explained.ways for slot in way.acts}


@pytest.mark.req("S3-14", "S4-06", "X-01")
@pytest.mark.parametrize("act", ["advance", "succeed"])
def test_its_gates_name_who_asks_for_approval_and_who_approves_the_release(act: str) -> None:
    office = Office()
    minor, running = under_way(office)
    both = {"release.request_approval", "release.approve"}
    assert ways(office, running, act) == both
    office.ask(RITA, "release.request_approval", minor)
    assert ways(office, running, act) == {"release.approve"}
    office.ask(CAB_ONE, "release.approve", minor, rule="cab")
    assert ways(office, running, act) == set()


PUBLISHED = (
    HOME.replace("ferries", "yachts")
    + """
[[release.rule]]
name = "cab"
title = "Any member"
board = "cab"
quorum = "any"

[[release.requirement]]
name = "approval"
title = "Approved in advance"
about = "approval"
in_advance = ["qa"]
gates = ["deploy:sea"]
"""
)


@pytest.mark.req("S3-14", "X-01")
def test_nor_is_it_published_once_a_test_fails_unless_others_approve_it() -> None:
    office, id = out(playbook="yachts", more={"yachts": PUBLISHED})
    office.learn(replace(office.release(id), published_by=None, published_at=None))
    office.deploy(id, "slip")
    assert office.codes(id, "publish") == set()
    office.report("unit_tests", outcome=FAILED)
    assert office.codes(id, "publish") == {"approval_not_requested"}
    office.report("unit_tests")
    assert office.codes(id, "publish") == set()
    office.report("unit_tests", outcome=FAILED)
    board_approves(office, id)
    assert office.codes(id, "publish") == set()
