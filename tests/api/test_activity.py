"""What a soft lock spares, through the schema, on both databases: no word of anybody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.company import Headquarters, content, window
from tests.api.counted import statements
from tests.api.test_deployments import staffed

PLAYBOOK = """\
format = 1
name = "ambulances"
title = "Ambulances"

[[environment]]
name = "clinic"
title = "Clinic"
kind = "test"

[risk]
impacts = ["low"]
probabilities = ["unlikely"]
risks = ["low"]

[risk.table]
low = ["low"]

[[change]]
name = "call"
title = "Call"
path = "normal"
required = ["title", "service", "environments", "window"]
activity = "incident"

[[change.rule]]
name = "peer"
title = "Peer"
phase = "assess"
role = "role:assessor"
scope = "service"
number = 1

[[change.rule]]
name = "manager"
title = "Change manager"
phase = "authorize"
role = "role:change_manager"
scope = "service"
number = 1

[[release]]
name = "rescue"
title = "Rescue"
version_form = "N.N"
environments = ["clinic"]
activity = "incident"

[[release.phase]]
name = "run"
title = "Run"
status = "deploying"

[[release.requirement]]
name = "way_back"
title = "It can be taken back"
about = "rollback_plan"
gates = ["deploy:clinic", "close"]

[[release]]
name = "round"
title = "Round"
version_form = "N.N"
environments = ["clinic"]

[[release.phase]]
name = "run"
title = "Run"
status = "deploying"

[[release.requirement]]
name = "way_back"
title = "It can be taken back"
about = "rollback_plan"
gates = ["deploy:clinic", "close"]
"""
COMMIT = f"{0xA0B0:040x}"


@pytest.fixture(scope="session")
def clinic(hq: Headquarters) -> Headquarters:
    """The company with an environment in which a soft lock spares incidents."""
    staffed(hq)
    proposed = hq.desk.ask("playbook.propose", body=PLAYBOOK, based_on=None, reason="Sirens.")
    hq.desk.ask("playbook.adopt", proposed.subject)
    plan = {"kind": "test", "line": "clinic", "order": 0}
    place = hq.do("dep-rhea", "DefineEnvironment", name="clinic", plan=plan)["id"]
    hq.do("dep-monitor", "ReportEnvironmentHealth", id=place, health="HEALTHY")
    until = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    terms = {"title": "Fair", "kind": "SOFT", "until": until, "spares": ["incident"]}
    lock = hq.do("dep-rhea", "DeclareLock", terms=terms | {"environments": ["clinic"]})
    for _ in lock["doubts"]:  # whatever other tests locked says whether it is far longer
        hq.do("viktor", "ConfirmLock", id=lock["id"], seen=lock["revision"])
    return hq


def package(hq: Headquarters, label: str, commit: str) -> str:
    """A package that a program built: its global id."""
    built = {"name": "siren", "label": label, "service": "siren", "commit": commit}
    digest = f"sha256:{int(commit, 16):064x}"
    return str(hq.do("dep-bot", "AddPackage", built=built | {"digest": digest})["id"])


def gate(hq: Headquarters, id: str) -> Any:
    """What the gate of its start says of locks."""
    can = hq.ask("dep-rhea", "DeploymentGate", id=id, action="START")["can"]
    return next(e for e in can["verdict"]["findings"] if e["requirement"] == "locks")


@pytest.mark.req("S0-12", "S0-13", "X-05")
def test_a_soft_lock_spares_no_word_but_a_release_of_such_a_kind(clinic: Headquarters) -> None:
    wish = {"environment": "clinic", "configuration": "None.", "contents": "A fix."}
    other = package(clinic, "1.0", f"{0xA0B1:040x}")
    spoken = wish | {"package": other, "activity": "incident"}
    id = clinic.do("dep-bot", "RequestDeployment", wish=spoken)["id"]
    assert clinic.refused("dep-bot", "StartDeployment", id=id) == ["soft_locked"]
    assert gate(clinic, id)["message"].endswith("would be spared: incident.")
    plan = {"title": "Rescue", "service": "siren", "versions": ["1.1"], "project": "siren"}
    plan["rollbackPlan"] = "Drive on with the one before."
    rescue = clinic.do("viktor", "OpenRelease", playbook="ambulances", kind="rescue", plan=plan)
    clinic.do("viktor", "AimRelease", id=rescue["id"], releaseVersion="1.1", commit=COMMIT)
    going = wish | {"package": package(clinic, "1.1", COMMIT), "belongsTo": rescue["id"]}
    ours = clinic.do("dep-bot", "RequestDeployment", wish=going)["id"]
    assert gate(clinic, ours)["message"] == "It spares incident."
    clinic.do("dep-bot", "StartDeployment", id=ours)


@pytest.mark.req("S0-12", "S0-13", "S3-23")
def test_gate_calendar_and_earliest_time_spare_a_release_alike(clinic: Headquarters) -> None:
    place = {"environments": ["clinic"], "configurationItems": ["stretcher"]}
    wish = content("Answer the call", "billing", **place, window=window(-1, 6))
    change = clinic.do("nils", "OpenChange", playbook="ambulances", kind="call", content=wish)["id"]
    clinic.do("nils", "SubmitChange", id=change, seen=1)
    clinic.do("mara", "ApproveChange", id=change, seen=1, rule="peer")
    clinic.do("carla", "ApproveChange", id=change, seen=1, rule="manager")
    plan = {"title": "Round", "service": "billing", "versions": ["2.1"], "project": "siren"}
    release = clinic.do("viktor", "OpenRelease", playbook="ambulances", kind="round", plan=plan)
    id = release["id"]
    clinic.do("viktor", "IncludeRelease", id=id, changes=[change])
    now = datetime.now(UTC).replace(microsecond=0)
    spared = []
    for at in (now + timedelta(hours=1), now + timedelta(hours=12)):
        asked = {"id": id, "action": "DEPLOY", "environment": "clinic", "at": at.isoformat()}
        found = clinic.ask("viktor", "ReleaseGate", **asked)["can"]["verdict"]["findings"]
        gate = any(each["message"] == "It spares incident." for each in found)
        clinic.do("viktor", "RescheduleRelease", id=id, scheduled=at.isoformat(), reason="Later.")
        clashes = clinic.ask("viktor", "Release", id=id)["clashes"]
        times = clinic.ask("viktor", "ReleaseClashes", id=id, after=at.isoformat())
        first = datetime.fromisoformat(times["earliestTime"]["since"])
        assert (first == at) is gate
        assert ("LOCK" not in {each["cause"] for each in clashes}) is gate
        spared.append(gate)
    assert spared == [True, False]
    clinic.do("viktor", "AbortRelease", id=id, reason="Nobody called.")


CLASHES = """query($first: Int) { releases(filter: {service: "billing"}, order: NEWEST,
  first: $first) { edges { node { clashes { cause } } } } }"""


def test_the_clashes_of_many_that_a_lock_may_spare_are_found_at_once(clinic: Headquarters) -> None:
    at = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    opened = []
    for number in range(6):
        plan = {"title": "Round", "service": "billing", "versions": [f"3.{number}"]}
        given = {"playbook": "ambulances", "kind": "round", "plan": plan, "scheduled": at}
        opened.append(clinic.do("viktor", "OpenRelease", **given)["id"])
    seen = []
    for first in (1, 2, 6):
        with statements(clinic.engine) as asked:
            found = clinic.post("viktor", CLASHES, {"first": first}).json()
        assert all(each["node"]["clashes"] for each in found["data"]["releases"]["edges"])
        seen.append(len(asked))
    assert seen[1] == seen[2], seen
    for each in opened:
        clinic.do("viktor", "AbortRelease", id=each, reason="Nobody called.")
