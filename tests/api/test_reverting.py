"""A fix of the playbook for fixes without phases is taken back by two, proposed by any cleared."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from api.demo.cast import projects
from tests.api import fixes
from tests.api.company import Headquarters

ASKED = """query($id: ID!) { mergeRequest(id: $id) { can(action: REVERT) { allowed
  verdict { findings { code message } }
  explanation { ways { acts { action description people { handle } } } } } } }"""
WHY = {"reason": "It breaks uploads."}
BACK = {"wording": "It breaks uploads.", "path": "take_back"}


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    """Numbers for merge requests, each used once."""
    return count(54000)


def told(hq: Headquarters, id: str) -> tuple[Any, Any]:
    """What keeps it from being taken back, and the first act that would help."""
    found = hq.post("rosa", ASKED, {"id": id}).json()["data"]["mergeRequest"]["can"]
    assert not found["allowed"]
    [finding] = [each for each in found["verdict"]["findings"] if each["code"]]
    act, *agreeing = found["explanation"]["ways"][0]["acts"]
    assert {each["action"] for each in agreeing} == {"accord.agree"}
    return finding, act


@pytest.mark.req("S1-52", "S1-53", "S1-54")
def test_a_fix_that_waits_for_no_release_is_taken_back_by_two_as_well(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    if "ulla" not in hq.tokens:
        hq.hire("ulla", "product", projects("role:developer"))
    fix, number = fixes.fix(hq)["id"], next(numbers)
    part = fixes.merge_request(hq, number, "master", author=hq.id("ulla"))
    hq.do("elif", "AddSecurityFixMergeRequest", id=fix, mergeRequest=part)
    fixes.signed(hq, part, number, "master")
    hq.do("release-bot", "MergeMergeRequest", id=part, seen=1)
    assert hq.refused("rosa", "RevertMergeRequest", id=part, **WHY) == ["not_agreed"]
    finding, act = told(hq, part)
    assert finding["code"] == "not_agreed"
    assert all(word in finding["message"] for word in ("vulnerability", "risks", "little time"))
    assert "revert of security" in act["description"]
    people = {each["handle"] for each in act["people"]}
    assert {"rosa", "viktor", "elif"} <= people
    assert people.isdisjoint({"ulla", "wanda", "release-bot"}), "who writes it is told of none"
    about = {"playbook": "security", "kind": "revert", "subject": part}
    for who in ("ulla", "wanda"):
        assert hq.refused(who, "ProposeAccord", **about, terms=BACK) == ["unknown_subject"]
    back = hq.do("rosa", "ProposeAccord", **about, terms=BACK)
    for who, rule in (("quinn", "appsec"), ("viktor", "release_managers")):
        assert hq.refused("rosa", "RevertMergeRequest", id=part, **WHY) == ["not_agreed"]
        hq.do(who, "AgreeToAccord", id=back["id"], rule=rule, seen=1)
    assert hq.do("rosa", "RevertMergeRequest", id=part, **WHY)["revertedAt"]
