"""Planned patch days take the nearest real batch, within reach, and no batch answers twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar.cadence import Cadence, due, occurrences
from domain.metrics.patch_calendar import REACH, Batch, Patched, agreement, batches, held
from domain.playbook.format import decode

FIRST = date(2024, 1, 10)
DAYS = st.dates(date(2024, 1, 1), date(2024, 3, 1))
PLAYBOOK = Path(__file__).parents[2] / "policies" / "playbooks" / "planned_patch.toml"


def cadence(name: str) -> Cadence:
    found = decode(PLAYBOOK.read_text()).cadence(name)
    assert found is not None
    return found


def dates(name: str, year: int) -> list[date]:
    since, until = (datetime(y, 1, 1, tzinfo=UTC) for y in (year, year + 1))
    return [each.local.date() for each in occurrences(cadence(name), since, until) if each.local]


@pytest.mark.req("S1-08", "X-03")
def test_the_second_and_fourth_wednesdays_are_a_cadence() -> None:
    found = dates("second_and_fourth", 2026)
    assert len(found) == 24
    assert all(each.weekday() == 2 and (each.day - 1) // 7 in (1, 3) for each in found)


@pytest.mark.req("S1-56", "S1-08")
def test_the_wednesdays_around_the_week_of_the_monthly_release_are_a_cadence() -> None:
    """Reckoned from the third Thursday, which is when a monthly release comes."""
    for year in range(2016, 2036):
        expected = []
        for month in range(1, 13):
            first = date(year, month, 1)
            thursday = first + timedelta(days=(3 - first.weekday()) % 7 + 14)
            monday = thursday - timedelta(days=3)
            expected += [monday - timedelta(days=5), monday + timedelta(days=9)]
        assert dates("around_the_monthly", year) == expected


@pytest.mark.req("S1-28", "S1-31")
def test_preparation_begins_two_days_before_and_backports_are_merged_the_day_before() -> None:
    for name in ("second_and_fourth", "around_the_monthly"):
        start = datetime(2026, 3, 1, tzinfo=UTC)
        one = occurrences(cadence(name), start, start + timedelta(days=20))[0]
        marks = {each.milestone.name: each.local for each in due(cadence(name), one)}
        assert one.local is not None
        assert one.local - marks["prepare"] == timedelta(days=2)
        assert one.local - marks["backports"] == timedelta(days=1)


def test_versions_tagged_together_are_a_batch_from_its_first_day() -> None:
    at = datetime(2024, 1, 10, 23, 0, tzinfo=UTC)
    rows = [
        Patched("16.6.4", "16.6", "b", at + timedelta(hours=2)),
        Patched("16.7.2", "16.7", "b", at),
        Patched("16.7.3", "16.7", "c", at + timedelta(days=3)),
    ]
    assert batches(rows) == (Batch("b", FIRST, 2), Batch("c", date(2024, 1, 13), 1))
    assert batches(rows, lines=2) == (Batch("b", FIRST, 2),)


def test_a_planned_day_takes_the_nearest_batch_and_leaves_the_others() -> None:
    near, far, beyond = (
        Batch(str(days), FIRST + timedelta(days=days), 3) for days in (1, 2, REACH + 1)
    )
    [pair] = held([FIRST], [far, beyond, near])
    assert (pair.batch, pair.off) == (near, 1)
    [missed] = held([FIRST], [beyond])
    assert (missed.batch, missed.off) == (None, None)
    [year] = agreement([FIRST], [far, beyond, near])
    assert (year.on_the_day, year.within_one, year.within_reach) == (0, 1, 1)
    assert (year.missed, year.unplanned) == (0, 2)


@given(st.lists(DAYS, max_size=8), st.lists(DAYS, max_size=8))
def test_no_batch_answers_twice_and_none_within_reach_is_left_by_a_free_day(
    planned: list[date], real: list[date]
) -> None:
    found = [Batch(str(at), day, 1) for at, day in enumerate(real)]
    pairs = held(planned, found)
    taken = [each.batch for each in pairs if each.batch]
    assert [each.planned for each in pairs] == sorted(set(planned))
    assert len(taken) == len(set(taken))
    for pair in pairs:
        assert pair.off is None or abs(pair.off) <= REACH
        if pair.batch is None:
            free = [each for each in found if each not in taken]
            assert all(abs(each.day - pair.planned).days > REACH for each in free)
