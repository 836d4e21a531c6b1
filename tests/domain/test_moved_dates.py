"""Dates of cadences move ahead of their time, and what went by one stays as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.calendar.entry import AGGREGATE
from domain.calendar.entry_state import CalendarEntry
from domain.calendar.window import Clock, LocalTime
from tests.domain.given import DAY
from tests.domain.organisation import refused
from tests.domain.release_stories import AGGREGATES, RITA, Office

DATE = datetime(2026, 3, 17, 14, tzinfo=UTC)
"""A Tuesday of the train, ten in New York."""
ID = "5" * 32


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setitem(AGGREGATES, "calendar_entry", AGGREGATE)
    return Office(at=DATE - 3 * DAY)


def at(moment: datetime) -> LocalTime:
    local = (moment - timedelta(hours=4)).replace(tzinfo=None)
    return LocalTime(moment, local.isoformat(), "America/New_York", Clock.ONCE, "2026a")


def move(office: Office, instead: datetime | None, id: str = ID) -> None:
    told: dict[str, Any] = {"playbook": "mozilla", "cadence": "tuesdays", "planned": at(DATE)}
    there = None if instead is None else at(instead)
    office.ask(RITA, "calendar_entry.move_date", id, **told, instead=there, reason="All hands.")


def put_back(office: Office, id: str = ID) -> None:
    office.ask(RITA, "calendar_entry.restore_date", id, reason="They are away.")


@pytest.mark.req("S4-09")
@pytest.mark.parametrize("instead", [DATE + DAY, None])
def test_a_date_that_is_over_is_moved_and_left_out_no_more(
    office: Office, instead: datetime | None
) -> None:
    office.at = DATE
    with refused("date_over"):
        move(office, instead)
    office.at = DATE - timedelta(seconds=1)
    move(office, instead)


@pytest.mark.req("S4-09", "S4-14")
def test_no_date_moves_to_where_it_would_be_over(office: Office) -> None:
    for past in (office.at, office.at - DAY):
        with refused("date_over"):
            move(office, past)


@pytest.mark.req("S4-09")
@pytest.mark.parametrize("instead", [DATE + 2 * DAY, DATE - DAY, None])
def test_what_went_by_as_it_was_agreed_is_not_put_back(
    office: Office, instead: datetime | None
) -> None:
    move(office, instead)
    office.at = instead or DATE
    with refused("date_over"):
        put_back(office)
    office.at -= timedelta(seconds=1)
    put_back(office)


@pytest.mark.req("S4-09")
def test_what_was_put_back_past_its_own_date_may_be_agreed_anew_while_the_other_is_ahead(
    office: Office,
) -> None:
    move(office, DATE + 6 * DAY)
    office.at = DATE + DAY
    put_back(office)
    move(office, DATE + 7 * DAY, "6" * 32)
    entry: CalendarEntry = office.states[CalendarEntry, "6" * 32]
    assert entry.date is not None
    put_back(office, "6" * 32)
    office.at = DATE + 7 * DAY
    with refused("date_over"):
        move(office, DATE + 9 * DAY, "7" * 32)


@pytest.mark.req("S4-09")
def test_what_was_put_back_before_its_own_date_went_by_on_that(office: Office) -> None:
    move(office, DATE + 6 * DAY)
    put_back(office)
    office.at = DATE + DAY
    with refused("date_over"):
        move(office, DATE + 7 * DAY, "6" * 32)
