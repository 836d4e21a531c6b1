"""What covers a deployment to production, through the schema, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.context import new_id
from api.demo.cast import Role
from tests.api.company import Headquarters, content
from tests.api.test_deployments import staffed

CHECK = {"name": "pipeline", "project": "cover/app", "service": "billing"}
COMMITS = iter(range(0xC0FE, 0xCFFF))


@pytest.fixture(scope="session")
def people(hq: Headquarters) -> Headquarters:
    """The company with those who deploy, and a program that checks."""
    if "cover-bot" not in hq.tokens:
        staffed(hq)
        hq.hire("cover-bot", None, Role("role:ci_bot", "project", "cover/app"), owner="viktor")
    return hq


@pytest.fixture
def live(people: Headquarters) -> dict[str, Any]:
    """An environment of the kind production, as one person defined it, which is well."""
    suffix = new_id()[-8:]
    plan = {"kind": "production", "line": suffix, "order": 0, "cover": ["CHECKS"]}
    plan["checks"] = [CHECK]
    named = {"name": f"live-{suffix}", "plan": plan}
    place: dict[str, Any] = people.do("dep-rhea", "DefineEnvironment", **named)
    people.do("dep-monitor", "ReportEnvironmentHealth", id=place["id"], health="HEALTHY")
    return place | {"plan": plan}


def added(hq: Headquarters) -> tuple[str, str]:
    """A package that a program built, and its commit."""
    number = next(COMMITS)
    commit, label = f"{number:040x}", f"7.{number}"
    built = {"name": "cover", "label": label, "service": "billing", "commit": commit}
    digest = f"sha256:{number:064x}"
    return hq.do("dep-bot", "AddPackage", built=built | {"digest": digest})["id"], commit


def wanted(hq: Headquarters, live: dict[str, Any], package: str, **more: Any) -> str:
    """A program asks for a package there."""
    wish = {"package": package, "environment": live["name"], "configuration": "None."}
    told = wish | {"contents": "Trust me."} | more
    request: str = hq.do("dep-bot", "RequestDeployment", wish=told)["id"]
    return request


def requested(hq: Headquarters, live: dict[str, Any]) -> tuple[str, str]:
    """A package that a program built and wants there at once: the request, and its commit."""
    package, commit = added(hq)
    return wanted(hq, live, package), commit


def approved(hq: Headquarters, live: dict[str, Any], *commits: str) -> str:
    """A change to that environment which is tied to these commits, and may begin now."""
    said = content("Bring it there", environments=[live["name"]])
    id: str = hq.do("nils", "OpenChange", playbook="itsm", kind="normal", content=said)["id"]
    seen = 1
    for commit in commits:
        seen = hq.do("nils", "LinkChange", id=id, kind="COMMIT", reference=commit)["revision"]
    hq.do("nils", "SubmitChange", id=id, seen=seen)
    hq.do("mara", "ApproveChange", id=id, seen=seen, rule="assessment")
    hq.do("carla", "ApproveChange", id=id, seen=seen, rule="change_manager")
    return id


def checked(hq: Headquarters, commit: str, outcome: str = "PASSED", by: str = "cover-bot") -> None:
    told = {"project": "cover/app", "subject": commit, "outcome": outcome}
    hq.do(by, "ReportEvidence", name="pipeline", **told)


def plan_of(hq: Headquarters, live: dict[str, Any]) -> dict[str, Any]:
    """What is in force there, and what waits."""
    edges = hq.ask("wanda", "Environments", first=100)["edges"]
    found = next(each["node"] for each in edges if each["node"]["id"] == live["id"])
    return {"cover": found["plan"]["cover"], "waits": found["proposal"] is not None, **found}


@pytest.mark.req("S0-12", "S4-26", "X-01")
def test_a_program_alone_gets_nothing_into_production(
    people: Headquarters, live: dict[str, Any]
) -> None:
    id, commit = requested(people, live)
    checked(people, commit)
    assert people.refused("dep-bot", "StartDeployment", id=id) == ["not_covered"]
    gate = people.ask("dep-rhea", "DeploymentGate", id=id, action="START")["can"]
    (found,) = (e for e in gate["verdict"]["findings"] if e["requirement"] == "cover")
    assert (found["missing"], found["code"]) == (["change", "release"], "not_covered")
    assert people.refused("dep-rhea", "OverrideDeployment", id=id, reason="Trust me.") == [
        "nothing_to_override"
    ]


@pytest.mark.req("S0-04", "S0-07", "S0-14")
def test_hosted_deployment_goes_on_by_itself_once_two_people_said_that_checks_are_enough(
    people: Headquarters, live: dict[str, Any]
) -> None:
    assert (plan_of(people, live)["cover"], live["proposal"] is None) == (
        ["CHANGE", "RELEASE"],
        False,
    )
    agreed = {"id": live["id"], "seen": live["revision"]}
    assert people.refused("dep-rhea", "ConfirmEnvironment", **agreed) == ["needs_second_person"]
    assert people.refused("dep-bot", "ConfirmEnvironment", **agreed) == ["forbidden"]
    people.do("dep-rolf", "ConfirmEnvironment", **agreed)
    assert plan_of(people, live)["cover"] == ["CHECKS"]
    id, commit = requested(people, live)
    for outcome in ("FAILED", "RUNNING"):
        assert people.refused("dep-bot", "StartDeployment", id=id) == ["not_covered"]
        checked(people, commit, outcome)
    assert people.refused("dep-bot", "StartDeployment", id=id) == ["not_covered"]
    checked(people, commit)
    people.do("dep-bot", "StartDeployment", id=id)
    people.do("dep-bot", "SucceedDeployment", id=id)


def test_what_is_agreed_to_is_what_was_seen_and_may_be_declined(
    people: Headquarters, live: dict[str, Any]
) -> None:
    edited = live["plan"] | {"cover": [], "checks": []}
    version = plan_of(people, live)["version"]
    given = {"id": live["id"], "plan": edited}
    later = people.do("dep-rhea", "EditEnvironment", seen=version, **given)
    stale = {"id": live["id"], "seen": live["revision"]}
    assert people.refused("dep-rolf", "ConfirmEnvironment", **stale) == ["moved_on"]
    people.do("dep-rolf", "DeclineEnvironment", id=live["id"], reason="Not in production.")
    again = {"id": live["id"], "seen": later["revision"] + 1}
    assert people.refused("dep-rolf", "ConfirmEnvironment", **again) == ["nothing_proposed"]
    assert (plan_of(people, live)["cover"], plan_of(people, live)["waits"]) == (
        ["CHANGE", "RELEASE"],
        False,
    )


@pytest.mark.req("S3-02", "S3-34", "X-01")
def test_an_approved_change_takes_into_production_what_it_is_tied_to_and_nothing_else(
    people: Headquarters, live: dict[str, Any]
) -> None:
    assert plan_of(people, live)["plan"]["tied"] is True
    package, commit = added(people)
    for ties in ((), ("e" * 40,)):
        change = approved(people, live, *ties)
        id = wanted(people, live, package, changes=[change])
        assert people.refused("dep-bot", "StartDeployment", id=id) == ["not_covered"]
        gate = people.ask("dep-rhea", "DeploymentGate", id=id, action="START")["can"]
        (found,) = (e for e in gate["verdict"]["findings"] if e["requirement"] == "cover")
        assert found["missing"] == ["change", "release", change]
        assert "not tied to what it was built of" in found["message"]
    id = wanted(people, live, package, changes=[approved(people, live, commit)])
    people.do("dep-bot", "StartDeployment", id=id)


@pytest.mark.req("S0-12", "S0-13", "X-04")
def test_who_wrote_a_change_exempts_no_deployment_that_carries_it_from_a_lock(
    people: Headquarters, live: dict[str, Any]
) -> None:
    package, commit = added(people)
    id = wanted(people, live, package, changes=[approved(people, live, commit)])
    until = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    exempters = [people.id("nils"), people.id("kofi")]
    given = {"title": "Stop", "kind": "HARD", "until": until, "exempters": exempters}
    lock = people.do("dep-rhea", "DeclareLock", terms=given | {"environments": [live["name"]]})
    wish = {"lock": lock["id"], "deployment": id, "reason": "Customers cannot pay."}
    exemption = people.do("dep-rolf", "RequestExemption", **wish)["id"]
    assert people.refused("nils", "ApproveExemption", id=exemption) == ["needs_second_person"]
    gate = people.ask("dep-rhea", "DeploymentGate", id=id, action="START")["can"]
    ways = [[each["action"] for each in way["acts"]] for way in gate["explanation"]["ways"]]
    past = [["deployment.override"], ["exemption.approve"]]
    assert sorted(ways) == [*past, ["lock.lift"], ["lock.lift", "lock.confirm"], ["lock.wait"]]
    people.do("kofi", "ApproveExemption", id=exemption)
    people.do("dep-bot", "StartDeployment", id=id)
    people.do("dep-rhea", "LiftLock", id=lock["id"], reason="Done.")


@pytest.mark.req("S0-14", "S4-12")
def test_what_comes_between_others_of_a_line_waits_for_a_second_person(
    people: Headquarters,
) -> None:
    suffix = new_id()[-8:]

    def define(order: int) -> dict[str, Any]:
        told = {"kind": "staging", "line": suffix, "order": order}
        name = f"step-{order}-{suffix}"
        made: dict[str, Any] = people.do("dep-rhea", "DefineEnvironment", name=name, plan=told)
        return made

    def proposed() -> dict[str, bool]:
        every = people.ask("wanda", "Environments", first=100)["edges"]
        mine = [each["node"] for each in every if suffix in each["node"]["name"]]
        return {each["name"].split("-")[1]: each["proposal"] is not None for each in mine}

    assert not any(define(order)["proposal"] for order in (0, 10))
    between = define(5)
    assert between["proposal"]
    given = {"id": between["id"], "seen": between["revision"]}
    assert people.refused("dep-rhea", "ConfirmEnvironment", **given) == ["needs_second_person"]
    people.do("dep-rolf", "ConfirmEnvironment", **given)
    assert proposed() == {"0": False, "5": False, "10": False}
