"""Where releases have their tags that name no project, as somebody who asks sees."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from api.demo.cast import Role
from tests.api.company import Headquarters

SERVICE, ELSEWHERE, PROJECT, OTHER = "ravine", "ravine-hosted", "ravine/app", "ravine/toy"
NUMBERS = itertools.count(7_200_001)
TAGS = "query ($id: ID!) { release(id: $id) { tags { name projects } } }"


@pytest.fixture(scope="session")
def crew(hq: Headquarters) -> Headquarters:
    """The company with who releases everything, and a program that reports of it."""
    hq.hire("ravine-rika", "delivery", Role("role:release_manager", "service", "any"))
    hq.hire("ravine-ci", None, Role("role:ci_bot", "project", "any"), owner="yusuf")
    return hq


def ready(
    hq: Headquarters, version: str, *inside: str, project: str | None = None, service: str = SERVICE
) -> str:
    """A release with a merge request of each of these projects, ready to be tagged."""
    plan = {"title": "Dig", "service": service, "versions": [version], "project": project}
    told: dict[str, Any] = {"playbook": "gitlab", "kind": "auto_deploy", "plan": plan}
    id = str(hq.do("ravine-rika", "OpenRelease", **told)["id"])
    requests = [opened(hq, each) for each in inside]
    hq.do("ravine-rika", "IncludeRelease", id=id, mergeRequests=requests)
    made = f"{next(NUMBERS):040x}"
    hq.do("ravine-rika", "AimRelease", id=id, releaseVersion=version, commit=made)
    manifest = hq.ask("ravine-rika", "Release", id=id)["manifest"]
    said = {"project": inside[0], "subject": made, "outcome": "PASSED"}
    hq.do("ravine-ci", "ReportEvidence", name="pipeline", **said)
    hq.do("ravine-ci", "ReportEvidence", name="contents", manifest=manifest, **said)
    return id


def opened(hq: Headquarters, project: str) -> str:
    request: dict[str, Any] = {"playbook": "gitaly", "kind": "component", "project": project}
    request |= {"number": next(NUMBERS), "target": "main", "title": "Deeper"}
    request |= {name: f"{next(NUMBERS):040x}" for name in ("head", "base")}
    return str(hq.do("uma", "OpenMergeRequest", **request)["id"])


def told(hq: Headquarters, id: str, name: str) -> dict[str, Any]:
    found = hq.ask("ravine-rika", "Release", id=id)
    [version] = found["plan"]["versions"]
    name = "+".join((name, *map(stamp, range(1, 5))))
    return {"id": id, "releaseVersion": version, "name": name, "seen": found["revision"]}


def tagged(hq: Headquarters, id: str, name: str) -> list[str]:
    """Where it stands, once a release is tagged by this name."""
    hq.do("ravine-rika", "TagRelease", **told(hq, id, name))
    [tag] = hq.post("ravine-rika", TAGS, {"id": id}).json()["data"]["release"]["tags"]
    return list(tag["projects"])


def refused(hq: Headquarters, id: str, name: str) -> list[str]:
    return hq.refused("ravine-rika", "TagRelease", **told(hq, id, name))


def codes(hq: Headquarters, id: str) -> set[str]:
    found = hq.ask("ravine-rika", "ReleaseGate", id=id, action="TAG")["can"]["verdict"]["findings"]
    return {each["code"] for each in found if each["code"]}


def stamp(minute: int) -> str:
    return f"31.9.2026112912{minute:02}"


@pytest.mark.req("S4-02", "S4-04", "X-05")
def test_versions_and_tags_are_those_of_one_release_named_or_not(crew: Headquarters) -> None:
    named = ready(crew, stamp(1), PROJECT, project=PROJECT)
    assert tagged(crew, named, "r1") == [PROJECT]
    same = ready(crew, stamp(1), PROJECT)
    assert codes(crew, same) == {"version_taken"}
    assert refused(crew, same, "r2") == ["version_taken"]
    free = ready(crew, stamp(1), OTHER)
    assert tagged(crew, free, "r1") == [OTHER]
    nameless = ready(crew, stamp(2), PROJECT)
    assert refused(crew, nameless, "r1") == ["tag_taken"]
    assert tagged(crew, nameless, "r2") == [PROJECT]
    after = ready(crew, stamp(2), PROJECT, project=PROJECT)
    assert codes(crew, after) == {"version_taken"}
    hosted = ready(crew, stamp(3), PROJECT, service=ELSEWHERE)
    assert tagged(crew, hosted, "r3") == [PROJECT]
    last = ready(crew, stamp(4), PROJECT, project=PROJECT)
    assert refused(crew, last, "r3") == ["tag_taken"]
    assert tagged(crew, last, "r4") == [PROJECT]
    for each in (named, same, free, nameless, after, hosted, last):
        crew.do("ravine-rika", "AbortRelease", id=each, reason="Only tried.")
