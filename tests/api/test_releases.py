"""A release travels over GraphQL, and its gates can be asked now and for a time to come."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.demo.cast import Role, services
from api.derived.identity import PERSON, read_id
from tests.api.company import Headquarters, operation
from tests.api.counted import statements
from tests.api.test_journey import drafted, scheduled

COMMITS = itertools.count(1)
MINORS = itertools.count(2)
BESIDE = 6
"""Statements that find who asks, what they may see, the release, and the names of who could help.

The gate itself has eight.
"""
PROJECT = "gitlab-org/storefront"
LIVE = {"action": "DEPLOY", "environment": "production"}


@pytest.fixture(scope="session")
def crew(hq: Headquarters) -> Headquarters:
    """The company with those who release."""
    hq.hire("zoe", "delivery", services("role:release_manager"), *places("role:release_manager"))
    hq.hire("yves", "quality", services("role:qa"))
    hq.hire("paloma", "commerce", services("role:product_owner"))
    hq.hire("rolf", "commerce", services("role:release_reviewer"))
    hq.hire("ci", None, Role("role:ci_bot", "project", "any"), owner="yusuf")
    return hq


def places(role: str) -> tuple[Role, ...]:
    return tuple(Role(role, "environment", each) for each in ("test", "staging", "production"))


def planned(hq: Headquarters, kind: str = "minor", **more: Any) -> str:
    """A release with a commit of its own, which nothing was put into."""
    version = f"1.{next(MINORS)}.0"
    plan = {"title": "Faster carts", "service": "storefront", "versions": [version]}
    plan |= {"project": PROJECT, "rollbackPlan": "Back to 1.1.9."} | more
    told = {"playbook": "itsm_releases", "kind": kind, "plan": plan}
    id: str = hq.do("zoe", "OpenRelease", **told)["id"]
    commit = f"{next(COMMITS):040x}"
    hq.do("zoe", "AimRelease", id=id, releaseVersion=version, commit=commit)
    return id


def report(hq: Headquarters, id: str, *names: str, **more: Any) -> None:
    commit = hq.ask("zoe", "Release", id=id)["targets"][0]["commit"]
    told = {"project": PROJECT, "subject": commit, "outcome": "PASSED"} | more
    for name in names:
        hq.do("ci", "ReportEvidence", name=name, **told)


def compare(hq: Headquarters, id: str) -> str:
    """Let it report that its commit holds what the release contains; by which manifest."""
    manifest: str = hq.ask("zoe", "Release", id=id)["manifest"]
    report(hq, id, "contents", manifest=manifest)
    return manifest


def revision(hq: Headquarters, id: str) -> int:
    found: int = hq.ask("zoe", "Release", id=id)["revision"]
    return found


def deploy(hq: Headquarters, id: str, environment: str) -> None:
    told = {"id": id, "environment": environment}
    hq.do("zoe", "DeployRelease", seen=revision(hq, id), **told)
    hq.do("zoe", "SettleReleaseDeployment", progress="SUCCEEDED", **told)


def change(hq: Headquarters) -> str:
    """A change that was approved, and is under way."""
    id = scheduled(hq, title="For a release", service="storefront")
    hq.do("pavel", "ImplementChange", id=id, seen=1)
    return id


def gate(hq: Headquarters, id: str, who: str = "zoe", **asked: Any) -> Any:
    return hq.ask(who, "ReleaseGate", id=id, **asked)["can"]


def codes(answer: Any) -> set[str]:
    return {each["code"] for each in answer["verdict"]["findings"] if each["code"]}


@pytest.mark.req("S3-12", "S3-14", "S3-21", "S3-34", "X-07")
def test_a_minor_release_goes_out_while_every_test_passes(crew: Headquarters) -> None:
    id = planned(crew)
    nothing = {"nothing_included", "commit_not_included"}
    assert codes(gate(crew, id, action="DEPLOY", environment="staging")) == nothing
    crew.do("zoe", "IncludeRelease", id=id, changes=[change(crew)])
    page = crew.ask("wanda", "Inclusions", release=id)["edges"]
    assert [each["node"]["kind"] for each in page] == ["CHANGE"]
    compare(crew, id)
    deploy(crew, id, "staging")
    report(crew, id, "unit_tests", "regression_tests")
    assert gate(crew, id, **LIVE)["allowed"]
    report(crew, id, "unit_tests", outcome="FAILED")
    seen = {"id": id, "environment": "production", "seen": revision(crew, id)}
    assert set(crew.refused("zoe", "DeployRelease", **seen)) == {"approval_not_requested"}
    report(crew, id, "unit_tests")
    deploy(crew, id, "production")
    assert crew.refused("zoe", "CloseRelease", id=id) == ["not_verified"]
    said = {"requirement": "watched", "gate": "close", "judgement": "HOLDS"}
    crew.do("zoe", "AttestRelease", id=id, seen=revision(crew, id), **said)
    closed = crew.do("zoe", "CloseRelease", id=id)
    assert closed["status"] == "CLOSED"


@pytest.mark.req("S3-19", "X-04")
def test_the_approvals_of_a_release_that_ended_stay_as_they_were(crew: Headquarters) -> None:
    crew.hire("priska", "commerce", services("role:product_owner"))
    id, other = planned(crew, "major"), planned(crew, "major")
    for each in (id, other):
        crew.do("zoe", "RequestReleaseApproval", id=each, seen=revision(crew, each))
        told = {"id": each, "rule": "product_owner", "seen": revision(crew, each)}
        crew.do("priska", "ApproveRelease", **told)
    crew.do("zoe", "AbortRelease", id=id, reason="Not this year.")
    crew.desk.ask("principal.suspend", read_id(crew.id("priska"), PERSON), reason="Left.")

    def owner(each: str) -> Any:
        rules = crew.ask("zoe", "Release", id=each)["approvals"]
        return next(e["status"] for e in rules if e["rule"]["name"] == "product_owner")

    assert (owner(id), owner(other)) == ("SATISFIED", "OPEN")
    crew.do("zoe", "AbortRelease", id=other, reason="Not this year.")


@pytest.mark.req("X-01", "X-05", "S3-02")
def test_what_a_commit_holds_is_said_for_one_release_alone(crew: Headquarters) -> None:
    first, second = planned(crew), planned(crew)
    commit = crew.ask("zoe", "Release", id=first)["targets"][0]["commit"]
    version = crew.ask("zoe", "Release", id=second)["targets"][0]["version"]
    crew.do("zoe", "AimRelease", id=second, releaseVersion=version, commit=commit)
    seen, inside = {}, change(crew)
    for id in (first, second):
        crew.do("zoe", "IncludeRelease", id=id, changes=[inside])
        report(crew, id, "unit_tests", "regression_tests")
        seen[id] = {"id": id, "environment": "staging", "seen": revision(crew, id)}
    manifest = compare(crew, first)
    deploy(crew, first, "staging")
    assert crew.refused("zoe", "DeployRelease", **seen[second]) == ["commit_not_included"]
    acts = [
        act
        for way in gate(crew, second, **LIVE)["explanation"]["ways"]
        for act in way["acts"]
        if act["action"] == "evidence.report"
    ]
    assert {each["handle"] for act in acts for each in act["people"]} >= {"ci"}
    crew.do("zoe", "ExcludeRelease", id=first, changes=[inside], reason="Later.")
    crew.do("zoe", "IncludeRelease", id=first, changes=[inside])
    assert "commit_not_included" in codes(gate(crew, first, **LIVE)), "it was changed meanwhile"
    assert compare(crew, second) != manifest
    deploy(crew, second, "staging")
    deploy(crew, second, "production")
    unusable = {"project": PROJECT, "subject": commit, "outcome": "PASSED", "name": "contents"}
    refused = crew.refused("ci", "ReportEvidence", manifest="1.2.0", **unusable)
    assert refused == ["digest_unusable"]


@pytest.mark.req("S3-07", "S3-19", "S3-20", "S3-22", "S3-25")
def test_who_has_to_do_what_is_told_with_their_names(crew: Headquarters) -> None:
    id = planned(crew, "major", strategy="CANARY")
    crew.do("zoe", "RequestReleaseApproval", id=id, seen=revision(crew, id))
    await_me = crew.ask("paloma", "ReleasesAwaitingMe", first=100)["edges"]
    assert [each["node"]["rule"] for each in await_me if each["node"]["release"]["id"] == id] == [
        "product_owner"
    ]
    for who, rule in (("paloma", "product_owner"), ("erin", "cab"), ("farid", "cab")):
        crew.do(who, "ApproveRelease", id=id, rule=rule, seen=revision(crew, id))
    told = {"requirement": "rollback_plan", "gate": "deploy:production", "judgement": "HOLDS"}
    crew.do("rolf", "AttestRelease", id=id, seen=revision(crew, id), **told)
    answer = gate(crew, id, **LIVE)
    assert {"attestation_missing", "evidence_missing", "tasks_open"} <= codes(answer)
    acts = [act for way in answer["explanation"]["ways"] for act in way["acts"]]
    attest = [act for act in acts if act["action"] == "release.attest"]
    assert "yves" in {person["handle"] for act in attest for person in act["people"]}
    found = crew.ask("zoe", "Release", id=id)
    assert (found["status"], found["stateName"]) == ("PLANNING", "Plan")
    assert crew.refused("zoe", "EnterReleasePhase", id=id) == ["tasks_open"]
    crew.do("zoe", "CompleteReleaseTask", id=id, number=1)
    assert crew.do("zoe", "EnterReleasePhase", id=id)["stateName"] == "Build"
    cell = {"requirement": "rollback_plan", "gate": "deploy:production"}
    changed = {"before": "UNSATISFIED", "now": "SATISFIED"}
    assert found["matrixDifferences"] == [cell | changed]
    crew.do("zoe", "AbortRelease", id=id, reason="Nobody wants it.")


@pytest.mark.req("S4-07", "S1-09")
def test_a_gate_and_the_matrix_can_be_asked_for_a_time_to_come(crew: Headquarters) -> None:
    id = planned(crew, "standard")
    later = datetime.now(UTC) + timedelta(days=3)
    moved = {"scheduled": later.isoformat(), "reason": "Holidays."}
    crew.do("zoe", "RescheduleRelease", id=id, **moved)
    assert "before_its_date" in codes(gate(crew, id, **LIVE))
    then = (later + timedelta(hours=1)).isoformat()
    assert "before_its_date" not in codes(gate(crew, id, **LIVE, at=then))
    cells = {
        row["requirement"]: row["cells"][-1]["status"]
        for row in crew.ask("zoe", "Release", id=id, at=then)["matrix"]
    }
    assert (cells["date"], cells["tests"]) == ("SATISFIED", "UNSATISFIED")


def test_a_question_that_makes_no_sense_is_refused(crew: Headquarters) -> None:
    id = planned(crew)
    for asked, code in (
        ({"action": "DEPLOY"}, "environment_missing"),
        ({"action": "CLOSE", "environment": "staging"}, "environment_missing"),
        ({"action": "CLOSE", "at": "2020-01-01T00:00:00Z"}, "until_passed"),
    ):
        answer = crew.post("zoe", operation("ReleaseGate"), {"id": id, **asked}).json()
        assert answer["errors"][0]["extensions"]["code"].lower() == code


@pytest.mark.req("X-04")
def test_a_waiver_is_asked_for_and_granted_by_somebody_else(crew: Headquarters) -> None:
    id = planned(crew)
    until = (datetime.now(UTC) + timedelta(hours=3)).isoformat()
    told = {"release": id, "requirement": "regression", "gate": "deploy:production"}
    waiver = crew.do("zoe", "RequestWaiver", **told, reason="It burns.", expiresAt=until)["id"]
    assert "forbidden" in crew.refused("zoe", "GrantWaiver", id=waiver)
    ways = [way["acts"] for way in gate(crew, id, **LIVE)["explanation"]["ways"]]
    able = {a["description"]: [p["handle"] for p in a["people"]] for acts in ways for a in acts}
    assert able['Waive the requirement "Regression tests pass" at deploy:production.'] == ["lena"]
    granted = crew.do("lena", "GrantWaiver", id=waiver)
    assert (granted["holds"], granted["endsSoon"]) == (True, True)
    found = gate(crew, id, **LIVE)["verdict"]["findings"]
    assert [f["status"] for f in found if f["requirement"] == "regression"] == ["WAIVED"]


@pytest.mark.req("X-01")
def test_what_is_not_ready_is_neither_tagged_nor_published(crew: Headquarters) -> None:
    plan = {"title": "17.5", "service": "storefront", "versions": ["17.5.0"], "project": PROJECT}
    told = {"playbook": "gitlab", "kind": "monthly", "plan": plan}
    id = crew.do("zoe", "OpenRelease", **told)["id"]
    seen = {"id": id, "seen": 1}
    assert set(crew.refused("zoe", "TagRelease", releaseVersion="17.5.0", **seen)) >= {
        "target_unknown",
        "not_deployed",
        "evidence_missing",
    }
    assert set(crew.refused("zoe", "PublishRelease", **seen)) >= {
        "not_tagged",
        "not_deployed",
        "evidence_missing",
        "notes_missing",
    }
    plan["notes"] = "Faster."
    crew.do("zoe", "EditRelease", id=id, plan=plan, seen=1)
    assert crew.refused("zoe", "PublishRelease", **seen) == ["moved_on"]
    names = {each["name"] for each in crew.ask("zoe", "Release", id=id)["resources"]}
    assert "release_docs" in names


@pytest.mark.req("S0-05")
def test_releases_are_listed_and_a_gate_costs_the_same_whatever_is_in_it(
    crew: Headquarters,
) -> None:
    few, many = planned(crew), planned(crew, title="Crowded")
    commits = [{"commit": f"{n:040x}"} for n in range(1, 301)]
    crew.do("zoe", "IncludeRelease", id=few, commits=commits[:1])
    crew.do("zoe", "IncludeRelease", id=many, commits=commits)
    gate(crew, few, **LIVE)
    with statements(crew.engine) as short:
        gate(crew, few, **LIVE)
    with statements(crew.engine) as long:
        found = gate(crew, many, **LIVE)
    assert len(long) == len(short) <= BESIDE + 8, long
    assert "not_authorised" in codes(found)
    page = crew.ask("wanda", "Releases", filter={"service": "storefront", "kind": "minor"})
    titles = [each["node"]["plan"]["title"] for each in page["edges"]]
    assert "Crowded" in titles


@pytest.mark.req("S0-05")
def test_releases_are_listed_by_priority_unless_asked_otherwise(crew: Headquarters) -> None:
    made = [
        planned(crew, title=f"Ranked {purpose}", service="ranks", purpose=purpose)
        for purpose in ("ROUTINE", "AVAILABILITY", "SECURITY", "AVAILABILITY", "ROUTINE")
    ]
    routine, down, leak, outage, late = made

    def listed(**more: Any) -> list[str]:
        page = crew.ask("wanda", "Releases", filter={"service": "ranks"}, **more)
        return [each["node"]["id"] for each in page["edges"]]

    assert listed() == [outage, down, leak, late, routine]
    assert listed(order="NEWEST") == [late, outage, leak, down, routine]
    first = crew.ask("wanda", "Releases", filter={"service": "ranks"}, first=3)
    rest = listed(after=first["pageInfo"]["endCursor"])
    assert [e["node"]["id"] for e in first["edges"]] + rest == listed()


@pytest.mark.req("X-04")
def test_waivers_that_end_soon_are_listed_for_whom_they_concern(crew: Headquarters) -> None:
    id, waivers = planned(crew), {}
    told = {"release": id, "requirement": "regression", "gate": "deploy:production"}
    for hours in (50, 20, 3):
        until = (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
        asked = crew.do("zoe", "RequestWaiver", **told, reason="It burns.", expiresAt=until)["id"]
        waivers[hours] = asked
        if hours != 20:
            crew.do("lena", "GrantWaiver", id=asked)

    def ending(who: str, **more: Any) -> list[str]:
        page = crew.ask(who, "WaiversEndingSoon", first=100, **more)
        return [e["node"]["id"] for e in page["edges"] if e["node"]["release"]["id"] == id]

    assert ending("zoe") == ending("lena") == [waivers[3]]
    assert ending("wanda") == []
    assert ending("wanda", everybody=True) == [waivers[3]]
    crew.do("lena", "GrantWaiver", id=waivers[20])
    assert ending("zoe") == [waivers[3], waivers[20]], "the first to end first"


@pytest.mark.req("X-04")
def test_waivers_that_lift_nothing_any_more_are_not_listed(crew: Headquarters) -> None:
    """Another revision needs another one, and the word of who lost the right counts no more."""
    until = (datetime.now(UTC) + timedelta(hours=3)).isoformat()
    told = {"requirement": "regression", "gate": "deploy:production", "expiresAt": until}

    def waived(release: str, by: str) -> str:
        asked = crew.do("zoe", "RequestWaiver", release=release, reason="It burns.", **told)["id"]
        assert crew.do(by, "GrantWaiver", id=asked)["holds"]
        return str(asked)

    def ending(*releases: str) -> list[str]:
        page = crew.ask("zoe", "WaiversEndingSoon", first=100)
        return [e["node"]["id"] for e in page["edges"] if e["node"]["release"]["id"] in releases]

    lulu = crew.hire("lulu", "commerce", services("role:service_owner"))
    moved, ended, kept = planned(crew), planned(crew), planned(crew)
    all_of_them = {waived(each, "lena") for each in (moved, ended, kept)}
    by_lulu = waived(kept, "lulu")
    assert set(ending(moved, ended, kept)) == all_of_them | {by_lulu}
    plan = crew.ask("zoe", "Release", id=moved)["plan"]
    commit = f"{next(COMMITS):040x}"
    crew.do("zoe", "AimRelease", id=moved, releaseVersion=plan["versions"][0], commit=commit)
    assert ending(moved) == []
    crew.do("zoe", "AbortRelease", id=ended, reason="Another time.")
    assert ending(ended) == []
    crew.desk.ask("principal.suspend", read_id(lulu, PERSON) or "", reason="She left.")
    assert by_lulu not in ending(kept)
    assert len(ending(kept)) == 1


@pytest.mark.req("X-04")
def test_a_waiver_falls_with_the_last_grant_that_let_it_be_granted(crew: Headquarters) -> None:
    account = crew.hire("wilma", "commerce")
    owner = "role:service_owner"
    own = Role(owner, "service", "storefront")
    held = [crew.give(account, each) for each in (own, services(owner))]
    id, until = planned(crew), (datetime.now(UTC) + timedelta(hours=3)).isoformat()
    told = {"requirement": "regression", "gate": "deploy:production", "expiresAt": until}
    asked = crew.do("zoe", "RequestWaiver", release=id, reason="It burns.", **told)["id"]
    crew.do("wilma", "GrantWaiver", id=asked)

    def lifts() -> tuple[bool, bool]:
        page = crew.ask("zoe", "WaiversEndingSoon", first=100)
        found = {f["requirement"]: f for f in gate(crew, id, **LIVE)["verdict"]["findings"]}
        listed = asked in [each["node"]["id"] for each in page["edges"]]
        return listed, found["regression"]["status"] == "WAIVED"

    for each in held:
        assert lifts() == (True, True)
        crew.do("ada", "RevokeGrant", id=each, reason="They do something else now.")
    assert lifts() == (False, False)


@pytest.mark.req("S3-02", "S3-21")
def test_a_release_carries_changes_of_its_own_service_alone(crew: Headquarters) -> None:
    id, own, foreign = planned(crew), change(crew), scheduled(crew, title="Elsewhere")
    refusal = crew.refused("zoe", "IncludeRelease", id=id, changes=[own, foreign])
    assert refusal == ["change_of_other_service"]
    commit = {"commit": f"{next(COMMITS):040x}", "coveredBy": foreign}
    refusal = crew.refused("zoe", "IncludeRelease", id=id, commits=[commit])
    assert refusal == ["change_of_other_service"]
    assert crew.ask("zoe", "Inclusions", release=id)["edges"] == []
    crew.do("zoe", "IncludeRelease", id=id, changes=[own])
    plan = {"title": "Moved", "service": "billing", "versions": ["1.2.0"], "project": PROJECT}
    told = {"id": id, "seen": revision(crew, id), "plan": plan}
    assert crew.refused("zoe", "EditRelease", **told) == ["change_of_other_service"]


@pytest.mark.req("S3-03")
def test_the_impact_of_a_release_is_one_question(crew: Headquarters) -> None:
    id, first, second = planned(crew), change(crew), change(crew)
    commit = {"commit": f"{next(COMMITS):040x}", "coveredBy": second}
    crew.do("zoe", "IncludeRelease", id=id, changes=[first], commits=[commit])
    crew.do("zoe", "IncludeRelease", id=id, commits=[{"commit": f"{next(COMMITS):040x}"}])
    found = crew.ask("zoe", "Release", id=id)["impact"]
    assert (found["changes"], found["others"]) == (2, 1)
    touched = {each["id"] for item in found["services"] for each in item["changes"]}
    assert touched == {first, second}
    assert found["highestRisk"] is not None
    assert {found["overlaps"][0][each]["id"] for each in ("first", "second")} == touched


@pytest.mark.req("S0-22", "S0-30")
def test_a_release_names_the_channels_of_its_process(crew: Headquarters) -> None:
    plan = {"title": "17.6", "service": "storefront", "versions": ["17.6.0"], "project": PROJECT}
    id = crew.do("zoe", "OpenRelease", playbook="gitlab", kind="monthly", plan=plan)["id"]
    found = crew.ask("zoe", "Release", id=id)["resources"]
    channels = {(each["purpose"], each["location"]) for each in found if each["purpose"] != "READ"}
    assert channels == {
        ("DISCUSS", "#releases"),
        ("DISCUSS", "#f_upcoming_releases"),
        ("ANNOUNCE", "#announcements"),
    }


@pytest.mark.req("S3-02", "X-01")
def test_a_change_answers_for_a_commit_that_its_approvals_cover(crew: Headquarters) -> None:
    id, commit = planned(crew), f"{next(COMMITS):040x}"
    item = {"commit": commit, "coveredBy": change(crew)}
    crew.do("zoe", "IncludeRelease", id=id, commits=[item])
    assert "not_authorised" in codes(gate(crew, id, **LIVE)), "it knows of no commit"
    crew.do("zoe", "ExcludeRelease", id=id, commits=[commit], reason="Nobody approved it.")
    tied = drafted(crew, title="For a commit", service="storefront")
    link = {"id": tied, "kind": "COMMIT"}
    assert crew.refused("nils", "LinkChange", reference="main", **link) == ["not_a_commit"]
    found = crew.do("nils", "LinkChange", reference=commit, **link)
    assert [(each["kind"], each["reference"]) for each in found["links"]] == [("COMMIT", commit)]
    seen = {"id": tied, "seen": found["revision"]}
    crew.do("carla", "SubmitChange", **seen)
    crew.do("mara", "ApproveChange", rule="assessment", **seen)
    crew.do("zoe", "IncludeRelease", id=id, commits=[{"commit": commit, "coveredBy": tied}])
    assert "not_authorised" in codes(gate(crew, id, **LIVE)), "nor was it approved yet"
    for member in ("erin", "farid"):
        crew.do(member, "ApproveChange", rule="cab_two", **seen)
    assert "not_authorised" not in codes(gate(crew, id, **LIVE))
