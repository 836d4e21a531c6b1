"""The matrix of the environments through the schema: what was let go past what, and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.demo.cast import Role
from api.derived.identity import PERSON, read_id
from api.hiding.visibility import Sight
from api.standing import Lies, running
from domain.release.state import Release
from tests.api.company import Headquarters

PLAYBOOK = """\
format = 1
name = "rafts"
title = "Rafts"

[[environment]]
name = "pier"
title = "Pier"
kind = "staging"
countersign = "before"

[[release]]
name = "load"
title = "Load"
version_form = "N.N"
environments = ["pier"]

[[release.phase]]
name = "run"
title = "Run"
status = "deploying"

[[release.requirement]]
name = "checked"
title = "It is checked"
about = "evidence"
evidence = ["checks"]
gates = ["deploy:pier", "close"]
"""


@pytest.fixture(scope="session")
def pier(hq: Headquarters) -> Headquarters:
    """The company with an environment that is kept, whose overrides are countersigned first."""
    proposed = hq.desk.ask("playbook.propose", body=PLAYBOOK, based_on=None, reason="Rafts.")
    hq.desk.ask("playbook.adopt", proposed.subject)
    everywhere = [Role("role:release_manager", each, "any") for each in ("environment", "service")]
    for name in ("barge-ada", "barge-bea"):
        hq.hire(name, "delivery", *everywhere)
    hq.hire("barge-watch", None, Role("role:monitor", "environment", "any"), owner="viktor")
    builds = [Role("role:release_bot", each, "any") for each in ("environment", "service")]
    hq.hire("barge-bot", None, *builds, Role("role:ci_bot", "project", "any"), owner="yusuf")
    plan = {"kind": "pier", "line": "rafts", "order": 0}
    place = hq.do("barge-ada", "DefineEnvironment", name="pier", plan=plan)["id"]
    hq.do("barge-watch", "ReportEnvironmentHealth", id=place, health="HEALTHY")
    return hq


def ready(hq: Headquarters, version: str, word: str) -> tuple[str, str]:
    """A checked release of a package, of a commit of such a word; both their ids."""
    plan = {"title": "Load", "service": "storefront", "versions": [version], "project": "barge"}
    id = hq.do("barge-ada", "OpenRelease", playbook="rafts", kind="load", plan=plan)["id"]
    commit, digest = word * 10, f"sha256:{word * 16}"
    hq.do("barge-ada", "AimRelease", id=id, releaseVersion=version, commit=commit)
    built = {"name": "barge", "label": version, "service": "storefront", "commit": commit}
    package = hq.do("barge-bot", "AddPackage", built=built | {"digest": digest})["id"]
    checks = {"project": "barge", "subject": commit, "outcome": "PASSED"}
    hq.do("barge-bot", "ReportEvidence", name="checks", **checks)
    return id, package


def loaded(hq: Headquarters) -> tuple[str, str]:
    """A checked release of a package, and the deployment requested for it."""
    id, package = ready(hq, "1.1", "bae9")
    wish = {"package": package, "environment": "pier", "configuration": "None.", "contents": "All."}
    asked = hq.do("barge-ada", "RequestDeployment", wish=wish | {"belongsTo": id})
    return id, asked["id"]


@pytest.mark.req("S0-12", "S0-13", "X-07")
def test_what_was_overridden_stands_in_the_matrix_with_who_and_why(pier: Headquarters) -> None:
    id, deployment = loaded(pier)
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    terms = {"title": "Full", "kind": "HARD", "until": until, "environments": ["pier"]}
    lock = pier.do("barge-ada", "DeclareLock", terms=terms)["id"]

    def told() -> tuple[str, bool, Any]:
        rows = pier.ask("wanda", "ReleaseEnvironmentMatrix", id=id)["environmentMatrix"]
        (cell,) = next(each["cells"] for each in rows if each["requirement"] == "locks")
        assert (cell["gate"], cell["environment"]) == ("deploy:pier", "pier")
        return cell["status"], cell["passed"], cell["override"]

    assert told() == ("UNSATISFIED", False, None)
    pier.do("barge-ada", "OverrideDeployment", id=deployment, reason="It is loaded.")
    status, _, override = told()
    assert (status, override["before"], override["countersignedBy"]) == ("UNSATISFIED", True, None)
    assert pier.refused("barge-bot", "StartDeployment", id=deployment) == ["hard_locked"]
    pier.do("barge-bea", "CountersignDeployment", id=deployment)
    assert told()[:2] == ("BYPASSED", False)
    pier.do("barge-bot", "StartDeployment", id=deployment)
    pier.do("barge-ada", "LiftLock", id=lock, reason="Empty again.")
    status, passed, override = told()
    assert (status, passed) == ("BYPASSED", True)
    assert (override["by"]["handle"], override["reason"]) == ("barge-ada", "It is loaded.")
    assert override["countersignedBy"]["handle"] == "barge-bea"
    pier.do("barge-bot", "SucceedDeployment", id=deployment)


@pytest.mark.req("S0-12", "X-07")
def test_what_counted_when_a_release_went_there_unrequested_is_kept_as_well(
    pier: Headquarters,
) -> None:
    id, package = ready(pier, "1.2", "bae8")

    def told() -> dict[str, tuple[str, bool]]:
        rows = pier.ask("wanda", "ReleaseEnvironmentMatrix", id=id)["environmentMatrix"]
        cells = {each["requirement"]: each["cells"] for each in rows}
        return {name: (cell["status"], cell["passed"]) for name, (cell,) in cells.items()}

    before = told()
    assert {passed for _, passed in before.values()} == {False}
    seen = pier.ask("wanda", "Release", id=id)["revision"]
    pier.do("barge-ada", "DeployRelease", id=id, environment="pier", seen=seen)
    went = told()
    assert {"package", "health", "locks"} <= went.keys()
    assert {passed for _, passed in went.values()} == {True}
    assert {name: status for name, (status, _) in went.items()} == {
        name: before[name][0] for name in went
    }
    (edge,) = pier.ask("wanda", "Deployments", filter={"package": package})["edges"]
    pier.do("barge-bot", "SucceedDeployment", id=edge["node"]["id"])


@pytest.mark.req("S4-14", "S4-19")
def test_what_a_rollback_put_back_lies_over_what_stood_there_when_it_came(
    pier: Headquarters,
) -> None:
    def known(fix: str) -> str:
        def lies(release: Release, _where: str, _came: datetime) -> Lies:
            return Lies.BENEATH if fix in release.plan.versions else Lies.HERE

        reader, who = pier.installation.reader, read_id(pier.id("wanda"), PERSON) or ""
        with reader.connection() as connection:
            sight = Sight(reader, connection, who, None, datetime.now(UTC))
            return running(sight, "storefront", ("pier",), sight.at, lies)["pier"].version

    def went(version: str, word: str) -> str:
        id, _ = ready(pier, version, word)
        seen = pier.ask("wanda", "Release", id=id)["revision"]
        pier.do("barge-ada", "DeployRelease", id=id, environment="pier", seen=seen)
        edges = pier.ask("wanda", "Deployments", filter={"environment": "pier"})["edges"]
        last = str(edges[0]["node"]["id"])
        pier.do("barge-bot", "SucceedDeployment", id=last)
        return last

    *_, last = [went(*each) for each in (("1.7", "bae7"), ("1.8", "bae6"), ("1.9", "bae5"))]
    assert (known("1.9"), known("1.8")) == ("1.8", "1.9")
    pier.do("barge-bot", "RollBackDeployment", id=last, reason="It leaks.")
    assert known("1.9") == "1.8"
    assert known("1.8") == "1.7", "what was rolled back lies beneath nothing"
