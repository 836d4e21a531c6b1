"""Ways to bring a fix into a patch that nobody looked at: each of them is found out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from api.demo.cast import Role, projects
from tests.api import fixes
from tests.api.company import Headquarters

BASE = "b" * 40
APPROVALS, EVIDENCE = "approvals_missing", "evidence_missing"


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    """Numbers for merge requests, each used once."""
    return count(8000)


class Fix:
    """A fix that lacks nothing but its label, and its merge request to the default branch."""

    def __init__(self, hq: Headquarters, numbers: Iterator[int], **more: Any) -> None:
        """Have everything signed off and tested."""
        self.hq = hq
        self.id, parts = fixes.complete(hq, numbers, **more)
        self.part = parts[0]
        self.head = next(s["head"] for s in self.slots() if s["id"] == self.part)
        self.other = "e" * 20 + self.head[20:]  # what is pushed

    def slots(self) -> list[Any]:
        found = self.hq.ask("quinn", "SecurityFixCompleteness", id=self.id)["completeness"]
        return [each["mergeRequest"] for each in found["slots"] if each["mergeRequest"]]

    def missing(self, branch: str = "master") -> set[str]:
        """What the merge request to a branch lacks."""
        found = self.hq.ask("quinn", "SecurityFixCompleteness", id=self.id)["completeness"]
        [slot] = [each for each in found["slots"] if each["branch"] == branch]
        return {each["code"] for each in slot["findings"] if each["code"]}

    def push(self, head: str, **more: Any) -> Any:
        return self.hq.do("elif", "PushMergeRequest", id=self.part, head=head, base=BASE, **more)

    def sign(self, who: str, rule: str, seen: int) -> None:
        self.hq.do(who, "SignOffMergeRequest", id=self.part, rule=rule, seen=seen)


@pytest.fixture
def fix(hq: Headquarters, numbers: Iterator[int]) -> Fix:
    """A fix that nothing is wrong with."""
    made = Fix(hq, numbers)
    assert made.missing() == set()
    return made


def linked(fix: Fix) -> list[str]:
    """Why it is not linked although it wears its label; the patch is given up again."""
    patch = fixes.patch(fix.hq)
    fix.hq.do("elif", "LabelSecurityFix", id=fix.id, label="security-target")
    found = fix.hq.refused("viktor", "LinkSecurityFix", id=fix.id, tracker=patch)
    fix.hq.do("viktor", "AbortRelease", id=patch, reason="To be planned anew.")
    return found


@pytest.mark.req("S1-12", "S1-20", "X-04")
def test_a_push_after_the_sign_offs_voids_them_and_so_does_one_back_to_the_old_head(
    fix: Fix,
) -> None:
    assert fix.push(fix.other)["voided"] == 2
    assert fix.missing() == {APPROVALS, EVIDENCE}
    fix.push(fix.head)
    assert fix.missing() == {APPROVALS}, "the pipeline did pass for this commit; nobody signed it"
    assert APPROVALS in linked(fix)
    [code] = {*fix.hq.refused("quinn", "SignOffMergeRequest", id=fix.part, rule="appsec", seen=1)}
    assert code == "moved_on"


@pytest.mark.req("S1-23", "X-04")
def test_aiming_at_another_branch_and_back_voids_the_sign_offs(fix: Fix) -> None:
    for target in ("feature", "master"):
        fix.hq.do("elif", "RetargetMergeRequest", id=fix.part, target=target, base=BASE)
    assert fix.missing() == {APPROVALS}


@pytest.mark.req("S1-20", "S1-24")
def test_who_ever_contributed_signs_nothing_of_it_off(fix: Fix) -> None:
    fix.push(fix.other, contributors=[fix.hq.id("rosa")])
    fix.push(fix.head)
    told = {"id": fix.part, "rule": "maintainer", "seen": 3}
    refused = fix.hq.refused("rosa", "SignOffMergeRequest", **told)
    assert refused == ["named_by_others", "own_change"]
    assert APPROVALS in fix.missing()


@pytest.mark.req("S1-20", "X-03")
def test_one_person_signs_for_one_of_the_two_rules(hq: Headquarters, fix: Fix) -> None:
    if "dora" not in hq.tokens:
        hq.hire("dora", "both", projects("role:appsec"), projects("role:maintainer"))
    fix.push(fix.other)
    told = {"project": fixes.PROJECT, "name": "pipeline", "outcome": "PASSED", "subject": fix.other}
    hq.do("build-bot", "ReportEvidence", **told)
    fix.sign("dora", "appsec", 2)
    fix.sign("dora", "maintainer", 2)
    assert fix.missing() == {APPROVALS}
    fix.sign("rosa", "maintainer", 2)
    assert fix.missing() == set()


@pytest.mark.req("S1-20", "X-03")
def test_two_accounts_of_one_person_sign_for_one_of_the_two_rules(
    hq: Headquarters, fix: Fix
) -> None:
    mark = fix.head[-6:]
    first = hq.hire(f"kim{mark}", "kims", projects("role:appsec"))
    second = hq.hire(f"kay{mark}", "kays", projects("role:maintainer"))
    fix.push(fix.other)
    fix.sign(f"kim{mark}", "appsec", 2)
    fix.sign(f"kay{mark}", "maintainer", 2)
    assert fix.missing() == {EVIDENCE}, "nobody knows yet"
    hq.do("ada", "LinkPrincipalAccount", id=first, account=second)
    assert fix.missing() == {APPROVALS, EVIDENCE}
    assert APPROVALS in linked(fix)


@pytest.mark.req("S1-20", "X-02")
def test_a_role_that_is_taken_away_takes_its_sign_off_along(hq: Headquarters, fix: Fix) -> None:
    handle = f"temp{fix.head[-6:]}"
    account = hq.hire(handle, "temps")
    grant = hq.give(account, Role("role:maintainer", "project", fixes.PROJECT))
    fix.push(fix.other)
    fix.sign("quinn", "appsec", 2)
    fix.sign(handle, "maintainer", 2)
    assert fix.missing() == {EVIDENCE}
    hq.do("ada", "RevokeGrant", id=grant, reason="It was for a day.")
    assert fix.missing() == {APPROVALS, EVIDENCE}
    assert APPROVALS in linked(fix)


@pytest.mark.req("S1-25", "X-05")
def test_no_other_result_stands_for_a_pipeline_that_passed(fix: Fix) -> None:
    fix.push(fix.other)
    fix.sign("quinn", "appsec", 2)
    fix.sign("rosa", "maintainer", 2)
    assert fix.missing() == {EVIDENCE}, "nothing is reported"
    told = {"project": fixes.PROJECT, "name": "pipeline", "subject": fix.other, "outcome": "PASSED"}
    for wrong in (
        {"subject": "f" * 40},
        {"project": "group/other"},
        {"name": "lint"},
        {"outcome": "SKIPPED"},
        {"outcome": "NEUTRAL"},
        {"outcome": "FAILED"},
    ):
        fix.hq.do("build-bot", "ReportEvidence", **{**told, **wrong})
        assert len(fix.missing()) == 1, wrong
    for stranger in ("nils", "elif", "rosa"):
        payload = fix.hq.ask(stranger, "ReportEvidence", input=told)
        assert [each["code"] for each in payload["problems"]] == ["forbidden"]
    assert len(fix.missing()) == 1
    fix.hq.do("build-bot", "ReportEvidence", **told)
    assert fix.missing() == set()


@pytest.mark.req("S1-02", "S1-22")
def test_a_backport_to_a_version_that_is_not_supported_is_no_part_of_it(
    hq: Headquarters, numbers: Iterator[int], fix: Fix
) -> None:
    stray = fixes.merge_request(hq, next(numbers), "16-10-stable")
    told = {"id": fix.id, "mergeRequest": stray}
    assert hq.refused("elif", "AddSecurityFixMergeRequest", **told) == ["unsupported_version"]


@pytest.mark.req("S1-20", "S1-55")
def test_who_reported_it_does_not_sign_it_off(hq: Headquarters, numbers: Iterator[int]) -> None:
    for handle in ("saul", "sara"):
        if handle not in hq.tokens:
            hq.hire(handle, f"sec {handle}", projects("role:appsec"))
    told = {"service": fixes.PRODUCT, "project": fixes.PROJECT, "title": "A hole of mine"}
    report = hq.do("saul", "SubmitVulnerabilityReport", description="Ask it.", **told)["id"]
    how = {"id": report, "playbook": "security", "kind": "vulnerability"}
    assert hq.refused("saul", "AcceptVulnerabilityReport", **how) == ["own_find"]
    hq.do("sara", "AcceptVulnerabilityReport", **how)
    [made] = [each for each in fixes.every(hq, "sara") if each["title"] == told["title"]]
    part = fixes.merge_request(hq, next(numbers), "master")
    hq.do("elif", "AddSecurityFixMergeRequest", id=made["id"], mergeRequest=part)
    sign = {"id": part, "rule": "appsec", "seen": 1}
    assert hq.refused("saul", "SignOffMergeRequest", **sign) == ["own_find", "own_change"]
    hq.do("sara", "SignOffMergeRequest", **sign)
    hq.do("sara", "SignOffMergeRequest", **sign)


@pytest.mark.req("S1-12", "X-07")
def test_after_a_clearance_is_taken_away_nothing_hidden_is_answered(
    hq: Headquarters, fix: Fix
) -> None:
    handle = f"guest{fix.head[-6:]}"
    account = hq.hire(handle, "guests")
    grant = hq.give(account, Role("role:cleared", "project", fixes.PROJECT))
    asked = """query($f: ID!, $m: ID!) {
      a: securityFix(id: $f) { id mergeRequests { id } } b: mergeRequest(id: $m) { id fix { id } }
      c: mergeRequests(first: 100, filter: {project: "group/security/product"}) { edges { cursor } }
      d: securityFix(id: $f) { title } }"""
    told = {"f": fix.id, "m": fix.part}
    seen = hq.post(handle, asked, told).json()["data"]
    assert seen["a"]["id"] == fix.id
    assert seen["b"]["fix"] == {"id": fix.id}
    hq.do("ada", "RevokeGrant", id=grant, reason="Their work is done.")
    none: dict[str, Any] = {"a": None, "b": None, "c": {"edges": []}, "d": None}
    answered = hq.post(handle, asked, told).json()["data"]
    assert answered["c"]["edges"] == hq.post("nils", asked, told).json()["data"]["c"]["edges"]
    assert {**answered, "c": none["c"]} == none
