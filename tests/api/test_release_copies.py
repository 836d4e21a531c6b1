"""A release is planned like another where that is: who may ask is who may plan there."""

from __future__ import annotations

from typing import Any

import pytest

from api.demo.cast import services
from api.derived.identity import global_id
from tests.api.company import Headquarters

COPY = """mutation($i: CopyReleaseInput!) {
  copyRelease(input: $i) { release { id plan { service } } problems { code } }
}"""
DENIALS = "query($f: AccessFilter) { accesses(filter: $f) { edges { node { scopes } } } }"


@pytest.fixture(scope="session")
def crew(hq: Headquarters) -> Headquarters:
    """The company with release managers of one service each, and one of all."""
    hq.hire("copier", "copies", services("role:release_manager"))
    hq.hire("copilot", "copies", services("role:release_manager", "copied"))
    hq.hire("copyist", "copies", services("role:release_manager", "elsewhere"))
    return hq


def planned(crew: Headquarters, **more: Any) -> str:
    plan = {"title": "To be copied", "service": "copied", "versions": ["1.0.0"]}
    told = {"playbook": "itsm_releases", "kind": "minor", "plan": plan}
    id: str = crew.do("copier", "OpenRelease", **told, **more)["id"]
    return id


def copied(crew: Headquarters, by: str, source: str) -> Any:
    given = {"source": source, "versions": ["1.1.0"]}
    return crew.post(by, COPY, {"i": given}).json()["data"]["copyRelease"]


@pytest.mark.req("X-01")
def test_who_plans_releases_of_a_service_copies_those_of_it_and_no_others(
    crew: Headquarters,
) -> None:
    source = planned(crew)
    made = copied(crew, "copilot", source)
    assert (made["problems"], made["release"]["plan"]["service"]) == ([], "copied")
    assert copied(crew, "copyist", source)["problems"] == [{"code": "forbidden"}]
    for each in (source, made["release"]["id"]):
        crew.do("copier", "AbortRelease", id=each, reason="It was to be copied alone.")


@pytest.mark.req("S1-12", "X-01")
def test_who_may_not_see_it_is_told_of_no_service_that_a_hidden_one_is_of(
    crew: Headquarters,
) -> None:
    hidden, shown = planned(crew, embargoed=True), planned(crew)
    crew.hire("copycat", "copies", services("role:release_manager", "elsewhere"))
    for each in (hidden, global_id("Release", "0" * 32)):
        assert copied(crew, "copycat", each)["problems"] == [{"code": "forbidden"}]
        assert scopes(crew, "copycat") == [None]
    made = copied(crew, "copilot", hidden)
    assert made["problems"] == []
    assert copied(crew, "copyist", shown)["problems"] == [{"code": "forbidden"}]
    assert scopes(crew, "copyist") == ["service=copied"], "everybody knows of that one"
    for each in (hidden, shown, made["release"]["id"]):
        crew.do("copier", "AbortRelease", id=each, reason="It was to be copied alone.")


def scopes(crew: Headquarters, who: str) -> list[str | None]:
    """Where somebody was kept from copying."""
    given = {"f": {"person": crew.id(who), "action": "release.copy"}}
    found = crew.post("ada", DENIALS, given).json()["data"]["accesses"]["edges"]
    return [each["node"]["scopes"] for each in found]
