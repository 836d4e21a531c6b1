"""Releases published in spite of a lock, through the schema and on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.demo.cast import Role
from tests.api.company import Headquarters
from tests.api.test_release_overriding import awaiting, ways
from tests.domain.test_release_publication import PLAYBOOK

COMMIT = "b0a7" * 10
RELEASES = [Role("role:release_manager", each, "any") for each in ("environment", "service")]
WHY = "Customers cannot pay."


@pytest.fixture(scope="session")
def boats(hq: Headquarters) -> Headquarters:
    """The company with a process that is quick, and those who release by it."""
    proposed = hq.desk.ask("playbook.propose", body=PLAYBOOK, based_on=None, reason="Boats.")
    hq.desk.ask("playbook.adopt", proposed.subject)
    for name in ("boat-ada", "boat-bea", "boat-cid"):
        hq.hire(name, "delivery", *RELEASES)
    hq.hire("boat-far", "delivery", Role("role:release_manager", "service", "elsewhere"))
    hq.hire("boat-kay", "delivery")
    hq.hire("boat-bot", None, Role("role:ci_bot", "project", "any"), owner="yusuf")
    told = {"project": "boat", "name": "qa", "outcome": "PASSED", "subject": COMMIT}
    hq.do("boat-bot", "ReportEvidence", **told)
    return hq


@pytest.fixture
def ready(boats: Headquarters, request: pytest.FixtureRequest) -> Iterator[str]:
    """A release that lacks nothing but to be published."""
    hq, number = boats, 1 + sum(map(ord, request.node.name))
    version = f"3.0.{number}"
    plan = {"title": "Load", "service": "storefront", "versions": [version], "project": "boat"}
    opened = hq.do("boat-ada", "OpenRelease", playbook="boats", kind="load", plan=plan)
    id: str = opened["id"]
    hq.do("boat-ada", "AimRelease", id=id, releaseVersion=version, commit=COMMIT)
    seen = revision(hq, id)
    hq.do("boat-ada", "TagRelease", id=id, releaseVersion=version, seen=seen)
    hq.do("boat-ada", "DeployRelease", id=id, environment="slip", seen=seen)
    told = {"environment": "slip", "progress": "SUCCEEDED"}
    hq.do("boat-ada", "SettleReleaseDeployment", id=id, **told)
    assert gate(hq, id, action="PUBLISH")["allowed"]
    yield id
    if hq.ask("boat-ada", "Release", id=id)["status"] not in ("CLOSED", "ABORTED"):
        hq.do("boat-ada", "AbortRelease", id=id, reason="It is over.")


@pytest.fixture
def locked(boats: Headquarters) -> Iterator[Any]:
    """Who declares a lock on the place, which is lifted afterwards."""
    made: list[str] = []

    def declare(**more: Any) -> str:
        until = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
        terms = {"title": "Year end", "kind": "HARD", "until": until, "environments": ["slip"]}
        made.append(boats.do("boat-cid", "DeclareLock", terms=terms | more)["id"])
        return made[-1]

    yield declare
    for each in made:
        boats.do("boat-cid", "LiftLock", id=each, reason="It is over.")


def revision(hq: Headquarters, id: str) -> int:
    found: int = hq.ask("boat-ada", "Release", id=id)["revision"]
    return found


def gate(hq: Headquarters, id: str, **asked: Any) -> Any:
    return hq.ask("boat-ada", "ReleaseGate", id=id, **asked)["can"]


def findings(can: Any) -> Any:
    return next(e for e in can["verdict"]["findings"] if e["requirement"] == "locks")


def override(hq: Headquarters, id: str) -> Any:
    given = {"id": id, "seen": revision(hq, id), "reason": WHY}
    return hq.do("boat-bea", "OverrideReleasePublication", **given)


@pytest.mark.req("S0-12", "S0-13")
def test_two_people_publish_past_a_lock_and_the_second_finds_it(
    boats: Headquarters, ready: str, locked: Any
) -> None:
    hq, id, lock = boats, ready, locked()
    seen = {"id": id, "seen": revision(hq, id)}
    assert hq.refused("boat-ada", "PublishRelease", **seen) == ["hard_locked"]
    far = {**seen, "reason": WHY}
    assert hq.refused("boat-far", "OverrideReleasePublication", **far) == ["forbidden"]
    made = override(hq, id)["publicationOverride"]
    assert made["override"]["covers"] == [
        {"requirement": "locks", "code": "hard_locked", "records": [lock]}
    ]
    can = gate(hq, id, action="PUBLISH")
    assert (can["allowed"], findings(can)["status"]) == (True, "BYPASSED")
    assert id not in awaiting(hq, "boat-cid"), "nothing went past by it yet"
    hq.do("boat-ada", "PublishRelease", **seen)
    found = awaiting(hq, "boat-cid")[id]
    names = {each["name"] for each in found["publicationSignature"]["people"]}
    assert names.isdisjoint({"Boat-Ada", "Boat-Bea", "Boat-Far"})
    assert found["awaitedSignatures"] == []
    owed = found["publicationOverride"]["override"]
    assert owed["due"] > owed["usedAt"]
    for other in ("boat-ada", "boat-bea", "boat-far", "boat-kay"):
        assert id not in awaiting(hq, other)
    sign = "CountersignReleasePublication"
    assert hq.refused("boat-bea", sign, id=id) == ["needs_second_person"]
    assert hq.refused("boat-ada", sign, id=id) == ["needs_second_person"]
    assert hq.refused("boat-far", sign, id=id) == ["forbidden"]
    assert hq.refused("boat-ada", "CloseRelease", id=id) == ["countersignature_missing"]
    signs = ways(gate(hq, id, action="CLOSE"))["release.countersign_publication"]
    assert "boat-cid" in signs
    assert signs.isdisjoint({"boat-ada", "boat-bea", "boat-far"})
    hq.do("boat-cid", sign, id=id)
    assert id not in awaiting(hq, "boat-cid")
    assert hq.refused("boat-cid", sign, id=id) == ["not_owed"]
    hq.do("boat-ada", "CloseRelease", id=id)


@pytest.mark.req("S0-13")
def test_where_the_lock_wants_it_signed_first_it_waits_for_that(
    boats: Headquarters, ready: str, locked: Any
) -> None:
    hq, id = boats, ready
    locked(countersign="BEFORE")
    told = gate(hq, id, action="PUBLISH")["explanation"]["ways"]
    named = [[act["action"] for act in way["acts"]] for way in told]
    first = ["release.override_publication", "release.countersign_publication"]
    ending = [["lock.lift"], ["lock.lift", "lock.confirm"]]
    assert sorted(named) == [*ending, ["lock.wait"], first], "each of them helps"
    made = override(hq, id)
    assert made["publicationOverride"]["override"]["before"]
    assert made["publicationSignature"]["total"]
    assert id in awaiting(hq, "boat-cid")
    can = gate(hq, id, action="PUBLISH")
    assert "boat-cid" in ways(can)["release.countersign_publication"]
    seen = revision(hq, id)
    assert hq.refused("boat-ada", "PublishRelease", id=id, seen=seen) == ["hard_locked"]
    hq.do("boat-cid", "CountersignReleasePublication", id=id)
    hq.do("boat-ada", "PublishRelease", id=id, seen=seen)
    hq.do("boat-ada", "CloseRelease", id=id)


@pytest.mark.req("S0-12")
def test_those_whom_the_lock_names_exempt_a_publication(
    boats: Headquarters, ready: str, locked: Any
) -> None:
    hq, id = boats, ready
    lock = locked(exempters=[hq.id("boat-kay")])
    found = ways(gate(hq, id, action="PUBLISH"))
    assert found["exemption.approve"] == {"boat-kay"}
    wish = hq.do("boat-bea", "RequestExemption", lock=lock, release=id, reason=WHY)
    hq.do("boat-kay", "ApproveExemption", id=wish["id"])
    can = gate(hq, id, action="PUBLISH")
    assert (can["allowed"], findings(can)["status"]) == (True, "WAIVED")
    seen = {"id": id, "seen": revision(hq, id)}
    hq.do("boat-ada", "PublishRelease", **seen)
    hq.do("boat-ada", "CloseRelease", id=id)
