"""What a planned release is told to do before its turn in production, in the order it helps in."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from domain.release.whereabouts.counted import as_counted
from tests.domain.given import DAY
from tests.domain.release_stories import DATE, RITA, Office, merged
from tests.domain.test_release_cycle import LIVE, NEXT, OFF, STAGING, live, ready
from tests.domain.test_release_out_of_turn import TRAIN, parted, reinstated
from tests.domain.test_release_there import codes

TURN = "turn"
BRING = "Deploy it to staging."


def until(at: datetime) -> str:
    """How a date of the cycle is waited for."""
    return f"Wait for the next date of the cycle, {at.replace(hour=14).isoformat()}."


def told(office: Office, id: str, at: datetime | None = None) -> list[str]:
    """What helps where it is not its turn in production."""
    (found,) = (e for e in office.verdict(id, LIVE, at).blocking if e.requirement == TURN)
    return [each.description for each in found.acts]


@pytest.mark.req("S4-14", "X-04")
def test_it_is_brought_to_staging_first_and_waits_from_then_on() -> None:
    office = Office(at=DATE)
    train = ready(office)
    assert told(office, train) == [BRING, until(NEXT)]
    assert told(office, train, OFF) == [BRING, until(NEXT + 14 * DAY)], "not before the next date"
    office.deploy(train, "staging")
    assert told(office, train) == [until(NEXT)]
    assert codes(office, train, LIVE, TURN, NEXT) == set(), "as it was told"


@pytest.mark.req("S4-14", "S4-19", "X-04")
def test_where_a_fix_took_its_place_it_is_brought_to_staging_first_no_less() -> None:
    office = Office(at=NEXT)
    train, fix = ready(office), ready(office, "hotfix", "1.1.1")
    office.deploy(fix, "staging")
    live(office, fix)
    office.deploy(fix, "production")
    assert codes(office, train, LIVE, TURN) == {"replaced_by_a_fix"}
    assert told(office, train) == [BRING, until(NEXT + 14 * DAY)]
    office.deploy(train, "staging")
    assert told(office, train) == [until(NEXT + 14 * DAY)]
    assert codes(office, train, LIVE, TURN, NEXT + 14 * DAY) == set(), "as it was told"


@pytest.mark.req("S4-14", "S4-18", "X-04")
def test_where_a_fix_took_its_place_in_staging_it_waits_from_the_next_date_on() -> None:
    office = Office(at=DATE)
    train, fix = ready(office), ready(office, "warmfix", "1.1.1")
    office.deploy(fix, "staging")
    assert codes(office, train, STAGING, TURN) == {"replaced_by_a_fix"}
    assert told(office, train) == [BRING, until(NEXT + 14 * DAY)]


@pytest.mark.req("S4-12", "S4-14", "X-04")
def test_what_stands_there_since_long_enough_is_counted_and_waits_for_nothing() -> None:
    office, train, _ = parted(came=DATE + DAY)
    reinstated(office, train)
    office.at = NEXT
    office.learn(merged("9" * 32, number=8))
    office.ask(RITA, "release.include", train, merge_requests=("9" * 32,))
    assert codes(office, train, LIVE, TURN) == {"trails_a_cycle"}
    assert told(office, train) == [BRING], "it stands there since the date before"
    assert told(office, train, NEXT.replace(hour=13)) == [BRING, until(NEXT)]
    state = office.release(train)
    counted = as_counted(state, "staging", office.records)
    assert counted is not None
    assert counted.deployment == TRAIN
    office.learn(replace(state, deliveries=(counted,)))
    assert codes(office, train, LIVE, TURN) == set(), "as it was told"
