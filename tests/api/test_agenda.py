"""What a period holds, and the feed of it: who may read it, and what stands in it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.authentication.entrance import Entrance
from api.calendar import scheduled
from api.calendar.agenda import Wish
from api.calendar.agenda_items import (
    MOST,
    Agenda,
    AgendaItem,
    AgendaKind,
    AgendaLeftOut,
    Source,
    shared,
)
from api.calendar.feed import PATH, Feed, written
from api.machine.first import issue_token
from api.rules import FEED
from api.settings import Settings
from domain.calendar import recurring
from domain.kernel import ERASED, refusal
from tests.api.office import TEAMS, Office
from tests.api.test_calendar import (
    clashes,
    codes,
    drop,
    enter,
    move,
    put_back,
    run,
    span,
    submitted,
)
from tests.domain.counted import Counted
from tests.domain.organisation import refused

NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
DAY = timedelta(days=1)
SECOND = TEAMS[False]


@pytest.fixture(scope="module")
def office(
    tmp_path_factory: pytest.TempPathFactory, shared_office_database: str
) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("office"), shared_office_database)
    office.people["rhea"] = office.person("rhea")
    office.grant("rhea", "release_manager")
    yield office
    office.close()


def entrance(office: Office) -> Entrance:
    settings = Settings(token_pepper="p" * 32)
    return Entrance(settings, office.reader, office.submit)


@pytest.fixture(scope="module")
def client(office: Office) -> Iterator[TestClient]:
    feed = Feed(office.access, entrance(office).any)
    with TestClient(Starlette(routes=[feed.route()])) as found:
        yield found


def token(office: Office, handle: str, *actions: str, days: int = 1) -> str:
    given = {"name": "My phone", "lasts": timedelta(days=days), "actions": actions}
    return issue_token(office.desk, b"p" * 32, office.people[handle], **given)  # type: ignore[arg-type]


def titles(client: TestClient, secret: str, **more: str) -> list[str]:
    answer = client.get(PATH, params={"token": secret, **more})
    assert answer.status_code == 200
    return [str(each["summary"]) for each in Calendar.from_ical(answer.text).walk("VEVENT")]


def calendar(
    office: Office, since: datetime, until: datetime, by: str = "rita", **more: Any
) -> Any:
    period = {"since": since.isoformat(), "until": until.isoformat()}
    return run(office, "Calendar", by, **period, **more)["calendar"]


@pytest.mark.req("S3-23", "S0-11")
def test_a_period_holds_changes_entries_and_dates_in_order(office: Office) -> None:
    start = NOW + 30 * DAY
    change = submitted(office, "Oil the hinges", start + timedelta(hours=1))
    sale = enter(office, window=span(start, 2))
    found = calendar(office, start - DAY, start + DAY)
    mine = [each for each in found["items"] if each["kind"] in ("CHANGE", "ENTRY")]
    assert [(each["kind"], each["title"]) for each in mine] == [
        ("ENTRY", "The annual sale"),
        ("CHANGE", "Oil the hinges"),
    ]
    assert mine[1]["change"]["id"] == change["id"]
    begins = [each["since"] for each in found["items"]]
    assert begins == sorted(begins)
    packages = [each for each in found["items"] if each["cadence"] == "packages"]
    assert len(packages) == 12
    assert found["complete"]
    drop(office, sale)


@pytest.mark.req("S4-08", "S4-09", "S4-24")
def test_a_moved_date_stands_where_it_was_agreed_and_says_why(office: Office) -> None:
    moved = move(office)
    new_year = datetime(2029, 12, 31, tzinfo=UTC)
    found = calendar(office, new_year, new_year + 7 * DAY)["items"]
    [date] = [each for each in found if each["kind"] == "DATE" and each["cadence"] == "train"]
    assert (date["since"], date["fate"], date["entry"]["id"]) == (
        "2030-01-03T16:00:00+00:00",
        "MOVED",
        moved["calendarEntry"]["id"],
    )
    assert date["reasons"] == ["Agreed: Nobody is there on New Year's Day."]
    watch = [each["since"] for each in found if each["milestone"] == "watch"]
    assert watch == ["2030-01-04T16:00:00+00:00"]
    put_back(office, moved)
    ruled = calendar(office, new_year, new_year + 7 * DAY)["items"]
    [date] = [each for each in ruled if each["kind"] == "DATE" and each["cadence"] == "train"]
    assert (date["since"], date["fate"]) == ("2029-12-31T15:00:00+00:00", "MOVED")
    assert date["reasons"][0] == "2030-01-01 is New Year's Day (US)."


def test_a_period_is_bounded(office: Office) -> None:
    for wish in (Wish(NOW, NOW), Wish(NOW, NOW - DAY)):
        with refused("window_ends_first"):
            wish.check()
    with refused("period_too_long"):
        Wish(NOW, NOW + 367 * DAY).check()
    assert len(calendar(office, NOW, NOW + 366 * DAY)["items"]) == 1000
    assert not calendar(office, NOW, NOW + 366 * DAY)["complete"]
    assert calendar(office, NOW, NOW + DAY)["leftOut"] == []


@pytest.mark.req("S3-23")
def test_what_comes_often_takes_no_room_from_what_comes_once(office: Office) -> None:
    """And whoever asks reads what is cut, and from when on."""
    since = NOW + 2000 * DAY
    often = enter(office, window=span(since, 0.5), rrule="FREQ=HOURLY")
    sale = enter(office, window=span(since + 300 * DAY, 2))
    lock = locked(office, since + 340 * DAY)
    found = calendar(office, since, since + 366 * DAY)
    told = {each["entry"]["id"] for each in found["items"] if each["kind"] == "ENTRY"}
    assert told == {each["calendarEntry"]["id"] for each in (often, sale)}
    assert lock["id"] in {each["lock"]["id"] for each in found["items"] if each["lock"]}
    assert len(found["items"]) == MOST
    assert not found["complete"]
    [cut] = [each for each in found["leftOut"] if each["entry"]]
    assert (cut["kind"], cut["title"]) == ("ENTRY", "The annual sale")
    assert cut["entry"]["id"] == often["calendarEntry"]["id"]
    its = [e for e in found["items"] if (e["entry"] or {}).get("id") == cut["entry"]["id"]]
    assert cut["since"] == (since + timedelta(hours=len(its))).isoformat()
    cadences = [each["cadence"] for each in found["leftOut"] if each["kind"] == "DATE"]
    assert "packages" in cadences
    assert "train" not in cadences
    for each in (often, sale):
        drop(office, each)
    lifted(office, lock)


def often(name: str, number: int) -> Source:
    """What comes every minute, so many times."""
    times = (NOW + timedelta(minutes=each) for each in range(number))
    items = (AgendaItem(AgendaKind.DATE, name, at, at, cadence=name) for at in times)
    return Source(AgendaLeftOut(AgendaKind.DATE, NOW, name, cadence=name), items)


def beyond() -> AgendaItem:
    raise refusal("too_many_occurrences", "There are too many.")


@pytest.mark.req("S3-23", "X-05")
def test_each_source_gets_the_room_that_others_leave_and_none_is_cut_unsaid() -> None:
    unknown = Source(AgendaLeftOut(AgendaKind.LOCK, NOW), (beyond() for _ in range(1)))
    found = shared([often("a", 5000), often("b", 3), unknown, often("c", 400), often("d", 5000)])
    numbers = Counter(each.cadence for each in found.items)
    assert numbers == {"a": 333, "b": 3, "c": 332, "d": 332}
    cut = {each.cadence: each.since for each in found.left_out if each.cadence}
    assert cut == {
        name: NOW + timedelta(minutes=number) for name, number in numbers.items() if name in cut
    }
    assert [each.since for each in found.left_out if each.kind is AgendaKind.LOCK] == [NOW]
    many = shared(often(f"{each}", 1) for each in range(MOST + 200))
    assert (len(many.items), len(many.left_out), many.complete) == (MOST, 100, False)
    assert shared([often("a", MOST)]).complete


@pytest.mark.req("S3-23")
def test_no_more_is_worked_out_than_an_answer_holds(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each entry alone comes more often in the period than an answer has items."""
    made = [
        enter(office, window=span(NOW - 400 * DAY, 0.5), rrule="FREQ=HOURLY") for _ in range(10)
    ]
    looked = Counted(monkeypatch, recurring, "moment_of")
    since = NOW + 1000 * DAY
    found = calendar(office, since, since + 300 * DAY)
    assert looked.calls <= MOST + 1 + len(made) * 51
    assert not found["complete"]
    assert len(found["items"]) == MOST
    begins = [each["since"] for each in found["items"] if each["kind"] == "ENTRY"]
    hours = [(since + timedelta(hours=each // len(made))).isoformat() for each in range(MOST)]
    assert begins == hours[: len(begins)]
    assert len(begins) > MOST // 2
    for each in made:
        drop(office, each)


def test_what_comes_again_before_it_has_ended_is_refused(office: Office) -> None:
    payload = enter(office, window=span(NOW, 300 * 24), rrule="FREQ=HOURLY")
    assert codes(payload) == [("windows_overlap", "rrule")]


# Locks and releases.


def locked(office: Office, since: datetime, hours: int = 4, **more: Any) -> Any:
    """A lock that was declared."""
    span = {"since": since.isoformat(), "until": (since + timedelta(hours=hours)).isoformat()}
    terms = {"title": "Stock taking", "kind": "HARD", "services": ["billing"], **span, **more}
    payload = run(office, "DeclareLock", "rhea", input={"terms": terms})["declareLock"]
    assert payload["problems"] == []
    return payload["lock"]


def lifted(office: Office, lock: Any) -> None:
    given = {"id": lock["id"], "reason": "It is over."}
    payload = run(office, "LiftLock", "rhea", input=given)["liftLock"]
    assert payload["problems"] == []


def planned(office: Office, scheduled: datetime, version: str = "1.2.0") -> Any:
    """A train with a date."""
    plan = {"title": f"Train {version}", "service": "billing", "versions": [version]}
    given = {"playbook": "mozilla", "kind": "train", "plan": plan}
    told = given | {"scheduled": scheduled.isoformat()}
    payload = run(office, "OpenRelease", "rhea", input=told)["openRelease"]
    assert payload["problems"] == []
    return payload["release"]


def given_up(office: Office, release: Any) -> None:
    given = {"id": release["id"], "reason": "Another time."}
    payload = run(office, "AbortRelease", "rhea", input=given)["abortRelease"]
    assert payload["problems"] == []


@pytest.mark.req("X-05")
def test_more_locks_than_can_be_told_are_not_taken_for_none(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = NOW + 27 * DAY
    locks = [locked(office, start + DAY), locked(office, start + 2 * DAY)]
    change = submitted(office, "Count the notes", start)
    monkeypatch.setattr(scheduled, "MOST", 1)
    assert calendar(office, start, start + DAY)["complete"] is False
    assert ("UNKNOWN", "BLOCK") in [
        (each["cause"], each["severity"]) for each in clashes(office, change)["clashes"]
    ]
    monkeypatch.undo()
    assert calendar(office, start, start + DAY)["complete"] is True
    for each in locks:
        lifted(office, each)


@pytest.mark.req("S3-23", "S0-12")
def test_locks_stand_in_the_calendar_and_in_the_way(office: Office) -> None:
    start = NOW + 20 * DAY
    lock = locked(office, start, bufferHours=1)
    found = calendar(office, start, start + DAY, service="billing")["items"]
    mine = [(e["title"], e["since"], e["lock"]["id"]) for e in found if e["kind"] == "LOCK"]
    assert mine == [("Stock taking", (start - timedelta(hours=1)).isoformat(), lock["id"])]
    elsewhere = calendar(office, start, start + DAY, service="shop")["items"]
    assert [each for each in elsewhere if each["kind"] == "LOCK"] == []
    change = submitted(office, "Count the coins", start + timedelta(hours=3))
    [clash] = clashes(office, change)["clashes"]
    assert (clash["cause"], clash["severity"], clash["lock"]["id"]) == ("LOCK", "WARN", lock["id"])
    assert clash["until"] == (start + timedelta(hours=4)).isoformat()
    free = clashes(office, change, after=start.isoformat())["earliestTime"]
    assert free["since"] == (start + timedelta(hours=4)).isoformat()
    lifted(office, lock)
    assert clashes(office, change)["clashes"] == []


@pytest.mark.req("S3-23")
def test_a_lock_that_comes_again_stands_at_each_of_its_times(office: Office) -> None:
    edge = {"time": "01:00", "weekday": 6}
    weekend = {"every": "WEEK", "since": edge, "until": {"time": "21:00", "weekday": 7}}
    terms = {"title": "Weekend", "kind": "SOFT", "recurrence": weekend, "services": ["till"]}
    payload = run(office, "DeclareLock", "rhea", input={"terms": terms})["declareLock"]
    monday = datetime(2030, 6, 3, tzinfo=UTC)
    found = calendar(office, monday, monday + 15 * DAY, service="till")["items"]
    times = [(each["since"], each["until"]) for each in found if each["kind"] == "LOCK"]
    assert times == [
        ("2030-06-08T01:00:00+00:00", "2030-06-09T21:00:00+00:00"),
        ("2030-06-15T01:00:00+00:00", "2030-06-16T21:00:00+00:00"),
    ]
    lifted(office, payload["lock"])


@pytest.mark.req("S3-23", "S0-05")
def test_releases_stand_in_the_calendar_with_what_is_due(office: Office) -> None:
    start = NOW + 80 * DAY
    release = planned(office, start)
    found = calendar(office, start, start + 16 * DAY, service="billing")["items"]
    mine = [each for each in found if (each["release"] or {}).get("id") == release["id"]]
    assert [(each["kind"], each["title"]) for each in mine if each["kind"] == "RELEASE"] == [
        ("RELEASE", "Train 1.2.0")
    ]
    due = {each["milestone"]: each["since"] for each in mine if each["kind"] == "MILESTONE"}
    assert due["request"] == (start + 14 * DAY).isoformat()
    assert due["dashboards"] == (start + 15 * DAY).isoformat()
    assert [
        e for e in calendar(office, start, start + DAY, "ava", mine=True)["items"] if e["release"]
    ] == []
    own = calendar(office, start, start + DAY, "rhea", mine=True)["items"]
    assert release["id"] in {(each["release"] or {}).get("id") for each in own}
    given_up(office, release)
    after = calendar(office, start, start + 16 * DAY)["items"]
    assert [each for each in after if each["release"]] == []


@pytest.mark.req("S3-23")
def test_a_release_stands_in_the_way_of_what_it_does_not_carry(office: Office) -> None:
    start = NOW + 90 * DAY
    release = planned(office, start, "1.3.0")
    change = submitted(office, "Mend the roof", start - timedelta(hours=1))
    [clash] = clashes(office, change)["clashes"]
    assert (clash["cause"], clash["release"]["id"]) == ("RELEASE", release["id"])
    [against] = run(office, "Release", "rhea", id=release["id"])["release"]["clashes"]
    assert (against["cause"], against["change"]["id"]) == ("SERVICE", change["id"])
    told = {"id": release["id"], "changes": [change["id"]]}
    payload = run(office, "IncludeRelease", "rhea", input=told)["includeRelease"]
    assert payload["problems"] == []
    assert clashes(office, change)["clashes"] == []
    assert run(office, "Release", "rhea", id=release["id"])["release"]["clashes"] == []
    given_up(office, release)


@pytest.mark.req("S3-23", "S4-24", "S0-12")
def test_the_earliest_time_of_a_release_is_told_with_what_binds(office: Office) -> None:
    wanted = datetime(2030, 7, 3, 20, tzinfo=UTC)
    lock = locked(office, wanted - timedelta(hours=1), 3)
    release = planned(office, wanted - DAY, "1.5.0")

    def found(**more: Any) -> Any:
        asked = {"id": release["id"], "after": wanted.isoformat(), **more}
        return run(office, "ReleaseClashes", "rhea", **asked)["release"]["earliestTime"]

    free = wanted + timedelta(hours=2)
    assert found()["since"] == free.isoformat()
    assert [each["binding"]["cause"] for each in found()["rejected"]] == ["LOCK"]
    other = locked(office, free, 8)
    after = datetime(2030, 7, 5, 4, tzinfo=UTC)
    slot = found(least="BLOCK")
    assert (slot["since"], slot["known"]) == (after.isoformat(), True)
    assert [each["binding"]["cause"] for each in slot["rejected"]] == ["LOCK", "LOCK", "HOLIDAY"]
    change = submitted(office, "Mend the gate", after, 3)
    assert found()["since"] == (after + timedelta(hours=3)).isoformat()
    assert found()["rejected"][-1]["binding"]["cause"] == "SERVICE"
    assert found(least="BLOCK")["since"] == after.isoformat()
    told = {"id": release["id"], "changes": [change["id"]]}
    assert run(office, "IncludeRelease", "rhea", input=told)["includeRelease"]["problems"] == []
    assert found()["since"] == after.isoformat(), "what it carries itself"
    for each in (lock, other):
        lifted(office, each)
    given_up(office, release)


@pytest.mark.req("S3-23", "S0-12")
def test_locks_of_places_where_a_release_never_goes_are_none_in_its_way(office: Office) -> None:
    wanted = datetime(2031, 6, 10, 20, tzinfo=UTC)
    attic = locked(office, wanted - timedelta(hours=1), 3, services=[], environments=["attic"])
    release = planned(office, wanted, "1.6.0")

    def asked() -> tuple[list[str], str]:
        told = {"id": release["id"], "after": wanted.isoformat()}
        found = run(office, "ReleaseClashes", "rhea", **told)["release"]
        causes = [
            each["cause"]
            for each in run(office, "Release", "rhea", id=release["id"])["release"]["clashes"]
        ]
        return causes, found["earliestTime"]["since"]

    assert asked() == ([], wanted.isoformat())
    own = locked(office, wanted - timedelta(hours=1), 3, environments=["production", "attic"])
    assert asked() == (["LOCK"], (wanted + timedelta(hours=2)).isoformat())
    for each in (attic, own):
        lifted(office, each)
    given_up(office, release)


# The feed.


def test_a_feed_holds_what_one_has_a_part_in_or_a_service(
    office: Office, client: TestClient
) -> None:
    submitted(office, "Sweep the chimney", NOW + 40 * DAY)
    own = titles(client, token(office, "rita", FEED))
    assert "Sweep the chimney" in own
    assert "Release every other Tuesday" not in own
    lock, release = locked(office, NOW + 41 * DAY), planned(office, NOW + 41 * DAY, "1.4.0")
    assert "Stock taking" in titles(client, token(office, "rita", FEED))
    mine = titles(client, token(office, "rhea", FEED))
    assert {
        "Train 1.4.0",
        "Watch the production dashboards during the deployment and after it",
    } <= {*mine}
    assert "Train 1.4.0" not in titles(client, token(office, "ava", FEED))
    lifted(office, lock)
    given_up(office, release)
    assert "Packages for hosted deployments" not in own
    others = token(office, "ava", FEED)
    assert "Sweep the chimney" not in titles(client, others)
    assert "Sweep the chimney" in titles(client, others, service="billing")
    assert "Sweep the chimney" not in titles(client, others, service="shop")


@pytest.mark.req("S3-23")
def test_a_feed_of_a_team_holds_what_its_people_have_a_part_in(
    office: Office, client: TestClient
) -> None:
    """Rita is of the second team and rhea too, ava of the first: it is she who reads."""
    start = NOW + 43 * DAY
    submitted(office, "Wash the windows", start)
    release = planned(office, start, "1.5.0")
    theirs = {"Wash the windows", "Train 1.5.0"}
    reading = token(office, "ava", FEED)
    assert theirs.isdisjoint(titles(client, reading))
    assert theirs <= {*titles(client, reading, team=SECOND)}
    assert theirs <= {*titles(client, reading, team=SECOND, service="billing")}
    assert theirs.isdisjoint(titles(client, reading, team=SECOND, service="shop"))
    assert theirs.isdisjoint(titles(client, reading, team="nobody's"))
    assert "Release every other Tuesday" in titles(client, reading, team=SECOND)
    found = calendar(office, start, start + DAY, "ava", team=SECOND)["items"]
    assert theirs <= {each["title"] for each in found}
    both = calendar(office, start, start + DAY, "ava", team=SECOND, mine=True)["items"]
    assert theirs.isdisjoint(each["title"] for each in both)
    given_up(office, release)


@pytest.mark.req("S3-23")
def test_a_feed_holds_only_what_concerns_whose_it_is(office: Office, client: TestClient) -> None:
    office.people["idle"] = office.person("idle")
    start = NOW + 45 * DAY
    submitted(office, "Polish the bell", start)
    lock = locked(office, start)
    everywhere = locked(office, start, title="Nobody deploys", services=[], environments=["live"])
    enter(office, window=span(start, 2))
    idle = token(office, "idle", FEED)
    assert set(titles(client, idle)) == {"Nobody deploys"}
    assert set(titles(client, idle, service="nothing-here")) == {"Nobody deploys"}
    train, monthly = "Release every other Tuesday", "Monthly release on the third Thursday"
    release = planned(office, start, "1.7.0")
    by_service = titles(client, idle, service="billing")
    assert {"Polish the bell", "Stock taking", "Nobody deploys", train} <= {*by_service}
    own = titles(client, token(office, "rhea", FEED))
    assert {train, "Train 1.7.0", "Stock taking"} <= {*own}
    assert monthly not in {*by_service, *own}
    more = titles(client, idle, playbook="monthly_train")
    assert monthly in more
    assert train not in more
    assert set(titles(client, idle, playbook="nobody's")) == {"Nobody deploys"}
    for each in (lock, everywhere):
        lifted(office, each)
    given_up(office, release)


def test_of_a_team_nobody_finds_more_than_they_may_see(office: Office, client: TestClient) -> None:
    """A release under embargo is there for a release manager who asks, and stands in no feed."""
    start = NOW + 44 * DAY
    plan = {"title": "Hidden train", "service": "billing", "versions": ["1.6.0"]}
    told = {"playbook": "mozilla", "kind": "train", "plan": plan, "embargoed": True}
    told["scheduled"] = start.isoformat()
    payload = run(office, "OpenRelease", "rhea", input=told)["openRelease"]
    assert payload["problems"] == []
    for handle, seen in (("rhea", True), ("ava", False), ("rita", False)):
        found = calendar(office, start, start + DAY, handle, team=SECOND)["items"]
        assert ("Hidden train" in {each["title"] for each in found}) is seen, handle
        assert "Hidden train" not in titles(client, token(office, handle, FEED), team=SECOND)
    given_up(office, payload["release"])


def test_every_address_that_is_not_right_has_the_same_answer(
    office: Office, client: TestClient
) -> None:
    good = token(office, "rita", FEED)
    revoked = token(office, "rita", FEED)
    office.desk.ask("credential.revoke", revoked.split("_")[1], reason="It leaked.")
    queries = [
        "",
        "token=",
        "token=cg_nothing",
        f"token={good[:-1]}",
        f"token={revoked}",
        f"token={token(office, 'rita')}",
        f"token={token(office, 'rita', FEED, 'change.approve')}",
        f"token={good}&token={good}",
        f"token={good}&colour=red",
        f"token={good}&service={'x' * 2000}",
        f"token={good}&service=%FF",
        f"token={good}&team=a&team=b",
        f"token=%0D%0A{good}",
    ]
    answers = {
        (answer.status_code, answer.content, *sorted(answer.headers.items()))
        for answer in (client.get(f"{PATH}?{query}") for query in queries)
    }
    assert len(answers) == 1
    assert next(iter(answers))[0] == 401
    assert client.get(f"{PATH}?token={good}").status_code == 200
    assert client.post(f"{PATH}?token={good}").status_code == 405


def test_a_token_for_the_feed_opens_nothing_else(office: Office) -> None:
    door = entrance(office)
    secret, wide = token(office, "rita", FEED), token(office, "rita", "change.approve")
    assert asyncio.run(door(f"Bearer {secret}")) is None
    assert asyncio.run(door(f"Bearer {wide}")) is not None


def test_who_is_suspended_reads_no_feed(office: Office, client: TestClient) -> None:
    office.people["sue"] = office.person("sue")
    secret = token(office, "sue", FEED)
    assert client.get(PATH, params={"token": secret}).status_code == 200
    office.desk.ask("principal.suspend", office.people["sue"], reason="She left.")
    assert client.get(PATH, params={"token": secret}).status_code == 401


def test_texts_cannot_add_lines_to_a_feed() -> None:
    evil = "Lunch\r\nEND:VEVENT\r\nBEGIN:VALARM; , \\ ünï"
    item = AgendaItem(AgendaKind.ENTRY, evil, NOW, NOW + DAY, entry="e", reasons=(evil, "b"))
    body = written(Agenda((item,), complete=True), NOW)
    [event] = Calendar.from_ical(body).walk("VEVENT")
    assert [str(each.name) for each in Calendar.from_ical(body).walk()] == ["VCALENDAR", "VEVENT"]
    assert str(event["summary"]).replace("\r", "") == evil.replace("\r", "")
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (NOW, NOW + DAY)
    assert max(map(len, body.split(b"\r\n"))) <= 75


def test_an_erased_title_is_not_told() -> None:
    item = AgendaItem(AgendaKind.CHANGE, None, NOW, NOW + DAY, change="c")
    body = written(Agenda((item,), complete=True), NOW)
    assert b"SUMMARY:(erased)" in body
    assert ERASED.encode() not in body


def test_the_same_thing_keeps_its_name_when_it_moves() -> None:
    uids = []
    for hours in (0, 5):
        since = NOW + timedelta(hours=hours)
        item = AgendaItem(AgendaKind.CHANGE, "A", since, since + DAY, change="c")
        [event] = Calendar.from_ical(written(Agenda((item,), complete=True), NOW)).walk("VEVENT")
        uids.append(str(event["uid"]))
    assert uids == ["c@changegate"] * 2


def test_the_guide_names_the_address(office: Office) -> None:
    text = (Path(__file__).parents[2] / "docs" / "calendar.md").read_text(encoding="utf-8")
    assert f"{PATH}?token=" in text
    assert f'"{FEED}"' in text
