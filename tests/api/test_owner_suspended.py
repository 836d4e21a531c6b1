"""A program answers through its owner: while that is suspended it does nothing."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.demo.cast import Role, projects
from tests.api.company import Headquarters
from tests.api.patches import PROJECT, commit, hire

NUMBERS = itertools.count(9_400)
CAN = """query($i: ID!) { mergeRequest(id: $i) {
  can(action: MERGE) { verdict { findings { code } } } } }"""
REASON = "They left the company."


@pytest.fixture(scope="session")
def crew(hq: Headquarters) -> Headquarters:
    """The company, a program of somebody who is about to leave, and who takes it over."""
    hire(hq)
    hq.hire("leaver", "machines")
    hq.hire("heir", "machines")
    ci = Role("role:ci_bot", "project", PROJECT)
    hq.hire("leftbot", None, ci, projects("role:release_bot"), owner="leaver")
    return hq


def report(crew: Headquarters, by: str, subject: str) -> list[str]:
    told = {"project": PROJECT, "name": "pipeline", "subject": subject, "outcome": "PASSED"}
    payload = crew.ask(by, "ReportEvidence", input=told)
    return [each["code"] for each in payload["problems"]]


def account(crew: Headquarters, verb: str, who: str) -> None:
    document = f"""mutation($i: {verb[0].upper()}{verb[1:]}Input!) {{
      {verb}(input: $i) {{ problems {{ code }} }} }}"""
    given = {"id": crew.id(who), "reason": REASON}
    payload = crew.post("ada", document, {"i": given}).json()["data"][verb]
    assert payload["problems"] == []


def handed(crew: Headquarters) -> Any:
    """The program is the heir's from now on."""
    document = """mutation($i: EditPrincipalInput!) {
      editPrincipal(input: $i) { problems { code } } }"""
    version = "query($i: ID!) { node(id: $i) { ... on Principal { version } } }"
    bot = crew.post("ada", version, {"i": crew.id("leftbot")}).json()["data"]["node"]
    given = {"id": crew.id("leftbot"), "owner": crew.id("heir"), "seen": bot["version"]}
    return crew.post("ada", document, {"i": given}).json()["data"]["editPrincipal"]["problems"]


@pytest.mark.req("X-01", "X-04")
def test_a_program_waits_until_somebody_answers_for_it_again(crew: Headquarters) -> None:
    number = next(NUMBERS)
    told: dict[str, Any] = {"playbook": "planned_patch", "kind": "strict", "project": PROJECT}
    told |= {"number": number, "title": "X", "head": commit(), "target": "master", "base": "b" * 40}
    request = crew.do("dina", "OpenMergeRequest", **told)["id"]
    crew.do("dina", "AssignMergeRequest", id=request, assignee=crew.id("leftbot"))
    assert report(crew, "leftbot", commit()) == []
    assert "not_assigned" not in missing(crew, request)
    assert "leftbot" in able(crew)
    account(crew, "suspendPrincipal", "leaver")
    assert "leftbot" not in able(crew)
    assert report(crew, "leftbot", commit()) == ["owner_suspended"]
    assert "not_assigned" in missing(crew, request), "it cannot merge it"
    account(crew, "reinstatePrincipal", "leaver")
    assert report(crew, "leftbot", commit()) == []
    account(crew, "suspendPrincipal", "leaver")
    assert handed(crew) == []
    assert "not_assigned" not in missing(crew, request)
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    wish = {"owner": crew.id("leftbot"), "name": "new", "until": until}
    made = crew.ask("heir", "CreateToken", input=wish)
    crew.tokens["leftbot anew"] = made["token"]
    assert report(crew, "leftbot anew", commit()) == []


def missing(crew: Headquarters, request: str) -> set[str]:
    """Why it is not merged."""
    found = crew.post("rhea", CAN, {"i": request}).json()["data"]["mergeRequest"]["can"]
    return {e["code"] for e in found["verdict"]["findings"] if e["code"]}


def able(crew: Headquarters) -> set[str]:
    """Who may report evidence of the project, as anybody is told."""
    document = """query($v: String!) { whoMay(action: "evidence.report",
      within: [{scope: PROJECT, value: $v}]) { holders { person { handle } } } }"""
    found = crew.post("ada", document, {"v": PROJECT}).json()["data"]["whoMay"]
    return {each["person"]["handle"] for each in found["holders"]}
