"""Every kind of release from open to closed, all at once, by one clock and one set of rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.evidence.aggregate import Outcome
from domain.process.release import ReleaseStatus
from domain.release.state import Progress
from tests.domain.given import DAY
from tests.domain.organisation import CAB_ONE, CAB_TWO, refused
from tests.domain.release_stories import (
    DATE,
    PLAN,
    QUINN,
    RITA,
    Office,
    filled,
    opened,
)

LIVE = "deploy:production"
HOSTED = replace(PLAN, title="Auto-deploy", versions=("17.5.202603021200",))
VERSIONS = {"standard": "1.4.0", "minor": "1.3.0"}
MONTHLY = replace(PLAN, versions=("17.5.0",), series="17.5")


def auto_deployed(office: Office) -> str:
    """A package that the hosted service runs, from its stage to its end."""
    hosted = filled(office, "gitlab", "auto_deploy", HOSTED, scheduled=None)
    office.report("pipeline")
    office.deploy(hosted, "gstg")
    office.report("staging_tests", environment="gstg")
    office.deploy(hosted, "gprd")
    office.ask(RITA, "release.close", hosted)
    return hosted


def published(office: Office, monthly: str) -> None:
    """The monthly release, out and closed."""
    office.ask(RITA, "release.enter_phase", monthly)
    office.deploy(monthly, "release")
    office.report("qa", environment="release")
    office.report("package_and_test")
    office.ask(RITA, "release.tag", monthly, release_version="17.5.0", name="v17.5.0")
    office.finish_tasks(monthly)
    office.ask(RITA, "release.enter_phase", monthly)
    office.ask(RITA, "release.publish", monthly)
    office.ask(RITA, "release.announce", monthly, location="https://news.example/17.5")
    office.ask(RITA, "release.close", monthly)


def patched(office: Office, monthly: str) -> str:
    """A patch of the monthly release, for two versions, from its opening to its end."""
    plan = replace(PLAN, versions=("17.5.1", "17.4.3"), parent_release=monthly)
    patch = filled(office, "gitlab", "patch", plan, scheduled=office.at + DAY)
    with refused("not_tagged"):
        office.ask(RITA, "release.deploy", patch, environment="release")
    commits = {version: f"{at}" * 40 for at, version in enumerate(plan.versions, start=5)}
    for version, commit in commits.items():
        office.ask(RITA, "release.aim", patch, release_version=version, commit=commit)
    for commit in commits.values():
        office.compare(patch, commit)
    for version in plan.versions:
        office.ask(RITA, "release.tag", patch, release_version=version)
    office.deploy(patch, "release")
    for commit in commits.values():
        office.report("qa", subject=commit, environment="release")
    office.ask(RITA, "release.enter_phase", patch)
    office.ask(RITA, "release.publish", patch)
    office.ask(RITA, "release.announce", patch, location="https://news.example/17.5.1")
    office.finish_tasks(patch)
    office.ask(RITA, "release.close", patch)
    return patch


def on_staging(office: Office, kind: str) -> str:
    """A release of the services process, tested and standing in staging."""
    plan = replace(PLAN, versions=(VERSIONS[kind],))
    release = filled(office, "itsm_releases", kind, plan, scheduled=DATE)
    office.report("unit_tests", "regression_tests")
    office.deploy(release, "staging")
    return release


def train_in_staging(office: Office) -> str:
    train = filled(office)
    office.ask(RITA, "release.tag", train, release_version="1.2.0")
    office.report("unit_tests", "integration_tests", "hosting_release")
    office.attest(RITA, train, "safe", "deploy:staging")
    office.finish_tasks(train, "release_day")
    office.ask(RITA, "release.enter_phase", train)
    office.deploy(train, "staging")
    return train


def train_home(office: Office, train: str) -> None:
    office.attest(QUINN, train, "qa", LIVE)
    office.attest(RITA, train, "safe", LIVE)
    office.finish_tasks(train, "rollout")
    office.deploy(train, "production")
    office.ask(RITA, "release.enter_phase", train)
    office.finish_tasks(train)
    office.attest(RITA, train, "watched", "close")
    office.ask(RITA, "release.close", train)


@pytest.mark.req("X-07", "S0-01", "S0-02", "S0-09", "S0-31", "S3-12", "S3-14", "S4-07", "S4-14")
def test_every_kind_runs_from_open_to_closed_beside_the_others() -> None:
    office = Office()
    standard, minor = on_staging(office, "standard"), on_staging(office, "minor")
    assert office.codes(standard, LIVE) == {"approval_not_requested", "before_its_date"}
    assert office.verdict(minor, LIVE).allowed, "approved in advance, while every test passes"
    office.report("unit_tests", outcome=Outcome.FAILED)
    assert office.codes(minor, LIVE) == {"approval_not_requested"}
    office.report("unit_tests")
    office.deploy(minor, "production")
    office.attest(RITA, minor, "watched", "close")
    office.ask(RITA, "release.close", minor)
    office.ask(RITA, "release.request_approval", standard)
    for member in (CAB_ONE, CAB_TWO):
        office.ask(member, "release.approve", standard, rule="cab")
    hosted = auto_deployed(office)
    monthly = filled(office, "gitlab", "monthly", MONTHLY)
    office.at = DATE
    train = train_in_staging(office)
    published(office, monthly)
    patch = patched(office, monthly)
    office.report("unit_tests", "regression_tests")
    office.deploy(standard, "production")
    assert office.codes(standard, "close") == {"not_verified", "review_missing"}
    office.ask(RITA, "release.review", standard, findings="It went well.")
    office.attest(RITA, standard, "watched", "close")
    office.ask(RITA, "release.close", standard)
    office.at = DATE + 14 * DAY
    train_home(office, train)
    every = (minor, hosted, monthly, patch, standard, train)
    assert {office.release(each).status for each in every} == {ReleaseStatus.CLOSED}
    assert len({(office.release(e).playbook, office.release(e).kind) for e in every}) == 6


@pytest.mark.req("S3-14")
def test_a_minor_release_that_was_taken_back_is_not_closed() -> None:
    office = Office()
    minor = on_staging(office, "minor")
    office.deploy(minor, "production")
    office.settle(minor, "production", Progress.ROLLED_BACK, "Carts were slow.")
    with refused("not_deployed"):
        office.ask(RITA, "release.close", minor)


@pytest.mark.req("S0-31")
def test_a_patch_derives_from_the_release_it_patches() -> None:
    office = Office()
    with refused("parent_missing"):
        opened(office, "gitlab", "patch", replace(PLAN, versions=("17.5.1",)))
