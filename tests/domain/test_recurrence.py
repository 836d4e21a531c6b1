"""Recurrence rules: against a brute-force oracle, at the edges of clocks and years, and hostile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.calendar.calendar import Recurrence, beats, check_recurrence, first
from domain.calendar.recurrence_text import Unreadable, read_rule
from domain.calendar.window import Clock
from domain.kernel import Problems
from tests.domain.organisation import refused
from tests.domain.recurrence_oracle import DAYS, expand

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",  # half an hour
    "Pacific/Apia",  # lost 30 December 2011
    "Asia/Kathmandu",
    "Africa/Casablanca",
)
BERLIN = "Europe/Berlin"


def codes(rrule: str, start: str = "2026-01-06T10:00", zone: str = BERLIN) -> list[str]:
    problems = Problems()
    check_recurrence(problems, Recurrence(rrule, start, zone))
    return [each.code for each in problems]


def local(
    rrule: str, since: str, until: str, start: str = "2026-01-06T10:00", zone: str = BERLIN
) -> list[str]:
    low, high = (
        datetime.fromisoformat(each).replace(tzinfo=ZoneInfo(zone)) for each in (since, until)
    )
    found = beats(Recurrence(rrule, start, zone), low.astimezone(UTC), high.astimezone(UTC))
    return [each.local.isoformat(timespec="minutes") for each in found]


# The cadences that people keep, as data.


@pytest.mark.req("S4-08", "X-03")
def test_every_other_tuesday() -> None:
    found = local("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2026-03-01", "2026-04-15")
    assert found == ["2026-03-03T10:00", "2026-03-17T10:00", "2026-03-31T10:00", "2026-04-14T10:00"]


@pytest.mark.req("X-03")
def test_second_and_fourth_wednesday() -> None:
    found = local("FREQ=MONTHLY;BYDAY=2WE,4WE", "2026-04-01", "2026-06-01")
    assert [each[:10] for each in found] == ["2026-04-08", "2026-04-22", "2026-05-13", "2026-05-27"]


@pytest.mark.req("X-03")
def test_third_thursday() -> None:
    found = local("FREQ=MONTHLY;BYDAY=3TH", "2026-01-01", "2026-04-01")
    assert [each[:10] for each in found] == ["2026-01-15", "2026-02-19", "2026-03-19"]


@pytest.mark.req("S0-10", "S0-11", "X-03")
def test_packages_at_listed_times_of_day() -> None:
    found = local("FREQ=DAILY;BYHOUR=4,12,20;BYMINUTE=0,30", "2026-03-02", "2026-03-03")
    assert [each[11:] for each in found] == ["04:00", "04:30", "12:00", "12:30", "20:00", "20:30"]


@pytest.mark.req("S0-10", "X-03")
def test_hourly_means_each_hour_that_goes_by_also_when_clocks_change() -> None:
    hourly = Recurrence("FREQ=HOURLY", "2026-01-01T00:15", BERLIN)
    for day in (datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)):
        found = [each.at for each in beats(hourly, day, day + timedelta(days=1))]
        assert found == [day + timedelta(hours=hour, minutes=15) for hour in range(24)]


@pytest.mark.req("X-03")
def test_hourly_on_working_hours() -> None:
    found = local(
        "FREQ=HOURLY;INTERVAL=3;BYDAY=MO,TU;BYHOUR=9,10,11,12", "2026-03-01", "2026-03-05"
    )
    assert found == ["2026-03-02T10:00", "2026-03-03T10:00"]


def test_the_last_day_of_a_month_and_the_last_weekday() -> None:
    found = local("FREQ=MONTHLY;BYMONTHDAY=-1", "2028-01-01", "2028-04-01")
    assert [each[:10] for each in found] == ["2028-01-31", "2028-02-29", "2028-03-31"]
    found = local("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-01-01", "2026-03-01")
    assert [each[:10] for each in found] == ["2026-01-30", "2026-02-27"]


def test_a_year_end_is_crossed_in_step() -> None:
    found = local("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2026-12-15", "2027-02-01")
    gaps = {datetime.fromisoformat(b) - datetime.fromisoformat(a) for a, b in pairwise(found)}
    assert (found[0][:10], gaps) == ("2026-12-22", {timedelta(days=14)})


def test_the_day_a_country_left_out_moves_on_and_is_not_there_twice() -> None:
    apia = "Pacific/Apia"
    found = local("FREQ=DAILY", "2011-12-28", "2012-01-02", "2011-01-01T10:00", apia)
    assert [each[8:10] for each in found] == ["28", "29", "31", "01"]


def test_a_skipped_time_moves_on_and_of_a_repeated_one_the_first_counts() -> None:
    nightly = Recurrence("FREQ=DAILY", "2026-01-01T02:30", BERLIN)
    [spring] = beats(
        nightly, datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 3, 29, 12, tzinfo=UTC)
    )
    assert (spring.at, spring.clock) == (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), Clock.SKIPPED)
    [autumn] = beats(
        nightly, datetime(2026, 10, 25, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC)
    )
    assert (autumn.at, autumn.clock) == (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), Clock.REPEATED)


def test_of_two_times_that_fall_together_one_is_left_and_order_is_kept() -> None:
    rule = Recurrence("FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0,30", "2026-01-01T00:00", BERLIN)
    found = beats(rule, datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 3, 29, 12, tzinfo=UTC))
    assert [each.at.hour * 60 + each.at.minute for each in found] == [60, 90]
    assert {each.clock for each in found} == {Clock.ONCE}


def test_an_end_counts_itself() -> None:
    weekly = "FREQ=WEEKLY;UNTIL="
    assert len(local(f"{weekly}20260120", "2026-01-01", "2027-01-01")) == 3
    assert len(local(f"{weekly}20260120T090000Z", "2026-01-01", "2027-01-01")) == 3
    assert len(local(f"{weekly}20260120T085959Z", "2026-01-01", "2027-01-01")) == 2
    assert local("FREQ=WEEKLY;COUNT=2", "2026-01-10", "2027-01-01") == ["2026-01-13T10:00"]


# Against the oracle.


@st.composite
def rules(draw: st.DrawFn) -> str:
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    found = [f"FREQ={freq}", f"INTERVAL={draw(st.integers(1, 5))}"]
    parts: dict[str, st.SearchStrategy[object]] = {
        "BYMONTH": st.integers(1, 12),
        "BYMONTHDAY": st.integers(-31, 31).filter(bool),
        "BYDAY": _weekdays(freq),
        "BYHOUR": st.integers(0, 23),
        "BYMINUTE": st.sampled_from([0, 15, 30, 45]),
        "BYSETPOS": st.sampled_from([-2, -1, 1, 2, 3]),
    }
    names = sorted(draw(st.sets(st.sampled_from(sorted(parts)), max_size=4)))
    found += [f"{name}={_listed(draw, parts[name])}" for name in names]
    if draw(st.booleans()):
        found.append(f"COUNT={draw(st.integers(1, 9))}")
    if freq == "WEEKLY":
        found.append(f"WKST={draw(st.sampled_from(DAYS))}")
    return ";".join(found)


def _weekdays(freq: str) -> st.SearchStrategy[str]:
    numbers = ["", "", ""]
    if freq in ("MONTHLY", "YEARLY"):
        numbers += ["1", "2", "-1", "3", "5", "+4"]
    return st.tuples(st.sampled_from(numbers), st.sampled_from(DAYS)).map("".join)


def _listed(draw: st.DrawFn, of: st.SearchStrategy[object]) -> str:
    return ",".join(map(str, draw(st.lists(of, min_size=1, max_size=4, unique=True))))


def readable(rrule: str) -> bool:
    try:
        read_rule(rrule)
    except Unreadable:
        return False
    return True


STARTS = st.sampled_from(
    [
        "2011-10-01T02:30",
        "2020-02-29T10:00",
        "2025-12-31T23:45",
        "2026-01-31T00:00",
        "2026-03-28T02:15",
    ]
)


def same(rrule: str, start: str, zone: str, begin: int, length: int) -> None:
    """What is found in a part of the period is what the oracle finds in it."""
    low = datetime.fromisoformat(start).replace(tzinfo=UTC) + timedelta(days=begin)
    high = low + timedelta(days=length)
    found = [each.at for each in beats(Recurrence(rrule, start, zone), low, high)]
    everything = expand(rrule, datetime.fromisoformat(start), ZoneInfo(zone), high)
    assert found == [each for each in everything if each >= low]


@given(
    rules().filter(readable),
    STARTS,
    st.sampled_from(ZONES),
    st.integers(-9, 1500),
    st.integers(1, 500),
)
@example("FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0,30", "2026-03-28T02:15", BERLIN, 0, 5)
@example("FREQ=DAILY;BYSETPOS=1;BYHOUR=3,4", "2026-03-28T02:15", BERLIN, 0, 5)
@example(
    "FREQ=WEEKLY;INTERVAL=3;WKST=SU;BYDAY=SU,MO", "2025-12-31T23:45", "America/New_York", 300, 200
)
@example("FREQ=DAILY;BYHOUR=2,23", "2011-10-01T02:30", "Pacific/Apia", 80, 20)
def test_rules_at_random_are_what_brute_force_finds(
    rrule: str, start: str, zone: str, begin: int, length: int
) -> None:
    same(rrule, start, zone, begin, length)


def known() -> list[tuple[str, str]]:
    rrules = (
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
        "FREQ=MONTHLY;BYDAY=2WE,4WE",
        "FREQ=MONTHLY;BYDAY=3TH",
        "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=20",
        "FREQ=YEARLY;BYMONTH=11;BYDAY=WE;BYMONTHDAY=21,22,23,24,25,26,27",
        "FREQ=DAILY;BYHOUR=0,2,12;BYMINUTE=30",
    )
    return [(rrule, zone) for rrule in rrules for zone in ZONES]


@pytest.mark.req("X-03")
@pytest.mark.parametrize("rrule, zone", known())
def test_known_cadences_agree_over_four_years_in_every_zone(rrule: str, zone: str) -> None:
    start = Random(f"{rrule} {zone}").choice(["2023-11-01T02:30", "2024-02-29T23:30"])
    same(rrule, start, zone, 0, 4 * 366)


# What is refused.


@pytest.mark.parametrize(
    "rrule",
    [
        "",
        "FREQ",
        "FREQ=",
        "FREQ=SECONDLY",
        "FREQ=MINUTELY",
        "freq=daily",
        "RRULE:FREQ=DAILY",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;",
        "FREQ=DAILY;BYEASTER=0",
        "FREQ=DAILY;X-EVIL=1",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=1001",
        "FREQ=DAILY;INTERVAL=1,2",
        "FREQ=DAILY;INTERVAL=99999999999999999999",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=2;UNTIL=20270101",
        "FREQ=DAILY;UNTIL=20270230",
        "FREQ=DAILY;UNTIL=20270101T250000Z",
        "FREQ=DAILY;UNTIL=20270101T100000",
        "FREQ=DAILY;UNTIL=\u0662\u0660270101",
        "FREQ=DAILY;BYMONTH=13",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=1,1",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=MONTHLY;BYDAY=0MO",
        "FREQ=MONTHLY;BYDAY=MO,MO",
        "FREQ=MONTHLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=WEEKLY;WKST=XX",
        "FREQ=YEARLY;BYDAY=54MO",
        "FREQ=YEARLY;BYMONTH=1;BYDAY=6MO",
        "FREQ=DAILY;BYSETPOS=1",
        "FREQ=DAILY;BYHOUR=24",
        "FREQ=HOURLY;BYMINUTE=1",
        "FREQ=HOURLY;COUNT=2;BYHOUR=1",
        "FREQ=DAILY;BYHOUR="
        + ",".join(map(str, range(24)))
        + ";BYMINUTE="
        + ",".join(map(str, range(60))),
        "FREQ=DAILY;BYHOUR=" + "1," * 400,
    ],
)
def test_what_is_no_rule_is_refused(rrule: str) -> None:
    assert codes(rrule) == ["unreadable_recurrence"]


@pytest.mark.parametrize(
    "part,said",
    [
        ("COUNT=0", "COUNT must be from 1 to 1000."),
        ("COUNT=10000", "COUNT must be from 1 to 1000."),
        ("COUNT=" + "9" * 80, "COUNT must be from 1 to 1000."),
        ("COUNT=many", "COUNT must be a number."),
        ("INTERVAL=99999", "INTERVAL must be from 1 to 1000."),
        ("BYHOUR=-99999", "BYHOUR must be from 0 to 23."),
    ],
)
def test_a_number_out_of_its_range_is_told_as_that(part: str, said: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_rule(f"FREQ=DAILY;{part}")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "rrule",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=MONTHLY;BYMONTH=4;BYMONTHDAY=31",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=2",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=1000",
        "FREQ=DAILY;INTERVAL=7;BYDAY=WE",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=5",
        "FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=31;BYSETPOS=2",
        "FREQ=HOURLY;INTERVAL=24;BYHOUR=3",
        "FREQ=DAILY;UNTIL=20250101",
    ],
)
def test_what_never_comes_about_is_refused_soon(rrule: str) -> None:
    begin = process_time()
    assert codes(rrule) == ["impossible_recurrence"]
    assert process_time() - begin < 20  # it would be minutes, or for ever, without bounds


def test_the_rarest_rule_that_comes_about_is_none_of_them() -> None:
    rare = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO"
    assert codes(rare) == []
    found = first(Recurrence(rare, "2025-01-01T10:00", "UTC"))
    assert found is not None
    assert found.at == datetime(2044, 2, 29, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "start, zone, wanted",
    [
        ("2026-03-29T02:30", BERLIN, ["skipped_local_time"]),
        ("2026-10-25T02:30", BERLIN, ["repeated_local_time"]),
        ("2026-10-25T02:30", "UTC", []),
        ("2011-12-30T12:00", "Pacific/Apia", ["skipped_local_time"]),
        ("2026-01-06T10:00", "Mars/Olympus", ["unknown_zone"]),
        ("2026-01-06T10:00", "../../etc/passwd", ["unknown_zone"]),
        ("2026-01-06T10:00Z", BERLIN, ["zone_in_time"]),
        ("2026-02-30T10:00", BERLIN, ["unreadable_time"]),
        ("2026-01-06 10:00", BERLIN, ["unreadable_time"]),
        ("1969-12-31T10:00", BERLIN, ["unreadable_time"]),
        ("2200-01-01T10:00", BERLIN, ["unreadable_time"]),
        ("tomorrow", "Mars", ["unknown_zone", "unreadable_time"]),
    ],
)
def test_a_start_names_one_moment(start: str, zone: str, wanted: list[str]) -> None:
    assert codes("FREQ=DAILY", start, zone) == wanted


def test_a_question_is_bounded() -> None:
    day = datetime(2026, 1, 1, tzinfo=UTC)
    often = Recurrence("FREQ=HOURLY", "2026-01-01T00:00", "UTC")
    with refused("too_many_occurrences"):
        beats(often, day, day + timedelta(days=500))
    with refused("period_too_long"):
        beats(often, day, day + timedelta(days=9000))
    with refused("unknown_zone"):
        beats(Recurrence("FREQ=DAILY", "2026-01-01T00:00", "Mars"), day, day)


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert codes("FREQ=NEVER", "now", "Mars") == [
        "unreadable_recurrence",
        "unknown_zone",
        "unreadable_time",
    ]
