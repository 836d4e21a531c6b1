"""What releases deliver themselves counts as deployed, where their playbook says production is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.context import new_id
from api.demo.cast import Role, projects
from api.derived.identity import global_id
from tests.api.company import Headquarters
from tests.api.test_journey_paths import merge_request

PLAYBOOK = """\
format = 1
name = "barges"
title = "Barges"

[[environment]]
name = "quay"
title = "Quay"
kind = "staging"

[[environment]]
name = "sea"
title = "Sea"
kind = "production"

[[release]]
name = "cargo"
title = "Cargo"
version_form = "N.N"
environments = ["quay", "sea"]

[[release.phase]]
name = "run"
title = "Run"
status = "deploying"

[[release.requirement]]
name = "authorised"
title = "What it carries is authorised"
about = "changes_authorised"
gates = ["deploy:quay", "deploy:sea", "close"]

[[release.requirement]]
name = "afloat"
title = "It works and was watched"
about = "watched"
environment = "sea"
gates = ["close"]
"""
PROPOSE = """mutation ($input: ProposePlaybookInput!) {
  proposePlaybook(input: $input) { playbook { id } problems { code message } } }"""
ADOPT = """mutation ($input: AdoptPlaybookInput!) {
  adoptPlaybook(input: $input) { problems { code message } } }"""
BEGAN = datetime.now(UTC) - timedelta(days=1)
NUMBERS = iter(range(1, 100))


@pytest.fixture(scope="session")
def port(hq: Headquarters) -> Headquarters:
    """The company with a playbook whose environments nobody keeps here."""
    proposed = hq.desk.ask("playbook.propose", body=PLAYBOOK, based_on=None, reason="Barges.")
    hq.desk.ask("playbook.adopt", proposed.subject)
    everywhere = [Role("role:release_manager", each, "any") for each in ("environment", "service")]
    hq.hire("pelle", "delivery", *everywhere)
    if "rick" not in hq.tokens:
        hq.hire("rick", "gitaly", projects("role:reviewer"))
    return hq


def merged(hq: Headquarters) -> tuple[str, str]:
    """A merge request that was merged, and as which commit."""
    request = merge_request(hq, 2_000_000 + int(new_id()[-5:], 16))
    for each in ("tara", "rick"):
        hq.do(each, "SignOffMergeRequest", id=request, rule="reviews", seen=1)
    commit = new_id() + new_id()[:8]
    hq.do("rick", "MergeMergeRequest", id=request, seen=1, mergeCommit=commit)
    return request, commit


def loaded(hq: Headquarters, service: str, playbook: str = "barges") -> str:
    """A release with a merged merge request in it, at its third revision."""
    version = f"1.{next(NUMBERS)}"
    plan: dict[str, Any] = {"title": "Cargo", "service": service, "versions": [version]}
    plan["project"] = "gitlab-org/gitaly"
    id = hq.do("pelle", "OpenRelease", playbook=playbook, kind="cargo", plan=plan)["id"]
    request, commit = merged(hq)
    hq.do("pelle", "IncludeRelease", id=id, mergeRequests=[request])
    hq.do("pelle", "AimRelease", id=id, releaseVersion=version, commit=commit)
    return str(id)


def settled(hq: Headquarters, id: str, place: str, progress: str, **more: Any) -> None:
    hq.do("pelle", "SettleReleaseDeployment", id=id, environment=place, progress=progress, **more)


def delivered(hq: Headquarters, id: str, place: str, progress: str, **more: Any) -> None:
    hq.do("pelle", "DeployRelease", id=id, environment=place, seen=3)
    settled(hq, id, place, progress, **more)


def asked(hq: Headquarters, service: str, **more: Any) -> Any:
    until = datetime.now(UTC) + timedelta(hours=1)
    given = {"since": BEGAN.isoformat(), "until": until.isoformat(), "service": service}
    return hq.ask("wanda", "DeliveryReport", **given | more)


def told(hq: Headquarters, id: str, kind: str) -> list[str]:
    """The ids of what happened to a release, of this kind."""
    edges = hq.ask("wanda", "History", id=id, first=100)["edges"]
    return [str(e["node"]["id"]) for e in edges if e["node"]["kind"] == f"release.{kind}"]


@pytest.mark.req("S0-25", "S3-27", "S3-28", "X-06")
def test_what_a_release_delivers_itself_is_a_deployment(port: Headquarters) -> None:
    service = f"tug-{new_id()[-6:]}"
    id = loaded(port, service)
    delivered(port, id, "quay", "SUCCEEDED")
    assert asked(port, service)["deploymentFrequency"]["value"] == "0"
    delivered(port, id, "sea", "FAILED", note="A storm.")
    before = datetime.now(UTC)
    delivered(port, id, "sea", "SUCCEEDED")
    found = asked(port, service)
    assert "sea" in found["environments"]
    assert "quay" not in found["environments"]
    *_, failed, arrived = sorted(told(port, id, "deployment_settled"))
    assert found["deploymentFrequency"]["value"] == "1"
    assert found["deploymentFrequency"]["sources"] == [arrived]
    for name in ("leadTime", "meanTimeToProduction"):
        assert (found[name]["value"], found[name]["count"]) == ("0.00", 1)
        assert found[name]["sources"][0].endswith(f"..{arrived}")
    rate = found["failureRatePerDeployment"]
    assert (rate["value"], sorted(rate["sources"])) == ("0.5000", [failed, arrived])
    assert found["timeToRestore"]["sources"] == [f"{failed}..{arrived}"]
    assert found["deploymentSlo"]["value"] == "1.0000"
    assert found["commitToProduction"]["count"] == 1
    assert found["releaseDeploymentFrequency"]["sources"] == [arrived]
    then = asked(port, service, asOf=before.isoformat())
    assert (then["deploymentFrequency"]["value"], then["leadTime"]["count"]) == ("0", 0)
    named = asked(port, service, environments=["sea"])
    elsewhere = {"known": named["known"], "blockerHours": []}
    assert named == found | {"environments": ["sea"], **elsewhere}


@pytest.mark.req("S3-28", "X-06")
def test_what_was_taken_back_arrived_and_failed(port: Headquarters) -> None:
    service = f"tug-{new_id()[-6:]}"
    id = loaded(port, service)
    delivered(port, id, "sea", "SUCCEEDED")
    settled(port, id, "sea", "ROLLED_BACK", note="It leaks.")
    found = asked(port, service)
    assert found["deploymentFrequency"]["value"] == "1"
    assert found["failureRatePerDeployment"]["value"] == "1.0000"


@pytest.mark.req("S3-28", "S3-29", "X-06")
def test_what_somebody_attests_not_to_work_failed_and_is_restored_by_what_comes_next(
    port: Headquarters,
) -> None:
    service = f"tug-{new_id()[-6:]}"
    id = loaded(port, service)
    delivered(port, id, "sea", "SUCCEEDED")
    assert asked(port, service)["failureRatePerDeployment"]["value"] == "0.0000"
    said = {"requirement": "afloat", "gate": "close", "judgement": "FAILS", "comment": "It leaks."}
    port.do("pelle", "AttestRelease", id=id, seen=3, **said)
    (arrived,), (word,) = told(port, id, "deployment_settled"), told(port, id, "attested")
    found = asked(port, service)
    assert found["failureRatePerDeployment"]["sources"] == [f"{arrived}..{word}"]
    assert found["failureRatePerDeployment"]["value"] == "1.0000"
    settled(port, id, "sea", "ROLLED_BACK", note="It leaks.")
    assert asked(port, service)["timeToRestore"]["sources"][0].startswith(f"{word}..")
    until = datetime.now(UTC)
    then = asked(port, service, asOf=until.isoformat())
    assert then["failureRatePerDeployment"]["value"] == "1.0000"


@pytest.mark.req("S3-29", "X-06")
def test_what_stands_there_is_attested_not_to_work_also_after_a_later_attempt(
    port: Headquarters,
) -> None:
    service = f"tug-{new_id()[-6:]}"
    id = loaded(port, service)
    delivered(port, id, "sea", "SUCCEEDED")
    delivered(port, id, "sea", "FAILED", note="A storm.")
    said = {"requirement": "afloat", "gate": "close", "judgement": "FAILS", "comment": "It leaks."}
    port.do("pelle", "AttestRelease", id=id, seen=3, **said)
    rate = asked(port, service)["failureRatePerDeployment"]
    assert (rate["value"], rate["count"]) == ("1.0000", 2)


@pytest.mark.req("S3-29", "X-06")
def test_calling_production_something_else_takes_nothing_out_of_the_numbers(
    port: Headquarters,
) -> None:
    service = f"tug-{new_id()[-6:]}"
    body = PLAYBOOK.replace('"barges"', '"skiffs"').replace('"sea"', '"lake"')
    body = body.replace(":sea", ":lake")
    first = port.desk.ask("playbook.propose", body=body, based_on=None, reason="Skiffs.")
    port.desk.ask("playbook.adopt", first.subject)
    last = global_id("Playbook", first.subject)
    delivered(port, loaded(port, service, "skiffs"), "lake", "SUCCEEDED")
    assert asked(port, service)["deploymentFrequency"]["count"] == 1
    for kind in ("test", "staging"):
        called = body.replace('kind = "production"', f'kind = "{kind}"')
        last = adopted(port, called, last)
        found = asked(port, service)
        assert (found["deploymentFrequency"]["count"], "lake" in found["environments"]) == (1, True)


def adopted(hq: Headquarters, body: str, based_on: str) -> str:
    """The next version of a playbook, which another policy owner adopted."""
    given = {"input": {"body": body, "basedOn": based_on, "reason": "It is a pond."}}
    proposed = hq.post("ada", PROPOSE, given).json()["data"]["proposePlaybook"]
    assert not proposed["problems"], proposed
    id = proposed["playbook"]["id"]
    given = {"input": {"id": str(id)}}
    assert not hq.post("ben", ADOPT, given).json()["data"]["adoptPlaybook"]["problems"]
    return str(id)
