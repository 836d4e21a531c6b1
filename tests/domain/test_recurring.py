"""Windows that come again, such as the locks of a year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.calendar import recurring
from domain.calendar.calendar import Recurrence, RecurringWindow, check_recurring, open_at, openings
from domain.calendar.recurring import opening
from domain.calendar.window import Clock
from domain.kernel import Problems
from tests.domain.counted import Counted

HOUR = timedelta(hours=1)
WEEKEND = RecurringWindow(Recurrence("FREQ=WEEKLY;BYDAY=SA", "2025-01-04T01:00", "UTC"), 44 * 60)
THANKSGIVING = RecurringWindow(
    Recurrence(
        "FREQ=YEARLY;BYMONTH=11;BYDAY=WE;BYMONTHDAY=21,22,23,24,25,26,27",
        "2020-01-01T22:00",
        "UTC",
    ),
    (4 * 24 + 4) * 60,
)
YEAR_END = RecurringWindow(
    Recurrence("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=20", "2020-01-01T23:00", "UTC"),
    (15 * 24 + 10) * 60,
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "window, moment, is_open",
    [
        (WEEKEND, "2025-11-15T00:59:59", False),
        (WEEKEND, "2025-11-15T01:00:00", True),
        (WEEKEND, "2025-11-16T20:59:59", True),
        (WEEKEND, "2025-11-16T21:00:00", False),
        (THANKSGIVING, "2025-11-26T21:59:59", False),
        (THANKSGIVING, "2025-11-26T22:00:00", True),
        (THANKSGIVING, "2025-12-01T01:59:59", True),
        (THANKSGIVING, "2025-12-01T02:00:00", False),
        (YEAR_END, "2025-12-20T22:59:59", False),
        (YEAR_END, "2025-12-20T23:00:00", True),
        (YEAR_END, "2026-01-05T08:59:59", True),
        (YEAR_END, "2026-01-05T09:00:00", False),
    ],
)
def test_it_holds_from_its_first_moment_up_to_its_last(
    window: RecurringWindow, moment: str, is_open: bool
) -> None:
    assert (open_at(window, at(moment), "") is not None) == is_open


def test_it_closes_on_the_wall_clock_whatever_clocks_do() -> None:
    night = RecurringWindow(
        Recurrence("FREQ=DAILY", "2026-01-01T22:00", "Europe/Berlin"), 8 * 60 + 30
    )
    lengths = [
        found[0].until - found[0].since
        for day in ("2026-03-28", "2026-06-01", "2026-10-24")
        if (found := openings(night, at(day) + 20 * HOUR, at(day) + 24 * HOUR, ""))
    ]
    assert lengths == [7.5 * HOUR, 8.5 * HOUR, 9.5 * HOUR]


def test_it_says_how_clocks_showed_both_ends_and_by_which_data() -> None:
    night = RecurringWindow(Recurrence("FREQ=DAILY", "2026-01-01T01:30", "Europe/Berlin"), 60)
    found = open_at(night, at("2026-03-29T00:45"), "2026a")
    assert found is not None
    assert (found.since_clock, found.until_clock, found.zone_data) == (
        Clock.ONCE,
        Clock.SKIPPED,
        "2026a",
    )
    assert found.local_until == "2026-03-29T02:30:00"


def test_what_began_before_the_period_and_is_open_in_it_is_found() -> None:
    [found] = openings(YEAR_END, at("2026-01-01"), at("2026-01-02"), "")
    assert found.since == at("2025-12-20T23:00")
    assert openings(YEAR_END, at("2026-01-05T09:00"), at("2026-01-06"), "") == ()


def test_of_two_that_overlap_the_one_that_closes_last_counts() -> None:
    long = RecurringWindow(Recurrence("FREQ=DAILY", "2026-01-01T00:00", "UTC"), 36 * 60)
    found = open_at(long, at("2026-02-02T06:00"), "")
    assert found is not None
    assert found.since == at("2026-02-02")


@pytest.mark.parametrize("minutes", [0, -1, 366 * 24 * 60 + 1])
def test_it_lasts_from_a_minute_to_a_year(minutes: int) -> None:
    problems = Problems()
    check_recurring(problems, RecurringWindow(WEEKEND.recurrence, minutes))
    assert [(each.code, each.path) for each in problems] == [("out_of_range", ("minutes",))]


def codes(rrule: str, minutes: int, start: str = "2026-01-01T00:00", zone: str = "UTC") -> set[str]:
    problems = Problems()
    check_recurring(problems, RecurringWindow(Recurrence(rrule, start, zone), minutes))
    return {each.code for each in problems}


@pytest.mark.parametrize(
    "rrule, minutes",
    [
        ("FREQ=HOURLY", 61),
        ("FREQ=HOURLY", 366 * 24 * 60),
        ("FREQ=DAILY", 24 * 60 + 1),
        ("FREQ=WEEKLY;BYDAY=SA,SU", 24 * 60 + 1),
        ("FREQ=DAILY;BYHOUR=1,22", 3 * 60 + 1),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", 15 * 24 * 60),
        ("FREQ=YEARLY", 366 * 24 * 60),
    ],
)
def test_one_that_begins_before_the_last_has_ended_is_refused(rrule: str, minutes: int) -> None:
    assert codes(rrule, minutes) == {"windows_overlap"}


@pytest.mark.parametrize(
    "rrule, minutes",
    [
        ("FREQ=HOURLY", 60),
        ("FREQ=DAILY", 24 * 60),
        ("FREQ=DAILY;BYHOUR=1,2,3", 60),
        ("FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=0,30", 30),
        ("FREQ=WEEKLY;BYDAY=SA,SU", 24 * 60),
        ("FREQ=YEARLY", 365 * 24 * 60),
        ("FREQ=DAILY;COUNT=1", 366 * 24 * 60),
    ],
)
@pytest.mark.parametrize("start", ["2026-03-20T00:00", "2026-10-20T00:00"])
def test_one_after_the_other_is_none_whatever_clocks_do(
    rrule: str, minutes: int, start: str
) -> None:
    assert codes(rrule, minutes, start, "Europe/Berlin") == set()


@pytest.mark.parametrize("start", ["1970-01-01T00:00", "2025-12-01T00:00"])
@pytest.mark.parametrize("rrule", ["FREQ=HOURLY", "FREQ=DAILY;BYHOUR=1,5,9,13;BYMINUTE=0,20,40"])
def test_no_more_is_worked_out_than_is_taken_however_long_ago_it_began(
    monkeypatch: pytest.MonkeyPatch, rrule: str, start: str
) -> None:
    looked = Counted(monkeypatch, recurring, "moment_of")
    found = opening(
        RecurringWindow(Recurrence(rrule, start, "UTC"), 20), at("2026-01-01"), at("2026-12-31"), ""
    )
    assert next(found).since >= at("2026-01-01")
    assert looked.calls <= 2 * 24 + 2
    worked = looked.calls
    assert len([next(found) for _ in range(10)]) == 10
    assert looked.calls == worked + 10
