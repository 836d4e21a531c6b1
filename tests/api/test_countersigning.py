"""Overrides that wait for a second person, through the schema and on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.context import new_id
from api.demo.cast import Role
from tests.api.company import Headquarters
from tests.api.test_deployments import Fleet, staffed


@pytest.fixture(scope="session")
def people(hq: Headquarters) -> Headquarters:
    """The company with those who deploy, and a release manager of another environment."""
    staffed(hq)
    hq.hire("sign-theo", "delivery", Role("role:release_manager", "environment", "sign-other"))
    return hq


@pytest.fixture
def fleet(people: Headquarters) -> Fleet:
    return Fleet(people, f"o{new_id()[-8:]}")


def awaiting(hq: Headquarters, who: str) -> set[str]:
    """The deployments whose override awaits somebody's signature."""
    edges = hq.ask(who, "DeploymentsAwaitingMe", first=100)["edges"]
    return {each["node"]["id"] for each in edges}


def locked(fleet: Fleet, **more: Any) -> None:
    """A lock on the staging of this fleet."""
    until = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    where = {"environments": [fleet.name("staging")]}
    terms = {"title": "Stop", "kind": "HARD", "until": until, **where, **more}
    fleet.hq.do("dep-rhea", "DeclareLock", terms=terms)


@pytest.mark.req("S0-13")
def test_what_was_overridden_awaits_those_who_may_sign_it(fleet: Fleet) -> None:
    hq, id = fleet.hq, fleet.request(fleet.package())
    locked(fleet)
    hq.do("dep-rolf", "OverrideDeployment", id=id, reason="Customers cannot pay.")
    hq.hire("sign-sara", "delivery", Role("role:release_manager", "environment", "any"))
    assert id not in awaiting(hq, "sign-sara"), "nothing went on by it yet"
    hq.do("dep-oleg", "StartDeployment", id=id)
    edges = hq.ask("sign-sara", "DeploymentsAwaitingMe", first=100)["edges"]
    (found,) = (each["node"] for each in edges if each["node"]["id"] == id)
    names = {each["name"] for each in found["countersignature"]["people"]}
    assert "Sign-Sara" in names
    assert names.isdisjoint({"Dep-Rolf", "Dep-Rhea", "Sign-Theo"})
    assert found["override"]["due"] > found["override"]["at"]
    for other in ("dep-rolf", "dep-rhea", "sign-theo", "dep-oleg", "dep-bot", "wanda"):
        assert id not in awaiting(hq, other)
    hq.do("sign-sara", "CountersignDeployment", id=id)
    assert id not in awaiting(hq, "sign-sara")


def test_what_has_to_be_signed_first_awaits_that_before_it_starts(fleet: Fleet) -> None:
    hq, id = fleet.hq, fleet.request(fleet.package())
    locked(fleet, countersign="BEFORE")
    hq.do("dep-rolf", "OverrideDeployment", id=id, reason="Customers cannot pay.")
    hq.hire("sign-tina", "delivery", Role("role:release_manager", "environment", "any"))
    assert id in awaiting(hq, "sign-tina")
    assert hq.refused("dep-oleg", "StartDeployment", id=id) == ["hard_locked"]
    hq.do("sign-tina", "CountersignDeployment", id=id)
    assert id not in awaiting(hq, "sign-tina")
    hq.do("dep-oleg", "StartDeployment", id=id)
