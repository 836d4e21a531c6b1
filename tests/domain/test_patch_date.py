"""A critical patch goes out when application security and release managers agreed that it does."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from domain.accord.state import Terms
from tests.domain.given import DAY, NOON
from tests.domain.organisation import refused
from tests.domain.patch_stories import (
    APPSEC,
    accord,
    begin,
    patch_office,
    prepared,
    tag_and_test,
    to_preparation,
)
from tests.domain.release_stories import RITA, Office

STEPS = "enter_phase:first_steps"
SECOND = timedelta(seconds=1)
OWN = {"before_agreed_date", "agreed_date_passed", "date_not_agreed", "not_agreed"}


def agree(office: Office, when: str) -> None:
    office.ask(APPSEC, "accord.agree", when, rule="appsec")
    office.ask(RITA, "accord.agree", when, rule="release_managers")


def agreed(office: Office, id: str, due: datetime) -> str:
    """Terms to which both parties agree."""
    when = accord(office, APPSEC, id, "timeline", due=due)
    agree(office, when)
    return when


def patch(scheduled: datetime | None = None) -> tuple[Office, str]:
    office = patch_office()
    id = prepared(office, "critical_patch", scheduled=scheduled)
    return office, id


def at(office: Office, id: str, when: datetime, gate: str = "publish") -> set[str]:
    """What the gate has against the date at a moment."""
    office.at = when
    return OWN & office.codes(id, gate)


@pytest.mark.req("S1-41", "S1-44")
def test_it_is_published_on_the_agreed_day_neither_before_nor_after() -> None:
    office, id = patch()
    due = NOON + 20 * DAY
    agreed(office, id, due)
    assert at(office, id, NOON + DAY) == {"before_agreed_date"}
    assert at(office, id, NOON + DAY, STEPS) == set(), "work begins at once"
    assert at(office, id, due - DAY - SECOND) == {"before_agreed_date"}
    assert at(office, id, due - DAY) == set()
    assert at(office, id, due) == set()
    assert at(office, id, due + SECOND) == {"agreed_date_passed"}
    assert at(office, id, due + SECOND, STEPS) == {"agreed_date_passed"}


@pytest.mark.req("S1-41", "S1-44")
def test_who_moves_its_date_alone_closes_its_gates_until_that_is_agreed_on() -> None:
    office, id = patch()
    due = NOON + DAY / 2
    when = agreed(office, id, due)
    later = NOON + 90 * DAY
    told = {"scheduled": later, "reason": "Later."}
    office.ask(RITA, "release.reschedule", id, **told)
    for gate in (STEPS, "publish"):
        assert OWN & office.codes(id, gate) == {"date_not_agreed"}
    found = office.verdict(id, "publish").blocking
    [differs] = [each for each in found if each.code == "date_not_agreed"]
    assert [each.action for each in differs.acts] == ["release.reschedule", "accord.revise"]
    assert all(each.isoformat() in differs.message for each in (later, due))
    office.ask(RITA, "release.reschedule", id, scheduled=due, reason="As agreed.")
    assert OWN & office.codes(id, "publish") == set()
    office.ask(RITA, "release.reschedule", id, **told)
    office.ask(RITA, "accord.revise", when, terms=Terms("Later.", later))
    assert OWN & office.codes(id, "publish") == {"not_agreed"}
    agree(office, when)
    assert OWN & office.codes(id, "publish") == {"before_agreed_date"}
    assert OWN & office.codes(id, STEPS) == set()


@pytest.mark.req("S1-41", "S1-44")
def test_what_was_agreed_on_last_counts_and_an_emergency_goes_out_by_that() -> None:
    office, id = patch()
    office.attest(APPSEC, id, "assessment", STEPS)
    first = agreed(office, id, NOON + 20 * DAY)
    begin(office, id, office.at)
    to_preparation(office, id, None)
    tag_and_test(office, id)
    office.attest(APPSEC, id, "announcement", "publish")
    with refused("before_agreed_date"):
        office.ask(RITA, "release.publish", id)
    agreed(office, id, office.at + DAY / 24)
    assert office.codes(id, "publish") == set()
    agree(office, first)
    assert office.codes(id, "publish") == {"before_agreed_date"}
    office.ask(RITA, "accord.withdraw", first, reason="It is exploited.")
    office.ask(RITA, "release.publish", id)
    assert office.release(id).published_at is not None
