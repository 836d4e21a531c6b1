"""Security fixes over HTTP: opened under embargo, worked on by the cleared, unknown to others."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from tests.api import fixes
from tests.api.company import Headquarters


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    """Numbers for merge requests, each used once."""
    return count(7000)


def listed(hq: Headquarters, who: str, **wanted: Any) -> list[Any]:
    """The fixes of the product that somebody sees."""
    found = hq.ask(who, "SecurityFixes", filter={"project": fixes.PROJECT, **wanted})
    return [edge["node"] for edge in found["edges"]]


@pytest.mark.req("S1-12", "S1-18", "S1-55")
def test_a_fix_is_opened_and_worked_on_by_who_is_cleared(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    fixes.lines(hq)
    made = fixes.fix(hq, component="Uploads", credit="A friend")
    hq.do("quinn", "AssessSecurityFix", id=made["id"], severity="critical")
    engineer = fixes.engineer(hq)
    hq.do(engineer, "TickSecurityFix", id=made["id"], item="tested")
    part = fixes.merge_request(hq, next(numbers), "master")
    hq.do(engineer, "AddSecurityFixMergeRequest", id=made["id"], mergeRequest=part)
    [found] = [each for each in listed(hq, engineer) if each["id"] == made["id"]]
    assert (found["status"], found["severity"]) == ("FIXING", "critical")
    assert found["dueAt"] is not None
    ticked = {item["name"]: item["tickedBy"] for item in found["items"]}
    assert ticked["tested"] == {"handle": engineer}
    for outsider in ("uma", "wanda", "nils", "tara"):
        assert listed(hq, outsider) == []
    codes = hq.refused("uma", "TickSecurityFix", id=made["id"], item="tested")
    absent = made["id"][:-8] + "AAAAAAA="
    assert codes == hq.refused("uma", "TickSecurityFix", id=absent, item="tested") == ["not_found"]


def test_a_merge_request_in_the_open_hides_as_soon_as_it_belongs_to_a_fix(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    fixes.lines(hq)
    made, number = fixes.fix(hq), next(numbers)
    part = fixes.merge_request(hq, number, "17-1-stable", embargoed=False)
    asked = "query($i: ID!) { mergeRequest(id: $i) { embargoed fix { id } } }"
    shown = {"mergeRequest": {"embargoed": False, "fix": None}}
    assert hq.post("uma", asked, {"i": part}).json()["data"] == shown
    hq.do("quinn", "AddSecurityFixMergeRequest", id=made["id"], mergeRequest=part)
    assert hq.post("uma", asked, {"i": part}).json()["data"] == {"mergeRequest": None}
    hidden = {"mergeRequest": {"embargoed": True, "fix": {"id": made["id"]}}}
    assert hq.post("quinn", asked, {"i": part}).json()["data"] == hidden
