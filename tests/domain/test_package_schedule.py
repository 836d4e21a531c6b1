"""Packages that a cadence has made come on time, late, or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.metrics.package_schedule import Came, Punctuality, slots
from tests.domain.given import NOON

HOUR = timedelta(hours=1)
GRACE = timedelta(minutes=20)
DATES = [NOON + 4 * HOUR * at for at in range(6)]
LAST = NOON + 24 * HOUR


def told(*built: float, now: float) -> list[tuple[str, str | None]]:
    """What came of each date, when packages were built so many hours after the first one."""
    came = [Came(NOON + HOUR * hours, f"{hours:g}") for hours in built]
    found = slots(DATES, LAST, came, NOON + HOUR * now, GRACE)
    return [(each.punctuality.value, each.came.package if each.came else None) for each in found]


@pytest.mark.req("S0-10", "S0-11")
def test_a_package_came_on_time_late_or_not_at_all_until_the_next_was_due() -> None:
    assert told(8, 0.3, 4.5, -1, now=16.2) == [
        ("on_time", "0.3"),
        ("late", "4.5"),
        ("on_time", "8"),
        ("missed", None),
        ("due", None),
        ("planned", None),
    ]


@pytest.mark.req("S0-10")
@pytest.mark.parametrize(
    "now,fate",
    [(19.99, "late"), (20, "missed"), (16.34, "late"), (16.33, "due"), (15.9, "planned")],
)
def test_what_has_not_come_is_due_then_late_then_missed(now: float, fate: str) -> None:
    assert told(now=now)[4] == (fate, None)


@pytest.mark.req("S0-10")
def test_a_package_counts_for_one_date_however_many_came() -> None:
    came = told(0.1, 0.2, 3.9, 4, now=5)
    assert came[:2] == [("on_time", "0.1"), ("on_time", "4")]
    assert told(20.1, 30, now=40)[5] == ("on_time", "20.1")


def test_the_last_date_there_is_waits_for_ever() -> None:
    (only,) = slots([NOON], None, [], NOON + 999 * HOUR, GRACE)
    assert only.punctuality is Punctuality.LATE
    assert list(slots([], None, [], NOON, GRACE)) == []
