"""Approvals that nobody can give any more, since people left, are listed as of now."""

from __future__ import annotations

from typing import Any

import pytest

from api.demo.cast import projects, services
from tests.api.company import HIGH, Headquarters, content
from tests.api.counted import statements

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
    assert listed(hq, **ISLAND) == []
    hq.do("ada", "RevokeGrant", id=grant, reason="She left.")
    assert listed(hq, **ISLAND) == [(change, [])], "who approves it once it is assessed"
    grant = hq.give(isla, services("role:service_owner", "island"))
    hq.do("mara", "ApproveChange", id=change, rule="assessment", seen=1)
    assert listed(hq, **ISLAND) == []
    hq.do("ada", "RevokeGrant", id=grant, reason="She left.")
    assert listed(hq, **ISLAND) == [(change, ["service_owner"])]
    hq.do("carla", "HoldChange", id=change, reason="Whoever approves it left.")
    assert [id for id, _ in listed(hq, **ISLAND)] == [change], "on hold as well"
    hq.do("carla", "ResumeChange", id=change)
    assert listed(hq, **ISLAND | {"unreachable": False}) == []
    hq.give(isla, services("role:service_owner", "island"))
    assert listed(hq, **ISLAND) == []
    assert listed(hq, **ISLAND | {"unreachable": False}) == [(change, [])]
    hq.do("carla", "CancelChange", id=change, reason="It was for this alone.")


FERRIES, HIDDEN, MANY, MATES = (f"island/{e}" for e in ("ferries", "hidden", "many", "mates"))
PLAYBOOK = """\
format = 1
name = "island_ferries"
title = "Ferries"

[[environment]]
name = "pier"
title = "Pier"
kind = "test"

[[merge_request]]
name = "crossing"
title = "Crossing"
merger = "approver"

[[merge_request.rule]]
name = "expert"
title = "Expert"
role = "role:database_expert"
scope = "project"
number = 1

[[release]]
name = "timetable"
title = "Timetable"
version_form = "N.N"
environments = ["pier"]

[[release.rule]]
name = "expert"
title = "Expert"
role = "role:database_expert"
scope = "project"
number = 1

[[release.phase]]
name = "run"
title = "Run"
status = "deploying"

[[release.requirement]]
name = "approved"
title = "Approved"
about = "approval"
gates = ["deploy:pier", "close"]
"""
OTHERS = """
query($m: MergeRequestFilter, $r: ReleaseFilter) {
  mergeRequests(filter: $m) { totalCount { count } edges { node { id } } }
  releases(filter: $r, order: NEWEST) { totalCount { count } edges { node { id } } } }
"""


def others(
    hq: Headquarters, who: str = "wanda", of: str = FERRIES, *, unreachable: bool = True
) -> list[str]:
    """The merge requests and releases of a project that are found."""
    wanted = {"project": of, "unreachable": unreachable}
    found = hq.post(who, OTHERS, {"m": wanted, "r": wanted}).json()["data"]
    assert all(each["totalCount"]["count"] == len(each["edges"]) for each in found.values())
    return [edge["node"]["id"] for each in found.values() for edge in each["edges"]]


def crossing(hq: Headquarters, number: int, of: str = FERRIES, **more: Any) -> str:
    """A merge request of a project."""
    told = {"playbook": "island_ferries", "kind": "crossing", "project": of, "title": "Cross"}
    commits = {"head": f"{number:040x}", "target": "master", "base": "b" * 40}
    return str(hq.do("captain", "OpenMergeRequest", number=number, **told, **commits, **more)["id"])


def explained(hq: Headquarters, id: str) -> tuple[str | None, str | None]:
    """Why nobody can merge it, and what comes first where somebody can."""
    document = """query($i: ID!) { mergeRequest(id: $i) { can(action: MERGE) {
      explanation { impossibleReason ways { acts { action } } } } } }"""
    answer = hq.post("wanda", document, {"i": id}).json()["data"]["mergeRequest"]["can"]
    told = answer["explanation"]
    first = [way["acts"][0]["action"] for way in told["ways"]]
    return told["impossibleReason"], first[0] if first else None


def closed(hq: Headquarters, id: str) -> None:
    document = """mutation($i: CloseMergeRequestInput!) {
      closeMergeRequest(input: $i) { problems { code } } }"""
    given = {"id": id, "reason": "It was for this alone."}
    answer = hq.post("captain", document, {"i": given}).json()
    assert answer["data"]["closeMergeRequest"]["problems"] == []


@pytest.fixture(scope="session")
def harbour(hq: Headquarters) -> Headquarters:
    """The company with a process of its own, and who asks by it."""
    proposed = hq.desk.ask("playbook.propose", body=PLAYBOOK, based_on=None, reason="Ferries.")
    hq.desk.ask("playbook.adopt", proposed.subject)
    develops = [projects("role:developer", each) for each in (FERRIES, HIDDEN, MANY, MATES)]
    manager = services("role:release_manager", "ferries")
    hq.hire("captain", "island", *develops, manager, projects(manager.name, FERRIES))
    hq.hire("harbourmaster", "island", projects("role:cleared", HIDDEN))
    return hq


def test_so_are_merge_requests_and_releases_whose_approvers_left(harbour: Headquarters) -> None:
    deciding = (projects("role:reviewer", FERRIES), services("role:product_owner", "ferries"))
    hq, pilot = harbour, harbour.hire("pilot", "island", *deciding)
    grant = hq.give(pilot, projects("role:database_expert", FERRIES))
    request = crossing(hq, 77_001)
    plan = {"title": "Summer", "service": "ferries", "project": FERRIES, "versions": ["1.0"]}
    told = {"playbook": "island_ferries", "kind": "timetable", "plan": plan}
    release = hq.do("captain", "OpenRelease", **told)["id"]
    hq.do("captain", "RequestReleaseApproval", id=release, seen=1)
    assert others(hq) == []
    hq.do("ada", "RevokeGrant", id=grant, reason="They left.")
    assert others(hq) == [request, release]
    assert others(hq, unreachable=False) == []
    hq.give(pilot, projects("role:database_expert", FERRIES))
    assert others(hq) == []
    assert others(hq, unreachable=False) == [request, release]
    closed(hq, request)
    hq.do("captain", "AbortRelease", id=release, reason="It was for this alone.")
    assert others(hq) == []


def test_it_is_none_whose_approver_was_merely_named_while_that_one_may_say_so(
    harbour: Headquarters,
) -> None:
    hq, mate = harbour, harbour.hire("shipmate", "island", projects("role:reviewer", MATES))
    grant = hq.give(mate, projects("role:database_expert", MATES))
    request = crossing(hq, 77_301, MATES, contributors=[mate])
    assert explained(hq, request) == (None, "merge_request.decline_authorship")
    assert (others(hq, of=MATES), others(hq, of=MATES, unreachable=False)) == ([], [request])
    hq.do("ada", "RevokeGrant", id=grant, reason="They left.")
    reason, _ = explained(hq, request)
    assert reason
    assert others(hq, of=MATES) == [request]
    closed(hq, request)


def test_of_what_is_hidden_only_the_cleared_learn_whether_anybody_may_approve(
    harbour: Headquarters,
) -> None:
    hq = harbour
    request = crossing(hq, 77_101, HIDDEN, embargoed=True)
    assert others(hq, "harbourmaster", HIDDEN) == [request]
    assert others(hq, "harbourmaster", HIDDEN, unreachable=False) == []
    assert others(hq, "captain", HIDDEN) == []
    assert others(hq, "captain", HIDDEN, unreachable=False) == []
    closed(hq, request)


def test_many_take_no_more_statements_than_one(harbour: Headquarters) -> None:
    hq, document = harbour, OTHERS.replace("totalCount { count } ", "")
    wanted = {"project": MANY, "unreachable": True}
    told: list[str] = []
    asked = []
    for number in (77_201, 77_202, 77_203):
        told.append(crossing(hq, number, MANY))
        with statements(hq.engine) as seen:
            hq.post("wanda", document, {"m": wanted, "r": wanted})
        asked.append(len(seen))
    assert asked[0] == asked[-1], asked
    assert sorted(others(hq, of=MANY)) == sorted(told)
    for each in told:
        closed(hq, each)
