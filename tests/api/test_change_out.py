"""What a change may still do once it went out, through the schema, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from api.context import new_id
from tests.api.company import MODERATE, Headquarters, content
from tests.api.test_deployments import Fleet, staffed


@pytest.fixture
def fleet(hq: Headquarters) -> Fleet:
    return Fleet(staffed(hq), f"o{new_id()[-8:]}")


def said(fleet: Fleet, *places: str, **other: Any) -> dict[str, Any]:
    """What a change says that goes to these environments."""
    return (
        content("Move the disks", environments=[fleet.name(e) for e in places], **MODERATE) | other
    )


def approved(fleet: Fleet, *places: str) -> str:
    """A change of a kind that three people approve; its global id."""
    hq, told = fleet.hq, said(fleet, *places)
    opened = hq.do("nils", "OpenChange", playbook="criticality", kind="c2", content=told)
    hq.do("nils", "SubmitChange", id=opened["id"], seen=1)
    for who, rule in (("rosa", "peer"), ("zora", "leadership"), ("yusuf", "on_call")):
        hq.do(who, "ApproveChange", id=opened["id"], rule=rule, seen=1)
    return str(opened["id"])


def went(fleet: Fleet, change: str) -> str:
    """A deployment to staging that it went out with; its global id."""
    id = fleet.request(fleet.package(), changes=[change])
    fleet.hq.do("dep-oleg", "StartDeployment", id=id)
    fleet.hq.do("dep-oleg", "SucceedDeployment", id=id)
    return id


@pytest.mark.req("S3-02", "S3-11", "X-01")
def test_what_stands_somewhere_keeps_its_change_until_it_is_taken_back(fleet: Fleet) -> None:
    hq, change = fleet.hq, approved(fleet, "staging", "production")
    id, begun = went(fleet, change), ["work_begun"]
    assert hq.refused("nils", "CancelChange", id=change, reason="Never mind.") == begun
    version = hq.ask("nils", "Change", id=change)["version"]
    for other in (said(fleet, "production"), said(fleet, "staging", service="storefront")):
        found = hq.refused("nils", "EditChange", id=change, seen=version, content=other)
        assert set(found) == set(begun)
    later = said(fleet, "staging", "production", testPlan="Look twice.")
    edited = hq.do("nils", "EditChange", id=change, seen=version, content=later)
    assert (edited["status"], edited["revision"]) == ("DRAFT", 2)
    assert hq.refused("nils", "CancelChange", id=change, reason="Never mind.") == begun
    hq.do("dep-oleg", "RollBackDeployment", id=id, reason="The board says no.")
    ended = hq.do("nils", "CancelChange", id=change, reason="The board says no.")
    assert ended["status"] == "CANCELLED"


@pytest.mark.req("S3-02")
def test_what_something_newer_replaced_keeps_its_change_no_more(fleet: Fleet) -> None:
    hq, change = fleet.hq, approved(fleet, "staging", "production")
    went(fleet, change)
    fleet.deploy(fleet.package())
    version = hq.ask("nils", "Change", id=change)["version"]
    other = said(fleet, "production")
    assert hq.do("nils", "EditChange", id=change, seen=version, content=other)["revision"] == 2
    ended = hq.do("nils", "CancelChange", id=change, reason="The board says no.")
    assert ended["status"] == "CANCELLED"
