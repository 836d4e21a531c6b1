"""What the calendar keeps away may go on once its entry is planned anew or taken out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.demo.cast import Role
from tests.api.company import Headquarters
from tests.api.test_release_overriding import PLAYBOOK as PUNTS

PLAYBOOK = PUNTS.replace('"punts"', '"canoes"').replace("slip", "ramp").replace("weir", "dam")
COMMIT = "c0a1" * 10
CALENDAR = "role:change_manager"


@pytest.fixture(scope="session")
def rafts(hq: Headquarters) -> Headquarters:
    """The company with a process, its manager, and those who keep the calendar."""
    proposed = hq.desk.ask("playbook.propose", body=PLAYBOOK, based_on=None, reason="Rafts.")
    hq.desk.ask("playbook.adopt", proposed.subject)
    releases = [Role("role:release_manager", each, "any") for each in ("environment", "service")]
    hq.hire("raft-ada", "delivery", *releases)
    hq.hire("raft-here", "delivery", Role(CALENDAR, "service", "rafting"))
    hq.hire("raft-far", "delivery", Role(CALENDAR, "service", "elsewhere"))
    hq.hire("raft-all", "delivery", Role(CALENDAR, "service", "any"))
    hq.hire("raft-bot", None, Role("role:ci_bot", "project", "any"), owner="yusuf")
    return hq


@pytest.fixture(scope="module")
def release(rafts: Headquarters) -> Iterator[str]:
    """A release that may go there, but for the calendar."""
    plan = {"title": "Load", "service": "rafting", "versions": ["9.1"], "project": "raft"}
    id = rafts.do("raft-ada", "OpenRelease", playbook="canoes", kind="load", plan=plan)["id"]
    rafts.do("raft-ada", "AimRelease", id=id, releaseVersion="9.1", commit=COMMIT)
    told = {"project": "raft", "name": "checks", "outcome": "PASSED", "subject": COMMIT}
    rafts.do("raft-bot", "ReportEvidence", **told)
    yield id
    rafts.do("raft-ada", "AbortRelease", id=id, reason="It is over.")


def enter(hq: Headquarters, who: str, **more: Any) -> dict[str, Any]:
    since = datetime.now(UTC) - timedelta(hours=1)
    edges = {"since": since, "until": since + timedelta(hours=3)}
    window = {name: at.strftime("%Y-%m-%dT%H:%M") for name, at in edges.items()}
    plan = {"title": "The regatta", "kind": "BUSINESS", "severity": "BLOCK", **more}
    found: dict[str, Any] = hq.do(
        who, "PlanCalendarEntry", plan={**plan, "window": {**window, "zone": "UTC"}}
    )
    return found


def ways(hq: Headquarters, id: str) -> dict[str, set[str]]:
    """What would let it go there, each alone, by whom."""
    can = hq.ask("raft-ada", "ReleaseGate", id=id, action="DEPLOY", environment="ramp")["can"]
    assert not can["allowed"]
    found = [way["acts"] for way in can["explanation"]["ways"]]
    assert all(len(acts) == 1 for acts in found), found
    return {acts[0]["action"]: {each["handle"] for each in acts[0]["people"]} for acts in found}


@pytest.mark.req("S3-23", "S0-13")
def test_the_gate_names_who_plans_an_entry_anew_or_takes_it_out(
    rafts: Headquarters, release: str
) -> None:
    hq, entry = rafts, enter(rafts, "raft-here", service="rafting")
    found = ways(hq, release)
    assert set(found) == {"calendar.wait", "calendar_entry.replan", "calendar_entry.cancel"}
    for act in ("calendar_entry.replan", "calendar_entry.cancel"):
        assert {"raft-here", "raft-all"} <= found[act]
        assert "raft-far" not in found[act]
    gone = {"id": entry["id"], "reason": "It rains."}
    assert hq.refused("raft-far", "CancelCalendarEntry", **gone) == ["forbidden"]
    hq.do("raft-here", "CancelCalendarEntry", **gone)
    asked = {"id": release, "action": "DEPLOY", "environment": "ramp"}
    assert hq.ask("raft-ada", "ReleaseGate", **asked)["can"]["allowed"]


@pytest.mark.req("S3-23", "S0-13")
def test_of_what_is_of_every_service_it_names_who_keeps_the_calendar_of_all(
    rafts: Headquarters, release: str
) -> None:
    hq, entry = rafts, enter(rafts, "raft-all")
    found = ways(hq, release)["calendar_entry.cancel"]
    assert "raft-all" in found
    assert found.isdisjoint({"raft-here", "raft-far"})
    gone = {"id": entry["id"], "reason": "It rains."}
    assert hq.refused("raft-here", "CancelCalendarEntry", **gone) == ["forbidden"]
    hq.do("raft-all", "CancelCalendarEntry", **gone)


@pytest.mark.req("S3-23", "S0-13")
def test_each_of_two_entries_that_are_called_the_same_is_taken_out(
    rafts: Headquarters, release: str
) -> None:
    hq = rafts
    entries = [enter(hq, "raft-here", service="rafting")["id"] for _ in range(2)]
    asked = {"id": release, "action": "DEPLOY", "environment": "ramp"}
    can = hq.ask("raft-ada", "ReleaseGate", **asked)["can"]
    told = [[act["action"] for act in way["acts"]] for way in can["explanation"]["ways"]]
    assert ["calendar_entry.cancel"] * 2 in told
    assert all(len(acts) == 2 for acts in told if "calendar.wait" not in acts), told
    assert ["calendar_entry.cancel"] not in told
    for id in entries:
        assert not hq.ask("raft-ada", "ReleaseGate", **asked)["can"]["allowed"]
        hq.do("raft-here", "CancelCalendarEntry", id=id, reason="It rains.")
    assert hq.ask("raft-ada", "ReleaseGate", **asked)["can"]["allowed"]
