"""Locks that come again every month, and every recurring lock of a real company."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel import Problems
from domain.lock.recurrence import Boundary, Every, Recurrence, check_recurrence
from domain.lock.state import Kind, Terms
from domain.lock.timing import on, spans_within
from domain.lock.weakening import weakens
from tests.domain.test_lock_times import DAYS, HOUR, again, at, edges, recurring

NINE = "09:00"
THURSDAY = Boundary(NINE, weekday=4, nth=3)
RELEASE = Recurrence(Every.MONTH, THURSDAY, replace(THURSDAY, offset_days=1))
"""From nine on the third Thursday to nine on the day after."""
DATED = Recurrence(Every.MONTH, Boundary(NINE, day=22), Boundary(NINE, day=23))
OVER = Recurrence(
    Every.MONTH, Boundary("22:00", weekday=7, nth=4, offset_days=7), Boundary("02:00", day=4)
)
"""Over the end of the month, and now and then from one month to the one after the next."""


@pytest.mark.req("S0-12", "S0-13")
@pytest.mark.parametrize(
    "recurrence,since,until",
    [
        (RELEASE, "2023-11-16T09:00", "2023-11-17T09:00"),
        (RELEASE, "2024-02-15T09:00", "2024-02-16T09:00"),
        (RELEASE, "2026-01-15T09:00", "2026-01-16T09:00"),
        (DATED, "2023-02-22T09:00", "2023-02-23T09:00"),
        (DATED, "2023-12-22T09:00", "2023-12-23T09:00"),
        (OVER, "2026-03-29T22:00", "2026-04-04T02:00"),
        (OVER, "2025-03-02T22:00", "2025-03-04T02:00"),
    ],
)
def test_a_lock_of_every_month_is_on_in_half_open_spans(
    recurrence: Recurrence, since: str, until: str
) -> None:
    problems = Problems()
    check_recurrence(problems, recurrence, "recurrence")
    assert not problems
    assert edges(again(recurrence), since, until) == [False, True, True, False]


def day_by_hand(edge: Boundary, year: int, month: int) -> datetime:
    """The edge in a month, found by going through its days."""
    days = [datetime(year, month, 1, tzinfo=UTC) + timedelta(days=each) for each in range(28)]
    if edge.day is not None:
        found = days[edge.day - 1]
    else:
        found = [each for each in days if each.isoweekday() == edge.weekday][(edge.nth or 1) - 1]
    hour, minute = map(int, edge.time.split(":"))
    return found + timedelta(days=edge.offset_days, hours=hour, minutes=minute)


BOUNDARIES = st.one_of(
    st.builds(Boundary, st.sampled_from(["00:00", NINE]), day=st.integers(1, 28)),
    st.builds(
        Boundary,
        st.sampled_from(["00:00", NINE]),
        weekday=st.integers(1, 7),
        nth=st.integers(1, 4),
        offset_days=st.integers(-7, 7),
    ),
)


@pytest.mark.req("S0-13")
@given(since=BOUNDARIES, until=BOUNDARIES, hours=st.integers(0, 20 * 365 * 24))
def test_whether_it_is_on_against_going_through_the_months(
    since: Boundary, until: Boundary, hours: int
) -> None:
    now = datetime(2016, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    months = [divmod(now.year * 12 + now.month - 1 + each, 12) for each in range(-6, 7)]
    begins = [day_by_hand(since, year, month + 1) for year, month in months]
    ends = [day_by_hand(until, year, month + 1) for year, month in months]
    expected = any(
        begin <= now < min(each for each in ends if each > begin) for begin in begins[:-4]
    )
    terms = again(Recurrence(Every.MONTH, since, until))
    assert (on(terms, now) is not None) is expected
    month = timedelta(days=31)
    found = spans_within(terms, now - month, now + month)
    assert any(each.holds(now) for each in found) is expected


@pytest.mark.parametrize(
    "edge",
    [
        Boundary(NINE),
        Boundary(NINE, day=29),
        Boundary(NINE, day=0),
        Boundary(NINE, day=3, month=2),
        Boundary(NINE, day=3, offset_days=1),
        Boundary(NINE, weekday=4),
        Boundary(NINE, weekday=4, nth=5),
        Boundary(NINE, weekday=8, nth=1),
        Boundary(NINE, weekday=4, nth=1, offset_days=8),
        Boundary(NINE, weekday=4, nth=1, day=3),
    ],
)
def test_what_not_every_month_has_is_refused(edge: Boundary) -> None:
    problems = Problems()
    check_recurrence(problems, Recurrence(Every.MONTH, edge, Boundary(NINE, day=5)), "recurrence")
    assert {each.code for each in problems} == {"recurrence_unusable"}


@pytest.mark.req("S0-13")
def test_what_takes_hours_away_from_every_month_is_known_as_that() -> None:
    now, whole = at("2026-03-01T00:00"), again(RELEASE)
    shorter = replace(RELEASE, since=replace(THURSDAY, time="10:00"))
    assert weakens(whole, again(shorter), now)
    assert not weakens(again(shorter), whole, now)
    week = Recurrence(Every.WEEK, Boundary(NINE, weekday=4), Boundary(NINE, weekday=5))
    assert weakens(whole, again(week), now), "that weeks hold what months say is not looked at"


# The rules of a real company.


@pytest.fixture
def rules(real_data: Path) -> Any:
    return json.loads((real_data / "gitlab-change-locks.json").read_text())


def next_day(window: dict[str, str]) -> str:
    """When the usual lock ends, which lasts from a time of day to that of the next day."""
    day, time = window["end"].rsplit(" ", 1)
    assert (day, time) == ("next day", window["start"])
    return time


@pytest.mark.real
@pytest.mark.req("S0-12", "S0-13")
def test_every_recurring_rule_is_one_that_can_be_said_or_names_a_calendar(rules: Any) -> None:
    kinds = {each["id"]: each["rule"] for each in rules["recurring_locks"]}
    said = {id for id, rule in kinds.items() if rule["kind"] != "calendar_ref"}
    assert said == {"weekend", "us-thanksgiving", "end-of-year"}
    for id in said:
        problems = Problems()
        recurrence = recurring(rules, id).recurrence
        assert recurrence is not None
        check_recurrence(problems, recurrence, "recurrence")
        assert not problems
    assert {rule["calendar"] for id, rule in kinds.items() if id not in said} == {
        "monthly-release-schedule",  # said month by month, below
        "family-and-friends-days",  # days that follow no rule: a lock for each
    }


@pytest.mark.real
@pytest.mark.req("S0-03", "S0-13")
def test_the_lock_of_the_release_date_is_on_at_every_date_of_its_calendar(
    rules: Any, real_data: Path
) -> None:
    """First on the 22nd of each month, and on the third Thursday since November 2023."""
    window = rules["default_window"]
    assert (window["start"], next_day(window)) == (NINE, NINE)
    lines = (real_data / "gitlab-release-managers.jsonl").read_text().splitlines()
    dates = [json.loads(line)["scheduled_date"] for line in lines]
    locks = {
        since: Terms("Release", Kind.SOFT, recurrence=each)
        for since, each in ((True, RELEASE), (False, DATED))
    }
    for date in dates:
        begin = at(f"{date}T{NINE}")
        terms = locks[begin >= at("2023-11-01T00:00")]
        end = begin + timedelta(days=1)
        moments = (begin.isoformat()[:16], end.isoformat()[:16])
        assert edges(terms, *moments) == [False, True, True, False], date
    assert len(dates) == 102


@pytest.mark.real
@pytest.mark.req("S0-13")
def test_the_further_locks_of_a_team_are_on_all_of_their_days(rules: Any) -> None:
    friday, weekend = (each["rule"] for each in rules["runner_team_extra_locks"])
    spans = [
        ([friday["weekday"]], "2025-11-07T00:00", "2025-11-08T00:00"),
        (weekend["weekdays"], "2025-11-08T00:00", "2025-11-10T00:00"),
    ]
    for days, since, until in spans:
        first, last = (DAYS.index(each) + 1 for each in (days[0], days[-1]))
        edge = Boundary("00:00", weekday=first), Boundary("00:00", weekday=last % 7 + 1)
        terms = again(Recurrence(Every.WEEK, *edge))
        assert edges(terms, since, until) == [False, True, True, False]
        assert on(terms, at(until) - HOUR) is not None
