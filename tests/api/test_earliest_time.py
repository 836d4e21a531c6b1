"""The earliest legal time of a change: against brute force, which asks the gates hour by hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.merges import opened_office
from tests.api.office import Office
from tests.api.office import content as said
from tests.api.test_agenda import locked
from tests.api.test_calendar import DAY, NOW, clashes, enter, span

HOUR = timedelta(hours=1)
LENGTH = 3
LEAD = timedelta(hours=336)
OF_TIME = {
    "lead_time_short",
    "window_over",
    "window_not_open",
    "hard_locked",
    "soft_locked",
    "clash_business",
    "clash_outside_maintenance",
    "clash_item",
    "clash_service",
    "clash_away",
    "clash_person",
}
"""The codes with which a gate refuses a time, and not what is planned for it."""
TRIED = """
fragment Why on Possibility { verdict { findings { code } } }
mutation($i: EditChangeInput!) { editChange(input: $i) {
    problems { code } change { version can(action: SUBMIT) { ...Why } %s } } }"""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    with opened_office(request, tmp_path_factory.mktemp(f"slot-{request.param}")) as office:
        office.people["rhea"] = office.person("rhea")
        office.grant("rhea", "release_manager")
        yield office


def drafted(office: Office, kind: str, since: datetime) -> Any:
    """A draft of that kind, with that window."""
    given = {"playbook": "criticality", "kind": kind}
    given["content"] = said("Move the safe", window=span(since, LENGTH))  # type: ignore[assignment]
    document = """mutation($i: OpenChangeInput!) { openChange(input: $i) {
        problems { code } change { id version } } }"""
    payload = office.data(document, "rita", i=given)["openChange"]
    assert payload["problems"] == []
    return payload["change"]


def refused(office: Office, change: Any, since: datetime) -> set[str]:
    """Why the gates would refuse it with a window that begins then, at any hour of it."""
    hours = [since + number * HOUR for number in range(LENGTH)]
    asked = " ".join(
        f'h{number}: can(action: IMPLEMENT, at: "{at.isoformat()}") {{ ...Why }}'
        for number, at in enumerate(hours)
    )
    given = {"id": change["id"], "seen": change["version"]}
    given["content"] = said("Move the safe", window=span(since, LENGTH))
    payload = office.data(TRIED % asked, "rita", i=given)["editChange"]
    assert payload["problems"] == []
    change["version"] = payload["change"]["version"]
    answers = [payload["change"]["can"], *(payload["change"][f"h{n}"] for n in range(LENGTH))]
    return OF_TIME & {each["code"] for answer in answers for each in answer["verdict"]["findings"]}


@pytest.mark.req("S0-21", "S3-23", "S0-12")
def test_the_earliest_time_is_the_first_that_no_gate_refuses(office: Office) -> None:
    start = NOW + LEAD - 4 * HOUR
    change = drafted(office, "c1", start)
    locked(office, start + 6 * HOUR, 5, environments=["production"])
    enter(office, window=span(start + 13 * HOUR, 2), severity="BLOCK")
    enter(office, window=span(start + 17 * HOUR, 9), kind="MAINTENANCE", title="Nights")
    found = clashes(office, change, after=start.isoformat(), least="BLOCK")["earliestTime"]
    tried = ((start + n * HOUR, refused(office, change, start + n * HOUR)) for n in range(48))
    codes = dict(tried)
    legal = next(at for at, lacking in codes.items() if not lacking)
    assert found["since"] == legal.isoformat()
    assert legal == start + 15 * HOUR
    assert {"lead_time_short", "hard_locked", "clash_business"} <= set().union(*codes.values())
    assert [each["binding"]["cause"] for each in found["rejected"]] == [
        "LEAD_TIME",
        "LOCK",
        "BUSINESS",
    ]


@pytest.mark.req("S0-21")
def test_no_time_before_the_lead_time_is_over_is_legal(office: Office) -> None:
    change = drafted(office, "c1_database", NOW + 40 * DAY)
    before = datetime.now(UTC)
    for after in (NOW - DAY, NOW + DAY):
        found = clashes(office, change, after=after.isoformat(), least="BLOCK")["earliestTime"]
        since = datetime.fromisoformat(found["since"])
        assert before + LEAD + timedelta(minutes=5) <= since
        assert (since.minute % 15, since.second, since.microsecond) == (0, 0, 0)
        assert found["rejected"][0]["binding"] == {"cause": "LEAD_TIME", "severity": "BLOCK"}


@pytest.mark.req("S0-21")
def test_the_first_time_after_the_lead_time_can_still_be_submitted(office: Office) -> None:
    change = drafted(office, "c1_database", NOW + 40 * DAY)
    found = clashes(office, change, after=NOW.isoformat(), least="BLOCK")["earliestTime"]
    assert "lead_time_short" not in refused(office, change, datetime.fromisoformat(found["since"]))


def test_no_time_that_is_over_is_legal(office: Office) -> None:
    change = office.change(window=span(NOW + 70 * DAY, LENGTH))
    before = datetime.now(UTC)
    found = clashes(office, change, after=(NOW - 9 * DAY).isoformat())["earliestTime"]
    assert before <= datetime.fromisoformat(found["since"])
