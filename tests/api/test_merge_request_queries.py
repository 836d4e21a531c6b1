"""What people ask of merge requests, and what nobody learns of an embargoed one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from api.context import new_id
from api.derived.identity import global_id
from tests.api.office import Office

OPEN = """
mutation($i: OpenMergeRequestInput!) { openMergeRequest(input: $i) {
  mergeRequest { id revision title } problems { code path } } }
"""
SIGN = """
mutation($i: SignOffMergeRequestInput!) { signOffMergeRequest(input: $i) {
  mergeRequest { id signOffs { status missing counted { person { handle } } } }
  problems { code path } } }
"""
PROJECT = {"scope": "project", "value": "group/app"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("office"))
    for handle, role in (("rita", "developer"), ("ava", "reviewer"), ("mia", "reviewer")):
        office.grant(handle, role, **PROJECT)
    office.grant("ivo", "appsec", **PROJECT)
    office.grant("max", "maintainer", **PROJECT)
    yield office
    office.close()


def opened(office: Office, number: int, by: str = "rita", **more: Any) -> Any:
    """A merge request of the project."""
    given = {
        "playbook": "gitaly",
        "kind": "component",
        "project": "group/app",
        "number": number,
        "title": f"Number {number}",
        "head": "a" * 40,
        "target": "main",
        "base": "b" * 40,
        **more,
    }
    payload = office.data(OPEN, by, i=given)["openMergeRequest"]
    assert payload["problems"] == []
    return payload["mergeRequest"]


def awaiting(office: Office, by: str) -> set[str]:
    """The titles of what awaits somebody's sign-off."""
    document = "{ mergeRequestsAwaitingMe { edges { node { mergeRequest { title } rule } } } }"
    edges = office.data(document, by)["mergeRequestsAwaitingMe"]["edges"]
    return {edge["node"]["mergeRequest"]["title"] for edge in edges}


@pytest.mark.req("S2-01", "S2-02")
def test_two_reviewers_sign_off_and_the_second_may_merge(office: Office) -> None:
    found = opened(office, 1)
    assert "Number 1" in awaiting(office, "ava")
    assert "Number 1" not in awaiting(office, "rita")
    given = {"id": found["id"], "seen": 1, "rule": "reviews"}
    assert office.data(SIGN, "ava", i=given)["signOffMergeRequest"]["problems"] == []
    payload = office.data(SIGN, "mia", i=given)["signOffMergeRequest"]
    assert payload["problems"] == []
    [standing] = payload["mergeRequest"]["signOffs"]
    assert standing["status"] == "SATISFIED"
    assert {vote["person"]["handle"] for vote in standing["counted"]} == {"ava", "mia"}
    assert "Number 1" not in awaiting(office, "ava")
    document = """query($i: ID!) { mergeRequest(id: $i) { can(action: MERGE) {
      verdict { allowed findings { requirement status code } } } } }"""
    first = office.data(document, "ava", i=found["id"])["mergeRequest"]["can"]["verdict"]
    second = office.data(document, "mia", i=found["id"])["mergeRequest"]["can"]["verdict"]
    assert (first["allowed"], second["allowed"]) == (False, True)
    assert "not_the_merger" in {each["code"] for each in first["findings"]}


@pytest.mark.req("S2-02", "X-04")
def test_whom_others_named_says_no_and_signs_off_once_a_second_agrees(office: Office) -> None:
    named = [office.id(each) for each in ("ava", "mia")]
    found = opened(office, 30, contributors=named)
    given = {"id": found["id"], "seen": 1, "rule": "reviews"}
    payload = office.data(SIGN, "ava", i=given)["signOffMergeRequest"]
    assert [each["code"] for each in payload["problems"]] == ["named_by_others", "own_change"]
    assert "Number 30" not in awaiting(office, "ava")
    decline = """mutation($i: DeclineMergeRequestAuthorshipInput!) {
      declineMergeRequestAuthorship(input: $i) { problems { code } } }"""
    agree = """mutation($i: AgreeToMergeRequestDeclineInput!) {
      agreeToMergeRequestDecline(input: $i) { problems { code }
        mergeRequest { declines { declinedBy { handle } agreedBy { handle } } } } }"""
    said = {"id": found["id"]}
    for each in ("ava", "mia"):
        answer = office.data(decline, each, i=said)["declineMergeRequestAuthorship"]
        assert answer["problems"] == []
    told = office.data(agree, "mia", i=said | {"person": named[0]})["agreeToMergeRequestDecline"]
    assert [each["code"] for each in told["problems"]] == ["own_change"]
    told = office.data(agree, "max", i=said | {"person": named[0]})["agreeToMergeRequestDecline"]
    assert told["problems"] == []
    [first, _] = told["mergeRequest"]["declines"]
    assert first == {"declinedBy": {"handle": "ava"}, "agreedBy": {"handle": "max"}}
    assert "Number 30" in awaiting(office, "ava")
    assert office.data(SIGN, "ava", i=given)["signOffMergeRequest"]["problems"] == []


def test_an_embargoed_merge_request_is_absent_for_whoever_is_not_cleared(office: Office) -> None:
    hidden = global_id("MergeRequest", embargoed(office, 2))
    nobody = global_id("MergeRequest", new_id())
    look = """query($i: ID!) { mergeRequest(id: $i) { title } node(id: $i) { id }
      history(id: $i) { edges { node { kind } } totalCount { count } } }"""
    listed = "{ mergeRequests { edges { node { title } } totalCount { count } } }"
    for by in ("ava", "aud"):
        assert office.data(look, by, i=hidden) == office.data(look, by, i=nobody)
        titles = [e["node"]["title"] for e in office.data(listed, by)["mergeRequests"]["edges"]]
        assert "Number 2" not in titles
        given = {"seen": 1, "rule": "reviews"}
        answers = [office.data(SIGN, by, i={"id": id, **given}) for id in (hidden, nobody)]
        assert answers[0] == answers[1]
    assert "Number 2" not in awaiting(office, "ava")
    seen = office.data(look, "ivo", i=hidden)
    assert seen["mergeRequest"] == {"title": "Number 2"}
    assert seen["history"]["totalCount"]["count"] >= 1
    counts = [
        office.data(listed, by)["mergeRequests"]["totalCount"]["count"] for by in ("ava", "ivo")
    ]
    assert counts[1] > counts[0]


def test_the_log_shows_an_auditor_nothing_of_what_they_are_not_cleared_for(office: Office) -> None:
    embargoed(office, 3)
    opened(office, 4)
    document = """query($f: EventFilter) { events(filter: $f, first: 100) {
      edges { node { subject { id } details { value } } } totalCount { count } } }"""
    found = office.data(document, "aud", f={"aggregate": "merge_request"})["events"]
    told = {detail["value"] for edge in found["edges"] for detail in edge["node"]["details"]}
    assert "Number 4" in told
    assert not {"Number 2", "Number 3"} & told
    assert found["totalCount"]["count"] == len(found["edges"])


def embargoed(office: Office, number: int) -> str:
    """The id of an embargoed merge request, which nobody sees but its author and the cleared."""
    given = {
        "playbook": "gitaly",
        "kind": "component",
        "project": "group/app",
        "number": number,
        "title": f"Number {number}",
        "head": "c" * 40,
        "target": "main",
        "base": "b" * 40,
        "embargoed": True,
    }
    payload = office.data(OPEN, "rita", i=given)["openMergeRequest"]
    assert payload["mergeRequest"]["title"] == f"Number {number}"
    assert payload["problems"] == []
    return office.submitted[-1].subject
