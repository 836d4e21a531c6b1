"""A commit that hidden things share opens nothing in the open, and closes nothing for good."""

from __future__ import annotations

from typing import Any

import pytest

from api.context import new_id
from tests.api import fixes
from tests.api.company import Headquarters
from tests.api.test_environment_cover import added, checked, live, people, wanted

__all__ = ["live", "people"]

GATE = """query SharedGate($i: ID!) { mergeRequest(id: $i) { version can(action: MERGE) { verdict {
  findings { requirement status code message evidence missing } } } }
  history(id: $i) { edges { node { kind } } } }"""
SEEN = """query SharedReports($s: String!) {
  evidenceReports(filter: {subject: $s}) { totalCount { count } } }"""
NUMBERS = iter(range(31_700, 31_800))
PIPELINE, END_TO_END = "pipeline", "package_and_test"


def opened(hq: Headquarters, head: str, **more: Any) -> str:
    """A merge request at a commit."""
    told = {"kind": "bug_backport", "embargoed": False, "head": head, **more}
    return fixes.merge_request(hq, next(NUMBERS), "17-1-stable", **told)


def reported(hq: Headquarters, commit: str, name: str, outcome: str) -> None:
    told = {"project": fixes.PROJECT, "name": name, "outcome": outcome, "subject": commit}
    hq.do("build-bot", "ReportEvidence", **told)


def seen(hq: Headquarters, document: str, **given: Any) -> Any:
    """What somebody is answered who is not cleared."""
    return hq.post("uma", document, given).json()["data"]


def gate(hq: Headquarters, id: str, head: str) -> Any:
    """What they are told of a merge request, whichever commit is its head."""
    told = seen(hq, GATE, i=id)
    findings = told["mergeRequest"]["can"]["verdict"]["findings"]
    said = [{**each, "message": str(each["message"]).replace(head[:12], "")} for each in findings]
    return said, told["mergeRequest"]["version"], told["history"]


@pytest.mark.req("X-05", "S1-12", "S1-16", "S1-23")
@pytest.mark.parametrize("outcome", ["PASSED", "FAILED"])
def test_a_merge_request_in_the_open_goes_by_nothing_that_was_reported_in_secret(
    hq: Headquarters, outcome: str
) -> None:
    shared, other = (new_id() + "0" * 8 for _ in range(2))
    opened(hq, shared, embargoed=True)
    for name in (PIPELINE, END_TO_END):
        reported(hq, shared, name, outcome)
    here, there = opened(hq, shared), opened(hq, other)
    assert gate(hq, here, shared) == gate(hq, there, other)
    assert seen(hq, SEEN, s=shared)["evidenceReports"]["totalCount"]["count"] == 0
    for commit in (shared, other):
        reported(hq, commit, END_TO_END, "PASSED")
    assert seen(hq, SEEN, s=shared)["evidenceReports"]["totalCount"]["count"] == 1
    one, two = gate(hq, here, shared)[0], gate(hq, there, other)[0]
    assert [each["status"] for each in one] == [each["status"] for each in two]


@pytest.mark.req("X-05", "S0-14")
def test_whoever_hides_something_at_the_commit_of_a_package_changes_no_gate_by_that(
    hq: Headquarters, people: Headquarters, live: dict[str, Any]
) -> None:
    agreed = {"id": live["id"], "seen": live["revision"]}
    people.do("dep-rolf", "ConfirmEnvironment", **agreed)
    package, commit = added(people)
    id = wanted(people, live, package)
    checked(people, commit, "FAILED")
    opened(hq, commit, embargoed=True, project="cover/app")
    assert people.refused("dep-bot", "StartDeployment", id=id) == ["not_covered"]
    assert seen(hq, SEEN, s=commit)["evidenceReports"]["totalCount"]["count"] == 1
    checked(people, commit)
    people.do("dep-bot", "StartDeployment", id=id)
