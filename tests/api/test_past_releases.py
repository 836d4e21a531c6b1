"""Releases, locks and entries of the calendar as they stood once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.api.office import Office
from tests.api.test_calendar import DAY, enter, run, span
from tests.api.test_past import last

NOW = datetime.now(UTC).replace(microsecond=0)
RELEASE = """
query($i: ID!, $then: AsOf) { release(id: $i, asOf: $then) {
  status scheduled revision plan { title } targets { version commit }
  matrix { requirement cells { gate status } }
  can(action: TAG) { allowed verdict { findings { code } } }
} }
"""
LOCK = "query($i: ID!, $then: AsOf) { lock(id: $i, asOf: $then) { status terms { title until } } }"
ENTRY = """
query($i: ID!, $then: AsOf) { calendarEntry(id: $i, asOf: $then) { cancelledAt plan { title } } }
"""


@pytest.fixture
def office(database: str, tmp_path: Path) -> Iterator[Office]:
    """An office with somebody who releases, on SQLite and on PostgreSQL."""
    office = Office(tmp_path, database)
    office.people["rhea"] = office.person("rhea")
    for scope in ("service", "environment"):
        office.grant("rhea", "release_manager", scope=scope, value="any")
    yield office
    office.close()


def do(office: Office, name: str, by: str = "rhea", **given: Any) -> Any:
    (payload,) = run(office, name, by, input=given).values()
    assert payload["problems"] == [], payload["problems"]
    return next(iter(payload.values()))


def codes(release: Any) -> set[str]:
    return {each["code"] for each in release["can"]["verdict"]["findings"] if each["code"]}


@pytest.mark.req("S3-22", "X-04")
def test_a_release_is_told_as_it_stood(office: Office) -> None:
    plan = {"title": "Train", "service": "billing", "versions": ["1.2.0"]}
    told: dict[str, Any] = {"playbook": "mozilla", "kind": "train", "plan": plan}
    id = do(office, "OpenRelease", **told, scheduled=NOW.isoformat())["id"]
    opened = last(office)
    do(office, "AimRelease", id=id, releaseVersion="1.2.0", commit="a" * 40)
    aimed = last(office)
    later = (NOW + 14 * DAY).isoformat()
    do(office, "RescheduleRelease", id=id, scheduled=later, reason="Rain.")
    do(office, "AbortRelease", id=id, reason="Nobody wants it.")

    def stood(then: Any = None) -> Any:
        return office.data(RELEASE, "aud", i=id, then=then)["release"]

    first, second, now = stood(opened), stood(aimed), stood()
    assert [each["status"] for each in (first, second, now)] == ["PLANNING", "PLANNING", "ABORTED"]
    assert (first["targets"], second["targets"][0]["commit"]) == ([], "a" * 40)
    assert [each["scheduled"] for each in (first, second, now)] == [
        NOW.isoformat(),
        NOW.isoformat(),
        later,
    ]
    assert "target_unknown" in codes(first)
    assert "target_unknown" not in codes(second)
    assert "ended" in codes(now) - codes(second)
    assert first["matrix"] != []


@pytest.mark.req("S0-12")
def test_a_lock_is_told_as_it_stood(office: Office) -> None:
    until = (NOW + DAY).isoformat()
    terms = {"title": "Sale", "kind": "HARD", "until": until, "services": ["billing"]}
    id = do(office, "DeclareLock", terms=terms)["id"]
    declared = last(office)
    do(office, "LiftLock", id=id, reason="It is over.")
    before = office.data(LOCK, "aud", i=id, then=declared)["lock"]
    assert (before["status"], before["terms"]["until"]) == ("ACTIVE", until)
    assert office.data(LOCK, "aud", i=id)["lock"]["status"] == "LIFTED"


@pytest.mark.req("S3-23")
def test_an_entry_of_the_calendar_is_told_as_it_stood(office: Office) -> None:
    made = enter(office, window=span(NOW + timedelta(days=3), 2))
    id, planned = made["calendarEntry"]["id"], last(office)
    do(office, "CancelCalendarEntry", "mia", id=id, reason="It is over.")
    before = office.data(ENTRY, "aud", i=id, then=planned)["calendarEntry"]
    assert (before["cancelledAt"], before["plan"]["title"]) == (None, "The annual sale")
    assert office.data(ENTRY, "aud", i=id)["calendarEntry"]["cancelledAt"] is not None
