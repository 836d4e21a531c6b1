"""Windows: wall times of a zone and the moments they stand for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.calendar.window import Clock, resolve
from domain.kernel import Refusal
from tests.domain.organisation import refused

NIGHT = datetime(2026, 3, 29)  # noqa: DTZ001  a wall time
AUTUMN = datetime(2026, 10, 25)  # noqa: DTZ001  a wall time


def at(day: datetime, hour: int, minute: int = 0) -> datetime:
    return day + timedelta(hours=hour, minutes=minute)


def test_a_window_keeps_what_was_asked_and_the_moments_it_stands_for() -> None:
    window = resolve(at(NIGHT, 1), at(NIGHT, 4), "Europe/Berlin", "2026a")
    assert (window.since, window.until) == (
        datetime(2026, 3, 29, 0, tzinfo=UTC),
        datetime(2026, 3, 29, 2, tzinfo=UTC),
    )
    assert (window.local_since, window.zone, window.zone_data) == (
        "2026-03-29T01:00:00",
        "Europe/Berlin",
        "2026a",
    )
    assert (window.since_clock, window.until_clock) == (Clock.ONCE, Clock.ONCE)


def test_a_time_that_clocks_skip_moves_forward_by_what_was_skipped() -> None:
    window = resolve(at(NIGHT, 2, 30), at(NIGHT, 4), "Europe/Berlin", "")
    assert window.since == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert window.since_clock is Clock.SKIPPED


def test_of_a_time_that_clocks_repeat_the_first_is_meant() -> None:
    window = resolve(at(AUTUMN, 2, 30), at(AUTUMN, 3), "Europe/Berlin", "")
    assert window.since == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert window.since_clock is Clock.REPEATED


@pytest.mark.parametrize(
    "until,skipped",
    [
        (at(NIGHT, 3, 30), ["since"]),
        (at(NIGHT, 3), ["since"]),
        (at(NIGHT, 2, 30), []),
    ],
)
def test_a_window_that_is_empty_as_clocks_skip_its_start_is_refused_for_that(
    until: datetime, skipped: list[str]
) -> None:
    with pytest.raises(Refusal) as caught:
        resolve(at(NIGHT, 2, 30), until, "Europe/Berlin", "")
    told = [(each.code, each.path[-1]) for each in caught.value.problems]
    ends = [] if skipped else [("window_ends_first", "until")]
    assert told == [("skipped_local_time", name) for name in skipped] + ends


def test_everything_wrong_with_a_window_is_told_at_once() -> None:
    with pytest.raises(Refusal) as caught:
        resolve(at(NIGHT, 12), at(NIGHT, 11), "Mars/X", "")
    told = [(each.code, each.path[-1]) for each in caught.value.problems]
    assert told == [("unknown_zone", "zone"), ("window_ends_first", "until")]


@pytest.mark.parametrize("hours", [0, -1])
def test_a_window_ends_after_it_starts(hours: int) -> None:
    with refused("window_ends_first"):
        resolve(at(NIGHT, 12), at(NIGHT, 12 + hours), "UTC", "")


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "Europe"])
def test_a_zone_is_one_that_is_known(zone: str) -> None:
    with refused("unknown_zone"):
        resolve(at(NIGHT, 1), at(NIGHT, 4), zone, "")


def test_a_wall_time_has_no_zone_of_its_own() -> None:
    moment = datetime(2026, 3, 29, 12, tzinfo=UTC)
    with refused("zone_in_time", "unknown_zone"):
        resolve(moment, moment, "Mars/Olympus", "")


def test_a_window_holds_its_first_moment_and_not_its_last() -> None:
    window = resolve(at(NIGHT, 12), at(NIGHT, 13), "UTC", "")
    tick = timedelta(microseconds=1)
    moments = (window.since - tick, window.since, window.until - tick, window.until)
    assert [window.holds(each) for each in moments] == [False, True, True, False]
