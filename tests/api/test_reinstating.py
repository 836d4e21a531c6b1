"""Packages condemned by mistake, through the schema and on both databases."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from api.context import new_id
from api.demo.cast import Role
from tests.api.company import Headquarters
from tests.api.test_deployments import CONDEMN, Fleet, staffed

SERVICES = Role("role:release_manager", "service", "billing")
WHY = "The disk was full, and it was not the package."


@pytest.fixture(scope="session")
def people(hq: Headquarters) -> Headquarters:
    """The company with those who deploy, and who answer for what is built of a service."""
    staffed(hq)
    for name in ("built-ines", "built-jon"):
        hq.hire(name, "delivery", SERVICES)
    hq.hire("built-kim", "security", Role("role:appsec", "service", "billing"))
    hq.hire("built-lee", "delivery", Role("role:release_manager", "service", "elsewhere"))
    return hq


@pytest.fixture
def fleet(people: Headquarters) -> Fleet:
    return Fleet(people, f"r{new_id()[-8:]}")


def awaiting(hq: Headquarters, who: str) -> dict[str, Any]:
    """The packages whose reinstatement somebody may agree to."""
    edges = hq.ask(who, "PackagesAwaitingMe", first=100)["edges"]
    return {each["node"]["id"]: each["node"] for each in edges}


def condemn(hq: Headquarters, id: str, who: str = "built-ines") -> None:
    told = {"input": {"id": id, "reason": "It loses data."}}
    assert hq.post(who, CONDEMN, told).json()["data"]["condemnPackage"]["problems"] == []


def start(hq: Headquarters, id: str) -> dict[str, Any]:
    can: dict[str, Any] = hq.ask("dep-oleg", "DeploymentGate", id=id, action="START")["can"]
    return can


@pytest.mark.req("S0-14", "S1-20")
def test_two_people_have_what_was_condemned_by_mistake_deployed_again(fleet: Fleet) -> None:
    hq, built = fleet.hq, {"name": fleet.suffix, "service": "billing", "commit": "c" * 40}
    built["digest"] = f"sha256:{sha256(fleet.suffix.encode()).hexdigest()}"
    first, alike = (
        str(hq.do("dep-bot", "AddPackage", built={**built, "label": each})["id"])
        for each in ("2.0", "2.0-again")
    )
    deployment = fleet.request(alike)
    assert hq.refused("built-ines", "AskToReinstatePackage", id=first, reason=WHY) == [
        "not_condemned"
    ]
    condemn(hq, first)
    told = {"id": alike, "reason": WHY}
    assert hq.refused("built-lee", "AskToReinstatePackage", **told) == ["forbidden"]
    assert hq.refused("dep-bot", "AskToReinstatePackage", **told) == ["forbidden"]
    assert hq.do("built-ines", "AskToReinstatePackage", **told)["condemned"]
    assert hq.refused("dep-oleg", "StartDeployment", id=deployment) == ["package_condemned"]
    for who in ("built-jon", "built-kim"):
        assert awaiting(hq, who)[alike]["reinstatement"]["reason"] == WHY
    for who in ("built-ines", "built-lee", "dep-oleg", "wanda"):
        assert alike not in awaiting(hq, who)
    assert hq.refused("built-ines", "ReinstatePackage", id=alike) == ["needs_second_person"]
    ways = [way["acts"] for way in start(hq, deployment)["explanation"]["ways"]]
    said = [[(act["action"], act["count"]) for act in acts] for acts in ways]
    assert said == [[("package.reinstate", 1)], [("deployment.request", 1)]]
    confirmation = awaiting(hq, "built-jon")[alike]["confirmation"]
    assert confirmation["total"] >= len(("built-jon", "built-kim"))
    assert "Built-Ines" not in {each["name"] for each in confirmation["people"]}
    assert not hq.do("built-kim", "ReinstatePackage", id=alike)["condemned"]
    assert alike not in awaiting(hq, "built-jon")
    assert start(hq, deployment)["allowed"]
    again = {**built, "label": "2.0-once-more"}
    hq.do("dep-bot", "AddPackage", built=again)
    hq.do("dep-oleg", "StartDeployment", id=deployment)


def test_it_is_turned_down_by_condemning_it_once_more(fleet: Fleet) -> None:
    hq, id = fleet.hq, fleet.package()
    condemn(hq, id)
    hq.do("built-ines", "AskToReinstatePackage", id=id, reason=WHY)
    assert id in awaiting(hq, "built-jon")
    condemn(hq, id, "built-jon")
    assert id not in awaiting(hq, "built-jon")
    assert hq.refused("built-jon", "ReinstatePackage", id=id) == ["not_asked"]
