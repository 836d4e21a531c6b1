"""Clashes of a plan, and the earliest time without one: against brute force, minute by minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar.entry_state import EntryKind, Severity
from domain.clash.clash import DEFAULT, Cause, Clash, Dated, Plan, clashes, earliest

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINE = Plan(
    "mine",
    NOON,
    NOON + 2 * HOUR,
    "billing",
    frozenset({"production"}),
    frozenset({"lb-1", "db-1"}),
    frozenset({"user:a"}),
)


def at(hours: float, length: float = 1) -> tuple[datetime, datetime]:
    return NOON + hours * HOUR, NOON + (hours + length) * HOUR


def other(hours: float = 0, length: float = 1, **more: object) -> Plan:
    given: dict[str, object] = {"service": "shop", "environments": frozenset({"production"})}
    return Plan("other", *at(hours, length), **(given | more))  # type: ignore[arg-type]


def causes(found: tuple[Clash, ...]) -> list[Cause]:
    return [each.cause for each in found]


@pytest.mark.req("S3-23")
def test_every_reason_is_told_and_none_stands_for_another() -> None:
    everything = other(
        1,
        service="billing",
        items=frozenset({"lb-1"}),
        people=frozenset({"user:a"}),
        predecessors=frozenset({"mine"}),
    )
    party = Dated("party", *at(-1, 2), kind=EntryKind.BUSINESS, severity=Severity.BLOCK)
    away = Dated("user:a", *at(0, 9), person="user:a")
    window = Dated("window", *at(1, 9), kind=EntryKind.MAINTENANCE, service="billing")
    found = clashes(MINE, [everything], [party, away, window])
    assert sorted(causes(found)) == [
        Cause.AWAY,
        Cause.BUSINESS,
        Cause.ITEM,
        Cause.OUTSIDE_MAINTENANCE,
        Cause.PERSON,
        Cause.PREDECESSOR,
        Cause.SERVICE,
    ]
    told = {each.cause: each for each in found}
    assert (told[Cause.ITEM].names, told[Cause.SERVICE].names) == (("lb-1",), ("production",))
    assert (told[Cause.BUSINESS].since, told[Cause.BUSINESS].until) == (NOON, NOON + HOUR)
    assert told[Cause.BUSINESS].severity is Severity.BLOCK
    outside = told[Cause.OUTSIDE_MAINTENANCE]
    assert (outside.since, outside.until, outside.entry) == (NOON, NOON + HOUR, "window")


@pytest.mark.parametrize("hours", [-1, 2])
def test_what_only_touches_does_not_clash(hours: float) -> None:
    assert clashes(MINE, [other(hours, items=MINE.items)], []) == ()
    party = Dated("party", *at(hours), kind=EntryKind.BUSINESS)
    assert clashes(MINE, [], [party]) == ()


def test_a_plan_does_not_clash_with_itself() -> None:
    assert clashes(MINE, [MINE], []) == ()


@pytest.mark.parametrize(
    "changes, clash",
    [
        ({"service": "billing"}, True),
        ({"service": "billing", "environments": frozenset({"staging"})}, False),
        ({"service": "billing", "environments": frozenset()}, True),
        ({"service": "shop"}, False),
    ],
)
def test_a_service_clashes_where_environments_meet_or_are_not_named(
    changes: dict[str, object], *, clash: bool
) -> None:
    assert bool(clashes(MINE, [other(**changes)], [])) == clash  # type: ignore[arg-type]


def test_an_event_for_everybody_concerns_every_service_and_that_of_another_none() -> None:
    everyone = Dated("party", *at(0), kind=EntryKind.BUSINESS)
    assert causes(clashes(MINE, [], [everyone])) == [Cause.BUSINESS]
    assert clashes(MINE, [], [replace(everyone, service="shop")]) == ()
    assert clashes(MINE, [], [replace(everyone, environments=("staging",))]) == ()


@pytest.mark.req("S3-15")
def test_windows_that_touch_are_one_and_gaps_are_told() -> None:
    windows = [
        Dated("w", *at(hours, length), kind=EntryKind.MAINTENANCE, service="billing")
        for hours, length in ((-1, 1.5), (0.5, 0.5), (1.25, 0.25))
    ]
    found = clashes(MINE, [], windows)
    gaps = [((each.since - NOON) / HOUR, (each.until - NOON) / HOUR) for each in found]
    assert gaps == [(1.0, 1.25), (1.5, 2.0)]
    whole = Dated("w", *at(0, 2), kind=EntryKind.MAINTENANCE, service="billing")
    assert clashes(MINE, [], [whole]) == ()


def test_a_service_without_windows_is_free_at_any_time() -> None:
    window = Dated("w", *at(5), kind=EntryKind.MAINTENANCE, service="shop")
    assert clashes(MINE, [], [window]) == ()


def test_how_grave_a_cause_is_can_be_said() -> None:
    grave = dict.fromkeys(Cause, Severity.BLOCK)
    found = clashes(MINE, [other(service="billing")], [], grave)
    assert {each.severity for each in found} == {Severity.BLOCK}
    assert DEFAULT[Cause.UNKNOWN] is Severity.BLOCK


# The earliest time.


def test_the_earliest_time_comes_with_the_reason_against_each_earlier_one() -> None:
    first, second = other(1, 2, items=MINE.items), other(4, 3, items=MINE.items)
    party = Dated("party", *at(1, 1), kind=EntryKind.BUSINESS)
    found = earliest(MINE, [first, replace(second, id="second")], [party])
    assert found.since == NOON + 7 * HOUR
    assert [(each.since - NOON) / HOUR for each in found.rejected] == [0, 3]
    assert [each.binding.change for each in found.rejected] == ["other", "second"]


def test_a_free_time_is_its_own_answer() -> None:
    found = earliest(MINE, [], [])
    assert (found.since, found.until, found.rejected) == (MINE.since, MINE.until, ())


def test_what_only_warns_may_be_passed_over() -> None:
    warns = other(0, 2, service="billing")
    assert earliest(MINE, [warns], [], least=Severity.BLOCK).rejected == ()
    assert earliest(MINE, [warns], []).since == NOON + 2 * HOUR


def test_without_a_window_that_is_long_enough_there_is_none() -> None:
    short = Dated("w", *at(9, 1), kind=EntryKind.MAINTENANCE, service="billing")
    found = earliest(MINE, [], [short])
    assert (found.since, found.until) == (None, None)
    assert [each.binding.cause for each in found.rejected] == [Cause.OUTSIDE_MAINTENANCE]


@st.composite
def days(draw: st.DrawFn) -> tuple[list[Plan], list[Dated]]:
    quarter = st.integers(-8, 60).map(lambda each: each / 4)
    length = st.integers(1, 12).map(lambda each: each / 4)
    plans = [
        replace(other(draw(quarter), draw(length), items=MINE.items), id=f"o{number}")
        for number in range(draw(st.integers(0, 4)))
    ]
    events = [
        Dated(f"e{number}", *at(draw(quarter), draw(length)), kind=EntryKind.BUSINESS)
        for number in range(draw(st.integers(0, 3)))
    ]
    windows = [
        Dated(f"w{number}", *at(draw(quarter), draw(length) + 1), kind=EntryKind.MAINTENANCE)
        for number in range(draw(st.integers(0, 4)))
    ]
    return plans, events + windows


def free(start: datetime, plans: list[Plan], dated: list[Dated]) -> bool:
    """Whether a plan of two hours is free there, looked at quarter by quarter."""
    windows = [each for each in dated if each.kind is EntryKind.MAINTENANCE]
    busy = [(each.since, each.until) for each in plans]
    busy += [(each.since, each.until) for each in dated if each.kind is EntryKind.BUSINESS]
    for number in range(8):
        moment = start + number * HOUR / 4
        if any(since <= moment < until for since, until in busy):
            return False
        if windows and not any(each.since <= moment < each.until for each in windows):
            return False
    return True


@pytest.mark.req("S3-23")
@given(days())
def test_the_earliest_time_is_the_one_brute_force_finds(
    day: tuple[list[Plan], list[Dated]],
) -> None:
    plans, dated = day
    found = earliest(MINE, plans, dated)
    starts = (NOON + number * HOUR / 4 for number in range(200))
    assert found.since == next((each for each in starts if free(each, plans, dated)), None)
    assert bool(clashes(MINE, plans, dated)) == (not free(NOON, plans, dated))
    for each in found.rejected:
        assert not free(each.since, plans, dated)
        assert each.binding.since < each.until
