"""Deliveries that releases record themselves count as the deployments they are, each once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.delivery.attested import ATTESTED, OPENED, TAKEN, WITHDRAWN, Pin, Watched
from domain.delivery.carrying import brought
from domain.delivery.delivered import COUNTED, SETTLED, STARTED, deliveries
from domain.delivery.deployments import Course, courses, failure_rate, frequency, in_time, restored
from domain.delivery.happening import Happening, Period
from domain.delivery.lead import waits
from domain.delivery.places import production
from domain.process.release import Environment, EnvironmentKind

BEGIN = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PERIOD = Period(BEGIN, BEGIN + timedelta(days=2), known=BEGIN + timedelta(days=3))
LIVE = ("gprd",)
TEST = EnvironmentKind.TEST


def happened(kind: str, subject: str, hours: int, /, **facts: Any) -> Happening:
    """An event so many hours after the beginning."""
    return Happening(f"{subject}@{hours}", kind, subject, BEGIN + hours * HOUR, facts)


def started(release: str, hours: int, place: str = "gprd", **more: Any) -> Happening:
    """A release set off."""
    return happened(STARTED, release, hours, environment=place, **more)


def settled(
    release: str, hours: int, progress: str = "succeeded", place: str = "gprd"
) -> Happening:
    """Somebody said how it went."""
    return happened(SETTLED, release, hours, environment=place, progress=progress)


def told(*happenings: Happening, places: tuple[str, ...] = LIVE) -> list[Course]:
    """The courses of the deliveries to production."""
    watched: dict[Pin, Watched] = {
        ("book1", "major"): {"works": "gprd", "works anywhere": None},
        ("book2", "major"): {"runs": "gprd"},
    }
    opened = happened(OPENED, "r1", 0, playbook="book1", kind="major")
    return courses(deliveries((opened, *happenings), places, watched))


def attested(hours: int, judgement: str = "fails", row: str = "works", **more: Any) -> Happening:
    """Somebody said whether it works."""
    return happened(ATTESTED, "r1", hours, requirement=row, judgement=judgement, **more)


@pytest.mark.req("S0-25", "S3-28", "X-06")
def test_a_delivery_that_arrived_is_a_deployment_by_its_own_events() -> None:
    (course,) = told(started("r1", 1), settled("r1", 3))
    found = frequency([course], [], PERIOD)
    assert (found.value, found.sources) == ("1", ("r1@3",))
    in_two_hours = in_time([course], PERIOD, 2 * HOUR)
    assert (in_two_hours.value, in_two_hours.sources) == ("1.0000", ("r1@1..r1@3",))
    assert course.environment == "gprd"


@pytest.mark.req("S3-28", "X-06")
def test_what_a_deployment_kept_here_brings_is_not_told_twice() -> None:
    assert told(started("r1", 1, deployment="d" * 32), settled("r1", 3)) == []
    by_hand = (started("r1", 5), settled("r1", 6))
    kept = (started("r1", 1, deployment="d" * 32), settled("r1", 3, "rolled_back"))
    (course,) = told(*kept, *by_hand)
    assert course.started.id == "r1@5"
    (course,) = told(started("r1", 1), settled("r1", 2), started("r1", 3, deployment="d" * 32))
    assert (course.started.id, course.rolled_back) == ("r1@1", None)


@pytest.mark.req("S3-28")
def test_other_places_and_what_never_began_here_are_left_out() -> None:
    assert told(started("r1", 1, "gstg"), settled("r1", 2, place="gstg")) == []
    assert told(happened("release.edited", "r1", 1), settled("r1", 2)) == []
    found = told(started("r1", 1), settled("r1", 2, place="gstg"))
    assert [each.ended for each in found] == [None]


@pytest.mark.req("S3-29", "S3-30")
def test_each_attempt_has_its_own_end() -> None:
    found = told(
        started("r1", 1),
        started("r2", 1),
        settled("r1", 2, "failed"),
        started("r1", 4),
        settled("r2", 5),
        settled("r1", 6),
        settled("r1", 7, "rolled_back"),
    )
    assert [each.started.id for each in found] == ["r1@1", "r2@1", "r1@4"]
    assert frequency(found, [], PERIOD).sources == ("r1@6", "r2@5")
    rate = failure_rate(found, PERIOD)
    assert (rate.numerator, rate.count) == (2, 3)
    again, _ = restored(found, PERIOD)
    assert (again.value, again.sources) == ("3.00", ("r1@2..r2@5",))
    assert [(each.reason, each.count) for each in again.excluded] == [
        ("rolled back without a sign of failure", 1)
    ]


@pytest.mark.req("S0-25", "X-06")
def test_what_the_release_held_when_it_arrived_came_with_it() -> None:
    item = {"release": "r1", "kind": "merge_request"}
    items = [
        happened("inclusion.added", "i1", 0, **item, reference="m1"),
        happened("inclusion.added", "i2", 4, **item, reference="m2"),
    ]
    found = list(deliveries([started("r1", 1), settled("r1", 3)], LIVE))
    (came,) = brought(found, (), items).values()
    assert came.merges == {"m1"}
    merge = happened("merge_request.merged", "m1", 0)
    carried = {found[0].subject: came.merges}
    middle, _ = waits(courses(found), carried, {"m1": merge}, PERIOD)
    assert (middle.value, middle.sources) == ("3.00", ("m1@0..r1@3",))


@pytest.mark.req("S3-29", "S3-30", "X-06")
def test_each_delivery_is_rolled_back_by_what_says_so_of_it() -> None:
    twice = (
        started("r1", 1, cargo="a"),
        settled("r1", 2),
        started("r1", 3, cargo="b"),
        settled("r1", 4),
        settled("r1", 5, "rolled_back"),
    )
    first, second = told(*twice)
    assert (first.rolled_back, second.rolled_back and second.rolled_back.id) == (None, "r1@5")
    first, second = told(*twice, settled("r1", 6, "rolled_back"))
    assert (first.rolled_back and first.rolled_back.id) == "r1@6"
    found = [first, second]
    assert (failure_rate(found, PERIOD).numerator, failure_rate(found, PERIOD).count) == (2, 2)
    again, _ = restored(found, PERIOD)
    assert [each.count for each in again.excluded] == [2]


@pytest.mark.req("S3-29", "X-06")
def test_what_lies_beneath_a_deployment_that_came_to_nothing_is_rolled_back_by_its_arrival() -> (
    None
):
    by_hand = (started("r1", 1), settled("r1", 2))
    kept = (started("r1", 3, deployment="d" * 32), settled("r1", 4, "failed"))
    back = happened(
        SETTLED, "r1", 5, environment="gprd", progress="rolled_back", arrived="2026-03-02T14:00Z"
    )
    (course,) = told(*by_hand, *kept, back)
    assert (course.rolled_back and course.rolled_back.id) == "r1@5"
    assert failure_rate([course], PERIOD).sources == ("r1@2..r1@5",)


@pytest.mark.req("S3-29", "X-06")
def test_what_failed_and_is_rolled_back_takes_nothing_beneath_it_away() -> None:
    found = told(
        *(started("r1", 1, cargo="a"), settled("r1", 2)),
        *(started("r1", 3, cargo="b"), settled("r1", 4, "failed"), settled("r1", 5, "rolled_back")),
    )
    assert [each.rolled_back and each.rolled_back.id for each in found] == [None, "r1@5"]
    counted = happened(COUNTED, "r1", 3, environment="gprd", deployment="d" * 32)
    (course,) = told(started("r1", 1), settled("r1", 2), counted, settled("r1", 4, "rolled_back"))
    assert course.rolled_back is None, "its deployment tells that"


@pytest.mark.req("S3-29", "S3-30", "X-06")
@pytest.mark.parametrize("row", ["works", "works anywhere"])
def test_what_was_brought_by_hand_fails_once_somebody_attests_that_it_does_not_work(
    row: str,
) -> None:
    by_hand = (started("r1", 1, cargo="a"), settled("r1", 2))
    for said in (
        attested(3, "holds", row, cargo="a"),
        attested(3, "fails", "other", cargo="a"),
        attested(3, "fails", row, cargo="other"),
    ):
        assert told(*by_hand, said)[0].failure is None
    (course,) = told(*by_hand, attested(3, "fails", row, cargo="a"))
    rate = failure_rate([course], PERIOD)
    assert (rate.numerator, rate.sources) == (1, ("r1@2..r1@3",))
    found = told(
        *(*by_hand, attested(3, "fails", row, cargo="a"), settled("r1", 5, "rolled_back")),
    )
    again, _ = restored(found, PERIOD)
    assert (again.value, again.sources) == ("2.00", ("r1@3..r1@5",))
    both = (started("r1", 0, "gprd2", cargo="a"), settled("r1", 2, place="gprd2"))
    every = told(*by_hand, *both, attested(3, "fails", row, cargo="a"), places=("gprd", "gprd2"))
    assert sum(each.failure is not None for each in every) == (1 if row == "works" else 2)
    kept = (started("r1", 1, cargo="a", deployment="d" * 32), settled("r1", 2))
    assert told(*kept, attested(3, "fails", row, cargo="a")) == []


@pytest.mark.req("S3-29", "S3-30", "X-06")
def test_what_was_attested_and_taken_back_was_never_said() -> None:
    by_hand = (started("r1", 1, cargo="a"), settled("r1", 2))
    mine, other = ("deploy:gprd", "ann"), ("deploy:gprd", "ben")

    def said(hours: int, judgement: str, of: tuple[str, str]) -> Happening:
        return attested(hours, judgement, cargo="a", gate=of[0], by=of[1])

    def back(hours: int, of: tuple[str, str]) -> Happening:
        told = {"requirement": "works", "gate": of[0], "by": of[1]}
        return happened(WITHDRAWN, "r1", hours, **told)

    (course,) = told(*by_hand, said(3, "fails", mine), back(4, mine))
    assert (course.failure, course.sign) == (None, None)
    (course,) = told(*by_hand, said(3, "fails", mine), back(4, other))
    assert course.failure, "only their own word is taken back"
    (course,) = told(*by_hand, said(3, "fails", mine), said(4, "holds", mine))
    assert course.failure, "it was found not to work before they looked once more"
    twice = (said(3, "fails", mine), said(4, "fails", mine), back(5, mine))
    assert told(*by_hand, *twice)[0].failure, "the last word is taken back"


@pytest.mark.req("S3-29", "S3-30", "X-06")
def test_what_was_found_of_the_very_same_is_carried_over_as_it_is_brought_once_more() -> None:
    by_hand = (started("r1", 1, cargo="a"), settled("r1", 2))
    ann, ben = ({"gate": "close", "by": who, "cargo": "a"} for who in ("ann", "ben"))
    bad = attested(3, "fails", **ann)
    again = (started("r1", 4, cargo="a"), settled("r1", 5))

    def failures(*happenings: Happening) -> list[bool]:
        return [each.failure is not None for each in told(*by_hand, bad, *happenings)]

    assert failures(*again) == [True, True]
    rate = failure_rate(told(*by_hand, bad, *again), PERIOD)
    assert rate.sources == ("r1@2..r1@3", "r1@5..r1@3")
    assert failures(started("r1", 4, cargo="b"), settled("r1", 5)) == [True, False]
    assert failures(attested(4, "holds", **ann), *again) == [True, False]
    assert failures(*again, attested(6, "holds", **ann)) == [True, False], "it was made good"
    assert failures(*again, attested(6, "holds", **ben)) == [True, True]
    own = attested(3, "fails", **ben)
    assert failures(own, *again, attested(6, "holds", **ann)) == [True, True], "one stands still"
    withdrawn = happened(WITHDRAWN, "r1", 6, requirement="works", gate="close", by="ann")
    assert failures(*again, withdrawn) == [False, False]


@pytest.mark.req("S3-29", "X-06")
def test_what_stands_there_fails_by_what_is_attested_also_after_a_later_attempt() -> None:
    by_hand = (started("r1", 1, cargo="a"), settled("r1", 2))
    kept = {"deployment": "d" * 32, "cargo": "a"}
    fails = attested(6, cargo="a")
    for later in (
        (started("r1", 3, cargo="a"), settled("r1", 4, "failed")),
        (started("r1", 3, cargo="a"),),
        (started("r1", 3, **kept), settled("r1", 4, "failed")),
        (started("r1", 3, **kept), settled("r1", 4), settled("r1", 5, "rolled_back")),
    ):
        first = told(*by_hand, *later, fails)[0]
        assert (first.failure and first.failure.id) == "r1@6", later
    for over in (
        (started("r1", 3, **kept), settled("r1", 4)),
        (happened(COUNTED, "r1", 3, environment="gprd", **kept),),
        (settled("r1", 3, "rolled_back"),),
    ):
        first = told(*by_hand, *over, fails)[0]
        assert (first.failure and first.failure.id) != "r1@6", over


@pytest.mark.req("S3-29", "X-06")
def test_what_was_attested_counts_by_the_playbook_of_then() -> None:
    by_hand = (started("r1", 1, cargo="a"), settled("r1", 2))
    taken = happened(TAKEN, "r1", 4, playbook="book2")
    failed = (attested(3, cargo="a"), taken)
    assert told(*by_hand, *failed)[0].failure
    assert told(*by_hand, taken, attested(5, row="runs", cargo="a"))[0].failure
    assert told(*by_hand, taken, attested(5, cargo="a"))[0].failure is None
    assert told(*by_hand, attested(3, row="runs", cargo="a"), taken)[0].failure is None


def place(name: str, kind: EnvironmentKind = EnvironmentKind.PRODUCTION) -> Environment:
    """An environment as a playbook declares it."""
    return Environment(name, name, kind)


@pytest.mark.req("S3-28", "X-06")
def test_what_a_newer_playbook_leaves_out_stays_production() -> None:
    plan = {"plan": {"kind": "test"}}
    kept = [replace(happened("environment.defined", "e1", 0, **plan), place="kept")]
    former = [place("left out"), place("kept"), place("changed"), place("rig", TEST)]
    now = [place("new"), place("changed", TEST)]
    assert production(kept, now, former) == {"new", "left out"}
    assert production(kept, [*now, place("kept")], former) == {"new", "left out", "kept"}
