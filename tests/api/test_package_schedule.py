"""Which packages a cadence has made, and how punctual they came, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.demo.cast import Role
from tests.api.company import Headquarters

PLAYBOOK = """
format = 1
name = "bundles"
title = "Bundles"

[[cadence]]
name = "hourly"
title = "A bundle every hour"
rrule = "FREQ=HOURLY"
start = "2026-01-01T00:00"
zone = "UTC"
"""
ASKED = {"playbook": "bundles", "cadence": "hourly", "package": "bundle"}


@pytest.fixture(scope="session")
def works(hq: Headquarters) -> Headquarters:
    """The company with a cadence for bundles, and a program that builds them."""
    proposed = hq.desk.ask("playbook.propose", body=PLAYBOOK, based_on=None, reason="Bundles.")
    hq.desk.ask("playbook.adopt", proposed.subject)
    hq.hire("bundler", None, Role("role:release_bot", "service", "any"), owner="viktor")
    return hq


def asked(hq: Headquarters, hours: int = 3, **more: Any) -> Any:
    now = datetime.now(UTC)
    span = timedelta(hours=hours)
    period = {"since": (now - span).isoformat(), "until": (now + span).isoformat()}
    return hq.ask("wanda", "PackageSchedule", **ASKED | period | more)


@pytest.mark.req("S0-10", "S0-11", "S0-26")
def test_packages_are_told_as_missed_planned_or_by_how_late_they_came(works: Headquarters) -> None:
    before = asked(works)
    assert (before["onTime"], before["missed"] >= 2) == (0, True)
    assert before["dates"][-1]["punctuality"] == "PLANNED"
    built = {"name": "bundle", "label": "1", "service": "billing", "commit": "b" * 40}
    built["digest"] = "sha256:" + "b" * 64
    package = works.do("bundler", "AddPackage", built=built)["id"]
    found = asked(works)
    (came,) = (each for each in found["dates"] if each["package"])
    assert (came["punctuality"], came["package"]["id"]) == ("ON_TIME", package)
    assert came["at"] <= came["builtAt"]
    assert (found["onTime"], found["late"]) == (1, 0)
    strict = asked(works, graceMinutes=0)
    assert (strict["onTime"], strict["late"]) == (0, 1)
    other = asked(works, package="another")
    assert all(each["package"] is None for each in other["dates"])


@pytest.mark.req("S0-10", "X-05")
@pytest.mark.parametrize(
    "more,code",
    [
        ({"playbook": "nobody"}, "unknown_playbook"),
        ({"cadence": "nobody"}, "unknown_cadence"),
        ({"graceMinutes": -1}, "out_of_range"),
        ({"hours": 24 * 60}, "period_too_long"),
        ({"hours": 24 * 40}, "too_many_occurrences"),
        ({"hours": -1}, "ends_before_it_begins"),
    ],
)
def test_what_makes_no_sense_is_refused(works: Headquarters, more: Any, code: str) -> None:
    with pytest.raises(AssertionError) as raised:
        asked(works, **more)
    assert code in str(raised.value).lower()
    assert "grace_minutes" not in str(raised.value)
