"""Rows of a playbook about what a release is made of and how it fares, on both databases."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from api.demo.cast import Role
from tests.api.company import Headquarters
from tests.api.test_deployments import BUILDS, DEPLOYS, EVERYWHERE, WATCHES

PLAYBOOK = """\
format = 1
name = "ferries"
title = "Ferries"

[[environment]]
name = "wharf"
title = "Quay"
kind = "staging"

[[release]]
name = "crossing"
title = "Crossing"
version_form = "N.N"
environments = ["wharf"]

[[release.phase]]
name = "sail"
title = "Sail"
status = "deploying"

[[release.requirement]]
name = "traced"
title = "It is made of what it contains"
about = "traced"
gates = ["deploy:wharf"]

[[release.requirement]]
name = "watched"
title = "It works, and was watched"
about = "watched"
environment = "wharf"
gates = ["close"]

[[environment]]
name = "shoal"
title = "Shoal, kept by nobody"
kind = "staging"

[[release]]
name = "wading"
title = "Wading"
version_form = "N.N"
environments = ["shoal"]

[[release.phase]]
name = "wade"
title = "Wade"
status = "deploying"

[[release.requirement]]
name = "traced"
title = "It is made of what it contains"
about = "traced"
gates = ["deploy:shoal"]

[[release.requirement]]
name = "watched"
title = "It works, and was watched"
about = "watched"
gates = ["close"]
"""
NUMBERS = count(0xBEEF)


@pytest.fixture(scope="session")
def harbour(hq: Headquarters) -> Headquarters:
    """The company with a wharf that is kept, and those who deploy there."""
    proposed = hq.desk.ask("playbook.propose", body=PLAYBOOK, based_on=None, reason="Ferries.")
    hq.desk.ask("playbook.adopt", proposed.subject)
    releases = Role("role:release_manager", "service", "any")
    hq.hire("fern", "delivery", EVERYWHERE, releases)
    hq.hire("ferry-watch", None, WATCHES, owner="viktor")
    hq.hire("ferry-bot", None, BUILDS, DEPLOYS, owner="viktor")
    plan = {"kind": "staging", "line": "ferries", "order": 0}
    place = hq.do("fern", "DefineEnvironment", name="wharf", plan=plan)["id"]
    hq.do("ferry-watch", "ReportEnvironmentHealth", id=place, health="HEALTHY")
    return hq


def crossing(hq: Headquarters, kind: str = "crossing") -> tuple[str, str]:
    """A release of a commit that was built: its global id, and the commit."""
    number = next(NUMBERS)
    commit, version = f"{number:040x}", f"1.{number}"
    plan = {"title": "Cross", "service": "storefront", "versions": [version], "project": "ferry"}
    id = hq.do("fern", "OpenRelease", playbook="ferries", kind=kind, plan=plan)["id"]
    hq.do("fern", "AimRelease", id=id, releaseVersion=version, commit=commit)
    built = {"name": "ferry", "label": version, "service": "storefront", "commit": commit}
    hq.do("ferry-bot", "AddPackage", built=built | {"digest": f"sha256:{number:064x}"})
    return str(id), commit


def found(hq: Headquarters, id: str, row: str, **gate: Any) -> list[dict[str, Any]]:
    """What a gate of the release says of a row of its playbook."""
    can = hq.ask("fern", "ReleaseGate", id=id, **gate)["can"]
    return [each for each in can["verdict"]["findings"] if each["requirement"] == row]


@pytest.mark.req("X-01", "S3-02")
def test_a_release_goes_nowhere_until_it_contains_what_it_is_made_of(
    harbour: Headquarters,
) -> None:
    hq, (id, commit) = harbour, crossing(harbour)
    deploys = {"action": "DEPLOY", "environment": "wharf"}
    (told,) = found(hq, id, "traced", **deploys)
    assert (told["status"], told["code"]) == ("UNSATISFIED", "commit_not_included")
    seen = hq.ask("fern", "Release", id=id)["revision"]
    given = {"id": id, "environment": "wharf", "seen": seen}
    assert hq.refused("fern", "DeployRelease", **given) == ["commit_not_included"]
    assert hq.ask("fern", "Release", id=id)["deliveries"] == []
    hq.do("fern", "IncludeRelease", id=id, commits=[{"commit": "f" * 40}])
    (told,) = found(hq, id, "traced", **deploys)
    assert told["status"] == "UNSATISFIED", "of another commit"
    hq.do("fern", "IncludeRelease", id=id, commits=[{"commit": commit}])
    (told,) = found(hq, id, "traced", **deploys)
    assert told["status"] == "UNSATISFIED", "nobody says that it holds both"
    told = {"commits": ["f" * 40], "reason": "Another time."}
    hq.do("fern", "ExcludeRelease", id=id, **told)
    (told,) = found(hq, id, "traced", **deploys)
    assert told["status"] == "SATISFIED"
    given["seen"] = hq.ask("fern", "Release", id=id)["revision"]
    hq.do("fern", "DeployRelease", **given)
    (delivery,) = hq.ask("fern", "Release", id=id)["deliveries"]
    hq.do("ferry-bot", "FailDeployment", id=delivery["deployment"]["id"], reason="A storm.")


@pytest.mark.req("S3-09", "S4-06")
def test_a_release_is_closed_once_what_brought_it_was_verified_and_watched(
    harbour: Headquarters,
) -> None:
    hq, (id, commit) = harbour, crossing(harbour)
    assert [each["status"] for each in found(hq, id, "watched", action="CLOSE")] == [
        "NOT_APPLICABLE"
    ]
    hq.do("fern", "IncludeRelease", id=id, commits=[{"commit": commit}])
    seen = hq.ask("fern", "Release", id=id)["revision"]
    hq.do("fern", "DeployRelease", id=id, environment="wharf", seen=seen)
    (delivery,) = hq.ask("fern", "Release", id=id)["deliveries"]
    brought = delivery["deployment"]["id"]
    hq.do("ferry-bot", "SucceedDeployment", id=brought)
    codes = ["not_verified", "not_watched"]
    assert [each["code"] for each in found(hq, id, "watched", action="CLOSE")] == codes
    assert hq.refused("fern", "CloseRelease", id=id) == codes
    can = hq.ask("fern", "ReleaseGate", id=id, action="CLOSE")["can"]
    (way,) = can["explanation"]["ways"]
    assert [act["action"] for act in way["acts"]] == ["deployment.verify", "deployment.watch"]
    hq.do("fern", "VerifyDeployment", id=brought, passed=True, findings="It floats.")
    hq.do("fern", "WatchDeployment", id=brought, well=False, note="It leaks.")
    assert hq.refused("fern", "CloseRelease", id=id) == ["not_watched"]
    hq.do("fern", "WatchDeployment", id=brought, well=True, note="It is dry.")
    hq.do("fern", "CloseRelease", id=id)


@pytest.mark.req("S3-09", "S4-06", "X-04")
def test_of_what_went_by_hand_somebody_attests_that_it_works_before_it_is_closed(
    harbour: Headquarters,
) -> None:
    hq, (id, commit) = harbour, crossing(harbour, "wading")
    hq.do("fern", "IncludeRelease", id=id, commits=[{"commit": commit}])
    seen = hq.ask("fern", "Release", id=id)["revision"]
    hq.do("fern", "DeployRelease", id=id, environment="shoal", seen=seen)
    told = {"id": id, "environment": "shoal", "progress": "SUCCEEDED"}
    hq.do("fern", "SettleReleaseDeployment", **told)
    assert hq.refused("fern", "CloseRelease", id=id) == ["not_verified"]
    can = hq.ask("fern", "ReleaseGate", id=id, action="CLOSE")["can"]
    (way,) = can["explanation"]["ways"]
    assert [act["action"] for act in way["acts"]] == ["release.attest"]
    said = {"id": id, "requirement": "watched", "gate": "close", "judgement": "HOLDS", "seen": seen}
    assert hq.refused("wanda", "AttestRelease", **said) != []
    (attested,) = hq.do("fern", "AttestRelease", **said)["attestations"]
    assert (attested["role"], attested["person"]["handle"]) == ("role:release_manager", "fern")
    hq.do("fern", "CloseRelease", id=id)
