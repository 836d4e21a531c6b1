"""What takes away from a lock, through the schema and on both databases: it takes two people."""

from __future__ import annotations

from typing import Any

import pytest

from api.demo.cast import Role
from domain.explanation import SHOWN
from tests.api.company import Headquarters
from tests.api.counted import statements
from tests.api.test_deployments import Fleet, staffed
from tests.api.test_locks import EVERYWHERE, terms

HERE = Role("role:release_manager", "environment", "two-production")
THERE = Role("role:release_manager", "environment", "two-staging")
WEEKEND = {
    "every": "WEEK",
    "since": {"time": "01:00", "weekday": 6},
    "until": {"time": "03:00", "weekday": 6},
}
CONFIRMATION = """query($i: ID!) { lock(id: $i) {
  confirmation { action count total people { name } } } }"""

CONFIRMATIONS = """query($n: Int) { locks(first: $n, filter: {waiting: LIFTING}) {
  edges { node { confirmation { total people { name } } } } } }"""


@pytest.fixture(scope="session")
def office(hq: Headquarters) -> Headquarters:
    """The company with release managers, two of them of one environment each."""
    hq.hire("two-dario", "delivery", EVERYWHERE)
    hq.hire("two-viktor", "delivery", EVERYWHERE)
    hq.hire("two-hera", "delivery", HERE)
    hq.hire("two-theo", "delivery", THERE)
    return hq


def declared(hq: Headquarters, who: str = "two-dario", **more: Any) -> Any:
    """A lock of two hours that is on."""
    given = terms(**{"environments": ["two-production"], **more})
    lock = hq.do(who, "DeclareLock", terms=given)
    assert (lock["status"], lock["waiting"]) == ("ACTIVE", None)
    return {**lock, "said": given}


def awaiting(hq: Headquarters, who: str) -> set[str]:
    """The locks that await somebody's word."""
    edges = hq.ask(who, "LocksAwaitingMe", first=100)["edges"]
    return {each["node"]["id"] for each in edges}


def standing(hq: Headquarters, id: str) -> Any:
    """The lock as an auditor sees it."""
    edges = hq.ask("wanda", "Locks", filter={"status": "ACTIVE"}, first=100)["edges"]
    return next((each["node"] for each in edges if each["node"]["id"] == id), None)


def people(told: Any) -> tuple[set[str], bool]:
    """Who may confirm, by name, and whether all of them are told: of a crowd the first are."""
    names = {each["name"] for each in told["people"]}
    assert len(told["people"]) == min(told["total"], SHOWN)
    return names, told["total"] <= SHOWN


@pytest.mark.req("S0-12")
def test_one_release_manager_alone_lifts_no_lock_of_another(office: Headquarters) -> None:
    hq, id = office, declared(office)["id"]
    asked = hq.do("two-viktor", "LiftLock", id=id, reason="I want to deploy.")
    assert (asked["status"], asked["waiting"]) == ("ACTIVE", "LIFTING")
    assert asked["lifting"]["by"]["name"] == "Two-Viktor"
    names, every = people(asked["confirmation"])
    assert {"Two-Dario", "Two-Hera"} <= names or not every
    assert names.isdisjoint({"Two-Viktor", "Two-Theo"})
    given = {"id": id, "seen": asked["revision"]}
    assert hq.refused("two-viktor", "ConfirmLock", **given) == ["needs_second_person"]
    assert hq.refused("two-theo", "ConfirmLock", **given) == ["forbidden"]
    assert id in awaiting(hq, "two-hera") & awaiting(hq, "two-dario")
    assert id not in awaiting(hq, "two-viktor") | awaiting(hq, "two-theo") | awaiting(hq, "wanda")
    assert hq.do("two-hera", "ConfirmLock", **given)["status"] == "LIFTED"
    assert id not in awaiting(hq, "two-dario")
    kinds = [each["node"]["kind"] for each in hq.ask("wanda", "History", id=id, first=9)["edges"]]
    assert sorted(kinds) == [
        "lock.confirmed",
        "lock.declared",
        "lock.lift_requested",
        "lock.lifted",
    ]


@pytest.mark.req("S0-12", "S0-13")
def test_a_deployment_meets_the_lock_until_a_second_person_agreed_to_its_end(
    office: Headquarters,
) -> None:
    fleet = Fleet(staffed(office), "two")
    hq, deployment = office, fleet.request(fleet.package())
    lock = declared(hq, "dep-rolf", environments=[fleet.name("staging")])
    for verb, more in (
        ("LiftLock", {"reason": "Now."}),
        ("AmendLock", {"seen": 2, "terms": {**lock["said"], "environments": ["two-test"]}}),
        ("AmendLock", {"seen": 3, "terms": {**lock["said"], "kind": "SOFT", "spares": ["canary"]}}),
    ):
        assert hq.do("dep-rhea", verb, id=lock["id"], **more)["waiting"] is not None
        assert hq.refused("dep-oleg", "StartDeployment", id=deployment) == ["hard_locked"]
    asked = hq.do("dep-rhea", "LiftLock", id=lock["id"], reason="Now.")
    hq.do("dep-rolf", "ConfirmLock", id=lock["id"], seen=asked["revision"])
    assert hq.do("dep-oleg", "StartDeployment", id=deployment)["status"] == "RUNNING"


@pytest.mark.req("S0-12")
def test_what_narrows_a_lock_waits_beside_it_and_is_confirmed_as_it_was_seen(
    office: Headquarters,
) -> None:
    hq, lock = office, declared(office)
    less = {**lock["said"], "environments": ["two-staging"]}
    given = {"id": lock["id"], "seen": lock["version"], "terms": less}
    waits = hq.do("two-viktor", "AmendLock", **given)
    assert (waits["status"], waits["waiting"]) == ("ACTIVE", "AMENDMENT")
    assert waits["doubts"] == ["TAKES_AWAY"]
    assert waits["terms"]["environments"] == ["two-production"]
    assert waits["proposal"]["environments"] == ["two-staging"]
    assert hq.refused("two-viktor", "AmendLock", **given) == ["moved_on"]
    softer = {**lock["said"], "kind": "SOFT"}
    newer = {"id": lock["id"], "seen": waits["version"], "terms": softer}
    second = hq.do("two-viktor", "AmendLock", **newer)
    stale = {"id": lock["id"], "seen": waits["revision"]}
    assert hq.refused("wanda", "ConfirmLock", **stale) == ["forbidden"]
    hq.hire("two-rosa", "delivery", EVERYWHERE)
    assert hq.refused("two-rosa", "ConfirmLock", **stale) == ["moved_on"]
    fresh = {"id": lock["id"], "seen": second["revision"]}
    for who in ("two-dario", "two-viktor"):
        assert hq.refused(who, "ConfirmLock", **fresh) == ["needs_second_person"]
    hq.do("two-rosa", "ConfirmLock", **fresh)
    stands = standing(hq, lock["id"])
    assert (stands["terms"]["kind"], stands["doubts"], stands["waiting"]) == ("SOFT", [], None)


def test_a_retry_asks_once_and_what_was_declined_is_gone(office: Headquarters) -> None:
    hq, id = office, declared(office)["id"]
    given = {"id": id, "reason": "I want to deploy.", "idempotencyKey": "two-lift"}
    first = hq.do("two-viktor", "LiftLock", **given)
    assert hq.do("two-viktor", "LiftLock", **given)["revision"] == first["revision"]
    declined = hq.do("two-dario", "DeclineLock", id=id, reason="It stays.")
    assert (declined["status"], declined["waiting"]) == ("ACTIVE", None)
    given = {"id": id, "seen": first["revision"]}
    assert hq.refused("two-hera", "ConfirmLock", **given) == ["nothing_proposed"]
    assert hq.do("two-viktor", "LiftLock", id=id, reason="x", idempotencyKey="two-lift-2")[
        "waiting"
    ]
    assert standing(hq, id)["lifting"]["reason"] == "x"


def test_the_same_person_under_another_account_is_no_second_one(office: Headquarters) -> None:
    hq, id = office, declared(office)["id"]
    for each in ("two-ivo", "two-ivo-admin"):
        hq.hire(each, "delivery", EVERYWHERE)
    asked = hq.do("two-ivo", "LiftLock", id=id, reason="I want to deploy.")
    assert id in awaiting(hq, "two-ivo-admin")
    hq.do("ada", "LinkPrincipalAccount", id=hq.id("two-ivo"), account=hq.id("two-ivo-admin"))
    given = {"id": id, "seen": asked["revision"]}
    assert hq.refused("two-ivo-admin", "ConfirmLock", **given) == ["needs_second_person"]
    assert id not in awaiting(hq, "two-ivo-admin")
    told = hq.post("wanda", CONFIRMATION, {"i": id}).json()["data"]["lock"]["confirmation"]
    assert (told["action"], told["count"]) == ("lock.confirm", 1)
    named, every = people(told)
    assert "Two-Hera" in named or not every
    assert named.isdisjoint({"Two-Ivo", "Two-Ivo-Admin"})
    assert hq.do("two-hera", "ConfirmLock", **given)["status"] == "LIFTED"


def test_one_ends_early_what_is_ones_own_alone_and_nothing_that_comes_again(
    office: Headquarters,
) -> None:
    hq, own = office, declared(office)["id"]
    assert hq.do("two-dario", "LiftLock", id=own, reason="Done early.")["status"] == "LIFTED"
    again = declared(hq, until=None, recurrence=WEEKEND)["id"]
    asked = hq.do("two-dario", "LiftLock", id=again, reason="Done early.")
    assert (asked["status"], asked["waiting"]) == ("ACTIVE", "LIFTING")
    given = {"id": again, "seen": asked["revision"]}
    assert hq.do("two-hera", "ConfirmLock", **given)["status"] == "LIFTED"


def test_locks_are_listed_by_what_waits(office: Headquarters) -> None:
    hq, id = office, declared(office)["id"]
    hq.do("two-viktor", "LiftLock", id=id, reason="I want to deploy.")
    for what, there in (("LIFTING", True), ("AMENDMENT", False)):
        edges = hq.ask("wanda", "Locks", filter={"waiting": what}, first=100)["edges"]
        assert (id in {each["node"]["id"] for each in edges}) is there
    hq.do("two-dario", "LiftLock", id=id, reason="It is mine, and he is right.")
    assert standing(hq, id) is None


def test_what_waits_of_many_locks_is_read_at_once(office: Headquarters) -> None:
    hq = office
    for _ in range(4):
        hq.do("two-viktor", "LiftLock", id=declared(hq)["id"], reason="I want to deploy.")
    asked = []
    for size in (1, 4):
        with statements(hq.engine) as told:
            found = hq.post("wanda", CONFIRMATIONS, {"n": size}).json()["data"]["locks"]["edges"]
            assert len(found) == size
            assert all(each["node"]["confirmation"]["total"] >= 2 for each in found)
            assert len(hq.ask("two-hera", "LocksAwaitingMe", first=size)["edges"]) == size
        asked.append(len(told))
    assert asked[0] == asked[1]


@pytest.mark.req("S0-12")
def test_two_locks_that_take_turns_are_one_that_never_pauses(office: Headquarters) -> None:
    hq, place = office, ["two-canary"]
    edges = [{"time": "00:00", "weekday": each} for each in (1, 5)]
    turns = [
        {"every": "WEEK", "since": since, "until": until}
        for since, until in (edges, reversed(edges))
    ]
    given = [terms(until=None, recurrence=each, environments=place) for each in turns]
    told = hq.do("two-dario", "DeclareLock", terms=given[0])
    for _ in told["doubts"]:  # by what was locked here before
        hq.do("two-viktor", "ConfirmLock", id=told["id"], seen=told["revision"])
    lock = hq.do("two-dario", "DeclareLock", terms=given[1])
    assert (lock["status"], lock["waiting"]) == ("PROPOSED", "DECLARATION")
    assert lock["doubts"] == ["FAR_LONGER"]
    again = {"id": lock["id"], "seen": lock["revision"]}
    assert hq.refused("two-dario", "ConfirmLock", **again) == ["needs_second_person"]
    assert lock["id"] in awaiting(hq, "two-viktor")
    assert hq.do("two-viktor", "ConfirmLock", **again)["status"] == "ACTIVE"
    for id in (told["id"], lock["id"]):
        asked = hq.do("two-dario", "LiftLock", id=id, reason="It was a slip.")
        hq.do("two-viktor", "ConfirmLock", id=id, seen=asked["revision"])
