"""Releases keep their cycle: in turn, one cycle behind, and fixes by what their table says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.calendar.entry_state import CalendarEntry, EntryKind, MovedDate
from domain.calendar.window import Clock, LocalTime
from domain.evidence.aggregate import Outcome
from domain.gate import Status as Is
from domain.playbook.aggregate import Playbook
from domain.playbook.format import PlaybookFault, decode
from domain.release.commands.contents import CommitItem
from domain.release.state import Delivery, Progress, cargo_of
from tests.domain.given import DAY
from tests.domain.organisation import HOUR, OWEN, PLAYBOOKS, refused
from tests.domain.release_stories import (
    COMMIT,
    DATE,
    PLAN,
    QUINN,
    RITA,
    Office,
    filled,
    merged,
    opened,
)

STAGING, LIVE = "deploy:staging", "deploy:production"
OFF = DATE + 7 * DAY
"""The week in which nothing planned goes."""
NEXT = DATE + 14 * DAY
TURN = {"off_week", "date_left_out", "trails_a_cycle", "replaced_by_a_fix", "not_this_week"}


def ready(office: Office, kind: str = "train", version: str = "1.2.0", **more: Any) -> str:
    """A release for which all is said and done but its turn."""
    plan = replace(PLAN, versions=(version,), **more)
    id = filled(office, "mozilla", kind, plan, scheduled=office.at)
    office.report("unit_tests", "integration_tests", "hosting_release")
    office.ask(RITA, "release.tag", id, release_version=version)
    office.attest(RITA, id, "safe", STAGING)
    return id


def live(office: Office, id: str) -> None:
    """What is said of it before it goes live."""
    office.attest(RITA, id, "safe", LIVE)
    office.attest(QUINN, id, "qa", LIVE)


def turn(office: Office, id: str, gate: str, at: datetime | None = None) -> set[str]:
    """What its cycle has against it."""
    return office.codes(id, gate, at) & TURN


@pytest.mark.req("S4-07", "S4-10", "S4-14", "S4-15")
def test_a_train_goes_to_staging_in_its_week_and_live_one_cycle_later() -> None:
    office = Office(at=DATE)
    train = ready(office)
    assert turn(office, train, STAGING, OFF) == {"off_week"}
    assert turn(office, train, STAGING) == set()
    office.deploy(train, "staging")
    for late in (DATE + DAY, OFF, NEXT.replace(hour=13)):
        assert turn(office, train, LIVE, late) == {"trails_a_cycle"}
    for then in (NEXT, NEXT + 7 * DAY, NEXT + 13 * DAY):
        assert turn(office, train, LIVE, then) == set()


@pytest.mark.req("S4-04")
def test_a_release_is_cut_in_the_code_and_on_the_hosting_site_or_goes_nowhere() -> None:
    office = Office(at=DATE)
    train = filled(office, scheduled=DATE)
    office.report("unit_tests", "integration_tests")
    office.attest(RITA, train, "safe", STAGING)
    assert office.codes(train, STAGING) == {"not_tagged", "evidence_missing"}
    office.ask(RITA, "release.tag", train, release_version="1.2.0")
    (left,) = office.verdict(train, STAGING).blocking
    assert left.requirement == "hosting_release"
    office.report("hosting_release", outcome=Outcome.SKIPPED)
    assert not office.verdict(train, STAGING).allowed
    office.report("hosting_release")
    assert office.verdict(train, STAGING).allowed


@pytest.mark.req("S4-11")
def test_nothing_merged_since_the_last_release_means_no_release() -> None:
    office = Office(at=DATE)
    first = ready(office)
    again = filled(office, plan=replace(PLAN, versions=("1.3.0",)), scheduled=DATE)
    assert "nothing_merged" not in office.codes(again, "tag"), "the first went nowhere yet"
    office.deploy(first, "staging")
    assert office.codes(again, "tag") == {"nothing_merged"}
    with refused("nothing_merged"):
        office.ask(RITA, "release.tag", again, release_version="1.3.0")
    office.ask(RITA, "release.exclude", again, merge_requests=("m" * 32,), reason="As a commit.")
    office.ask(RITA, "release.include", again, commits=(CommitItem(COMMIT, "m" * 32),))
    assert office.codes(again, "tag") == {"nothing_merged"}, "it is the same"
    office.learn(merged("n" * 32))
    office.ask(RITA, "release.include", again, merge_requests=("n" * 32,))
    assert office.verdict(again, "tag").allowed
    office.settle(first, "staging", Progress.ROLLED_BACK, "It crashes.")
    office.ask(RITA, "release.exclude", again, merge_requests=("n" * 32,), reason="Later.")
    assert office.verdict(again, "tag").allowed, "what was taken back did not go out"


@pytest.mark.req("S4-16", "S4-17")
def test_what_cannot_wait_goes_out_of_turn_and_is_marked() -> None:
    office = Office(at=OFF)
    train = ready(office, short_circuit="Sync loses data.")
    assert office.verdict(train, STAGING).allowed
    found = {each.requirement: each.status for each in office.verdict(train, STAGING).findings}
    assert found["turn"] is Is.NOT_APPLICABLE


NEXT_DATE = f"Wait for the next date of the cycle, {NEXT.replace(hour=14).isoformat()}."


def waits(office: Office, id: str, gate: str, at: datetime | None = None) -> list[str]:
    """What it is told to wait for."""
    every = (each.acts for each in office.verdict(id, gate, at).blocking if each.code in TURN)
    return [act.description for acts in every for act in acts if act.action == "release.wait"]


@pytest.mark.req("S4-07", "S4-14", "X-04")
def test_who_waits_for_the_cycle_is_told_until_when() -> None:
    office = Office(at=DATE)
    train = ready(office)
    assert waits(office, train, STAGING, OFF) == [NEXT_DATE]
    assert waits(office, train, LIVE) == [NEXT_DATE], "if it went to staging now"
    office.learn(moved())
    assert waits(office, train, STAGING) == [NEXT_DATE], "this one was left out"
    after = NEXT_DATE.replace("04-14", "04-28")
    assert waits(office, train, LIVE, OFF) == [after], "it goes to staging no earlier"
    assert waits(office, train, LIVE, NEXT - HOUR) == [after]
    book: Playbook = office.states[Playbook, "playbook mozilla"]
    old = 'week = "release"\nenvironment = "staging"\neffect = "replace"\nsource = "S4-18"'
    assert book.body.count(old) == 1
    office.learn(replace(book, body=book.body.replace(old, old.replace("replace", "none"))))
    fix = ready(office, "warmfix", "1.1.1")
    monday = "Wait for the next week of the cycle, from 2026-04-06 on."
    assert waits(office, fix, STAGING) == [monday]


# Fixes.


@pytest.mark.req("S4-18", "S4-20")
def test_a_warmfix_goes_to_staging_alone_and_takes_the_place_of_the_week() -> None:
    office = Office(at=DATE)
    fix = ready(office, "warmfix", "1.1.1")
    train = ready(office)
    assert turn(office, fix, STAGING, OFF) == set()
    office.deploy(fix, "staging")
    assert turn(office, train, STAGING) == {"replaced_by_a_fix"}
    assert turn(office, train, STAGING, NEXT) == set()
    assert "unknown_environment" in office.codes(fix, LIVE)
    office.settle(fix, "staging", Progress.ROLLED_BACK, "It crashes.")
    assert turn(office, train, STAGING) == set()


@pytest.mark.req("S4-18", "S4-20")
def test_a_warmfix_of_the_off_week_changes_nothing_else() -> None:
    office = Office(at=OFF)
    office.deploy(ready(office, "warmfix", "1.1.1"), "staging")
    office.at = NEXT
    assert turn(office, ready(office), STAGING) == set()


@pytest.mark.req("S4-19", "S4-20")
@pytest.mark.parametrize("week,replaced", [(NEXT, {"replaced_by_a_fix"}), (NEXT + 7 * DAY, set())])
def test_a_hotfix_goes_live_and_replaces_what_was_planned_in_the_release_week(
    week: datetime, replaced: set[str]
) -> None:
    office = Office(at=DATE)
    train = ready(office)
    office.deploy(train, "staging")
    office.at = week
    fix = ready(office, "hotfix", "1.1.1")
    assert "not_deployed" in office.codes(fix, LIVE), "it is looked at in staging all the same"
    office.deploy(fix, "staging")
    live(office, fix)
    office.deploy(fix, "production")
    assert turn(office, train, LIVE) == (replaced or {"trails_a_cycle"}), "back in staging or not"
    office.settle(fix, "staging", Progress.ROLLED_BACK, "It is live; the train is back.")
    assert turn(office, train, LIVE) == replaced
    assert turn(office, train, LIVE, NEXT + 14 * DAY) == set(), "it goes a cycle later"
    assert turn(office, train, STAGING, week) <= {"off_week"}


OFF_WEEK = NEXT + 7 * DAY


@pytest.mark.req("S4-19", "S4-20")
@pytest.mark.parametrize("progress", [Progress.FAILED, Progress.RUNNING, Progress.SUCCEEDED])
@pytest.mark.parametrize("again", [NEXT + DAY, OFF_WEEK])
def test_a_hotfix_took_the_place_of_what_was_planned_whatever_becomes_of_it_anew(
    again: datetime, progress: Progress
) -> None:
    office = Office(at=DATE)
    train = ready(office)
    office.deploy(train, "staging")
    office.at = NEXT
    fix = ready(office, "hotfix", "1.1.1")
    office.deploy(fix, "staging")
    live(office, fix)
    office.deploy(fix, "production")
    office.settle(fix, "staging", Progress.ROLLED_BACK, "The train is back.")
    office.at = again
    state = office.release(fix)
    others = tuple(each for each in state.deliveries if each.environment != "production")
    before = state.delivery("production")
    assert before is not None
    anew = replace(before, progress=Progress.RUNNING, started_at=again, settled_at=None)
    office.learn(replace(state, deliveries=(*others, anew)))
    if progress is not Progress.RUNNING:
        office.settle(fix, "production", progress, "Once more.")
    assert turn(office, train, LIVE) == {"replaced_by_a_fix"}
    assert turn(office, train, LIVE, NEXT + 14 * DAY) == set(), "it goes a cycle later"


@pytest.mark.req("S4-19", "S4-20")
def test_a_hotfix_that_was_rolled_back_takes_no_place_also_not_by_what_came_before_it_anew() -> (
    None
):
    office = Office(at=DATE)
    train = ready(office)
    office.deploy(train, "staging")
    office.at = NEXT
    fix = ready(office, "hotfix", "1.1.1")
    for come in (NEXT, NEXT + DAY):
        state = office.release(fix)
        told = ("", Progress.RUNNING, RITA, come)
        office.learn(replace(state, deliveries=(Delivery("production", *told),)))
        office.at = come
        office.settle(fix, "production", Progress.SUCCEEDED)
        assert turn(office, train, LIVE) == {"replaced_by_a_fix"}
    office.settle(fix, "production", Progress.ROLLED_BACK, "It crashes.")
    assert turn(office, train, LIVE) == set()


@pytest.mark.req("S4-20")
def test_where_the_table_says_none_a_fix_stays_away() -> None:
    office = Office(at=DATE)
    body = (PLAYBOOKS / "mozilla.toml").read_text()
    old = 'week = "off"\nenvironment = "staging"\neffect = "deploy"\nsource = "S4-18"'
    assert body.count(old) == 1
    book: Playbook = office.states[Playbook, "playbook mozilla"]
    office.learn(replace(book, body=body.replace(old, old.replace("deploy", "none"))))
    fix = ready(office, "warmfix", "1.1.1")
    assert turn(office, fix, STAGING) == set()
    assert turn(office, fix, STAGING, OFF) == {"not_this_week"}
    assert waits(office, fix, STAGING, OFF) == [NEXT_DATE]


# Dates that move.


def moved(instead: LocalTime | None = None) -> CalendarEntry:
    """What was agreed about the date: another one, or to leave it out."""
    planned = "2026-03-31T10:00:00"
    told = ("mozilla", "tuesdays", planned, DATE, "America/New_York", instead, "2026a", "1")
    return CalendarEntry(
        "9" * 32,
        1,
        EntryKind.MOVED_DATE,
        None,
        MovedDate(*told),
        "All hands.",
        OWEN,
        DATE - 30 * DAY,
    )


@pytest.mark.req("S4-09", "S4-24")
def test_nothing_planned_goes_in_a_week_whose_date_was_left_out() -> None:
    office = Office(at=DATE)
    train = ready(office)
    entry = moved()
    office.learn(entry)
    assert turn(office, train, STAGING) == {"date_left_out"}
    assert turn(office, train, STAGING, NEXT) == set()
    office.learn(replace(entry, cancelled_at=DATE))
    assert turn(office, train, STAGING) == set()


MONDAY = datetime(2026, 4, 6, 14, tzinfo=UTC)
"""Of the week after that of the date."""


@pytest.mark.req("S4-09", "S4-24", "S4-14")
def test_a_date_that_moved_to_another_week_takes_its_turn_along() -> None:
    office = Office(at=DATE)
    before, train = ready(office), ready(office, version="1.3.0")
    there = LocalTime(MONDAY, "2026-04-06T10:00:00", "America/New_York", Clock.ONCE, "2026a")
    office.learn(moved(there))
    assert turn(office, train, STAGING) == {"off_week"}, "nobody waits for this week"
    assert turn(office, train, STAGING, MONDAY) == set()
    assert turn(office, train, STAGING, NEXT) == set(), "the next date is where it was"
    state = office.release(before)
    since = MONDAY - 6 * DAY
    told = ("staging", cargo_of(state), Progress.SUCCEEDED, RITA, since, RITA, since)
    office.learn(replace(state, deliveries=(Delivery(*told),)))
    assert turn(office, before, LIVE, MONDAY - HOUR) == {"trails_a_cycle"}
    assert turn(office, before, LIVE, MONDAY) == set()


@pytest.mark.req("S4-14")
def test_what_went_to_staging_on_the_day_before_the_date_trails_a_cycle_all_the_same() -> None:
    office = Office(at=DATE - DAY)
    train = ready(office)
    assert turn(office, train, STAGING) == set(), "in the week of the date"
    office.deploy(train, "staging")
    assert turn(office, train, LIVE, DATE + HOUR) == {"trails_a_cycle"}
    assert turn(office, train, LIVE, NEXT) == set()


@pytest.mark.req("X-05")
def test_before_the_first_date_nothing_goes() -> None:
    office = Office(at=datetime(2025, 12, 1, tzinfo=UTC))
    train = opened(office, scheduled=None)
    office.ask(RITA, "release.aim", train, release_version="1.2.0", commit=COMMIT)
    assert "outside_cycle" in office.codes(train, STAGING)


@pytest.mark.parametrize(
    "old,new,fault",
    [
        ('cycle = "two_week"\n', 'cycle = "three_week"\n', "no cycle"),
        ('cycle = "two_week"\n', "", "needs cycle"),
        (
            'cycle = "two_week"\nwaivable_by = "role:engineering_manager"\ngates = [',
            'cycle = "two_week"\ngates = ["tag", ',
            "says nothing of tag",
        ),
    ],
)
def test_a_row_about_a_cycle_that_says_nothing_of_it_is_a_fault(
    old: str, new: str, fault: str
) -> None:
    body = (PLAYBOOKS / "mozilla.toml").read_text()
    assert old in body
    with pytest.raises(PlaybookFault) as found:
        decode(body.replace(old, new, 1))
    assert fault in str(found.value)
