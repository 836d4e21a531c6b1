"""Whoever puts terms about something hidden before others knows of them, and nobody else does."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from api.demo.cast import projects
from api.derived.identity import global_id
from tests.api import fixes
from tests.api.company import Headquarters

READ = """query($i: ID!, $s: ID!) {
  accord(id: $i) { id version terms { wording } }
  node(id: $i) { id }
  accords(filter: {subject: $s}) { totalCount { count } edges { node { id } } }
  history(id: $i) { totalCount { count } edges { node { kind } } }
}"""
WITHDRAW = """mutation($i: WithdrawAccordInput!) { withdrawAccord(input: $i) {
  accord { status } problems { code } } }"""
NOTHING = {"accord": None, "node": None, "accords": {"totalCount": {"count": 0}, "edges": []}}

NO_HISTORY = {"history": {"totalCount": {"count": 0}}}


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    """Numbers for merge requests, each used once."""
    return count(43000)


def terms(wording: str) -> dict[str, Any]:
    """What is to be agreed on."""
    return {"wording": wording, "path": "take_back"}


def told(hq: Headquarters, who: str, accord: str, subject: str) -> Any:
    """What somebody is told of an accord."""
    answer = hq.post(who, READ, {"i": accord, "s": subject}).json()
    assert "errors" not in answer, answer
    answer["data"]["history"].pop("edges")
    return answer["data"]


def withdrawn(hq: Headquarters, who: str, accord: str) -> Any:
    """The answer to who takes it off the table."""
    given = {"id": accord, "reason": "It is mended."}
    return hq.post(who, WITHDRAW, {"i": given}).json()["data"]["withdrawAccord"]


@pytest.mark.req("S1-03", "S1-54", "X-05")
def test_who_asks_for_an_accord_about_something_hidden_reads_revises_and_withdraws_it(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    hole = fixes.merge_request(hq, next(numbers), "master")
    about = {"playbook": "planned_patch", "kind": "revert", "subject": hole}
    accord = hq.do("elif", "ProposeAccord", **about, terms=terms("It breaks uploads."))["id"]
    seen = told(hq, "elif", accord, hole)
    assert seen == told(hq, "quinn", accord, hole)
    assert seen["accord"]["terms"]["wording"] == "It breaks uploads."
    other = hq.do(
        "elif", "ReviseAccord", id=accord, seen=seen["accord"]["version"], terms=terms("It hangs.")
    )
    assert other["id"] == accord
    if "enis" not in hq.tokens:
        hq.hire("enis", "product", fixes.CLEARED)
    assert hq.post("enis", "query($i: ID!) { node(id: $i) { id } }", {"i": hole}).json()["data"][
        "node"
    ] == {"id": hole}
    for who in ("enis", "nils", "wanda"):
        assert told(hq, who, accord, hole) == NOTHING | NO_HISTORY
        for id in (accord, global_id("Accord", "0" * 32)):
            assert withdrawn(hq, who, id) == {"accord": None, "problems": [{"code": "not_found"}]}
    assert withdrawn(hq, "elif", accord) == {"accord": {"status": "WITHDRAWN"}, "problems": []}


PROPOSE = """mutation($i: ProposeAccordInput!) { proposeAccord(input: $i) {
  accord { id } problems { code message path } } }"""


@pytest.mark.req("S1-54", "X-05")
@pytest.mark.parametrize("kind", ["revert", "beyond_policy"])
def test_who_writes_something_hidden_without_a_clearance_asks_for_no_accord_about_it(
    hq: Headquarters, numbers: Iterator[int], kind: str
) -> None:
    if "egon" not in hq.tokens:
        hq.hire("egon", "product", projects("role:developer"))
    hole = fixes.merge_request(hq, next(numbers), "master", author=hq.id("egon"))
    answers = []
    for subject in (hole, global_id("MergeRequest", "0" * 32)):
        about = {"playbook": "planned_patch", "kind": kind, "subject": subject}
        given = {**about, "terms": terms("It breaks uploads.")}
        answers.append(hq.post("egon", PROPOSE, {"i": given}).json()["data"]["proposeAccord"])
    assert answers[0] == answers[1]
    assert answers[0]["accord"] is None
    told = [(each["code"], each["path"]) for each in answers[0]["problems"]]
    assert ("unknown_subject", ["subject"]) in told
    found = hq.post("quinn", READ, {"i": hole, "s": hole}).json()["data"]
    assert found["accords"]["totalCount"]["count"] == 0


@pytest.mark.req("S1-12", "S1-54", "X-05")
def test_an_accord_of_ones_own_hides_with_what_it_is_about(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    if "late" not in hq.tokens:
        hq.hire("late", "product")
    clearance = hq.give(hq.ids["late"], fixes.CLEARED)
    part = fixes.merge_request(hq, next(numbers), "master", contributors=[hq.ids["late"]])
    about = {"playbook": "planned_patch", "kind": "revert", "subject": part}
    accord = hq.do("late", "ProposeAccord", **about, terms=terms("Stop."))["id"]
    assert told(hq, "late", accord, part)["accord"]["id"] == accord
    hq.do("ada", "RevokeGrant", id=clearance, reason="Left.")
    assert told(hq, "late", accord, part) == NOTHING | NO_HISTORY
    assert withdrawn(hq, "late", accord) == {"accord": None, "problems": [{"code": "not_found"}]}


AWAITING = "{ accordsAwaitingMe { edges { node { accord { id } rule } } } }"
DECLINE = """mutation($i: DeclineMergeRequestAuthorshipInput!) {
  declineMergeRequestAuthorship(input: $i) { problems { code } } }"""
AGREE = """mutation($i: AgreeToMergeRequestDeclineInput!) {
  agreeToMergeRequestDecline(input: $i) { problems { code message } } }"""


def awaiting(hq: Headquarters, who: str) -> set[tuple[str, str]]:
    """The accords that await somebody, and as which party."""
    edges = hq.post(who, AWAITING).json()["data"]["accordsAwaitingMe"]["edges"]
    return {(each["node"]["accord"]["id"], each["node"]["rule"]) for each in edges}


@pytest.mark.req("S1-54", "S2-02", "X-04")
def test_an_accord_awaits_whom_two_freed_of_having_written_what_it_is_about(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    named = {"contributors": [hq.id("quinn")], "embargoed": False}
    part = fixes.merge_request(hq, next(numbers), "master", **named)
    about = {"playbook": "planned_patch", "kind": "revert", "subject": part}
    accord = hq.do("elif", "ProposeAccord", **about, terms=terms("It breaks uploads."))["id"]
    assert (accord, "appsec") not in awaiting(hq, "quinn")
    assert (accord, "appsec") in awaiting(hq, "noor")
    said = hq.post("quinn", DECLINE, {"i": {"id": part}}).json()["data"]
    assert said["declineMergeRequestAuthorship"]["problems"] == []
    given = {"id": part, "person": hq.id("quinn")}
    second = hq.post("rosa", AGREE, {"i": given}).json()["data"]["agreeToMergeRequestDecline"]
    assert second["problems"] == []
    assert (accord, "appsec") in awaiting(hq, "quinn")
    hq.do("quinn", "AgreeToAccord", id=accord, rule="appsec", seen=1)
    assert not {(accord, "appsec")} & (awaiting(hq, "quinn") | awaiting(hq, "noor"))
