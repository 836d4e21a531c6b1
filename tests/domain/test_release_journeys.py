"""Three processes, each from plan to close, side by side, with no code of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.evidence.aggregate import Outcome
from domain.process.release import ReleaseStatus, Strategy
from domain.release.state import Progress
from tests.domain.given import DAY
from tests.domain.organisation import CAB_ONE, CAB_TWO, HOUR, refused
from tests.domain.release_stories import (
    COMMIT,
    DATE,
    PAULA,
    PLAN,
    QUINN,
    RAY,
    RITA,
    WATCH,
    Office,
    approved_change,
    filled,
    hold,
    opened,
)


@pytest.mark.req("S4-02", "S4-03", "S4-04", "S4-05", "S4-14", "S4-06", "S4-07", "S4-10", "S4-13")
@pytest.mark.req("S4-21", "S4-22", "S4-23", "S4-25", "S4-26", "S4-27")
def test_a_train_goes_to_staging_and_a_cycle_later_to_production() -> None:
    office = Office()
    train = filled(office)
    office.ask(RITA, "release.await_repository", train, repository="server-syncstorage")
    assert office.codes(train, "tag") == {"before_its_date", "repository_tag_missing"}
    office.at = DATE
    told = {"repository": "server-syncstorage", "tag": "1.8.0"}
    office.ask(RITA, "release.enter_repository_tag", train, **told)
    office.ask(RITA, "release.tag", train, release_version="1.2.0")
    gate = "deploy:staging"
    assert office.codes(train, gate) == {"evidence_missing", "attestation_missing"}
    office.report("unit_tests", "integration_tests", "hosting_release")
    office.attest(RITA, train, "safe", gate)
    office.finish_tasks(train, "release_day")
    office.ask(RITA, "release.enter_phase", train)
    office.deploy(train, "staging")
    live = "deploy:production"
    lacking = {"attestation_missing", "dwell_too_short", "trails_a_cycle"}
    assert office.codes(train, live) == lacking
    office.at += 14 * DAY
    office.attest(QUINN, train, "qa", live)
    office.attest(RITA, train, "safe", live)
    office.finish_tasks(train, "rollout")
    office.deploy(train, "production")
    office.ask(RITA, "release.enter_phase", train)
    assert office.release(train).status is ReleaseStatus.REVIEWING
    assert office.codes(train, "close") == {"tasks_open", "not_verified"}
    office.finish_tasks(train)
    office.attest(RITA, train, "watched", "close")
    office.ask(RITA, "release.close", train)
    assert office.release(train).status is ReleaseStatus.CLOSED


def auto_deployed(office: Office) -> None:
    """A package that the hosted service runs."""
    package = replace(PLAN, versions=("17.5.202603021200",), title="Auto-deploy")
    hosted = filled(office, "gitlab", "auto_deploy", package, scheduled=None)
    office.report("pipeline")
    office.deploy(hosted, "gstg")
    office.report("staging_tests", environment="gstg")
    office.deploy(hosted, "gprd")
    office.ask(RITA, "release.close", hosted)


@pytest.mark.req("S0-02", "S0-03", "S0-06", "S0-15", "S0-16", "S0-17", "S0-18", "X-01")
@pytest.mark.req("S0-01", "S0-04", "S0-09", "S0-14")
def test_a_monthly_release_is_made_of_what_the_hosted_service_runs() -> None:
    office = Office()
    monthly = replace(PLAN, versions=("17.5.0",), series="17.5")
    packaged = filled(office, "gitlab", "monthly", monthly)
    assert "changes_not_deployed" in office.codes(packaged, "deploy:release")
    auto_deployed(office)
    assert office.verdict(packaged, "deploy:release").allowed
    assert {"not_deployed", "evidence_missing"} <= office.codes(packaged, "tag")
    assert {"not_tagged", "not_deployed", "evidence_missing"} <= office.codes(packaged, "publish")
    office.at = DATE - 7 * DAY
    office.ask(RITA, "release.enter_phase", packaged)
    office.deploy(packaged, "release")
    office.report("qa", environment="release")
    office.report("package_and_test")
    assert "phase_not_reached" in office.codes(packaged, "publish")
    office.ask(RITA, "release.tag", packaged, release_version="17.5.0", name="v17.5.0")
    office.finish_tasks(packaged)
    office.ask(RITA, "release.enter_phase", packaged)
    assert office.codes(packaged, "close") == {"not_announced"}
    assert office.codes(packaged, "announce") == {"not_published"}
    assert office.codes(packaged, "publish") == {"before_its_date"}
    office.at = DATE
    office.ask(RITA, "release.publish", packaged)
    assert office.codes(packaged, "close") == {"not_announced"}
    office.ask(RITA, "release.announce", packaged, location="https://news.example/17.5")
    office.ask(RITA, "release.close", packaged)
    assert office.release(packaged).published_by == RITA


@pytest.mark.req("S0-02")
def test_a_patch_derives_from_a_monthly_release() -> None:
    office = Office()
    packaged = opened(office, "gitlab", "monthly", replace(PLAN, versions=("17.5.0",)))
    patch = replace(PLAN, versions=("17.5.1", "17.4.3"), parent_release=packaged)
    with refused("parent_missing"):
        opened(office, "gitlab", "patch", replace(patch, parent_release=None))
    derived = opened(office, "gitlab", "critical security release", patch)
    assert office.release(derived).kind == "patch"


@pytest.mark.req("S0-17", "S1-38", "X-01")
@pytest.mark.parametrize("kind, version", [("monthly", "17.5.0"), ("patch", "17.5.1")])
def test_packages_are_not_closed_before_they_are_published_and_announced(
    kind: str, version: str
) -> None:
    office = Office()
    parent = opened(office, "gitlab", "monthly", replace(PLAN, versions=("17.5.0",)))
    above = None if kind == "monthly" else parent
    plan = replace(PLAN, versions=(version,), notes=" ", parent_release=above)
    release = filled(office, "gitlab", kind, plan)
    office.finish_tasks(release)
    assert office.codes(release, "close") == {"not_announced"}
    assert office.codes(release, "announce") == {"not_published", "notes_missing"}


def approved_major(office: Office) -> str:
    """A major release that was tested, and approved by its product owner and the board."""
    office.learn(approved_change(), hold(RITA, "role:product_owner"))
    plan = replace(PLAN, versions=("2.0.0",), strategy=Strategy.CANARY)
    major = opened(office, "itsm_releases", "major", plan)
    office.ask(RITA, "release.include", major, changes=("c" * 32,))
    office.ask(RITA, "release.aim", major, release_version="2.0.0", commit=COMMIT)
    office.deploy(major, "test")
    office.report("unit_tests", "integration_tests", "performance_tests", "security_tests")
    office.compare(major)
    office.deploy(major, "staging")
    office.ask(RITA, "release.request_approval", major)
    with refused("own_change"):
        office.ask(RITA, "release.approve", major, rule="product_owner")
    office.ask(PAULA, "release.approve", major, rule="product_owner")
    office.ask(CAB_ONE, "release.approve", major, rule="cab")
    assert office.release(major).approved_at is None
    office.ask(CAB_TWO, "release.approve", major, rule="cab")
    assert office.release(major).approved_at is not None
    return major


@pytest.mark.req("S3-01", "S3-07", "S3-08", "S3-10", "S3-34")
def test_everything_a_major_release_lacks_is_told_at_once() -> None:
    office = Office()
    plan = replace(PLAN, versions=("2.0.0",), rollback_plan=" ")
    major = opened(office, "itsm_releases", "major", plan)
    assert office.codes(major, "deploy:production") == {
        "target_unknown",
        "nothing_included",
        "strategy_missing",
        "evidence_missing",
        "attestation_missing",
        "not_deployed",
        "rollback_plan_missing",
        "approval_not_requested",
        "phase_not_reached",
        "tasks_open",
    }
    assert office.codes(major, "deploy:test") == {"target_unknown", "nothing_included"}


@pytest.mark.req("S3-02", "S3-04", "S3-05", "S3-06", "S3-09")
@pytest.mark.req("S3-11", "S3-13", "S3-16", "S3-17", "S3-18", "S3-19", "S3-20", "S3-25")
def test_a_major_release_is_tested_approved_deployed_and_looked_back_on() -> None:
    office = Office()
    major = approved_major(office)
    live = "deploy:production"
    office.attest(QUINN, major, "acceptance", live)
    office.attest(RAY, major, "rollback_plan", live)
    for phase in ("planning", "building", "testing", "approval"):
        office.finish_tasks(major, phase)
        office.ask(RITA, "release.enter_phase", major)
    office.deploy(major, "production")
    lacking = {"evidence_missing", "not_verified", "review_missing", "tasks_open"}
    assert office.codes(major, "close") == lacking
    office.attest(RITA, major, "watched", "close")
    office.report("health", environment="production", by=WATCH)
    office.finish_tasks(major)
    office.ask(RITA, "release.enter_phase", major)
    told = {"findings": "It went well.", "feedback": "Users like it.", "lessons": "Test sooner."}
    office.ask(RITA, "release.review", major, **told)
    office.ask(RITA, "release.close", major)
    assert office.release(major).status is ReleaseStatus.CLOSED


@pytest.mark.req("S3-12", "S3-14")
def test_approval_in_advance_is_valid_only_while_every_test_passes() -> None:
    office = Office()
    office.learn(approved_change())
    minor = opened(office, "itsm_releases", "routine release")
    office.ask(RITA, "release.include", minor, changes=("c" * 32,))
    office.ask(RITA, "release.aim", minor, release_version="1.2.0", commit=COMMIT)
    office.deploy(minor, "staging")
    live = "deploy:production"
    office.report("unit_tests", "regression_tests")
    office.compare(minor)
    assert office.verdict(minor, live).allowed
    office.report("unit_tests", outcome=Outcome.FAILED)
    assert office.codes(minor, live) == {"approval_not_requested"}
    office.ask(RITA, "release.request_approval", minor)
    assert office.codes(minor, live) == {"approvals_missing"}
    office.ask(CAB_ONE, "release.approve", minor, rule="cab")
    assert office.verdict(minor, live).allowed
    office.report("regression_tests", outcome=Outcome.FAILED)
    assert office.codes(minor, live) == {"evidence_failed"}
    office.report("regression_tests")
    office.deploy(minor, "production")
    office.settle(minor, "production", Progress.ROLLED_BACK, "Carts were slow.")
    assert office.codes(minor, "close") == {"not_deployed"}


@pytest.mark.req("X-07")
def test_the_processes_run_side_by_side_in_one_place() -> None:
    office = Office()
    train = filled(office)
    monthly = filled(office, "gitlab", "monthly", replace(PLAN, versions=("17.5.0",)))
    standard = filled(office, "itsm_releases", "standard", PLAN)
    kinds = {office.release(each).kind for each in (train, monthly, standard)}
    assert kinds == {"train", "monthly", "standard"}
    office.at = DATE + HOUR
    assert office.verdict(train, "tag").allowed
    assert not office.verdict(monthly, "tag").allowed
    assert {"approval_not_requested", "evidence_missing"} == office.codes(
        standard, "deploy:production"
    )
