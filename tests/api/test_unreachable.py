"""Approvals that nobody can give any more, since people left, are listed as of now."""

from __future__ import annotations

from typing import Any

from api.demo.cast import services
from tests.api.company import HIGH, Headquarters, content

ISLAND = {"service": "island", "unreachable": True}
ASKED = """
query($f: ChangeFilter) { changes(filter: $f) {
  totalCount { count } edges { node { id approvals { rule { name } status } } } } }
"""


def listed(hq: Headquarters, **filter: Any) -> list[tuple[str, list[str]]]:
    """The changes that are found, each with the rules that are impossible."""
    found = hq.post("erin", ASKED, {"f": filter}).json()["data"]["changes"]
    assert found["totalCount"]["count"] == len(found["edges"])
    nodes = [each["node"] for each in found["edges"]]
    return [
        (
            each["id"],
            [one["rule"]["name"] for one in each["approvals"] if one["status"] == "IMPOSSIBLE"],
        )
        for each in nodes
    ]


def test_a_change_whose_approvers_left_is_listed_until_somebody_may_approve_it(
    hq: Headquarters,
) -> None:
    isla = hq.hire("isla", "island", services("role:requester", "island"))
    grant = hq.give(isla, services("role:service_owner", "island"))
    said = content("Drain the island", "island", **HIGH)
    change = hq.do("carla", "OpenChange", playbook="itsm", kind="normal", content=said)["id"]
    assert listed(hq, **ISLAND) == []
    hq.do("carla", "SubmitChange", id=change, seen=1)
    hq.do("mara", "ApproveChange", id=change, rule="assessment", seen=1)
    assert listed(hq, **ISLAND) == []
    hq.do("ada", "RevokeGrant", id=grant, reason="She left.")
    assert listed(hq, **ISLAND) == [(change, ["service_owner"])]
    assert listed(hq, **ISLAND | {"unreachable": False}) == []
    hq.give(isla, services("role:service_owner", "island"))
    assert listed(hq, **ISLAND) == []
    assert listed(hq, **ISLAND | {"unreachable": False}) == [(change, [])]
    hq.do("carla", "CancelChange", id=change, reason="It was for this alone.")
