"""Whose evidence counts for a release: that of its own project, or of what it contains."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.domain.release_stories import COMMIT, PLAN, RITA, Office, merged, opened

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
