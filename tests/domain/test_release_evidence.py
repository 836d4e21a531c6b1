"""Whose evidence counts for a release: that of its own project, or of what it contains."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.evidence.aggregate import Outcome
from domain.grant.aggregate import Scope
from domain.release.commands.contents import CommitItem
from tests.domain.organisation import person, refused
from tests.domain.release_stories import (
    CI,
    COMMIT,
    DATE,
    EVE,
    OTHER,
    PLAN,
    PROJECT,
    RITA,
    SAM,
    Office,
    filled,
    hold,
    merged,
    opened,
)

STAGING = "deploy:staging"
TESTS = ("unit_tests", "integration_tests")
NOWHERE = replace(PLAN, project=None)


def aimed(office: Office) -> str:
    """A train that does not say which project it is of."""
    id = opened(office, plan=NOWHERE)
    office.ask(RITA, "release.aim", id, release_version="1.2.0", commit=COMMIT)
    return id


def told(office: Office, id: str) -> set[str]:
    """What is said of the tests."""
    found = office.verdict(id, STAGING).findings
    return {each.code for each in found if each.requirement == "tests"}


@pytest.mark.req("S4-21", "X-01", "X-05")
def test_nobodys_evidence_counts_for_a_release_of_no_project() -> None:
    office = Office()
    id = aimed(office)
    for project in ("toy", "shop"):
        office.report(*TESTS, project=project)
    assert told(office, id) == {"project_unknown"}
    office.ask(RITA, "release.edit", id, plan=PLAN)
    assert told(office, id) == {""}


@pytest.mark.req("S4-21", "X-05")
def test_without_a_project_of_its_own_it_is_of_those_it_contains() -> None:
    office = Office()
    id = aimed(office)
    office.learn(merged())
    office.ask(RITA, "release.include", id, merge_requests=("m" * 32,))
    office.report(*TESTS, project="toy")
    assert told(office, id) == {"evidence_missing"}
    office.report(*TESTS)
    assert told(office, id) == {""}


@pytest.mark.req("S4-21", "X-04")
@pytest.mark.parametrize("behind", [RITA, SAM, CI])
def test_a_program_of_who_had_a_hand_in_it_is_no_word_of_others(behind: str) -> None:
    office = Office()
    id = filled(office)
    office.learn(person(CI, owner=behind))
    if behind == CI:
        office.learn(person(CI), merged(author=CI))
    office.report(*TESTS)
    assert told(office, id) == {"evidence_missing"}
    said = [e.message for e in office.verdict(id, STAGING).findings if e.requirement == "tests"]
    assert all("have a program of somebody else report it" in each for each in said)
    office.learn(person(OTHERS, owner=EVE), hold(OTHERS, "role:ci_bot", Scope.PROJECT, PROJECT))
    for name in TESTS:
        office.report(name, by=OTHERS)
    assert told(office, id) == {""}


@pytest.mark.req("S4-04", "X-04")
def test_nor_does_it_make_a_commit_known() -> None:
    office = Office()
    id = opened(office)
    office.ask(RITA, "release.include", id, commits=(CommitItem(COMMIT),))
    office.ask(RITA, "release.aim", id, release_version="1.2.0", commit=COMMIT)
    office.learn(person(CI, owner=RITA))
    office.report("build")
    office.at = DATE + timedelta(hours=1)
    with refused("unknown_commit"):
        office.ask(RITA, "release.tag", id, release_version="1.2.0")
    office.learn(person(CI, owner=EVE))
    office.ask(RITA, "release.tag", id, release_version="1.2.0")


OTHERS = "bot:" + "c7" * 16


@pytest.mark.req("S4-21", "X-01", "X-05")
def test_of_several_projects_it_takes_the_one_that_the_commit_is_of() -> None:
    office = Office()
    id = aimed(office)
    office.learn(merged(), merged("e" * 32, project="toy", head=OTHER, author=EVE))
    office.learn(hold(CI, "role:ci_bot", Scope.PROJECT, "toy"))
    office.ask(RITA, "release.include", id, merge_requests=("m" * 32, "e" * 32))
    for name in TESTS:
        office.report(name, project="toy")
    assert told(office, id) == {"evidence_missing"}
    office.report(*TESTS)
    assert told(office, id) == {""}
    for name in TESTS:
        office.report(name, project="toy", outcome=Outcome.FAILED)
    assert told(office, id) == {""}


@pytest.mark.req("S4-04", "X-05")
def test_of_several_projects_nothing_is_known_of_a_commit_of_none_of_them() -> None:
    office = Office()
    id = aimed(office)
    office.learn(merged(), merged("e" * 32, project="toy", head=OTHER, author=EVE))
    office.ask(RITA, "release.include", id, merge_requests=("m" * 32, "e" * 32))
    office.ask(RITA, "release.aim", id, release_version="1.2.0", commit="4" * 40)
    office.report(*TESTS, subject="4" * 40)
    office.compare(id, subject="4" * 40)
    assert told(office, id) == {"project_unknown"}
    (said,) = {e.message for e in office.verdict(id, STAGING).findings if e.requirement == "tests"}
    assert said == "It is not known of which of shop, toy what 1.2.0 is made of is."
    office.at = DATE + timedelta(hours=1)
    with refused("unknown_commit"):
        office.ask(RITA, "release.tag", id, release_version="1.2.0")
    office.ask(RITA, "release.edit", id, plan=PLAN)
    assert told(office, id) == {""}
    office.ask(RITA, "release.tag", id, release_version="1.2.0")
