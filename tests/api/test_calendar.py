"""The calendar: windows, events and moved dates, and what stands in a change's way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.derived.zones import ZONE_RULES
from domain.calendar.holiday import HOLIDAY_DATA
from tests.api.counted import statements
from tests.api.office import Office

OPERATIONS = Path(__file__).parents[2] / "frontend-schema" / "operations"
DAY = timedelta(days=1)
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


@pytest.fixture(scope="module")
def office(
    tmp_path_factory: pytest.TempPathFactory, shared_office_database: str
) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("office"), shared_office_database)
    office.people["rhea"] = office.person("rhea")
    office.grant("rhea", "release_manager")
    yield office
    office.close()


def run(office: Office, name: str, by: str, **variables: Any) -> Any:
    return office.data((OPERATIONS / f"{name}.graphql").read_text(), by, **variables)


def span(since: datetime, hours: float, zone: str = "UTC") -> dict[str, str]:
    until = since + timedelta(hours=hours)
    spelled = [each.strftime("%Y-%m-%dT%H:%M") for each in (since, until)]
    return {"since": spelled[0], "until": spelled[1], "zone": zone}


def enter(office: Office, by: str = "mia", **plan: Any) -> Any:
    given: dict[str, Any] = {"title": "The annual sale", "kind": "BUSINESS", "service": "billing"}
    given |= {"window": span(NOW, 9), **plan}
    return run(office, "PlanCalendarEntry", by, input={"plan": given})["planCalendarEntry"]


def move(office: Office, by: str = "rhea", **more: Any) -> Any:
    given = {
        "playbook": "services_train",
        "cadence": "train",
        "planned": {"local": "2030-01-01T10:00", "zone": "America/New_York"},
        "instead": {"local": "2030-01-03T17:00", "zone": "Europe/Berlin"},
        "reason": "Nobody is there on New Year's Day.",
        **more,
    }
    return run(office, "MoveCadenceDate", by, input=given)["moveCadenceDate"]


def codes(payload: Any) -> list[tuple[str, str]]:
    return [
        (each["code"], each["path"][-1] if each["path"] else "") for each in payload["problems"]
    ]


def put_back(office: Office, entry: Any) -> None:
    given = {"id": entry["calendarEntry"]["id"], "reason": "It is over."}
    payload = run(office, "RestoreCadenceDate", "rhea", input=given)["restoreCadenceDate"]
    assert payload["problems"] == []


def drop(office: Office, entry: Any, by: str = "mia") -> None:
    given = {"id": entry["calendarEntry"]["id"], "reason": "It is over."}
    payload = run(office, "CancelCalendarEntry", by, input=given)["cancelCalendarEntry"]
    assert payload["problems"] == []


def submitted(office: Office, title: str, since: datetime, hours: float = 2, **more: Any) -> Any:
    change = office.change(title=title, window=span(since, hours), **more)
    return office.act("submitChange", "rita", change)


def clashes(office: Office, change: Any, **more: Any) -> Any:
    return run(office, "ChangeClashes", "rita", id=change["id"], **more)["change"]


# Entries.


@pytest.mark.req("S3-15", "S3-23")
def test_a_window_is_entered_told_of_and_taken_out(office: Office) -> None:
    weekly: dict[str, Any] = {
        "title": "Saturday nights",
        "kind": "MAINTENANCE",
        "service": "shop",
        "environments": ["production"],
        "window": span(datetime(2026, 1, 3, 22, tzinfo=UTC), 4, "Europe/Berlin"),
        "rrule": "FREQ=WEEKLY;BYDAY=SA",
    }
    made = enter(office, **weekly)
    assert made["problems"] == []
    told = {"id": made["calendarEntry"]["id"], "audience": "The on-call list, by mail."}
    notice = run(office, "RecordCalendarNotice", "mia", input=told)["recordCalendarNotice"]
    assert notice["problems"] == []
    listed = run(office, "CalendarEntries", "rita", filter={"service": "shop", "active": True})
    [edge] = listed["calendarEntries"]["edges"]
    node = edge["node"]
    assert (node["plan"]["rrule"], node["plan"]["window"]["localSince"]) == (
        "FREQ=WEEKLY;BYDAY=SA",
        "2026-01-03T22:00:00",
    )
    assert [each["audience"] for each in node["notices"]] == ["The on-call list, by mail."]
    back = {"input": {"id": node["id"], "reason": "It is in the way."}}
    kept = run(office, "RestoreCadenceDate", "rhea", **back)["restoreCadenceDate"]
    assert codes(kept) == [("not_a_moved_date", "")]
    refused = run(office, "CancelCalendarEntry", "rhea", **back)["cancelCalendarEntry"]
    assert codes(refused) == [("forbidden", "")]
    drop(office, made)
    again = run(office, "CancelCalendarEntry", "mia", input={"id": node["id"], "reason": "No."})
    assert codes(again["cancelCalendarEntry"]) == [("entry_cancelled", "")]


@pytest.mark.parametrize(
    "plan, expected",
    [
        ({"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, [("impossible_recurrence", "rrule")]),
        ({"rrule": "FREQ=SECONDLY"}, [("unreadable_recurrence", "rrule")]),
        ({"window": span(NOW, 2, "Mars/Olympus")}, [("unknown_zone", "zone")]),
        ({"window": span(NOW, -2)}, [("window_ends_first", "until")]),
        (
            {"window": span(datetime(2027, 3, 28, 2, 30), 4, "Europe/Berlin")},  # noqa: DTZ001
            [("skipped_local_time", "since")],
        ),
        (
            {"window": span(datetime(2027, 10, 31, 0, 30), 2, "Europe/Berlin")},  # noqa: DTZ001
            [("repeated_local_time", "until")],
        ),
        ({"kind": "MAINTENANCE", "service": None}, [("service_missing", "service")]),
        ({"kind": "MOVED_DATE"}, [("date_agreed", "kind")]),
        ({"title": " "}, [("text_missing", "title")]),
        ({"environments": ["a", "a"]}, [("named_twice", "environments")]),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    office: Office, plan: Any, expected: list[tuple[str, str]]
) -> None:
    before = run(office, "CalendarEntries", "rita", first=100)
    made = enter(office, **plan)
    assert (made["calendarEntry"], codes(made)) == (None, expected)
    assert run(office, "CalendarEntries", "rita", first=100) == before


def test_others_only_read_the_calendar(office: Office) -> None:
    assert codes(enter(office, by="rita")) == [("forbidden", "")]
    assert codes(move(office, by="rita")) == [("forbidden", "")]


REPLAN = """mutation($input: ReplanCalendarEntryInput!) { replanCalendarEntry(input: $input) {
    problems { code path } calendarEntry { id version } } }"""


@pytest.mark.req("S3-15", "S3-23")
def test_what_is_about_every_service_is_no_matter_of_who_keeps_the_calendar_of_one(
    office: Office,
) -> None:
    office.people["lena"] = office.person("lena")
    office.grant("lena", "service_owner", scope="service", value="billing")
    start = NOW + 300 * DAY
    plan: dict[str, Any] = {"title": "Closed", "kind": "BUSINESS", "window": span(start, 9)}
    plan |= {"severity": "BLOCK", "environments": ["production"]}

    def replan(by: str, seen: int, entry: Any, **more: Any) -> Any:
        given = {"id": entry["calendarEntry"]["id"], "seen": seen, "plan": plan | more}
        return office.data(REPLAN, by, input=given)["replanCalendarEntry"]

    whole = enter(office, **plan | {"service": None})
    narrowed = {"severity": "WARN", "service": "billing"}
    assert codes(replan("lena", 1, whole, **narrowed)) == [("forbidden", "")]
    assert codes(replan("mia", 1, whole, note="Still.")) == []
    drop(office, whole)
    own = enter(office, "lena", **plan | {"service": "billing"})
    assert codes(replan("lena", 1, own, service="billing", severity="WARN")) == []
    assert codes(replan("lena", 2, own, service=None)) == [("forbidden", "")]
    drop(office, own, "lena")


@pytest.mark.req("S4-09", "S4-24")
def test_a_date_is_moved_by_agreement_with_its_data_and_once(office: Office) -> None:
    made = move(office)
    assert made["problems"] == []
    assert codes(move(office)) == [("date_moved_already", "planned")]
    document = """query($i: ID!) { calendarEntry(id: $i) { kind reason date {
        planned plannedAt zone zoneData holidayData instead { local at zone clock } } } }"""
    found = office.data(document, "rita", i=made["calendarEntry"]["id"])["calendarEntry"]
    assert found == {
        "kind": "MOVED_DATE",
        "reason": "Nobody is there on New Year's Day.",
        "date": {
            "planned": "2030-01-01T10:00:00",
            "plannedAt": "2030-01-01T15:00:00+00:00",
            "zone": "America/New_York",
            "zoneData": ZONE_RULES,
            "holidayData": HOLIDAY_DATA,
            "instead": {
                "local": "2030-01-03T11:00:00",
                "at": "2030-01-03T16:00:00+00:00",
                "zone": "America/New_York",
                "clock": "ONCE",
            },
        },
    }
    put_back(office, made)
    dropped = move(office, instead=None)
    assert dropped["problems"] == []
    put_back(office, dropped)


OVER = {"local": "2026-11-10T10:00", "zone": "America/New_York"}


@pytest.mark.req("S4-09", "S4-14")
def test_a_date_that_is_over_stays_and_none_moves_to_where_it_would_be(office: Office) -> None:
    assert codes(move(office, instead=OVER)) == [("date_over", "instead")]
    assert codes(move(office, planned=OVER)) == [("date_over", "planned")]
    assert codes(move(office, planned=OVER, instead=None)) == [("date_over", "planned")]


@pytest.mark.parametrize(
    "more, code",
    [
        ({"planned": {"local": "2030-01-02T10:00", "zone": "America/New_York"}}, "unknown_date"),
        ({"instead": {"local": "2030-01-01T16:00", "zone": "Europe/Berlin"}}, "date_unchanged"),
        ({"cadence": "nobody"}, "unknown_cadence"),
        ({"playbook": "nobody"}, "unknown_playbook"),
        ({"instead": {"local": "2030-03-31T02:30", "zone": "Europe/Berlin"}}, "skipped_local_time"),
        ({"instead": {"local": "2030-11-03T06:30", "zone": "UTC"}}, "repeated_local_time"),
        ({"planned": {"local": "soon", "zone": "Mars"}}, "unreadable_time"),
        ({"reason": ""}, "text_missing"),
    ],
)
def test_an_agreement_is_about_a_date_there_is(office: Office, more: Any, code: str) -> None:
    assert code in [each for each, _ in codes(move(office, **more))]


# Clashes.


@pytest.mark.req("S3-23")
def test_everything_in_the_way_of_a_change_is_told(office: Office) -> None:
    start = NOW + 30 * DAY
    first = submitted(office, "Change the lock", start)
    second = submitted(office, "Paint the door", start + timedelta(hours=1))
    sale = enter(office, window=span(start, 1), severity="BLOCK", service="billing")
    found = clashes(office, second)["clashes"]
    assert [(each["cause"], each["severity"]) for each in found] == [
        ("ITEM", "WARN"),
        ("PERSON", "WARN"),
        ("SERVICE", "WARN"),
    ]
    assert {each["change"]["id"] for each in found} == {first["id"]}
    assert {each["since"] for each in found} == {(start + timedelta(hours=1)).isoformat()}
    against = clashes(office, first)["clashes"]
    assert [each["cause"] for each in against] == ["BUSINESS", "ITEM", "PERSON", "SERVICE"]
    assert against[0]["entry"]["plan"]["title"] == "The annual sale"
    drop(office, sale)


def test_the_earliest_time_is_told_with_what_binds(office: Office) -> None:
    start = NOW + 200 * DAY
    change = submitted(office, "Move the safe", start)
    submitted(office, "Move the other safe", start + timedelta(hours=3), 4)
    window: dict[str, Any] = {
        "title": "Nights",
        "kind": "MAINTENANCE",
        "service": "billing",
        "window": span(start + timedelta(hours=2), 9),
    }
    nights = enter(office, **window)
    found = clashes(office, change, after=start.isoformat())["earliestTime"]
    assert found["since"] == (start + timedelta(hours=7)).isoformat()
    assert [each["binding"]["cause"] for each in found["rejected"]] == [
        "OUTSIDE_MAINTENANCE",
        "SERVICE",
    ]
    drop(office, nights)
    free = clashes(office, change, after=start.isoformat())["earliestTime"]
    assert (free["since"], free["rejected"], free["known"]) == (start.isoformat(), [], True)


def test_an_absence_stands_in_the_way(office: Office) -> None:
    start = NOW + 60 * DAY
    change = submitted(office, "Ask the porter", start)
    away = {"since": start.isoformat(), "until": (start + DAY).isoformat()}
    document = """mutation($i: AnnouncePrincipalAbsenceInput!) {
        announcePrincipalAbsence(input: $i) { problems { code } } }"""
    office.data(document, "rita", i={"id": office.id("rita"), **away})
    [found] = clashes(office, change)["clashes"]
    assert (found["cause"], found["person"]["id"]) == ("AWAY", office.id("rita"))


def test_a_calendar_too_full_to_tell_blocks(office: Office) -> None:
    start = NOW + 1000 * DAY
    change = submitted(office, "Count the stars", start, hours=24 * 300)
    hourly = enter(office, window=span(NOW + DAY, 0.5), rrule="FREQ=HOURLY", service="billing")
    found = clashes(office, change)
    assert [(each["cause"], each["severity"]) for each in found["clashes"]] == [
        ("UNKNOWN", "BLOCK")
    ]
    assert (found["earliestTime"]["known"], found["earliestTime"]["since"]) == (False, None)
    drop(office, hourly)


def test_a_draft_and_what_has_ended_stand_in_nobodys_way(office: Office) -> None:
    start = NOW + 300 * DAY
    change = submitted(office, "Wind the clock", start)
    office.change(title="Perhaps", window=span(start, 2))
    office.act("cancelChange", "rita", submitted(office, "Over", start), reason="Not needed.")
    assert clashes(office, change)["clashes"] == []


def test_many_changes_are_looked_at_in_as_many_statements_as_one(office: Office) -> None:
    document = """query($n: Int!) { changes(first: $n) { edges { node { clashes { cause } } } } }"""
    office.data(document, "rita", n=1)  # whoever reads first learns what was written since
    counts = []
    for number in (1, 8):
        with statements(office.reader.engine) as seen:
            office.data(document, "rita", n=number)
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[0] <= 11
