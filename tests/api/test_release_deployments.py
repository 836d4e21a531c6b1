"""A release and its deployments through the schema, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.context import new_id
from api.demo.cast import Role
from tests.api.company import Headquarters
from tests.api.counted import statements

PLAYBOOK = """\
format = 1
name = "lorries"
title = "Lorries"

[[environment]]
name = "depot"
title = "Depot"
kind = "staging"

[[environment]]
name = "road"
title = "Road"
kind = "production"

[[release]]
name = "load"
title = "Load"
version_form = "N.N"
environments = ["depot", "road"]

[[release.phase]]
name = "run"
title = "Run"
status = "deploying"

[[release.requirement]]
name = "checked"
title = "It is checked"
about = "evidence"
evidence = ["checks"]
gates = ["deploy:depot", "deploy:road"]

[[release.requirement]]
name = "authorised"
title = "What it carries is authorised"
about = "changes_authorised"
gates = ["deploy:depot", "deploy:road"]

[[release.requirement]]
name = "on_road"
title = "It is on the road"
about = "deployed"
environment = "road"
gates = ["close"]
"""
WITHDRAW = """mutation ($input: WithdrawDeploymentInput!) {
  withdrawDeployment(input: $input) { problems { code } } }"""
PROPOSE = """mutation ($input: ProposePlaybookInput!) {
  proposePlaybook(input: $input) { problems { code message } } }"""
HOUR = timedelta(hours=1)
COMMITS = iter(range(0xFEED, 0xFFFF))
ROAD = {"action": "DEPLOY", "environment": "road"}
MOST = 6 + 3 + 2
"""Statements that find who asks, the release, the places and people it names, its gate's, and that
of where it goes first."""


@pytest.fixture(scope="session")
def yard(hq: Headquarters) -> Headquarters:
    """The company with two environments that are kept, and those who deploy there."""
    proposed = hq.desk.ask("playbook.propose", body=PLAYBOOK, based_on=None, reason="Lorries.")
    hq.desk.ask("playbook.adopt", proposed.subject)
    everywhere = [Role("role:release_manager", each, "any") for each in ("environment", "service")]
    hq.hire("lorna", "delivery", *everywhere)
    hq.hire("lorry-watch", None, Role("role:monitor", "environment", "any"), owner="viktor")
    builds = [Role("role:release_bot", each, "any") for each in ("environment", "service")]
    checks = Role("role:ci_bot", "project", "any")
    hq.hire("lorry-bot", None, *builds, checks, owner="yusuf")
    for order, name in enumerate(("depot", "road")):
        automatic = ["lorry"] if name == "depot" else []
        plan = {"kind": name, "line": "lorries", "order": order, "automatic": automatic}
        place = hq.do("lorna", "DefineEnvironment", name=name, plan=plan)["id"]
        hq.do("lorry-watch", "ReportEnvironmentHealth", id=place, health="HEALTHY")
    return hq


def loaded(hq: Headquarters, service: str = "storefront") -> tuple[str, str, int]:
    """A release of a package that was built for it and checked: its id, the package's, a number."""
    number = next(COMMITS)
    version = f"1.{number}"
    plan = {"title": "Load", "service": service, "versions": [version], "project": "lorry"}
    id = hq.do("lorna", "OpenRelease", playbook="lorries", kind="load", plan=plan)["id"]
    hq.do("lorna", "AimRelease", id=id, releaseVersion=version, commit=f"{number:040x}")
    return id, build(hq, number, service), number


def build(hq: Headquarters, number: int, service: str) -> str:
    """The package of a version of the service, by its number."""
    commit, digest = f"{number:040x}", f"sha256:{number:064x}"
    built = {"name": "lorry", "label": f"1.{number}", "service": service, "commit": commit}
    return str(hq.do("lorry-bot", "AddPackage", built=built | {"digest": digest})["id"])


def check(hq: Headquarters, number: int) -> None:
    told = {"project": "lorry", "subject": f"{number:040x}", "outcome": "PASSED"}
    hq.do("lorry-bot", "ReportEvidence", name="checks", **told)


def requested(hq: Headquarters, package: str) -> list[Any]:
    found = hq.ask("wanda", "Deployments", filter={"package": package})["edges"]
    return [each["node"] for each in found]


def deliveries(hq: Headquarters, id: str) -> dict[str, tuple[str, str | None]]:
    found = hq.ask("lorna", "Release", id=id)["deliveries"]
    return {
        each["environment"]: (each["progress"], (each["deployment"] or {}).get("id"))
        for each in found
    }


def arrived(hq: Headquarters) -> Any:
    """The report on what got onto the road."""
    now = datetime.now(UTC)
    span = {"since": (now - HOUR).isoformat(), "until": (now + HOUR).isoformat()}
    return hq.ask("wanda", "DeliveryReport", **span, environments=["road"])


@pytest.mark.req("S4-10", "S4-12", "S4-25", "S4-26")
def test_staging_comes_by_itself_and_production_is_requested(yard: Headquarters) -> None:
    id, package, number = loaded(yard)
    (staging,) = requested(yard, package)
    assert (staging["automatic"], staging["environment"]) == (True, "depot")
    assert yard.refused("lorry-bot", "StartDeployment", id=staging["id"]) == ["release_not_ready"]
    check(yard, number)
    yard.do("lorry-bot", "StartDeployment", id=staging["id"])
    assert deliveries(yard, id) == {"depot": ("RUNNING", staging["id"])}
    told = {"id": id, "environment": "depot"}
    assert yard.refused("lorna", "SettleReleaseDeployment", progress="SUCCEEDED", **told) == [
        "settled_by_deployment"
    ]
    assert yard.refused("lorna", "DeployRelease", seen=2, **told) == ["deployment_running"] * 2
    yard.do("lorry-bot", "SucceedDeployment", id=staging["id"])
    assert deliveries(yard, id)["depot"][0] == "SUCCEEDED"
    wish = {"package": package, "configuration": "None.", "contents": "All.", "belongsTo": id}
    live = yard.do("lorna", "RequestDeployment", wish=wish | {"environment": "road"})
    yard.do("lorna", "DeployRelease", id=id, environment="road", seen=2)
    assert deliveries(yard, id)["road"] == ("RUNNING", live["id"])
    before = arrived(yard)
    yard.do("lorry-bot", "SucceedDeployment", id=live["id"])
    after = arrived(yard)
    assert (
        after["deploymentFrequency"]["count"],
        after["releaseDeploymentFrequency"]["count"],
    ) == (
        before["deploymentFrequency"]["count"] + 1,
        before["releaseDeploymentFrequency"]["count"] + 1,
    )
    again = yard.refused("lorna", "RequestDeployment", wish=wish | {"environment": "road"})
    assert again == ["same_version"]
    yard.do("lorna", "RollBackDeployment", id=live["id"], reason="It loses its load.")
    assert deliveries(yard, id)["road"][0] == "ROLLED_BACK"


@pytest.mark.req("S0-14", "S4-26", "X-05")
def test_a_release_of_what_nobody_built_goes_nowhere(yard: Headquarters) -> None:
    number = next(COMMITS)
    told = {"title": "Load", "service": "storefront", "project": "lorry"}
    plan = {**told, "versions": [f"1.{number}"]}
    id = yard.do("lorna", "OpenRelease", playbook="lorries", kind="load", plan=plan)["id"]
    aimed = {"releaseVersion": f"1.{number}", "commit": f"{number:040x}"}
    yard.do("lorna", "AimRelease", id=id, **aimed)
    check(yard, number)
    going = {"id": id, "environment": "depot", "seen": 2}
    assert yard.refused("lorna", "DeployRelease", **going) == ["package_never_built"]
    can = yard.ask("lorna", "ReleaseGate", id=id, action="DEPLOY", environment="depot")["can"]
    (way,) = can["explanation"]["ways"]
    assert [each["action"] for each in way["acts"]] == ["package.add"]
    assert deliveries(yard, id) == {}


def test_a_request_for_a_release_that_is_not_there_is_refused(yard: Headquarters) -> None:
    id, package, _ = loaded(yard)
    wish = {"package": package, "configuration": "None.", "contents": "All."}
    other = id[:-8] + "AAAAAAAA"
    found = yard.refused(
        "lorna", "RequestDeployment", wish=wish | {"environment": "road", "belongsTo": other}
    )
    assert set(found) <= {"unknown_release", "not_found"}


@pytest.mark.req("S4-26", "X-01")
def test_a_request_that_names_no_release_goes_for_the_one_made_of_its_package(
    yard: Headquarters,
) -> None:
    id, package, number = loaded(yard)
    wish = {"package": package, "configuration": "None.", "contents": "Trust me."}
    depot = yard.do("lorry-bot", "RequestDeployment", wish=wish | {"environment": "depot"})
    payload = yard.ask("lorry-bot", "StartDeployment", input={"id": depot["id"]})
    assert [each["code"] for each in payload["problems"]] == ["release_not_ready"]
    assert f"storefront 1.{number} may not go there" in payload["problems"][0]["message"]
    assert deliveries(yard, id) == {}
    check(yard, number)
    yard.do("lorry-bot", "StartDeployment", id=depot["id"])
    assert deliveries(yard, id) == {"depot": ("RUNNING", depot["id"])}
    yard.do("lorry-bot", "SucceedDeployment", id=depot["id"])


def test_what_a_place_asks_of_a_release_costs_the_same_whatever_waits_there(
    yard: Headquarters,
) -> None:
    id, package, _ = loaded(yard)
    yard.ask("lorna", "ReleaseGate", id=id, **ROAD)
    with statements(yard.engine) as short:
        yard.ask("lorna", "ReleaseGate", id=id, **ROAD)
    wish = {"package": package, "configuration": "None.", "contents": "All.", "belongsTo": id}
    for _ in range(12):
        yard.do("lorna", "RequestDeployment", wish=wish | {"environment": "road"})
        loaded(yard)
    with statements(yard.engine) as long:
        can = yard.ask("lorna", "ReleaseGate", id=id, **ROAD)["can"]
    assert {"not_promoted", "evidence_missing"} <= {
        each["code"] for each in can["verdict"]["findings"]
    }
    assert len(long) == len(short) <= MOST, long


@pytest.mark.req("S0-12", "S0-13")
def test_who_could_unblock_the_place_is_named(yard: Headquarters) -> None:
    id, _, number = loaded(yard)
    check(yard, number)
    found = yard.ask("wanda", "Environments", first=100)["edges"]
    depot = next(e["node"]["id"] for e in found if e["node"]["name"] == "depot")
    told = {"name": f"incident-{new_id()[:4]}", "cause": "Down."}
    yard.do("lorry-watch", "BlockEnvironment", id=depot, **told)
    try:
        can = yard.ask("lorna", "ReleaseGate", id=id, action="DEPLOY", environment="depot")["can"]
        acts = [act for way in can["explanation"]["ways"] for act in way["acts"]]
        (unblock,) = {
            frozenset(p["handle"] for p in act["people"])
            for act in acts
            if act["action"] == "environment.unblock"
        }
        assert unblock
        assert unblock.isdisjoint(("wanda", "nils", "uma"))
    finally:
        yard.do("lorry-watch", "UnblockEnvironment", id=depot, name=told["name"], note="Up.")


@pytest.mark.req("X-07")
def test_a_problem_names_the_requirement_as_the_verdict_does(yard: Headquarters) -> None:
    id, _, _ = loaded(yard)
    refused = yard.ask("lorna", "CloseRelease", input={"id": id})
    blocking = {
        (each["code"], each["requirement"])
        for each in refused["verdict"]["findings"]
        if each["status"] in {"UNSATISFIED", "ERROR"}
    }
    assert {(each["code"], *each["path"]) for each in refused["problems"]} == blocking
    assert "on_road" in {requirement for _, requirement in blocking}


@pytest.mark.req("S0-10")
def test_a_release_is_made_of_a_package_by_its_id_or_its_digest(yard: Headquarters) -> None:
    id, package, number = loaded(yard)
    version, digest = f"1.{number}", f"sha256:{number:064x}"
    for named in (package, digest):
        told = yard.do("lorna", "AimRelease", id=id, releaseVersion=version, package=named)
        assert [each["package"] for each in told["targets"]] == [digest]
    for wrong, code in (("nothing", "not_a_package"), (id, "not_a_package")):
        codes = yard.refused("lorna", "AimRelease", id=id, releaseVersion=version, package=wrong)
        assert codes == [code]


@pytest.mark.req("S4-10", "S4-25")
def test_a_release_of_what_was_built_before_goes_to_staging_by_itself(yard: Headquarters) -> None:
    number = next(COMMITS)
    commit, version = f"{number:040x}", f"1.{number}"
    built = {"name": "lorry", "label": version, "service": "storefront", "commit": commit}
    built["digest"] = f"sha256:{number:064x}"
    package = yard.do("lorry-bot", "AddPackage", built=built)["id"]
    (first,) = requested(yard, package)
    yard.post("lorna", WITHDRAW, {"input": {"id": first["id"], "reason": "Not today."}})
    plan = {"title": "Load", "service": "storefront", "versions": [version], "project": "lorry"}
    id = yard.do("lorna", "OpenRelease", playbook="lorries", kind="load", plan=plan)["id"]
    yard.do("lorna", "AimRelease", id=id, releaseVersion=version, commit=commit)
    found = {each["status"]: each for each in requested(yard, package)}
    assert set(found) == {"WITHDRAWN", "REQUESTED"}
    staging = found["REQUESTED"]
    assert (staging["automatic"], staging["environment"]) == (True, "depot")
    check(yard, number)
    yard.do("lorry-bot", "StartDeployment", id=staging["id"])
    assert deliveries(yard, id) == {"depot": ("RUNNING", staging["id"])}
    yard.do("lorry-bot", "SucceedDeployment", id=staging["id"])
    yard.do("lorna", "AimRelease", id=id, releaseVersion=version, package=package)
    assert len(requested(yard, package)) == 2, "it stands there"


@pytest.mark.req("S4-12", "X-01")
def test_what_stands_there_counts_for_a_release_that_is_made_of_it(yard: Headquarters) -> None:
    first, package, number = loaded(yard)
    check(yard, number)
    (staging,) = requested(yard, package)
    yard.do("lorry-bot", "StartDeployment", id=staging["id"])
    yard.do("lorry-bot", "SucceedDeployment", id=staging["id"])
    yard.do("lorna", "AbortRelease", id=first, reason="Planned anew.")
    plan = {"title": "Load", "service": "storefront", "versions": [f"2.{number}"]}
    plan["project"] = "lorry"
    id = yard.do("lorna", "OpenRelease", playbook="lorries", kind="load", plan=plan)["id"]
    aimed = {"releaseVersion": f"2.{number}", "commit": f"{number:040x}"}
    yard.do("lorna", "AimRelease", id=id, **aimed)
    there = {"environment": "depot", "package": package, "configuration": "None."}
    wish = there | {"contents": "All.", "belongsTo": id}
    (problem,) = yard.ask("lorna", "RequestDeployment", input={"wish": wish})["problems"]
    assert problem["code"] == "same_version"
    assert problem["message"].endswith("deploy the release, and it counts for that.")
    yard.do("lorna", "DeployRelease", id=id, environment="depot", seen=2)
    assert deliveries(yard, id) == {"depot": ("SUCCEEDED", staging["id"])}
    assert len(requested(yard, package)) == 1, "nothing was deployed"
    history = yard.ask("lorna", "History", id=id, first=50)["edges"]
    assert "release.deployment_counted" in [each["node"]["kind"] for each in history]
    assert yard.refused("lorna", "DeployRelease", id=id, environment="depot", seen=2) == [
        "same_version"
    ]
    yard.do("lorna", "RollBackDeployment", id=staging["id"], reason="It loses its load.")
    assert deliveries(yard, id)["depot"][0] == "ROLLED_BACK"


@pytest.mark.req("X-01")
def test_a_playbook_that_calls_production_a_test_is_refused_with_its_line(
    yard: Headquarters,
) -> None:
    plan = {"kind": "production", "line": "quays", "order": 0}
    yard.do("lorna", "DefineEnvironment", name="weighbridge", plan=plan)
    renamed = PLAYBOOK.replace('"lorries"', '"barrows"').replace('"road"', '"weighbridge"')
    body = renamed.replace('kind = "production"', 'kind = "test"').replace(":road", ":weighbridge")
    line = body[: body.index('kind = "test"')].count("\n") + 1
    given = {"input": {"body": body, "reason": "Barrows."}}
    (problem,) = yard.post("ada", PROPOSE, given).json()["data"]["proposePlaybook"]["problems"]
    said = "weighbridge is kept here as production, and is declared as test"
    assert problem == {"code": "faulty_playbook", "message": f"Line {line}: {said}."}
    given["input"]["body"] = body.replace('kind = "test"', 'kind = "production"')
    assert not yard.post("ada", PROPOSE, given).json()["data"]["proposePlaybook"]["problems"]


@pytest.mark.req("S4-04", "S3-11")
def test_what_went_live_keeps_its_version_and_is_closed(yard: Headquarters) -> None:
    first, number = on_the_road(yard)
    plan = {"title": "Load", "service": "storefront", "project": "lorry"}
    seen = yard.ask("lorna", "Release", id=first)["version"]
    renamed = {"id": first, "seen": seen, "plan": plan | {"versions": ["1.0"]}}
    assert yard.refused("lorna", "EditRelease", **renamed) == ["version_live"]
    moved = {"id": first, "seen": seen, "plan": plan | {"versions": [f"1.{number}"]}}
    moved["plan"] |= {"service": "warehouse"}
    assert "went_out" in yard.refused("lorna", "EditRelease", **moved)
    second, _ = on_the_road(yard)
    assert yard.refused("lorna", "AbortRelease", id=first, reason="Old.") == ["still_live"]
    yard.do("lorna", "CloseRelease", id=first)
    same = {"playbook": "lorries", "kind": "load", "plan": plan | {"versions": [f"1.{number}"]}}
    rival = yard.do("lorna", "OpenRelease", **same)["id"]
    gate = yard.ask("lorna", "ReleaseGate", id=rival, **ROAD)["can"]["verdict"]
    assert "version_taken" in {each["code"] for each in gate["findings"]}
    yard.do("lorna", "AbortRelease", id=rival, reason="It has the version of another.")
    yard.do("lorna", "CloseRelease", id=second)


def on_the_road(yard: Headquarters) -> tuple[str, int]:
    """A release that went live by the depot, and its number."""
    id, package, number = loaded(yard)
    check(yard, number)
    for where in ("depot", "road"):
        yard.do("lorna", "DeployRelease", id=id, environment=where, seen=2)
        (going,) = (e for e in requested(yard, package) if e["environment"] == where)
        yard.do("lorry-bot", "SucceedDeployment", id=going["id"])
    return id, number


def by_hand(hq: Headquarters, service: str) -> tuple[str, str]:
    """A release of two packages, brought to the depot by hand: its id, and its versions."""
    id, _, number = loaded(hq, service)
    second = next(COMMITS)
    plan = {"title": "Loads", "service": service, "project": "lorry"}
    versions = [f"1.{second}", f"1.{number}"]
    hq.do("lorna", "EditRelease", id=id, seen=2, plan=plan | {"versions": versions})
    hq.do("lorna", "AimRelease", id=id, releaseVersion=versions[0], commit=f"{second:040x}")
    build(hq, second, service)
    check(hq, number)
    check(hq, second)
    told = {"id": id, "environment": "depot"}
    hq.do("lorna", "DeployRelease", seen=hq.ask("lorna", "Release", id=id)["revision"], **told)
    hq.do("lorna", "SettleReleaseDeployment", progress="SUCCEEDED", **told)
    return id, ", ".join(versions)


def put(hq: Headquarters, package: str, place: str = "depot") -> str:
    """Let what waits there of a package go there; the deployment's id."""
    waiting = [each for each in requested(hq, package) if each["status"] == "REQUESTED"]
    (id,) = (each["id"] for each in waiting if each["environment"] == place)
    hq.do("lorry-bot", "StartDeployment", id=id)
    hq.do("lorry-bot", "SucceedDeployment", id=id)
    return str(id)


@pytest.mark.req("S0-14", "S4-12")
def test_what_came_by_hand_stays_after_a_rollback_and_gives_way_to_what_is_put_back(
    yard: Headquarters,
) -> None:
    def there() -> list[str]:
        found = yard.ask("wanda", "StandingPackages")
        return [each["label"] for each in found if each["service"] == "lorry-trailers"]

    id, package, number = loaded(yard, "lorry-trailers")
    check(yard, number)
    put(yard, package)
    other, versions = by_hand(yard, "lorry-trailers")
    assert there() == [versions]
    asked = yard.ask("lorna", "ReleaseGate", id=other, **ROAD)["can"]["verdict"]["findings"]
    assert ("promotion", "SATISFIED") in {(e["requirement"], e["status"]) for e in asked}
    _, later, newest = loaded(yard, "lorry-trailers")
    check(yard, newest)
    over = put(yard, later)
    assert there() == [f"1.{newest}"]
    yard.do("lorna", "RollBackDeployment", id=over, reason="It loses its load.")
    assert there() == [versions]
    told = {"id": id, "environment": "depot"}
    yard.do("lorna", "DeployRelease", seen=2, **told)
    again = deliveries(yard, id)["depot"][1]
    yard.do("lorry-bot", "SucceedDeployment", id=again)
    assert there() == [f"1.{number}"]
    assert yard.refused("lorna", "DeployRelease", seen=2, **told) == ["same_version"]
    yard.do("lorna", "RollBackDeployment", id=again, reason="It loses its load.")
    assert there() == [versions], "what was there before"
    yard.do(
        "lorna",
        "SettleReleaseDeployment",
        progress="ROLLED_BACK",
        note="Flat.",
        **(told | {"id": other}),
    )
    assert there() == [f"1.{number}"]
