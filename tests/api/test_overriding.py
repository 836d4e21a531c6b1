"""Overrides through the schema, on both databases: of what they are, and what they owe by when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.context import new_id
from tests.api.company import Headquarters, fresh_database, headquarters
from tests.api.test_deployments import EVERYWHERE, Fleet, staffed

STANDS = """query($id: ID!) { node(id: $id) { __typename ... on Lock { terms { title } } } }"""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(scope="session")
def people(hq: Headquarters) -> Headquarters:
    """The company with those who deploy, and one more who may countersign."""
    return signed(hq)


def signed(hq: Headquarters) -> Headquarters:
    """The company with somebody who signs what the others did, whom it may have already."""
    if "sign-nina" not in staffed(hq).tokens:
        hq.hire("sign-nina", "delivery", EVERYWHERE)
    return hq


@pytest.fixture
def fleet(people: Headquarters) -> Fleet:
    return Fleet(people, f"v{new_id()[-8:]}")


@pytest.fixture(params=["sqlite", "postgresql"])
def alone(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fleet]:
    """A company of its own, whose clock may be put forward."""
    folder = tmp_path_factory.mktemp("clock")
    with fresh_database(request, folder) as database, headquarters(database, folder) as company:
        yield Fleet(signed(company), "alone")


def terms(fleet: Fleet, **more: Any) -> dict[str, Any]:
    """What a soft lock on the staging of this fleet says."""
    until = (datetime.now(UTC) + 60 * HOUR).isoformat()
    where = {"environments": [fleet.name("staging")]}
    return {"title": "Stop", "kind": "SOFT", "until": until, **where, **more}


def start_gate(fleet: Fleet, id: str) -> dict[str, Any]:
    can: dict[str, Any] = fleet.hq.ask("dep-oleg", "DeploymentGate", id=id, action="START")["can"]
    return can


def locks(fleet: Fleet, id: str) -> dict[str, Any]:
    """What the gate of its start says of the one lock."""
    findings = start_gate(fleet, id)["verdict"]["findings"]
    (found,) = (each for each in findings if each["requirement"] == "locks")
    return dict(found)


@pytest.mark.req("S0-12", "S0-13")
def test_a_lock_that_says_more_since_is_not_overridden_and_is_opened_from_the_gate(
    alone: Fleet,
) -> None:
    fleet = alone
    hq, id = fleet.hq, fleet.request(fleet.package())
    said = terms(fleet)
    lock = hq.do("dep-rhea", "DeclareLock", terms=said)
    assert locks(fleet, id)["missing"] == [lock["id"]]
    found = hq.post("wanda", STANDS, {"id": lock["id"]}).json()["data"]["node"]
    assert found == {"__typename": "Lock", "terms": {"title": "Stop"}}
    hq.do("dep-rolf", "OverrideDeployment", id=id, reason="Customers cannot pay.")
    assert (locks(fleet, id)["status"], start_gate(fleet, id)["allowed"]) == ("BYPASSED", True)
    harder = said | {"kind": "HARD", "running": "HALTS"}
    amended = hq.do("dep-rhea", "AmendLock", id=lock["id"], seen=lock["version"], terms=harder)
    assert amended["status"] == "ACTIVE"
    now = locks(fleet, id)
    assert (now["status"], now["code"]) == ("UNSATISFIED", "hard_locked")
    assert "it has changed since" in now["message"]
    ways = start_gate(fleet, id)["explanation"]["ways"]
    acts = [[(e["action"], e["count"]) for e in way["acts"]] for way in ways]
    ending = [[("lock.lift", 1)], [("lock.lift", 1), ("lock.confirm", 1)]]
    assert sorted(acts) == [[("deployment.override", 1)], *ending, [("lock.wait", 0)]]
    assert hq.refused("dep-oleg", "StartDeployment", id=id) == ["hard_locked"]
    hq.do("dep-rolf", "OverrideDeployment", id=id, reason="It cannot wait for that, either.")
    hq.do("dep-oleg", "StartDeployment", id=id)
    hq.do("dep-oleg", "SucceedDeployment", id=id)
    edges = hq.ask("sign-nina", "DeploymentsAwaitingMe", first=100)["edges"]
    (mine,) = (e["node"]["override"] for e in edges if e["node"]["id"] == id)
    covered = {"requirement": "locks", "code": "hard_locked", "records": [lock["id"]]}
    assert mine["covers"] == [covered]
    assert mine["usedAt"] > mine["at"]
    day = datetime.fromisoformat(mine["due"]) - datetime.fromisoformat(mine["usedAt"])
    assert day == DAY


def test_a_blocker_raised_again_under_its_name_is_another(fleet: Fleet) -> None:
    hq, id = fleet.hq, fleet.request(fleet.package())
    place = fleet.places["staging"]
    hq.do("dep-monitor", "BlockEnvironment", id=place, name="incident", cause="The printer.")
    hq.do("dep-rolf", "OverrideDeployment", id=id, reason="Customers cannot pay.")
    assert start_gate(fleet, id)["allowed"]
    hq.do("dep-monitor", "UnblockEnvironment", id=place, name="incident", note="It prints.")
    hq.do("dep-monitor", "BlockEnvironment", id=place, name="incident", cause="It burns.")
    assert hq.refused("dep-oleg", "StartDeployment", id=id) == ["environment_blocked"]


@pytest.mark.req("S0-13", "S0-28")
def test_blockers_of_one_name_are_taken_away_one_by_one(fleet: Fleet) -> None:
    hq, id = fleet.hq, fleet.request(fleet.package())
    given = {"id": fleet.places["staging"], "name": "incident"}
    hq.do("dep-monitor", "BlockEnvironment", **given, cause="The database is down.")
    hq.do("dep-rhea", "BlockEnvironment", **given, cause="Customers cannot pay.")
    seen = hq.ask("dep-rolf", "EnvironmentBlockers", id=given["id"])["blockers"]
    raisers = {hq.id("dep-monitor"), hq.id("dep-rhea")}
    assert {each["by"]["id"] for each in seen if each["name"] == "incident"} == raisers
    told = [e["message"] for e in start_gate(fleet, id)["verdict"]["findings"] if e["code"]]
    assert len(told) == len(set(told)) == 2
    assert hq.refused("dep-rolf", "UnblockEnvironment", **given, note="It is up.") == [
        "raised_by_several"
    ]
    hq.do("dep-monitor", "UnblockEnvironment", **given, note="It is up.")
    assert hq.refused("dep-oleg", "StartDeployment", id=id) == ["environment_blocked"]
    rhea = hq.id("dep-rhea")
    said = hq.do("dep-rolf", "UnblockEnvironment", **given, note="They pay.", raisedBy=rhea)
    (blocker,) = said["blockers"]
    assert (blocker["by"]["id"], bool(blocker["unblocking"])) == (rhea, True)
    assert hq.do("dep-rhea", "UnblockEnvironment", **given, note="They pay.")["blockers"] == []
    assert hq.do("dep-oleg", "StartDeployment", id=id)["status"] == "RUNNING"


@pytest.mark.req("S0-13")
def test_what_a_monitor_raised_nobody_gets_past_alone(fleet: Fleet) -> None:
    hq, id = fleet.hq, fleet.request(fleet.package())
    given = {"id": fleet.places["staging"], "name": "incident"}
    hq.do("dep-monitor", "BlockEnvironment", **given, cause="The database is down.")
    said = hq.do("dep-rhea", "UnblockEnvironment", **given, note="It is up.")
    (blocker,) = said["blockers"]
    assert (blocker["name"], bool(blocker["unblocking"]["at"])) == ("incident", True)
    assert hq.refused("dep-oleg", "StartDeployment", id=id) == ["environment_blocked"]
    again = hq.refused("dep-rhea", "UnblockEnvironment", **given, note="It is up.")
    assert again == ["needs_second_person"]
    said = hq.do("dep-rolf", "UnblockEnvironment", **given, note="It is up.")
    assert said["blockers"] == []
    assert hq.do("dep-oleg", "StartDeployment", id=id)["status"] == "RUNNING"


@pytest.mark.req("S0-13")
def test_what_is_owed_since_a_day_keeps_its_giver_from_overriding_and_what_they_overrode(
    alone: Fleet,
) -> None:
    hq, start = alone.hq, datetime.now(UTC)
    hq.do("dep-rhea", "DeclareLock", terms=terms(alone))
    used, kept, third = (alone.request(alone.package()) for _ in range(3))
    for id in (used, kept):
        hq.do("dep-rolf", "OverrideDeployment", id=id, reason="Customers cannot pay.")
    hq.desk.writer.clock = lambda: start + 30 * HOUR
    alone.report("staging")
    hq.do("dep-oleg", "StartDeployment", id=used)
    hq.do("dep-oleg", "FailDeployment", id=used, reason="Out of memory.")
    hq.desk.writer.clock = lambda: start + 53 * HOUR
    alone.report("staging")
    hq.do("dep-rolf", "OverrideDeployment", id=third, reason="It is not a day since it was used.")
    hq.desk.writer.clock = lambda: start + 55 * HOUR
    alone.report("staging")
    asked = {"id": third, "reason": "Again."}
    assert hq.refused("dep-rolf", "OverrideDeployment", **asked) == ["countersignature_owed"]
    for id in (kept, third):
        payload = hq.ask("dep-oleg", "StartDeployment", input={"id": id})
        (problem,) = payload["problems"]
        assert problem["code"] == "countersignature_owed"
        assert "Dep-Rolf overrode it" in problem["message"]
        assert "1.1 in staging-alone" in problem["message"]
    hq.do("sign-nina", "CountersignDeployment", id=used)
    hq.do("dep-oleg", "StartDeployment", id=kept)
