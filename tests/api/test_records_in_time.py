"""Changes are found by when their windows are, by gates and writer, as if all were looked at."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.records import StoredRecords
from domain.change.state import Change
from domain.sides import After, Before
from tests.api.office import Office, past_records

HOUR = timedelta(hours=1)
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
PLANNED = 24
SPELLED = "%Y-%m-%dT%H:%M"


@pytest.fixture
def office(database: str, tmp_path: Path) -> Iterator[Office]:
    """An office on SQLite and on PostgreSQL."""
    office = Office(tmp_path, database)
    yield office
    office.close()


def planned(office: Office, since: datetime, hours: int) -> None:
    """A change with a window; its neighbours touch it, and do not overlap."""
    until = since + hours * HOUR
    span = {"since": since.strftime(SPELLED), "until": until.strftime(SPELLED), "zone": "UTC"}
    office.change(window=span)


@pytest.mark.req("S3-23")
def test_what_overlaps_a_window_is_found_as_by_looking_at_everything(office: Office) -> None:
    chance = random.Random(23)
    for _ in range(PLANNED):
        planned(office, NOW + chance.randrange(48) * HOUR, chance.randrange(1, 12))
    office.change(window=None)
    with office.reader.connection() as connection:
        head = office.reader.head(connection)
        stored = StoredRecords(office.reader, connection)
        past = past_records(office.reader, connection, head.size)
        view, everything = office.writer.view, stored.find(Change)
        assert len(everything) == PLANNED + 1
        office.writer.view.put(("change", everything[0].id), everything[0])
        counted = 0
        for _ in range(40):
            since = NOW + chance.randrange(50) * HOUR
            until = since + chance.randrange(1, 6) * HOUR
            spans = {"window_since": Before(until), "window_until": After(since)}
            expected = [
                each.id
                for each in everything
                if (window := each.content.window) and window.since < until and window.until > since
            ]
            for records in (stored, past, view):
                assert [each.id for each in records.find(Change, **spans)] == expected
            counted += len(expected)
        office.writer.view.forget()
    assert 0 < counted < 40 * PLANNED
