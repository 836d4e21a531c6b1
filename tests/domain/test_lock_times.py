"""When locks are on: half-open spans of UTC, buffers, warnings, and the rules of a real company."""

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
from domain.lock.timing import announced, on, spans_within

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
WEEKEND = Recurrence(Every.WEEK, Boundary("01:00", weekday=6), Boundary("21:00", weekday=7))
THANKSGIVING = Recurrence(
    Every.YEAR,
    Boundary("22:00", weekday=4, month=11, nth=4, offset_days=-1),
    Boundary("02:00", weekday=4, month=11, nth=4, offset_days=4),
)
YEAR_END = Recurrence(
    Every.YEAR, Boundary("23:00", month=12, day=20), Boundary("09:00", month=1, day=5)
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def again(recurrence: Recurrence, **more: Any) -> Terms:
    return Terms("It comes again.", Kind.HARD, recurrence=recurrence, **more)


def edges(terms: Terms, since: str, until: str) -> list[bool]:
    """Whether it is on a second before it begins, as it does, a second before the end, at it."""
    moments = (at(since) - SECOND, at(since), at(until) - SECOND, at(until))
    return [on(terms, each) is not None for each in moments]


@pytest.mark.req("S0-13")
@pytest.mark.parametrize(
    "recurrence,since,until",
    [
        (WEEKEND, "2026-03-07T01:00", "2026-03-08T21:00"),
        (WEEKEND, "2027-01-02T01:00", "2027-01-03T21:00"),
        (THANKSGIVING, "2025-11-26T22:00", "2025-12-01T02:00"),
        (THANKSGIVING, "2026-11-25T22:00", "2026-11-30T02:00"),
        (YEAR_END, "2025-12-20T23:00", "2026-01-05T09:00"),
        (YEAR_END, "2023-12-20T23:00", "2024-01-05T09:00"),
    ],
)
def test_a_lock_that_comes_again_is_on_in_half_open_spans(
    recurrence: Recurrence, since: str, until: str
) -> None:
    assert edges(again(recurrence), since, until) == [False, True, True, False]
    span = on(again(recurrence), at(since))
    assert span is not None
    assert (span.since, span.until) == (at(since), at(until))


def test_it_comes_again_only_between_its_first_and_its_last() -> None:
    terms = again(WEEKEND, since=at("2026-03-07T12:00"), until=at("2026-03-14T12:00"))
    assert edges(terms, "2026-03-07T12:00", "2026-03-08T21:00") == [False, True, True, False]
    assert edges(terms, "2026-03-14T01:00", "2026-03-14T12:00") == [False, True, True, False]
    assert on(terms, at("2026-03-21T12:00")) is None


def test_a_lock_that_begins_now_and_has_no_end_stays_on() -> None:
    terms = Terms("Until further notice.", Kind.HARD, since=at("2026-03-01T00:00"))
    assert on(terms, at("2026-02-28T23:59:59")) is None
    assert on(terms, at("2036-03-01T00:00")) is not None


@given(
    st.sampled_from([WEEKEND, THANKSGIVING, YEAR_END]),
    st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1)),  # noqa: DTZ001
)
def test_a_span_that_is_on_holds_at_each_of_its_moments(
    recurrence: Recurrence, moment: datetime
) -> None:
    """Whatever span holds at one moment is the span that holds at all of it, and nowhere else."""
    terms, now = again(recurrence), moment.replace(tzinfo=UTC)
    span = on(terms, now)
    if span is not None:
        assert span.until is not None
        inside = (span.since, now, span.until - SECOND)
        assert [on(terms, each) for each in inside] == [span] * 3
        assert on(terms, span.until) is None
        assert on(terms, span.since - SECOND) is None


@pytest.mark.parametrize(
    "recurrence",
    [
        Recurrence(Every.WEEK, Boundary("01:00"), Boundary("21:00", weekday=7)),
        Recurrence(Every.WEEK, Boundary("01:00", weekday=0), Boundary("21:00", weekday=7)),
        Recurrence(Every.WEEK, Boundary("24:00", weekday=6), Boundary("21:00", weekday=7)),
        Recurrence(Every.WEEK, Boundary("1:00", weekday=6), Boundary("21:00", weekday=7)),
        Recurrence(Every.WEEK, Boundary("01:00", weekday=6, month=2), Boundary("21:00", weekday=7)),
        Recurrence(Every.WEEK, Boundary("01:00", weekday=6), Boundary("01:00", weekday=6)),
        Recurrence(
            Every.YEAR, Boundary("01:00", month=2, day=29), Boundary("01:00", month=3, day=1)
        ),
        Recurrence(
            Every.YEAR, Boundary("01:00", month=4, day=31), Boundary("01:00", month=5, day=1)
        ),
        Recurrence(
            Every.YEAR, Boundary("01:00", month=13, day=1), Boundary("01:00", month=5, day=1)
        ),
        Recurrence(Every.YEAR, Boundary("01:00", day=1), Boundary("01:00", month=5, day=1)),
        Recurrence(
            Every.YEAR,
            Boundary("01:00", weekday=1, month=4, nth=5),
            Boundary("01:00", month=5, day=1),
        ),
        Recurrence(
            Every.YEAR,
            Boundary("01:00", weekday=1, month=4, nth=1, offset_days=32),
            Boundary("01:00", month=5, day=1),
        ),
    ],
)
def test_what_not_every_week_or_year_has_is_refused(recurrence: Recurrence) -> None:
    problems = Problems()
    check_recurrence(problems, recurrence, "recurrence")
    assert {each.code for each in problems} == {"recurrence_unusable"}


@pytest.mark.req("S0-12")
@pytest.mark.parametrize("warning", [72, 336, 2000])
def test_the_next_span_is_announced_however_long_ahead(warning: int) -> None:
    terms = again(WEEKEND, warning_hours=warning, buffer_hours=6)
    span = announced(terms, at("2026-03-05T12:00"))
    assert span is not None
    assert (span.since, span.until) == (at("2026-03-06T19:00"), at("2026-03-08T21:00"))


def test_what_is_on_already_is_not_announced() -> None:
    assert announced(again(WEEKEND, warning_hours=24), at("2026-03-07T12:00")) is None
    assert announced(again(WEEKEND, warning_hours=24), at("2026-03-05T12:00")) is None


# The rules of a real company.


@pytest.fixture
def rules(real_data: Path) -> Any:
    return json.loads((real_data / "gitlab-change-locks.json").read_text())


def edge(given: Any, anchor: str = "") -> Boundary:
    """An edge as the file tells it."""
    if anchor:
        assert anchor == "us-thanksgiving (fourth Thursday of November)"
        offset = given["offset_days"]
        return Boundary(given["time"], weekday=4, month=11, nth=4, offset_days=offset)
    if "weekday" in given:
        return Boundary(given["time"], weekday=DAYS.index(given["weekday"]) + 1)
    return Boundary(given["time"], month=given["month"], day=given["day"])


def recurring(rules: Any, id: str) -> Terms:
    (row,) = (each for each in rules["recurring_locks"] if each["id"] == id)
    rule = row["rule"]
    every = Every.WEEK if rule["kind"] == "weekly" else Every.YEAR
    anchor = rule.get("anchor", "")
    recurrence = Recurrence(every, *(edge(rule[name], anchor) for name in ("start", "end")))
    return Terms(row["reason"], Kind(row["type"]), recurrence=recurrence)


@pytest.mark.real
@pytest.mark.req("S0-12", "S0-13")
@pytest.mark.parametrize(
    "id,kind,since,until",
    [
        ("weekend", Kind.SOFT, "2025-11-08T01:00", "2025-11-09T21:00"),
        ("us-thanksgiving", Kind.HARD, "2025-11-26T22:00", "2025-12-01T02:00"),
        ("end-of-year", Kind.HARD, "2025-12-20T23:00", "2026-01-05T09:00"),
    ],
)
def test_the_recurring_locks_of_a_real_company(
    rules: Any, id: str, kind: Kind, since: str, until: str
) -> None:
    terms = recurring(rules, id)
    assert terms.kind is kind
    assert edges(terms, since, until) == [False, True, True, False]


def merge_locks(rules: Any) -> dict[str, Terms]:
    """The merge locks of the file by their first day."""
    return {
        each["start_date"][:10]: Terms(
            each["details"],
            Kind.MERGE,
            since=datetime.fromisoformat(each["start_date"]),
            until=datetime.fromisoformat(each["end_date"]),
            buffer_hours=24 * each["merge_buffer_days"],
            warning_hours=24 * each["warning_days"],
        )
        for each in rules["merge_lock_examples"]
    }


@pytest.mark.real
@pytest.mark.req("S0-13")
def test_the_merge_locks_of_a_real_company_have_the_outcomes_it_expects(rules: Any) -> None:
    locks, now = merge_locks(rules), at("2025-11-01T09:00")
    assert on(locks["2025-11-14"], now) is None
    ahead = announced(locks["2025-11-14"], now)
    assert ahead is not None
    assert ahead.since == at("2025-11-12T09:00")
    assert announced(locks["2025-11-14"], now - SECOND) is None
    assert on(locks["2025-11-03"], now) is not None
    assert on(locks["2025-11-03"], now - SECOND) is None
    assert announced(locks["2025-11-03"], now - SECOND) is not None
    assert on(locks["2025-11-02"], now) is None
    assert announced(locks["2025-11-02"], now) is not None


@pytest.mark.real
def test_every_merge_lock_blocks_from_its_buffer_until_its_end(rules: Any) -> None:
    for terms in merge_locks(rules).values():
        assert terms.since is not None
        assert terms.until is not None
        first = terms.since - terms.buffer_hours * HOUR
        moments = (first - SECOND, first, terms.until - SECOND, terms.until)
        assert [on(terms, each) is not None for each in moments] == [False, True, True, False]
        assert on(replace(terms, buffer_hours=0), terms.since - SECOND) is None


@given(
    st.sampled_from([WEEKEND, THANKSGIVING, YEAR_END]),
    st.integers(0, 20 * 24),
    st.integers(1, 60 * 24),
    st.tuples(st.integers(0, 30), st.sampled_from([None, 3, 9])),
)
def test_the_spans_of_a_period_are_those_in_which_it_is_on_at_some_moment(
    rule: Recurrence, start: int, length: int, more: tuple[int, int | None]
) -> None:
    buffer, last = more
    base = datetime(2026, 11, 1, tzinfo=UTC)
    until = None if last is None else base + timedelta(days=last)
    terms = again(rule, buffer_hours=buffer, since=base, until=until)
    since = base + timedelta(hours=start)
    period = [since + timedelta(hours=each) for each in range(length)]
    found = spans_within(terms, since, since + timedelta(hours=length))
    for at in period:
        assert any(each.holds(at) for each in found) is (on(terms, at) is not None), at
    assert list(found) == sorted(found, key=lambda each: each.since)


def test_a_lock_without_an_end_and_one_that_is_over_touch_what_they_touch() -> None:
    base = datetime(2026, 11, 1, tzinfo=UTC)
    open_ended = Terms("Stop", Kind.HARD, since=base)
    assert spans_within(open_ended, base + timedelta(days=90), base + timedelta(days=91))
    over = Terms("Stop", Kind.HARD, since=base, until=base + timedelta(days=1))
    assert spans_within(over, base + timedelta(days=1), base + timedelta(days=2)) == ()
