"""The earliest legal time of a change: against brute force, which asks the gates hour by hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.counted import statements
from tests.api.merges import opened_office
from tests.api.office import Office
from tests.api.office import content as said
from tests.api.test_agenda import lifted, locked, planned
from tests.api.test_calendar import DAY, NOW, clashes, drop, enter, run, span, submitted

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


# Exempt.


def exempted(office: Office, lock: Any, noun: str, it: Any) -> None:
    """Somebody asks for an exemption from a lock, and whom it names approves that."""
    wish = {"lock": lock["id"], noun: it["id"], "reason": "It cannot wait."}
    asked = run(office, "RequestExemption", "rita", input=wish)["requestExemption"]
    given = {"id": asked["exemption"]["id"]}
    assert run(office, "ApproveExemption", "aud", input=given)["approveExemption"]["problems"] == []


def causes(found: Any) -> list[str]:
    return [each["cause"] for each in found["clashes"]]


@pytest.mark.req("S0-12", "S0-13", "S3-23")
def test_a_lock_that_a_change_is_exempt_from_stands_in_its_way_no_more(office: Office) -> None:
    start = NOW + 500 * DAY
    change, other = (
        submitted(office, "Move the safe", start),
        submitted(office, "Wait", start + 4 * HOUR),
    )
    own = {"exempters": [office.id("aud")], "environments": ["production"]}
    lock = locked(office, start - HOUR, 8, **own)
    asked = {"after": start.isoformat(), "least": "BLOCK"}
    assert causes(clashes(office, change)) == ["LOCK"]
    assert clashes(office, change, **asked)["earliestTime"]["since"] != start.isoformat()
    exempted(office, lock, "change", change)
    assert causes(clashes(office, change)) == []
    assert clashes(office, change, **asked)["earliestTime"]["since"] == start.isoformat()
    assert causes(clashes(office, other)) == ["LOCK"], "nobody exempted that"
    lifted(office, lock)


@pytest.mark.req("S0-12", "S0-13", "S3-23")
def test_a_lock_that_a_release_is_exempt_from_stands_in_its_way_no_more(office: Office) -> None:
    start = NOW + 520 * DAY
    release = planned(office, start, "7.7.0")
    lock = locked(office, start - HOUR, 8, exempters=[office.id("aud")])

    def told() -> tuple[list[str], bool]:
        asked = {"id": release["id"], "after": start.isoformat()}
        found = run(office, "ReleaseClashes", "rhea", **asked)["release"]
        return causes(found), found["earliestTime"]["since"] == start.isoformat()

    assert told() == (["LOCK"], False)
    exempted(office, lock, "release", release)
    assert told() == ([], True)
    lifted(office, lock)


def test_how_many_statements_that_takes_follows_from_no_number_of_changes(office: Office) -> None:
    document = """query($n: Int!) { changes(first: $n) { edges { node { clashes { cause } } } } }"""
    start = NOW + 600 * DAY
    lock = locked(office, start - HOUR, 8, exempters=[office.id("aud")])
    for number in range(4):
        submitted(office, f"Count {number}", start + number * HOUR / 2)
    office.data(document, "rita", n=1)
    counts = []
    for number in (1, 4):
        with statements(office.reader.engine) as seen:
            found = office.data(document, "rita", n=number)["changes"]["edges"]
        counts.append(len(seen))
        assert all("LOCK" in causes(each["node"]) for each in found)
    assert counts[0] == counts[1]
    lifted(office, lock)


# What is over.


@pytest.mark.req("S3-23")
def test_what_is_over_of_a_window_is_told_as_no_clash(office: Office) -> None:
    now = datetime.now(UTC)
    change = office.change(title="Half over", window=span(now - 4 * HOUR, 8))
    sale = enter(office, window=span(now - 3 * HOUR, 1), severity="BLOCK", title="Over")
    later = enter(office, window=span(now - HOUR, 3), severity="BLOCK", title="Still on")
    [found] = [each for each in clashes(office, change)["clashes"] if each["cause"] == "BUSINESS"]
    assert found["entry"]["plan"]["title"] == "Still on"
    assert datetime.fromisoformat(found["since"]) >= now
    past = office.change(title="Past", window=span(now - 4 * HOUR, 3))
    assert clashes(office, past)["clashes"] == []
    for each in (sale, later):
        drop(office, each)
