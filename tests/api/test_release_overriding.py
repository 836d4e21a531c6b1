"""Overrides of what releases bring somewhere by hand, through the schema and on both databases."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.demo.cast import Role
from tests.api.company import Headquarters

PLAYBOOK = """\
format = 1
name = "punts"
title = "Punts"

[[environment]]
name = "slip"
title = "Slip"
kind = "staging"

[[environment]]
name = "weir"
title = "Weir"
kind = "staging"
countersign = "before"

[[release]]
name = "load"
title = "Load"
version_form = "N.N"
environments = ["slip", "weir"]

[[release.phase]]
name = "run"
title = "Run"
status = "deploying"

[[release.requirement]]
name = "checked"
title = "It is checked"
about = "evidence"
evidence = ["checks"]
gates = ["deploy:slip", "deploy:weir", "close"]
"""
VERSIONS = itertools.count(1)
EVERYWHERE = [Role("role:release_manager", each, "any") for each in ("environment", "service")]


@pytest.fixture(scope="session")
def punts(hq: Headquarters) -> Headquarters:
    """The company with environments that a playbook names and nobody keeps."""
    proposed = hq.desk.ask("playbook.propose", body=PLAYBOOK, based_on=None, reason="Punts.")
    hq.desk.ask("playbook.adopt", proposed.subject)
    for name in ("punt-ada", "punt-bea", "punt-cid"):
        hq.hire(name, "delivery", *EVERYWHERE)
    hq.hire("punt-slip", "delivery", Role("role:release_manager", "environment", "any"))
    hq.hire("punt-far", "delivery", Role("role:release_manager", "environment", "elsewhere"))
    hq.hire("punt-bot", None, Role("role:ci_bot", "project", "any"), owner="yusuf")
    return hq


def ready(hq: Headquarters, **more: Any) -> str:
    """A checked release."""
    version = f"7.{next(VERSIONS)}"
    plan = {"title": "Load", "service": "storefront", "versions": [version], "project": "punt"}
    opened = hq.do("punt-ada", "OpenRelease", playbook="punts", kind="load", plan=plan, **more)
    commit = f"{next(VERSIONS):08x}" * 5
    hq.do("punt-ada", "AimRelease", id=opened["id"], releaseVersion=version, commit=commit)
    checks = {"project": "punt", "subject": commit, "outcome": "PASSED"}
    hq.do("punt-bot", "ReportEvidence", name="checks", **checks)
    id: str = opened["id"]
    return id


def revision(hq: Headquarters, id: str) -> int:
    found: int = hq.ask("punt-ada", "Release", id=id)["revision"]
    return found


def override(hq: Headquarters, id: str, where: str, who: str = "punt-bea") -> Any:
    told = {"id": id, "environment": where, "seen": revision(hq, id)}
    return hq.do(who, "OverrideRelease", reason="The river rises.", **told)["overrides"]


def deploy(hq: Headquarters, id: str, where: str) -> None:
    told = {"id": id, "environment": where}
    hq.do("punt-ada", "DeployRelease", seen=revision(hq, id), **told)
    hq.do("punt-ada", "SettleReleaseDeployment", progress="SUCCEEDED", **told)


def awaiting(hq: Headquarters, who: str) -> dict[str, Any]:
    """The releases of which an override awaits somebody's signature."""
    edges = hq.ask(who, "ReleaseOverridesAwaitingMe", first=100)["edges"]
    return {each["node"]["id"]: each["node"] for each in edges}


def gate(hq: Headquarters, id: str, **asked: Any) -> Any:
    return hq.ask("punt-ada", "ReleaseGate", id=id, **asked)["can"]


def ways(can: Any) -> dict[str, set[str]]:
    """What would open a gate, by whom."""
    acts = [act for way in can["explanation"]["ways"] for act in way["acts"]]
    return {each["action"]: {e["handle"] for e in each["people"]} for each in acts}


def cell(hq: Headquarters, id: str, where: str) -> Any:
    rows = hq.ask("wanda", "ReleaseEnvironmentMatrix", id=id)["environmentMatrix"]
    cells = [e for row in rows if row["requirement"] == "locks" for e in row["cells"]]
    return next(each for each in cells if each["environment"] == where)


@pytest.fixture
def lock(punts: Headquarters) -> Any:
    """A lock on both places, lifted afterwards."""
    until = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    terms = {"title": "Flood", "kind": "HARD", "until": until, "environments": ["slip", "weir"]}
    id = punts.do("punt-cid", "DeclareLock", terms=terms)["id"]
    yield id
    punts.do("punt-cid", "LiftLock", id=id, reason="It is over.")


@pytest.mark.req("S0-12", "S0-13", "X-07")
def test_what_goes_by_hand_goes_past_a_lock_and_waits_for_a_second_person(
    punts: Headquarters, lock: str
) -> None:
    hq, id = punts, ready(punts)
    slip = {"action": "DEPLOY", "environment": "slip"}
    assert not gate(hq, id, **slip)["allowed"]
    ((made),) = override(hq, id, "slip")
    assert made == {"number": 1, "environment": "slip"}
    assert gate(hq, id, **slip)["allowed"]
    assert cell(hq, id, "slip")["status"] == "BYPASSED"
    assert id not in awaiting(hq, "punt-cid"), "nothing went on by it yet"
    deploy(hq, id, "slip")
    told = cell(hq, id, "slip")
    assert (told["status"], told["passed"]) == ("BYPASSED", True)
    assert told["override"]["by"]["handle"] == "punt-bea"
    found = awaiting(hq, "punt-cid")[id]
    (signature,) = found["awaitedSignatures"]
    names = {each["name"] for each in signature["signers"]["people"]}
    assert (signature["number"], signature["environment"]) == (1, "slip")
    assert signature["signers"]["total"] >= len({"punt-cid", "punt-slip"})
    assert id in awaiting(hq, "punt-slip")
    assert names.isdisjoint({"Punt-Ada", "Punt-Bea", "Punt-Far"})
    (one,) = found["overrides"]
    assert one["override"]["covers"][0]["records"] == [lock]
    assert one["override"]["due"] > one["override"]["usedAt"]
    for other in ("punt-ada", "punt-bea", "punt-far", "punt-bot", "wanda"):
        assert id not in awaiting(hq, other)
    assert hq.refused("punt-bea", "CountersignRelease", id=id, number=1) == ["needs_second_person"]
    assert hq.refused("punt-far", "CountersignRelease", id=id, number=1) == ["forbidden"]
    assert hq.refused("punt-ada", "CloseRelease", id=id) == ["countersignature_missing"]
    assert len(ways(gate(hq, id, action="CLOSE"))["release.countersign"]) >= len(("cid", "slip"))
    hq.do("punt-cid", "CountersignRelease", id=id, number=1)
    assert id not in awaiting(hq, "punt-cid")
    hq.do("punt-ada", "CloseRelease", id=id)


@pytest.mark.req("S0-13")
def test_where_a_playbook_wants_it_signed_first_the_gate_names_who_may(
    punts: Headquarters, lock: str
) -> None:
    hq, id = punts, ready(punts)
    override(hq, id, "weir")
    can = gate(hq, id, action="DEPLOY", environment="weir")
    assert not can["allowed"]
    names = ways(can)["release.countersign"]
    assert names
    assert names.isdisjoint({"punt-ada", "punt-bea", "punt-far"})
    assert id in awaiting(hq, "punt-cid")
    hq.do("punt-cid", "CountersignRelease", id=id, number=1)
    deploy(hq, id, "weir")
    filtered = hq.ask("wanda", "Releases", filter={"overridden": True, "owing": False})["edges"]
    assert id in {each["node"]["id"] for each in filtered}
    hq.do("punt-ada", "CloseRelease", id=id)


def test_what_nobody_may_override_is_refused_and_nothing_is_written(punts: Headquarters) -> None:
    hq, id = punts, ready(punts)
    told = {"id": id, "environment": "slip", "reason": "The river rises."}
    seen = revision(hq, id)
    assert hq.refused("punt-bea", "OverrideRelease", seen=seen, **told) == ["nothing_to_override"]
    assert hq.refused("punt-far", "OverrideRelease", seen=seen, **told) == ["forbidden"]
    assert hq.refused("punt-bea", "OverrideRelease", seen=seen + 1, **told) == ["moved_on"]
    assert hq.refused("punt-bea", "CountersignRelease", id=id, number=1) != []
    hq.do("punt-ada", "AbortRelease", id=id, reason="Not now.")


def test_what_is_hidden_awaits_only_those_who_may_know_of_it(
    punts: Headquarters, lock: str
) -> None:
    hq, id = punts, ready(punts, embargoed=True)
    override(hq, id, "weir")
    assert id in awaiting(hq, "punt-cid")
    (signature,) = awaiting(hq, "punt-cid")[id]["awaitedSignatures"]
    assert "Punt-Slip" not in {each["name"] for each in signature["signers"]["people"]}
    assert id not in awaiting(hq, "punt-slip")
    assert hq.refused("punt-slip", "CountersignRelease", id=id, number=1) == ["not_found"]
    hq.do("punt-ada", "AbortRelease", id=id, reason="Not now.")
    assert id not in awaiting(hq, "punt-cid")
