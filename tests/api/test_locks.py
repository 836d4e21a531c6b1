"""Locks through the schema, on both databases: declared, confirmed, met by a change, exempt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.demo.cast import Role
from api.derived.identity import global_id
from tests.api import fixes
from tests.api.company import Headquarters, content

EVERYWHERE = Role("role:release_manager", "environment", "any")
STAGING = Role("role:release_manager", "environment", "lock-staging")


@pytest.fixture(scope="session")
def rollout(hq: Headquarters) -> Headquarters:
    """The company with two release managers for environments."""
    hq.hire("lock-rhea", "delivery", EVERYWHERE)
    hq.hire("lock-rolf", "delivery", EVERYWHERE)
    hq.hire("lock-stan", "delivery", STAGING)
    return hq


def terms(**more: Any) -> dict[str, Any]:
    """A hard lock of two hours on an environment of its own."""
    until = datetime.now(UTC) + timedelta(hours=2)
    return {
        "title": "No releases now",
        "kind": "HARD",
        "until": until.isoformat(),
        "environments": ["lock-production"],
        **more,
    }


def end(hq: Headquarters, id: str) -> None:
    """Lift a lock that one of them declared, by both."""
    asked = hq.do("lock-rhea", "LiftLock", id=id, reason="Done.")
    assert (asked["status"], asked["waiting"]) == ("ACTIVE", "LIFTING")
    lifted = hq.do("lock-rolf", "ConfirmLock", id=id, seen=asked["revision"])
    assert lifted["status"] == "LIFTED"


def scheduled(hq: Headquarters) -> Any:
    """A change to that environment that might begin now."""
    wish = content("Locked out", environments=["lock-production"])
    change = hq.do("nils", "OpenChange", playbook="itsm", kind="normal", content=wish)
    hq.do("nils", "SubmitChange", id=change["id"], seen=1)
    hq.do("mara", "ApproveChange", id=change["id"], seen=1, rule="assessment")
    hq.do("carla", "ApproveChange", id=change["id"], seen=1, rule="change_manager")
    return change["id"]


@pytest.mark.req("S0-12", "S0-13")
def test_a_lock_holds_a_change_until_it_is_exempt(rollout: Headquarters) -> None:
    hq = rollout
    change = scheduled(hq)
    exempters = [hq.id("kofi"), hq.id("lena")]
    given = terms(exempters=exempters, exempting=2)
    lock = hq.do("lock-rhea", "DeclareLock", terms=given)
    assert (lock["status"], lock["doubts"]) == ("ACTIVE", [])
    assert hq.refused("pavel", "ImplementChange", id=change, seen=1) == ["hard_locked"]
    wish = {"lock": lock["id"], "change": change, "reason": "Customers cannot pay."}
    exemption = hq.do("nils", "RequestExemption", **wish)["id"]
    assert hq.refused("erin", "ApproveExemption", id=exemption) == ["not_entitled"]
    hq.do("kofi", "ApproveExemption", id=exemption)
    assert hq.refused("pavel", "ImplementChange", id=change, seen=1) == ["hard_locked"]
    hq.do("lena", "ApproveExemption", id=exemption)
    assert hq.do("pavel", "ImplementChange", id=change, seen=1)["status"] == "IMPLEMENTING"
    assert hq.do("lock-rhea", "LiftLock", id=lock["id"], reason="Done.")["status"] == "LIFTED"


EXEMPTERS = """query($i: ID!) { change(id: $i) { can(action: IMPLEMENT) {
  verdict { findings { code message } }
  explanation { complete ways { acts { action people { id } total } } } } } }"""


def way_out(hq: Headquarters, change: str) -> tuple[str, list[list[Any]]]:
    """What the gate says of a lock, and in what ways it opens."""
    told = hq.post("wanda", EXEMPTERS, {"i": change}).json()["data"]["change"]["can"]
    [message] = [
        each["message"] for each in told["verdict"]["findings"] if each["code"] == "hard_locked"
    ]
    assert told["explanation"]["complete"]
    return message, [way["acts"] for way in told["explanation"]["ways"]]


@pytest.mark.req("S0-12", "S0-13")
def test_who_had_a_hand_in_a_change_does_not_exempt_it(rollout: Headquarters) -> None:
    hq = rollout
    change, own, other = scheduled(hq), hq.id("nils"), hq.id("kofi")
    given = terms(exempters=[own, other])
    lock = hq.do("lock-rhea", "DeclareLock", terms=given)["id"]
    message, ways = way_out(hq, change)
    named = {"action": "exemption.approve", "people": [{"id": other}], "total": 1}
    [[asking, agreeing]] = [e for e in ways if e[-1]["action"] == "exemption.approve"]
    assert (asking["action"], agreeing, "amend" in message) == ("exemption.request", named, False)
    wish = {"lock": lock, "change": change, "reason": "Customers cannot pay."}
    exemption = hq.do("erin", "RequestExemption", **wish)["id"]
    assert hq.refused("nils", "ApproveExemption", id=exemption) == ["needs_second_person"]
    assert hq.refused("pavel", "ImplementChange", id=change, seen=1) == ["hard_locked"]
    hq.do("kofi", "ApproveExemption", id=exemption)
    assert hq.do("pavel", "ImplementChange", id=change, seen=1)["status"] == "IMPLEMENTING"
    assert hq.do("lock-rhea", "LiftLock", id=lock, reason="Done.")["status"] == "LIFTED"


def test_a_lock_that_nobody_may_exempt_from_says_what_helps(rollout: Headquarters) -> None:
    hq = rollout
    change = scheduled(hq)
    given = terms(exempters=[hq.id("nils")])
    lock = hq.do("lock-rhea", "DeclareLock", terms=given)["id"]
    message, (waiting, alone, by_two) = way_out(hq, change)
    assert "end the lock, or amend it to name more" in message
    assert actions(waiting) == ["lock.wait"]
    own = {"action": "lock.lift", "people": [{"id": hq.id("lock-rhea")}], "total": 1}
    assert (alone, actions(by_two)) == ([own], ["lock.lift", "lock.confirm"])
    assert hq.do("lock-rhea", "LiftLock", id=lock, reason="Done.")["status"] == "LIFTED"
    lasting = hq.do("lock-rhea", "DeclareLock", terms={**given, "until": None})["id"]
    hq.do("lock-rolf", "ConfirmLock", id=lasting, seen=1)
    message, [by_two] = way_out(hq, change)
    assert "end the lock, or amend it to name more" in message
    assert actions(by_two) == ["lock.lift", "lock.confirm"]
    for each in by_two:
        assert named(each, hq.id("lock-rolf"))
        assert {"id": hq.id("lock-stan")} not in each["people"], "who holds it for another place"
    asked = hq.do("lock-rhea", "LiftLock", id=lasting, reason="Done.")
    _, [[second]] = way_out(hq, change)
    assert (second["action"], named(second, hq.id("lock-rolf"))) == ("lock.confirm", True)
    assert {"id": hq.id("lock-rhea")} not in second["people"], "nobody confirms what they asked for"
    hq.do("lock-rolf", "ConfirmLock", id=lasting, seen=asked["revision"])
    assert hq.do("pavel", "ImplementChange", id=change, seen=1)["status"] == "IMPLEMENTING"


def actions(way: list[Any]) -> list[str]:
    """What it takes."""
    return [each["action"] for each in way]


def named(act: Any, who: str) -> bool:
    """Whether somebody is named, or else might be among those who are left out."""
    return {"id": who} in act["people"] or act["total"] > len(act["people"])


@pytest.mark.req("S0-12", "S0-13")
def test_beside_an_exemption_it_is_told_who_lifts_the_lock(rollout: Headquarters) -> None:
    hq = rollout
    change = scheduled(hq)
    lock = hq.do("lock-rhea", "DeclareLock", terms=terms(exempters=[hq.id("kofi")]))["id"]
    _, ways = way_out(hq, change)
    told = [actions(way) for way in ways]
    exempting = ["exemption.request", "exemption.approve"]
    ending = [["lock.lift"], ["lock.lift", "lock.confirm"], ["lock.wait"]]
    assert sorted(told) == [exempting, *ending]
    [[alone]] = [way for way in ways if actions(way) == ["lock.lift"]]
    assert alone["people"] == [{"id": hq.id("lock-rhea")}]
    assert hq.do("lock-rhea", "LiftLock", id=lock, reason="Done.")["status"] == "LIFTED"
    assert hq.do("pavel", "ImplementChange", id=change, seen=1)["status"] == "IMPLEMENTING"


def test_a_lock_without_end_takes_a_second_person(rollout: Headquarters) -> None:
    hq = rollout
    lock = hq.do("lock-rhea", "DeclareLock", terms=terms(until=None) | {"title": "No end"})
    assert (lock["status"], lock["doubts"]) == ("PROPOSED", ["WITHOUT_END"])
    id = lock["id"]
    assert hq.refused("lock-rhea", "ConfirmLock", id=id, seen=1) == ["needs_second_person"]
    assert hq.do("lock-rolf", "ConfirmLock", id=id, seen=1)["status"] == "ACTIVE"
    found = hq.ask("wanda", "Locks", filter={"status": "ACTIVE"}, first=50)["edges"]
    assert id in {each["node"]["id"] for each in found}
    end(hq, id)


def test_a_lock_that_comes_again_is_declared_and_listed_as_it_was_said(
    rollout: Headquarters,
) -> None:
    hq = rollout
    weekend = {
        "every": "WEEK",
        "since": {"time": "01:00", "weekday": 6},
        "until": {"time": "21:00", "weekday": 7},
    }
    given = terms(until=None, recurrence=weekend, kind="SOFT", spares=["canary"])
    lock = hq.do("lock-rhea", "DeclareLock", terms=given)
    assert lock["status"] == ("PROPOSED" if lock["doubts"] else "ACTIVE")
    assert set(lock["doubts"]) <= {"FAR_LONGER"}, "than what was locked here before"
    for _ in lock["doubts"]:
        hq.do("lock-rolf", "ConfirmLock", id=lock["id"], seen=lock["revision"])
    edges = hq.ask("wanda", "Locks", filter={"kind": "SOFT"}, first=50)["edges"]
    (found,) = (each["node"] for each in edges if each["node"]["id"] == lock["id"])
    assert found["terms"]["recurrence"]["since"]["weekday"] == 6
    assert found["terms"]["recurrence"]["until"]["time"] == "21:00"
    end(hq, lock["id"])


def test_who_releases_to_one_environment_locks_no_other(rollout: Headquarters) -> None:
    hq = rollout
    assert hq.refused("lock-stan", "DeclareLock", terms=terms()) == ["forbidden"]
    assert hq.refused("lock-stan", "DeclareLock", terms=terms(environments=[])) == ["forbidden"]
    lock = hq.do("lock-stan", "DeclareLock", terms=terms(environments=["lock-staging"]))
    assert lock["status"] == "ACTIVE"


@pytest.mark.parametrize(
    "given,code",
    [
        ({"recurrence": {"every": "WEEK", "since": {"time": "01:00"}, "until": {"time": "2"}}}, 2),
        ({"spares": ["canary"]}, 0),
        ({"projects": ["a/b"]}, 1),
    ],
)
def test_what_means_nothing_is_refused_and_nothing_written(
    rollout: Headquarters, given: dict[str, Any], code: int
) -> None:
    hq = rollout
    size = hq.size()
    codes = ("spares_nothing", "foreign_scope", "recurrence_unusable")
    assert set(hq.refused("lock-rhea", "DeclareLock", terms=terms(**given))) == {codes[code]}
    assert hq.size() == size


EXEMPTIONS = """query($l: ID!) { exemptions(filter: {lock: $l}) {
  totalCount { count } edges { node { id reason } } } }"""


@pytest.mark.req("S1-12", "S0-12")
def test_an_exemption_of_what_is_hidden_hides_with_it(rollout: Headquarters) -> None:
    hq = rollout
    part = fixes.merge_request(hq, 88_001, "master", embargoed=False)
    exempters = [hq.id("kofi"), hq.id("quinn")]
    given = terms(exempters=exempters, environments=["lock-elsewhere"])
    lock = hq.do("lock-rhea", "DeclareLock", terms=given)["id"]
    wish = {"lock": lock, "mergeRequest": part, "reason": "It cannot wait."}
    exemption = hq.do("nils", "RequestExemption", **wish)["id"]
    shown = hq.post("olga", EXEMPTIONS, {"l": lock}).json()["data"]
    assert shown["exemptions"]["totalCount"]["count"] == 1
    hq.do("quinn", "ConcealMergeRequest", id=part, reason="It is a hole.")
    for who in ("olga", "kofi"):
        told = hq.post(who, EXEMPTIONS, {"l": lock}).json()["data"]["exemptions"]
        assert told == {"totalCount": {"count": 0}, "edges": []}
        for id in (exemption, global_id("Exemption", "0" * 32)):
            assert hq.refused(who, "ApproveExemption", id=id) == ["not_found"]
            told = hq.post(who, "query($i: ID!) { node(id: $i) { id } }", {"i": id}).json()
            assert told["data"] == {"node": None}
    assert hq.post("quinn", EXEMPTIONS, {"l": lock}).json()["data"] == shown
    known = {"filter": {"aggregate": "exemption"}, "first": 50}
    before = hq.ask("wanda", "Events", **known)
    hq.do("quinn", "ApproveExemption", id=exemption)
    assert hq.ask("wanda", "Events", **known) == before
    done = [e["node"]["kind"] for e in hq.ask("quinn", "History", id=exemption)["edges"]]
    assert done == ["exemption.approved", "exemption.concealed", "exemption.requested"]
    hq.do("lock-rhea", "LiftLock", id=lock, reason="Done.")


@pytest.mark.req("S0-12")
def test_a_lock_tells_which_of_its_environments_nobody_knows(rollout: Headquarters) -> None:
    given = terms(environments=["gprd", "grpd"])
    lock = rollout.do("lock-rolf", "DeclareLock", terms=given)
    assert (lock["status"], lock["unknownEnvironments"]) == ("ACTIVE", ["grpd"])
    told = {"id": lock["id"], "seen": lock["version"], "terms": {**given, "environments": ["gprd"]}}
    assert rollout.do("lock-rolf", "AmendLock", **told)["unknownEnvironments"] == []
    lifted = rollout.do("lock-rolf", "LiftLock", id=lock["id"], reason="Only asked.")
    assert lifted["status"] == "LIFTED"
