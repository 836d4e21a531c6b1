"""What a later release brought all of is closed with that, or given up, and told so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.deployment.state import Deployment, Status, Verification
from domain.evidence.aggregate import Outcome
from domain.explanation import Explanation
from domain.process.release import ReleaseStatus
from tests.domain.organisation import HOUR, SUE, refused
from tests.domain.release_stories import DATE, OTHER, PLAN, RITA, Office, filled, merged
from tests.domain.test_release_there import NEXT, brought, codes, deployment, gone, package
from tests.domain.test_release_ways import told

LIVE = "production"


def two(hotfix: str = "1.1.1") -> tuple[Office, str, str]:
    """A hotfix, built once the train was, and a train that holds what it does."""
    office = Office(at=DATE)
    plan = replace(PLAN, versions=(hotfix,))
    fix = filled(office, "mozilla", "hotfix", plan, scheduled=None)
    train = filled(office)
    office.ask(RITA, "release.aim", train, release_version="1.2.0", commit=OTHER)
    office.learn(package(days=20, label="1.1.1"), package("b" * 32, 9, OTHER, label="1.2.0"))
    office.compare(train, OTHER)
    return office, fix, train


def replaced(office: Office, fix: str, train: str, said: Verification | None = None) -> None:
    """Let the hotfix go to production, and the train after it."""
    own = replace(deployment(LIVE, office.at), verification=said)
    brought(office, fix, own)
    office.at += HOUR
    office.learn(gone(own, office.at))
    went(office, train)


def went(office: Office, train: str) -> None:
    brought(office, train, deployment(LIVE, office.at, NEXT, "b" * 32))
    office.at += timedelta(minutes=1)


def steps(said: Explanation) -> list[list[str]]:
    return [[each.description for each in way.acts] for way in said.ways]


def given_up(office: Office, fix: str) -> None:
    assert steps(told(office, fix, "close")) == [
        ["Give it up: ledger 1.2.0 brought all that is in it to production."]
    ]
    office.ask(RITA, "release.abort", fix, reason="The train brought it.")
    assert office.release(fix).status is ReleaseStatus.ABORTED
    assert steps(told(office, fix, "close")) == [], "it is given up, once and for all"


@pytest.mark.req("S4-19", "S3-11", "S1-20")
def test_a_hotfix_counts_where_a_train_that_holds_it_took_its_place() -> None:
    office, fix, train = two()
    replaced(office, fix, train)
    assert codes(office, fix, "close", "arrived") == set(), "though it was built after the train"
    assert office.codes(fix, "close") == {"not_verified", "not_watched"}
    assert not any("Deploy" in each for way in steps(told(office, fix, "close")) for each in way)
    with refused("still_live"):
        office.ask(RITA, "release.abort", fix, reason="The train brought it.")


@pytest.mark.req("S4-19", "X-01")
@pytest.mark.parametrize("how", ["lacks it", "not traced", "rolled back", "found not to work"])
def test_a_train_that_does_not_hold_it_or_runs_no_more_counts_for_nothing(how: str) -> None:
    office, fix, train = two()
    replaced(office, fix, train)
    there: Deployment = office.states[Deployment, NEXT]
    if how == "lacks it":
        office.learn(merged("n" * 32, head="7" * 40))
        office.ask(RITA, "release.include", fix, merge_requests=("n" * 32,))
        state = office.release(fix)
        (came,) = state.deliveries
        office.learn(replace(state, deliveries=(replace(came, cargo=state.digest),)))
    elif how == "not traced":
        office.compare(train, OTHER, outcome=Outcome.FAILED)
    elif how == "rolled back":
        office.learn(replace(there, status=Status.ROLLED_BACK, current=False))
        office.learn(replace(office.release(train), deliveries=()))
    else:
        bad = Verification(SUE, office.at, passed=False, findings="It crashes.")
        office.learn(replace(there, verification=bad))
    assert codes(office, fix, "close", "arrived")


@pytest.mark.req("S4-19", "S3-11", "S1-20")
def test_a_hotfix_that_never_got_there_is_given_up_once_a_train_brought_what_it_holds() -> None:
    office, fix, train = two()
    before = steps(told(office, fix, "close"))
    assert all("Deploy it to production." in way for way in before)
    went(office, train)
    given_up(office, fix)


@pytest.mark.req("S4-19", "S3-11", "S1-20")
def test_so_is_one_that_was_found_not_to_work_there() -> None:
    office, fix, train = two()
    bad = Verification(SUE, office.at, passed=False, findings="It crashes.")
    replaced(office, fix, train, bad)
    given_up(office, fix)


@pytest.mark.req("S4-19", "S1-20")
def test_what_has_a_higher_version_may_be_deployed_or_given_up() -> None:
    office, fix, train = two(hotfix="1.2.1")
    went(office, train)
    up, *others = steps(told(office, fix, "close"))
    assert up == ["Give it up: ledger 1.2.0 brought all that is in it to production."]
    assert others
    assert all("Deploy it to production." in way for way in others)


@pytest.mark.req("S4-19", "S1-20")
def test_what_is_made_of_the_very_package_that_stands_there_may_count_or_be_given_up() -> None:
    office, fix, train = two()
    office.ask(RITA, "release.aim", fix, release_version="1.1.1", commit=OTHER)
    office.compare(fix, OTHER)
    went(office, train)
    ways = steps(told(office, fix, "close"))
    up = ["Give it up: ledger 1.2.0 brought all that is in it to production."]
    assert up in ways
    assert any(each.startswith("Deploy it to production") for way in ways for each in way)
