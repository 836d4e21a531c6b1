"""Who is on duty: layers from the top down, turns by date over them, overrides over everything."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.rotation.schedule import Lack, Origin, Schedule, duties, gaps, on_duty, spans
from domain.rotation.state import Frequency, Hours, Layer, Weekday
from domain.rotation.terms import begins, term
from domain.turn_state import Kind, Status, Turn
from tests.domain.given import ADA, BEN, CAT, DAN, DAY, refused
from tests.domain.rotation_examples import MONTHLY, START, WEEKLY, rotation, schedule, turn

WEEK = timedelta(weeks=1)
HOUR = timedelta(hours=1)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC", "Asia/Kathmandu")


def people(found: Schedule, at: datetime, region: str | None = None) -> tuple[str, ...]:
    duty = on_duty(found, at, region)
    return duty.people if duty else ()


# Regular turns.


@pytest.mark.req("S4-01", "X-03")
def test_people_take_turns_at_the_step_and_go_round() -> None:
    found = schedule(WEEKLY)
    assert [people(found, START + WEEK * n) for n in range(4)] == [(ADA,), (BEN,), (CAT,), (ADA,)]
    assert people(found, START + WEEK - timedelta(microseconds=1)) == (ADA,)
    assert people(found, START - timedelta(microseconds=1)) == ()


@pytest.mark.req("S4-01")
def test_a_monthly_turn_of_a_short_month_begins_on_its_last_day() -> None:
    assert [begins(MONTHLY, n).date() for n in range(4)] == [
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]
    found = schedule(MONTHLY)
    assert people(found, datetime(2026, 2, 27, 23, 59, tzinfo=UTC)) == (ADA,)
    assert people(found, datetime(2026, 2, 28, tzinfo=UTC)) == (BEN,)


def test_turns_keep_to_the_wall_clock_when_clocks_change() -> None:
    assert begins(WEEKLY, 11) == datetime(2026, 3, 23, 8, tzinfo=UTC)
    assert begins(WEEKLY, 12) == datetime(2026, 3, 30, 7, tzinfo=UTC)


def test_several_people_share_a_turn() -> None:
    found = schedule(replace(WEEKLY, together=2))
    assert [people(found, START + WEEK * n) for n in range(3)] == [
        (ADA, BEN),
        (CAT, ADA),
        (BEN, CAT),
    ]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("frequency", Frequency)
def test_terms_are_those_found_by_counting(zone: str, frequency: Frequency) -> None:
    random.seed(f"{zone} {frequency}")
    for _ in range(20):
        interval = random.randint(1, 5)
        start = f"2025-{random.randint(1, 12):02}-{random.randint(1, 28):02}T02:30"
        layer = Layer("one", (ADA,), start, zone, frequency, interval)
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=random.randint(0, 525_600))
        number = 0
        while begins(layer, number + 1) <= at:
            number += 1
        found = term(layer, at)
        assert found is not None
        assert found.number == number
        assert found.since <= at < found.until


# Layers, hours and regions.


@pytest.mark.req("S0-20", "S0-24")
def test_a_layer_covers_its_region_and_falls_through_where_it_has_nobody() -> None:
    top = replace(WEEKLY, name="emea", region="emea", people=(DAN,), local_start="2026-01-12T09:00")
    found = schedule(top, WEEKLY)
    assert people(found, START, "emea") == (ADA,)
    assert people(found, START + WEEK, "emea") == (DAN,)
    assert people(found, START + WEEK, "amer") == (BEN,)


def test_hours_limit_a_layer_to_days_and_times_of_its_zone() -> None:
    office = Hours("09:00", "17:00", tuple(Weekday)[:5])
    found = schedule(replace(WEEKLY, hours=(office,)))
    assert people(found, START) == (ADA,)
    assert people(found, START + 8 * HOUR) == ()
    assert people(found, START + 5 * DAY) == ()


def test_hours_that_end_before_they_begin_go_over_midnight() -> None:
    found = schedule(replace(WEEKLY, hours=(Hours("22:00", "06:00", (Weekday.MO,)),)))
    monday = datetime(2026, 1, 5, tzinfo=ZoneInfo("Europe/Berlin"))
    assert people(found, (monday + 22 * HOUR).astimezone(UTC)) == (ADA,)
    assert people(found, (monday + 29.5 * HOUR).astimezone(UTC)) == (ADA,)
    assert people(found, (monday + 30 * HOUR).astimezone(UTC)) == ()
    assert people(found, (monday + 46 * HOUR).astimezone(UTC)) == ()


# Turns by date.


def test_a_planned_turn_stands_over_layers_and_an_override_over_both() -> None:
    planned = turn(START, START + 3 * DAY, CAT)
    over = turn(START + DAY, START + 2 * DAY, DAN, kind=Kind.OVERRIDE, region="emea")
    found = schedule(WEEKLY, turns=(planned, over))
    assert people(found, START, "emea") == (CAT,)
    assert people(found, START + DAY, "emea") == (DAN,)
    assert people(found, START + DAY, "amer") == (CAT,)
    assert people(found, START + 3 * DAY, "emea") == (ADA,)
    duty = on_duty(found, START + DAY, "emea")
    assert duty is not None
    assert (duty.origin, duty.turn, duty.until) == (Origin.OVERRIDE, over.id, over.until)


def test_of_two_overrides_the_one_recorded_last_counts_and_a_cancelled_one_never() -> None:
    first = turn(START, START + DAY, CAT, kind=Kind.OVERRIDE, recorded_at=START - DAY)
    second = turn(START, START + DAY, DAN, kind=Kind.OVERRIDE, recorded_at=START)
    assert people(schedule(WEEKLY, turns=(second, first)), START) == (DAN,)
    second = replace(second, status=Status.CANCELLED)
    assert people(schedule(WEEKLY, turns=(second, first)), START) == (CAT,)


def test_after_a_rotation_is_retired_nobody_is_on_duty_and_before_it_they_were() -> None:
    ended = replace(rotation(WEEKLY), retired_at=START + DAY)
    found = Schedule(ended, (turn(START + DAY, START + 2 * DAY),))
    assert people(found, START) == (ADA,)
    assert people(found, START + DAY) == ()
    assert [each.since for each in gaps(found, START, START + 2 * DAY, None, {})] == [START + DAY]


# Over a period.


@pytest.mark.parametrize("seed", range(12))
def test_spans_and_gaps_are_those_found_by_asking_at_every_quarter_of_an_hour(seed: int) -> None:
    rng = random.Random(seed)
    layers = tuple(_layer(rng, number) for number in range(rng.randint(0, 4)))
    turns = tuple(_turn(rng) for _ in range(rng.randint(0, 6)))
    found = schedule(*layers, turns=turns)
    since = datetime(2026, 3, 20, tzinfo=UTC)
    until = since + 15 * DAY  # over the change of clocks in Europe
    away = {ADA: ((since + 2 * DAY, since + 5 * DAY),), BEN: ((since + DAY, None),)}
    for region in ("emea", "amer"):
        cut = spans(found, since, until, region)
        lacking = gaps(found, since, until, region, away)
        assert (cut[0].since, cut[-1].until) == (since, until)
        at = since
        while at < until:
            duty = on_duty(found, at, region)
            [span] = [each for each in cut if each.since <= at < each.until]
            assert span.duty == duty
            gone = duty and all(_away(away, one, at) for one in duty.people)
            expected = [Lack.NOBODY] if duty is None else [Lack.AWAY] if gone else []
            assert [each.lack for each in lacking if each.since <= at < each.until] == expected
            at += timedelta(minutes=15)


def _away(away: Any, one: str, at: datetime) -> bool:
    return any(a <= at and (b is None or at < b) for a, b in away.get(one, ()))


def _layer(rng: random.Random, number: int) -> Layer:
    hours = tuple(
        Hours(
            time(rng.randrange(24), rng.choice((0, 15, 30))).isoformat("minutes"),
            time(rng.randrange(24), rng.choice((0, 15, 45))).isoformat("minutes"),
            tuple(rng.sample(list(Weekday), rng.randrange(5))),
        )
        for _ in range(rng.randrange(3))
    )
    start = f"2026-03-{rng.randint(1, 27):02}T{rng.randrange(24):02}:30"
    return Layer(
        f"layer {number}",
        tuple(rng.sample((ADA, BEN, CAT, DAN), rng.randint(1, 4))),
        start,
        rng.choice(ZONES[:2]),
        rng.choice((Frequency.DAILY, Frequency.WEEKLY)),
        rng.randint(1, 3),
        region=rng.choice((None, "emea", "amer")),
        hours=hours,
    )


def _turn(rng: random.Random) -> Turn:
    since = datetime(2026, 3, 18, tzinfo=UTC) + timedelta(hours=rng.randrange(300))
    return turn(
        since,
        since + timedelta(hours=rng.randint(1, 60)),
        rng.choice((ADA, BEN, CAT)),
        kind=rng.choice((Kind.PLANNED, Kind.OVERRIDE)),
        region=rng.choice((None, "emea", "amer")),
        recorded_at=since - timedelta(minutes=rng.randrange(9_000)),
    )


def test_neighbouring_gaps_are_one() -> None:
    found = schedule(
        turns=(turn(START + DAY, START + 2 * DAY), turn(START + 3 * DAY, START + 4 * DAY))
    )
    lacking = gaps(found, START, START + 5 * DAY, None, {})
    assert [(each.since, each.until) for each in lacking] == [
        (START, START + DAY),
        (START + 2 * DAY, START + 3 * DAY),
        (START + 4 * DAY, START + 5 * DAY),
    ]


def test_a_period_in_which_the_duty_changes_too_often_is_refused() -> None:
    busy = replace(WEEKLY, hours=(Hours("09:00", "17:00"),))
    with refused("period_too_long"):
        spans(schedule(busy), START, START + 4_000 * DAY, None)


def test_ones_own_duties_are_found_in_every_region() -> None:
    emea = replace(WEEKLY, name="emea", region="emea")
    amer = replace(WEEKLY, name="amer", region="amer", people=(DAN,))
    found = schedule(emea, amer, turns=(turn(START + DAY, START + 2 * DAY, ADA, region="amer"),))
    mine = duties(found, START, START + 2 * WEEK, ADA)
    assert [(each.since, each.duty and each.duty.region) for each in mine] == [
        (START, "emea"),
        (START + DAY, "amer"),
    ]
    assert duties(found, START, START + WEEK, CAT) == ()
