"""Deployments through the schema, on both databases: promoted, blocked, raced for, rolled back."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import msgspec
import pytest

from api.context import new_id
from api.demo.cast import Role
from api.derived.identity import PERSON, read_id
from ledger.request import Answer, Request, Status
from tests.api.company import MODERATE, Headquarters, content, operation

CONDEMN = """mutation ($input: CondemnPackageInput!) {
  condemnPackage(input: $input) { problems { code } } }"""
EVERYWHERE = Role("role:release_manager", "environment", "any")
WATCHES = Role("role:monitor", "environment", "any")
BUILDS = Role("role:release_bot", "service", "any")
DEPLOYS = Role("role:release_bot", "environment", "any")
OPERATES = Role("role:implementer", "environment", "any")


@dataclass
class Fleet:
    """Two environments of one line that nothing else uses, and people who deploy to them."""

    hq: Headquarters
    suffix: str
    places: dict[str, str] = field(default_factory=dict)
    built: int = 0

    def __post_init__(self) -> None:
        """Define the environments and let them be well."""
        for order, name in enumerate(("staging", "production")):
            plan = {"kind": name, "line": self.suffix, "order": order, "cover": []}
            given = {"name": self.name(name), "plan": plan}
            place = self.hq.do("dep-rhea", "DefineEnvironment", **given)
            self.places[name] = place["id"]
            if place["proposal"]:
                self.agree(place)
            self.report(name)

    def agree(self, place: dict[str, Any]) -> None:
        """Let a second person agree to what an environment is to be."""
        given = {"id": place["id"], "seen": place["revision"]}
        self.hq.do("dep-rolf", "ConfirmEnvironment", **given)

    def name(self, place: str) -> str:
        """What an environment is called."""
        return f"{place}-{self.suffix}"

    def report(self, place: str, health: str = "HEALTHY") -> None:
        """Let the monitor say how well it is."""
        self.hq.do("dep-monitor", "ReportEnvironmentHealth", id=self.places[place], health=health)

    def package(self, commit: str = "a" * 40, service: str = "billing") -> str:
        """A package of this fleet; its global id."""
        self.built += 1
        built = {
            "name": self.suffix,
            "label": f"1.{self.built}",
            "service": service,
            "commit": commit,
            "digest": f"sha256:{sha256(f'{self.suffix} {self.built}'.encode()).hexdigest()}",
        }
        return str(self.hq.do("dep-bot", "AddPackage", built=built)["id"])

    def request(self, package: str, place: str = "staging", **more: Any) -> str:
        """A request to deploy it; its global id."""
        told = {"configuration": "None.", "contents": "Two fixes."}
        wish = {"package": package, "environment": self.name(place), **told, **more}
        return str(self.hq.do("dep-rhea", "RequestDeployment", wish=wish)["id"])

    def deploy(self, package: str, place: str = "staging") -> str:
        """A deployment that stands there."""
        id = self.request(package, place)
        self.hq.do("dep-oleg", "StartDeployment", id=id)
        assert self.hq.do("dep-oleg", "SucceedDeployment", id=id)["current"]
        return id

    def standing(self, at: datetime | None = None) -> dict[str, str]:
        """What stands where, of this fleet."""
        given = {"at": at.isoformat()} if at else {}
        found = self.hq.ask("wanda", "StandingPackages", **given)
        mine = {self.name(each): each for each in self.places}
        return {mine[e["environment"]]: e["label"] for e in found if e["environment"] in mine}

    def asked(self, who: str, action: str, global_id: str = "", **given: Any) -> Request:
        """A request as the writer gets it."""
        by = read_id(self.hq.id(who), PERSON) or ""
        kind = {"deployment": "Deployment", "lock": "Lock"}[action.partition(".")[0]]
        subject = (read_id(global_id, kind) if global_id else None) or new_id()
        arguments = msgspec.json.encode(given)
        return Request(id=new_id(), action=action, subject=subject, arguments=arguments, by=by)

    def lock(self) -> Request:
        """A lock on staging, as the writer gets it."""
        until = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
        terms = {
            "title": "Stop",
            "kind": "hard",
            "until": until,
            "environments": [self.name("staging")],
            "running": "halts",
        }
        return self.asked("dep-rhea", "lock.declare", terms=terms)


@pytest.fixture(scope="session")
def people(hq: Headquarters) -> Headquarters:
    """The company with those who deploy."""
    return staffed(hq)


def staffed(hq: Headquarters) -> Headquarters:
    """The company with those who deploy, whom it may have already."""
    if "dep-rhea" in hq.tokens:
        return hq
    hq.hire("dep-rhea", "delivery", EVERYWHERE)
    hq.hire("dep-rolf", "delivery", EVERYWHERE)
    hq.hire("dep-oleg", "operations", OPERATES)
    hq.hire("dep-monitor", None, WATCHES, owner="pavel")
    hq.hire("dep-bot", None, BUILDS, DEPLOYS, owner="viktor")
    return hq


@pytest.fixture
def fleet(people: Headquarters) -> Fleet:
    return Fleet(people, f"f{new_id()[-8:]}")


def codes(answer: Answer) -> list[str]:
    return [each.code for each in answer.problems]


@pytest.mark.req("S0-06", "S0-14", "S3-10", "S4-05", "S4-12", "S4-13", "S4-26")
def test_a_package_goes_through_its_environments_and_the_table_says_what_stood_when(
    fleet: Fleet,
) -> None:
    hq, package = fleet.hq, fleet.package()
    early = fleet.request(package, "production", strategy="CANARY")
    assert hq.refused("dep-oleg", "StartDeployment", id=early) == ["not_promoted"]
    fleet.deploy(package)
    between = datetime.now(UTC)
    hq.do("dep-oleg", "StartDeployment", id=early)
    hq.do("dep-oleg", "SucceedDeployment", id=early)
    assert fleet.standing() == {"staging": "1.1", "production": "1.1"}
    assert fleet.standing(between) == {"staging": "1.1"}
    wish = {"package": package, "environment": fleet.name("production")}
    told = {"configuration": "None.", "contents": "Again."}
    assert hq.refused("dep-rhea", "RequestDeployment", wish=wish | told) == ["same_version"]


def test_a_rollback_brings_back_what_stood_there(fleet: Fleet) -> None:
    hq = fleet.hq
    fleet.deploy(fleet.package())
    second = fleet.deploy(fleet.package())
    assert fleet.standing() == {"staging": "1.2"}
    meanwhile = datetime.now(UTC)
    hq.do("dep-oleg", "RollBackDeployment", id=second, reason="It loses data.")
    assert fleet.standing() == {"staging": "1.1"}
    assert fleet.standing(meanwhile) == {"staging": "1.2"}
    edges = hq.ask("wanda", "Deployments", filter={"environment": fleet.name("staging")})["edges"]
    found = [(each["node"]["label"], each["node"]["status"]) for each in edges]
    assert found == [("1.2", "ROLLED_BACK"), ("1.1", "SUCCEEDED")]
    stood = {"environment": fleet.name("staging"), "stoodAt": meanwhile.isoformat()}
    (edge,) = hq.ask("wanda", "Deployments", filter=stood)["edges"]
    assert edge["node"]["label"] == "1.2"


@pytest.mark.req("S0-14", "S4-12")
def test_services_stand_side_by_side_now_and_then(fleet: Fleet) -> None:
    hq, other = fleet.hq, f"basket-{fleet.suffix}"

    def told(at: datetime | None = None) -> dict[str, str]:
        given = {"at": at.isoformat()} if at else {}
        found = hq.ask("wanda", "StandingPackages", **given)
        here = (each for each in found if each["environment"] == fleet.name("staging"))
        return {each["service"]: each["label"] for each in here}

    fleet.deploy(fleet.package())
    fleet.deploy(fleet.package(service=other))
    between = datetime.now(UTC)
    assert told() == {"billing": "1.1", other: "1.2"}
    newest = fleet.deploy(fleet.package(service=other))
    assert told() == {"billing": "1.1", other: "1.3"}
    assert told(between) == {"billing": "1.1", other: "1.2"}
    hq.do("dep-oleg", "RollBackDeployment", id=newest, reason="It loses data.")
    assert told() == {"billing": "1.1", other: "1.2"}


@pytest.mark.req("S3-13", "S4-10", "S4-25")
def test_a_package_that_is_built_asks_for_staging_by_itself(people: Headquarters) -> None:
    hq, suffix = people, f"a{new_id()[-8:]}"
    plan = {"kind": "staging", "line": suffix, "order": 0, "automatic": [suffix]}
    place = hq.do("dep-rhea", "DefineEnvironment", name=f"auto-{suffix}", plan=plan)["id"]
    hq.do("dep-monitor", "ReportEnvironmentHealth", id=place, health="HEALTHY")
    built = {"name": suffix, "label": "2026.1", "service": "billing", "commit": "b" * 40}
    hq.do("dep-bot", "AddPackage", built=built | {"digest": f"sha256:{1:064x}"})
    wanted = {"environment": f"auto-{suffix}", "statuses": ["REQUESTED"]}
    (edge,) = hq.ask("wanda", "Deployments", filter=wanted)["edges"]
    assert (edge["node"]["automatic"], edge["node"]["label"]) == (True, "2026.1")
    assert hq.do("dep-bot", "StartDeployment", id=edge["node"]["id"])["status"] == "RUNNING"


def test_a_deployment_of_a_package_never_built_is_refused(fleet: Fleet) -> None:
    hq, package = fleet.hq, fleet.package()
    other = package[:-4] + "AAAA"
    wish = {"environment": fleet.name("staging"), "configuration": "None.", "contents": "It."}
    size = hq.size()
    found = hq.refused("dep-rhea", "RequestDeployment", wish=wish | {"package": other})
    assert set(found) <= {"unknown_package", "not_found"}
    assert hq.size() == size


@pytest.mark.req("S0-13", "X-05")
def test_a_forecast_waits_for_no_report_of_health_and_tells_so(fleet: Fleet) -> None:
    hq, id = fleet.hq, fleet.request(fleet.package())
    fleet.report("staging")
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    can = hq.ask("dep-oleg", "DeploymentGate", id=id, action="START", at=later)["can"]
    (health,) = [e for e in can["verdict"]["findings"] if e["requirement"] == "health"]
    assert (health["status"], health["code"]) == ("NOT_APPLICABLE", "")
    assert "has to be reported by then" in health["message"]
    past = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    asked = {"id": id, "action": "START", "at": past}
    answer = hq.post("dep-oleg", operation("DeploymentGate"), asked).json()
    assert [each["extensions"]["code"] for each in answer["errors"]] == ["until_passed"]


@pytest.mark.req("S0-13")
def test_the_gate_says_everything_that_blocks_at_once(fleet: Fleet) -> None:
    hq, id = fleet.hq, fleet.request(fleet.package())
    place = fleet.places["staging"]
    fleet.report("staging", "DEGRADED")
    hq.do("wanda", "StopEnvironment", id=place, reason="Errors everywhere.")
    hq.do("dep-monitor", "BlockEnvironment", id=place, name="incident", cause="Down.")
    lock = hq.desk.writer.submit(fleet.lock())
    assert lock.status is Status.DONE, lock
    can = hq.ask("dep-oleg", "DeploymentGate", id=id, action="START")["can"]
    blocking = {each["code"] for each in can["verdict"]["findings"] if each["code"]}
    expected = ["environment_blocked", "environment_unhealthy", "hard_locked", "line_stopped"]
    assert sorted(blocking) == expected
    assert (can["permitted"], can["allowed"]) == (True, False)
    assert sorted(hq.refused("dep-oleg", "StartDeployment", id=id)) == expected
    hq.do("wanda", "AskToResumeEnvironment", id=place, reason="It was the disk.")
    hq.do("dep-rolf", "ResumeEnvironment", id=place)
    hq.do("dep-monitor", "UnblockEnvironment", id=place, name="incident", note="Up.")
    fleet.report("staging")
    assert hq.refused("dep-oleg", "StartDeployment", id=id) == ["hard_locked"]
    hq.do("dep-rhea", "OverrideDeployment", id=id, reason="Customers cannot pay.")
    hq.do("dep-oleg", "StartDeployment", id=id)
    assert hq.do("dep-oleg", "AdvanceDeployment", id=id, stage="full")["stage"] == "full"
    hq.do("dep-oleg", "FailDeployment", id=id, reason="Out of memory.")
    assert hq.refused("dep-rhea", "CloseDeployment", id=id) == ["countersignature_missing"]
    hq.do("dep-rolf", "CountersignDeployment", id=id)
    hq.do("dep-rhea", "CloseDeployment", id=id)
    overridden = {"environment": fleet.name("staging"), "overridden": True}
    (edge,) = hq.ask("wanda", "Deployments", filter=overridden)["edges"]
    assert edge["node"]["override"]["requirements"] == ["locks"]


@pytest.mark.req("S0-13")
def test_what_has_begun_keeps_deployments_away_on_hold_and_after_it(fleet: Fleet) -> None:
    hq, id = fleet.hq, fleet.request(fleet.package())
    said = content("Move the disks", environments=[fleet.name("staging")], **MODERATE)
    asked = {"playbook": "criticality", "kind": "c2", "content": said}
    change = str(hq.do("nils", "OpenChange", **asked)["id"])
    hq.do("nils", "SubmitChange", id=change, seen=1)
    for who, rule in (("rosa", "peer"), ("zora", "leadership"), ("yusuf", "on_call")):
        hq.do(who, "ApproveChange", id=change, rule=rule, seen=1)
    hq.do("pavel", "ImplementChange", id=change, seen=1)
    away = ["critical_change_under_way"]
    assert hq.refused("dep-oleg", "StartDeployment", id=id) == away
    hq.do("carla", "HoldChange", id=change, reason="Lunch.")
    assert hq.refused("dep-oleg", "StartDeployment", id=id) == away
    hq.do("carla", "ResumeChange", id=change)
    assert hq.refused("dep-oleg", "StartDeployment", id=id) == away
    hq.do("dep-rhea", "OverrideDeployment", id=id, reason="Customers cannot pay.")
    assert hq.refused("dep-oleg", "StartDeployment", id=id) == away
    hq.do("dep-rolf", "CountersignDeployment", id=id)
    hq.do("dep-oleg", "StartDeployment", id=id)
    hq.do("carla", "HoldChange", id=change, reason="It is moved elsewhere.")
    assert hq.refused("carla", "CancelChange", id=change, reason="So.") == ["work_begun"]
    ended = {"outcome": "ROLLED_BACK", "note": "It is moved elsewhere."}
    assert hq.do("pavel", "FinishChange", id=change, **ended)["status"] == "REVIEW"


@pytest.mark.req("S0-14")
def test_what_is_condemned_on_its_way_goes_no_further(fleet: Fleet) -> None:
    hq, package = fleet.hq, fleet.package()
    id = fleet.request(package)
    hq.do("dep-oleg", "StartDeployment", id=id)
    condemned = {"input": {"id": package, "reason": "It loses data."}}
    answer = hq.post("dep-bot", CONDEMN, condemned).json()["data"]["condemnPackage"]
    assert answer["problems"] == []
    bad = ["package_condemned"]
    assert hq.refused("dep-oleg", "AdvanceDeployment", id=id, stage="full") == bad
    assert hq.refused("dep-oleg", "SucceedDeployment", id=id) == bad
    assert hq.do("dep-oleg", "RollBackDeployment", id=id, reason="It is bad.")


@pytest.mark.req("S0-14")
def test_what_is_condemned_does_not_come_back_under_another_name(fleet: Fleet) -> None:
    hq, built = fleet.hq, {"name": fleet.suffix, "service": "billing", "commit": "c" * 40}
    built["digest"] = f"sha256:{sha256(fleet.suffix.encode()).hexdigest()}"
    first, alike = (
        str(hq.do("dep-bot", "AddPackage", built={**built, "label": each})["id"])
        for each in ("2.0", "2.0-again")
    )
    waiting = fleet.request(alike)
    condemned = {"input": {"id": first, "reason": "It loses data."}}
    answer = hq.post("dep-bot", CONDEMN, condemned).json()["data"]["condemnPackage"]
    assert answer["problems"] == []
    assert hq.refused("dep-oleg", "StartDeployment", id=waiting) == ["package_condemned"]
    third = {**built, "label": "2.0-once-more"}
    assert hq.refused("dep-bot", "AddPackage", built=third) == ["package_condemned"]


@pytest.mark.req("X-05")
def test_a_retired_environment_is_told_once_and_in_words(fleet: Fleet) -> None:
    hq, package = fleet.hq, fleet.package()
    fleet.deploy(package)
    id = fleet.request(package, "production")
    hq.do("dep-rhea", "RetireEnvironment", id=fleet.places["production"], reason="Moved.")
    can = hq.ask("dep-oleg", "DeploymentGate", id=id, action="START")["can"]
    (told,) = (each for each in can["verdict"]["findings"] if each["code"])
    assert (told["requirement"], told["code"]) == ("environment", "environment_retired")
    name = fleet.name("production")
    assert told["message"] == f"{name} is retired: nothing is deployed to it any more."
    assert told["missing"] == [fleet.places["production"]]
    assert hq.refused("dep-oleg", "StartDeployment", id=id) == ["environment_retired"]
    acts = [act for way in can["explanation"]["ways"] for act in way["acts"]]
    assert [each["action"] for each in acts] == ["environment.reinstate"]
    hq.do("dep-rhea", "ReinstateEnvironment", id=fleet.places["production"], reason="It is used.")
    assert hq.do("dep-oleg", "StartDeployment", id=id)["status"] == "RUNNING"


@pytest.mark.req("S3-09", "S3-16", "S4-06")
def test_a_deployment_is_verified_watched_and_closed(fleet: Fleet) -> None:
    hq = fleet.hq
    id = fleet.deploy(fleet.package())
    assert hq.refused("dep-rhea", "CloseDeployment", id=id) == ["not_verified", "not_watched"]
    hq.do("dep-oleg", "VerifyDeployment", id=id, passed=True, findings="Login works.")
    hq.do("dep-oleg", "WatchDeployment", id=id, well=True, note="Quiet.")
    assert hq.do("dep-rhea", "CloseDeployment", id=id)["closedAt"]


@pytest.mark.req("S3-09", "S4-06")
def test_what_was_found_not_to_work_goes_no_further(fleet: Fleet) -> None:
    hq, package = fleet.hq, fleet.package()
    staged = fleet.deploy(package)
    id = fleet.request(package, "production")
    hq.do("dep-oleg", "VerifyDeployment", id=staged, passed=False, findings="Login fails.")
    can = hq.ask("dep-oleg", "DeploymentGate", id=id, action="START")["can"]
    (told,) = (each for each in can["verdict"]["findings"] if each["code"])
    assert (told["requirement"], told["code"]) == ("promotion", "found_not_to_work")
    assert hq.refused("dep-oleg", "StartDeployment", id=id) == ["found_not_to_work"]
    fine = {"passed": True, "findings": "It works for me."}
    taken_back = hq.refused("dep-rhea", "VerifyDeployment", id=staged, **fine)
    assert taken_back == ["needs_second_person"], "who asked for it"
    hq.do("dep-oleg", "VerifyDeployment", id=staged, passed=True, findings="It was the browser.")
    hq.do("dep-oleg", "WatchDeployment", id=staged, well=False, note="Errors.")
    assert hq.refused("dep-oleg", "StartDeployment", id=id) == ["found_not_to_work"]
    hq.do("dep-oleg", "WatchDeployment", id=staged, well=True, note="Quiet.")
    assert hq.do("dep-oleg", "StartDeployment", id=id)["status"] == "RUNNING"


@pytest.mark.req("S4-07")
def test_what_gave_way_before_its_time_never_becomes_ripe_by_waiting(fleet: Fleet) -> None:
    hq, package = fleet.hq, fleet.package()
    plan = {"kind": "production", "line": fleet.suffix, "order": 1, "cover": [], "dwellHours": 2}
    hq.do("dep-rhea", "EditEnvironment", id=fleet.places["production"], plan=plan, seen=4)
    fleet.deploy(package)
    id = fleet.request(package, "production")
    assert hq.refused("dep-oleg", "StartDeployment", id=id) == ["dwell_too_short"]
    fleet.deploy(fleet.package("b" * 40))
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    can = hq.ask("dep-oleg", "DeploymentGate", id=id, action="START", at=later)["can"]
    codes = [each["code"] for each in can["verdict"]["findings"] if each["code"]]
    assert codes == ["dwell_interrupted"]


def test_environments_are_listed_with_what_keeps_deployments_away(fleet: Fleet) -> None:
    wanted = {"name": fleet.name("staging")}
    (edge,) = fleet.hq.ask("wanda", "Environments", filter=wanted)["edges"]
    assert edge["node"]["reports"][0]["health"] == "HEALTHY"
    assert edge["node"]["stop"] is None


# Races.


def test_of_two_started_at_once_in_one_batch_one_starts(fleet: Fleet) -> None:
    ids = [fleet.request(fleet.package()) for _ in range(3)]
    batch = [fleet.asked("dep-oleg", "deployment.start", each) for each in ids]
    answers = fleet.hq.desk.writer.run(batch)
    assert [each.status for each in answers] == [Status.DONE, Status.REFUSED, Status.REFUSED]
    assert [codes(each) for each in answers[1:]] == [["deployment_running"]] * 2


def test_of_two_started_at_once_by_two_writers_one_starts(fleet: Fleet) -> None:
    ids = [fleet.request(fleet.package()) for _ in range(4)]
    answers: list[Answer] = []
    ready = threading.Barrier(len(ids))

    def begin(id: str) -> None:
        writer = fleet.hq.installation.writer()
        try:
            ready.wait(timeout=30)
            answers.append(writer.submit(fleet.asked("dep-oleg", "deployment.start", id)))
        finally:
            writer.close()

    threads = [threading.Thread(target=begin, args=(each,)) for each in ids]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=60)
    assert sorted(each.status.value for each in answers) == ["done", *["refused"] * 3]
    refused = [codes(each) for each in answers if each.status is Status.REFUSED]
    assert refused == [["deployment_running"]] * 3


@pytest.mark.req("S0-12")
def test_a_lock_set_just_before_the_start_wins_also_in_one_batch(fleet: Fleet) -> None:
    start = fleet.asked("dep-oleg", "deployment.start", fleet.request(fleet.package()))
    locked, started = fleet.hq.desk.writer.run([fleet.lock(), start])
    assert locked.status is Status.DONE
    assert (started.status, codes(started)) == (Status.REFUSED, ["hard_locked"])


def test_a_lock_set_just_after_the_start_halts_it_also_in_one_batch(fleet: Fleet) -> None:
    id = fleet.request(fleet.package())
    start = fleet.asked("dep-oleg", "deployment.start", id)
    advance = fleet.asked("dep-oleg", "deployment.advance", id, stage="full")
    succeed = fleet.asked("dep-oleg", "deployment.succeed", id)
    answers = fleet.hq.desk.writer.run([start, fleet.lock(), advance, succeed])
    assert [each.status for each in answers[:2]] == [Status.DONE, Status.DONE]
    assert [codes(each) for each in answers[2:]] == [["hard_locked"], ["hard_locked"]]
    verified = {"passed": True, "findings": "It answers."}
    assert fleet.hq.refused("dep-oleg", "VerifyDeployment", id=id, **verified) == ["not_succeeded"]
    assert fleet.hq.do("dep-oleg", "FailDeployment", id=id, reason="Halted.")["status"] == "FAILED"


def test_a_lock_and_a_start_by_two_writers_never_both_pass_unseen(fleet: Fleet) -> None:
    """Whoever comes first is seen by the other: a start after the lock is refused."""
    id = fleet.request(fleet.package())
    asked = [fleet.lock(), fleet.asked("dep-oleg", "deployment.start", id)]
    answers: dict[str, Answer] = {}
    ready = threading.Barrier(len(asked))

    def begin(request: Request) -> None:
        writer = fleet.hq.installation.writer()
        try:
            ready.wait(timeout=30)
            answers[request.action] = writer.submit(request)
        finally:
            writer.close()

    threads = [threading.Thread(target=begin, args=(each,)) for each in asked]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=60)
    assert answers["lock.declare"].status is Status.DONE
    events = fleet.hq.ask("wanda", "History", id=id, first=50)["edges"]
    kinds = [each["node"]["kind"] for each in events]
    started = answers["deployment.start"].status is Status.DONE
    assert ("deployment.started" in kinds) == started
    if not started:
        assert codes(answers["deployment.start"]) == ["hard_locked"]


@pytest.mark.req("S3-09", "X-04")
def test_what_was_rolled_back_as_it_did_not_work_is_not_promoted(fleet: Fleet) -> None:
    hq, package = fleet.hq, fleet.package()
    fleet.deploy(package)
    fleet.deploy(fleet.package("b" * 40))
    bad = fleet.deploy(package)
    hq.do("pavel", "VerifyDeployment", id=bad, passed=False, findings="It loses invoices.")
    hq.do("dep-rhea", "RollBackDeployment", id=bad, reason="It does.")
    onward = fleet.request(package, "production")
    assert hq.refused("dep-oleg", "StartDeployment", id=onward) == ["found_not_to_work"]
    again = fleet.deploy(package)
    assert hq.refused("dep-rhea", "VerifyDeployment", id=again, passed=True, findings="No.") == [
        "needs_second_person"
    ]
    hq.do("pavel", "VerifyDeployment", id=again, passed=True, findings="The disk was full.")
    assert hq.do("dep-oleg", "StartDeployment", id=onward)["status"] == "RUNNING"
