"""Nothing merged means no release: what went out was in a release as that arrived somewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.process.release import ReleaseStatus
from domain.release.state import Progress
from tests.domain.organisation import HOUR
from tests.domain.release_stories import DATE, PLAN, RITA, Office, filled, merged
from tests.domain.test_release_cycle import ready

FIRST, SECOND = "m" * 32, "n" * 32


def out(office: Office, id: str, what: str = FIRST) -> None:
    office.ask(RITA, "release.exclude", id, merge_requests=(what,), reason="Later.")


def into(office: Office, id: str, what: str = FIRST) -> None:
    office.ask(RITA, "release.include", id, merge_requests=(what,))


def in_staging() -> tuple[Office, str, str]:
    """A train in staging, and another with the same in it."""
    office = Office(at=DATE)
    first = ready(office)
    office.deploy(first, "staging")
    return office, first, filled(office, plan=replace(PLAN, versions=("1.3.0",)), scheduled=DATE)


def news(office: Office, id: str) -> bool:
    return "nothing_merged" not in office.codes(id, "tag")


def change(office: Office, id: str, **to: Any) -> None:
    """Let its one delivery be another."""
    state = office.release(id)
    office.learn(replace(state, deliveries=tuple(replace(e, **to) for e in state.deliveries)))


@pytest.mark.req("S4-11")
@pytest.mark.parametrize("times", [1, 2])
def test_what_is_taken_out_once_it_arrived_went_out_all_the_same(times: int) -> None:
    office, first, again = in_staging()
    assert not news(office, again)
    for at in range(times):
        if at:
            into(office, first)
        out(office, first)
        assert not news(office, again)
    before = office.release(first)
    office.learn(replace(before, status=ReleaseStatus.ABORTED))
    assert news(office, again), "given up, it never went to where people use it"
    office.learn(before)
    into(office, again, merged_as(office, SECOND))
    assert news(office, again)
    out(office, again, SECOND)
    office.learn(before)
    office.settle(first, "staging", Progress.ROLLED_BACK, "It crashes.")
    assert news(office, again), "what was taken back did not go out"


def merged_as(office: Office, id: str) -> str:
    office.learn(merged(id))
    return id


@pytest.mark.req("S4-11")
def test_what_its_release_came_anew_without_waits_to_go_out() -> None:
    office, first, again = in_staging()
    out(office, first)
    assert not news(office, again), "what stands there has it in it"
    office.at += HOUR
    change(office, first, counted_at=office.at)
    assert news(office, again)


@pytest.mark.req("S4-11")
def test_what_was_taken_out_before_it_arrived_did_not_go_out() -> None:
    office = Office(at=DATE)
    first = ready(office)
    into(office, first, merged_as(office, SECOND))
    out(office, first)
    office.attest(RITA, first, "safe", "deploy:staging")
    office.deploy(first, "staging")
    again = filled(office, plan=replace(PLAN, versions=("1.3.0",)), scheduled=DATE)
    assert news(office, again)


@pytest.mark.req("S4-11")
def test_what_came_in_since_it_arrived_and_was_taken_out_did_not_go_out() -> None:
    office, first, again = in_staging()
    into(office, first, merged_as(office, SECOND))
    out(office, again)
    into(office, again, SECOND)
    out(office, first, SECOND)
    assert news(office, again)
    into(office, first, SECOND)
    change(office, first, counted_at=office.at)
    out(office, first, SECOND)
    assert not news(office, again), "what stands there counted with it in between"


@pytest.mark.req("S4-11")
@pytest.mark.parametrize("progress", [Progress.FAILED, Progress.ROLLED_BACK])
def test_a_later_attempt_that_failed_takes_back_nothing(progress: Progress) -> None:
    office, first, again = in_staging()
    assert office.release(first).stood
    change(office, first, progress=progress, started_at=office.at)
    assert not news(office, again)
    out(office, first)
    assert not news(office, again)
    spans = office.release(first).stood
    ended = tuple(replace(each, until=office.at) for each in spans)
    office.learn(replace(office.release(first), stood=ended))
    assert news(office, again)
