"""Times and windows from outside."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import tzdata

from api.derived.scalars import write_moment
from api.derived.text import Unreadable
from api.derived.zones import ZONE_RULES, read_local, read_moment, read_window
from domain.calendar.window import Clock, Window
from domain.kernel import Problems


def window(since: str, until: str, zone: str = "Europe/Berlin") -> tuple[Window, Problems]:
    problems = Problems()
    given = {"since": read_local(since), "until": read_local(until), "zone": zone}
    return read_window(given, problems, ("content", "window")), problems


def test_a_moment_is_read_in_utc() -> None:
    assert read_moment("2026-11-20T20:00:00.5+01:00") == datetime(
        2026, 11, 20, 19, 0, 0, 500_000, UTC
    )
    assert read_moment("2026-11-20T19:00:00Z") == datetime(2026, 11, 20, 19, tzinfo=UTC)


@pytest.mark.parametrize(
    "given, code",
    [
        ("2026-11-20T19:00:00", "naive_time"),
        ("2026-11-20", "unreadable_time"),
        ("2026-W47-5T19:00:00Z", "unreadable_time"),
        ("2026-13-20T19:00:00Z", "unreadable_time"),
        ("2026-11-20T23:59:60Z", "unreadable_time"),
        ("2026-11-20T19:00:00+24:00", "unreadable_time"),
        ("0001-01-01T00:00:00+14:00", "unreadable_time"),
        ("9999-12-31T23:59:59Z", "time_out_of_range"),
        ("1969-12-31T23:59:59Z", "time_out_of_range"),
        ("\uff12026-11-20T19:00:00Z", "unreadable_time"),
        ("", "unreadable_time"),
        ("\x00", "unreadable_time"),
    ],
)
def test_every_wrong_time_has_a_code(given: str, code: str) -> None:
    read = read_moment(given)
    assert isinstance(read, Unreadable)
    assert read.code == code


@pytest.mark.parametrize(
    "given, code",
    [
        ("2026-11-20T19:00:00Z", "zone_in_time"),
        ("2026-11-20T19:00Z", "zone_in_time"),
        ("2026-11-20T19:00+01:00", "zone_in_time"),
        ("2026-11-20 19:00", "unreadable_time"),
        ("2026-02-30T19:00", "unreadable_time"),
        ("0001-01-01T00:00", "time_out_of_range"),
        ("9999-12-31T23:59", "time_out_of_range"),
    ],
)
def test_every_wrong_wall_time_has_a_code(given: str, code: str) -> None:
    read = read_local(given)
    assert isinstance(read, Unreadable)
    assert read.code == code


def test_a_window_is_resolved_and_says_by_which_rules() -> None:
    found, problems = window("2026-11-20T22:00", "2026-11-20T23:30:15")
    assert not problems
    assert found == Window(
        since=datetime(2026, 11, 20, 21, tzinfo=UTC),
        until=datetime(2026, 11, 20, 22, 30, 15, tzinfo=UTC),
        local_since="2026-11-20T22:00:00",
        local_until="2026-11-20T23:30:15",
        zone="Europe/Berlin",
        zone_data=ZONE_RULES,
    )


def test_a_skipped_hour_moves_forward_and_of_a_double_hour_the_first_counts() -> None:
    spring, _ = window("2026-03-29T02:30", "2026-03-29T12:00")
    assert spring is not None
    assert (spring.since_clock, spring.since) == (
        Clock.SKIPPED,
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    )
    autumn, _ = window("2026-10-25T02:30", "2026-10-25T12:00")
    assert autumn is not None
    assert (autumn.since_clock, autumn.since) == (
        Clock.REPEATED,
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "", "../etc/passwd", "Europe", "a\x00b", "x" * 9000]
)
def test_an_unknown_zone_is_a_problem_of_the_zone(zone: str) -> None:
    found, problems = window("2026-11-20T22:00", "2026-11-20T23:00", zone)
    assert found.zone == "UTC", "it stands in for one"
    assert [(one.code, one.path) for one in problems] == [
        ("unknown_zone", ("content", "window", "zone"))
    ]


def test_a_window_that_ends_before_it_starts_is_a_problem_of_its_end() -> None:
    _, problems = window("2026-11-20T22:00", "2026-11-20T21:00")
    [problem] = problems
    assert problem.path == ("content", "window", "until")


def test_both_ends_of_a_window_may_be_wrong_at_once() -> None:
    _, problems = window("tomorrow", "2026-11-20T22:00Z")
    assert [problem.path[-1] for problem in problems] == ["since", "until"]


def test_a_wrong_zone_is_told_beside_a_time_that_cannot_be_read() -> None:
    found, problems = window("tomorrow", "2026-11-20T22:00", "Mars/Olympus")
    assert found.zone == "UTC", "it stands in for one"
    assert [problem.path[-1] for problem in problems] == ["since", "zone"]


def test_zone_rules_come_from_the_locked_package_alone(monkeypatch: Any) -> None:
    assert tzdata.IANA_VERSION == ZONE_RULES
    assert ZoneInfo.no_cache("Europe/Berlin").key == "Europe/Berlin"
    import zoneinfo

    assert zoneinfo.TZPATH == ()


def test_an_answer_is_in_utc_and_a_naive_time_is_never_answered() -> None:
    there = datetime(2026, 11, 20, 20, tzinfo=ZoneInfo("Europe/Berlin"))
    assert write_moment(there) == "2026-11-20T19:00:00+00:00"
    with pytest.raises(ValueError, match="zone"):
        write_moment(datetime(2026, 11, 20, 20))  # noqa: DTZ001
