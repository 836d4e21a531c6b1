"""How well changes reach production: every number against examples worked out by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.delivery import blockers, changes, deployments, lead, releases
from domain.delivery.deployments import Band, courses
from domain.delivery.happening import Happening, Period
from domain.delivery.report import Recorded, report
from domain.metrics.metrics import Metric

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MARCH = Period(BEGIN, BEGIN + 31 * DAY, known=BEGIN + 60 * DAY)


def happened(
    kind: str, subject: str, after: timedelta, place: str = "production", **facts: Any
) -> Happening:
    """An event so long after the beginning of March."""
    return Happening(f"{kind}#{subject}@{after}", kind, subject, BEGIN + after, facts, place)


def deployed(
    subject: str, after: timedelta, took: timedelta = 10 * MINUTE, end: str = "succeeded"
) -> list[Happening]:
    """A deployment that was started and came to this end."""
    return [
        happened("deployment.started", subject, after),
        happened(f"deployment.{end}", subject, after + took),
    ]


def told(metric: Metric) -> tuple[str | None, int, dict[str, int]]:
    """A number, of how many facts, and what does not count."""
    return metric.value, metric.count, {each.reason: each.count for each in metric.excluded}


# Deployments.


@pytest.mark.req("S3-28", "S0-25", "X-06")
def test_deployments_count_by_when_they_arrived() -> None:
    found = courses(
        [
            *deployed("early", -HOUR, took=30 * MINUTE),
            *deployed("over midnight", -MINUTE),
            *deployed("inside", DAY),
            *deployed("in vain", DAY, end="failed"),
            *deployed("late", 31 * DAY),
            happened("deployment.started", "running", 2 * DAY),
        ]
    )
    claim = happened("deployment.claimed", "elsewhere", DAY)
    metric = deployments.frequency(found, [claim], MARCH)
    assert told(metric) == ("2", 2, {"claimed to have been elsewhere": 1})
    assert metric.sources == (
        "deployment.succeeded#inside@1 day, 0:10:00",
        "deployment.succeeded#over midnight@0:09:00",
    )


@pytest.mark.req("S3-38")
def test_a_deployment_failed_if_it_failed_was_taken_back_or_did_not_work() -> None:
    found = courses(
        [
            *deployed("good", DAY),
            *deployed("in vain", DAY, end="failed"),
            *deployed("taken back", DAY),
            happened("deployment.rolled_back", "taken back", 3 * DAY),
            *deployed("does not work", DAY),
            happened("deployment.verified", "does not work", 2 * DAY, passed=False),
            *deployed("looked odd", DAY),
            happened("deployment.observed", "looked odd", 2 * DAY, well=False),
            happened("deployment.verified", "looked odd", 2 * DAY + HOUR, passed=True),
            happened("deployment.started", "running", 2 * DAY),
            *deployed("before", -DAY, end="failed"),
        ]
    )
    rate = deployments.failure_rate(found, MARCH)
    assert told(rate) == ("0.6000", 5, {"under way": 1})
    assert rate.definition.version == 7
    named = [each.split("..") for each in rate.sources if ".." in each]
    assert "deployment.failed#in vain@1 day, 0:10:00" in rate.sources
    assert (len(named), rate.numerator) == (2, 3)
    assert {bad.partition("@")[0] for _, bad in named} == {
        "deployment.rolled_back#taken back",
        "deployment.verified#does not work",
    }


@pytest.mark.req("S3-38")
def test_what_looked_bad_before_it_was_found_not_to_work_failed_as_well() -> None:
    found = courses(
        [
            *deployed("a", DAY),
            happened("deployment.observed", "a", 2 * DAY, well=False),
            happened("deployment.verified", "a", 2 * DAY + HOUR, passed=False),
        ]
    )
    assert told(deployments.failure_rate(found, MARCH)) == ("1.0000", 1, {})


@pytest.mark.req("S3-38", "S3-30")
def test_what_was_found_before_counts_until_the_very_same_is_found_to_work() -> None:
    def again(subject: str, **facts: Any) -> list[Happening]:
        found = happened("deployment.found_before", subject, DAY + 10 * MINUTE, **facts)
        return [*deployed(subject, DAY), found]

    later = 2 * DAY
    found = courses(
        [
            *again("bad", watched=False),
            *again("long ago"),
            *again("looked bad", watched=True),
            *again("good"),
            happened("deployment.verified", "good", later, passed=True),
            *again("looks good", watched=True),
            happened("deployment.observed", "looks good", later, well=True),
            *again("taken back", watched=True),
            happened("deployment.observed", "taken back", later, well=False),
            happened("deployment.rolled_back", "taken back", later + HOUR),
        ]
    )
    rate = deployments.failure_rate(found, MARCH)
    assert (rate.numerator, rate.count) == (3, 6)
    bad = {each.partition("..")[2].partition("@")[0] for each in rate.sources if ".." in each}
    assert bad == {
        "deployment.found_before#bad",
        "deployment.found_before#long ago",
        "deployment.rolled_back#taken back",
    }
    mean, _ = deployments.restored(found, MARCH)
    assert mean.count == 3, "also what only looked bad, and was taken back"


@pytest.mark.req("S3-30")
def test_it_is_well_again_by_the_rollback_or_the_next_arrival_at_the_same_place() -> None:
    found = courses(
        [
            *deployed("first", DAY, end="failed"),
            *deployed("repair", DAY + HOUR, took=70 * MINUTE),
            *deployed("second", 3 * DAY),
            happened("deployment.observed", "second", 3 * DAY + HOUR, well=False),
            happened("deployment.rolled_back", "second", 3 * DAY + 5 * HOUR),
            *deployed("no sign", 4 * DAY),
            happened("deployment.rolled_back", "no sign", 4 * DAY + HOUR),
            *deployed("last", 5 * DAY, end="failed"),
        ]
    )
    mean, middle = deployments.restored(found, MARCH)
    out = {"rolled back without a sign of failure": 1, "not restored yet": 1}
    assert told(mean) == ("3.00", 2, out)  # 2 hours until the repair, 4 until the rollback
    assert told(middle) == ("3.00", 2, out)
    assert "deployment.failed#first@1 day, 0:10:00..deployment.succeeded#repair@1 day, 2:10:00" in (
        mean.sources
    )


@pytest.mark.req("S3-30", "S0-14")
def test_another_service_makes_nothing_well() -> None:
    def of(service: str, subject: str, after: timedelta, end: str = "succeeded") -> list[Happening]:
        asked = happened("deployment.requested", subject, after, service=service)
        return [asked, *deployed(subject, after, end=end)]

    failed = of("ledger", "first", DAY, end="failed")
    found = courses([*failed, *of("shop", "other", DAY + HOUR)])
    assert told(deployments.restored(found, MARCH)[0]) == (None, 0, {"not restored yet": 1})
    assert deployments.unrestored(found, MARCH) == {("production", "ledger")}
    found = courses(
        [*failed, *of("shop", "other", DAY + HOUR), *of("ledger", "fix", DAY + 5 * HOUR)]
    )
    assert told(deployments.restored(found, MARCH)[0])[:2] == ("5.00", 1)


def test_another_environment_makes_nothing_well() -> None:
    other = [
        Happening(each.id, each.kind, each.subject, each.at, place="elsewhere")
        for each in deployed("other", DAY + HOUR)
    ]
    found = courses([*deployed("first", DAY, end="failed"), *other])
    assert told(deployments.restored(found, MARCH)[0]) == (None, 0, {"not restored yet": 1})


@pytest.mark.req("S0-25")
def test_the_objective_counts_what_ended_in_time() -> None:
    found = courses(
        [
            *deployed("quick", DAY, took=30 * MINUTE),
            *deployed("on time", DAY, took=HOUR),
            *deployed("slow", DAY, took=HOUR + timedelta(seconds=1)),
            *deployed("slow to fail", DAY, took=2 * HOUR, end="failed"),
            happened("deployment.started", "running", 2 * DAY),
        ]
    )
    assert told(deployments.in_time(found, MARCH, HOUR)) == ("0.5000", 4, {"under way": 1})


@pytest.mark.parametrize(
    "days, band",
    [
        (range(-92, 31), Band.DAILY),
        (range(-92, 31, 7), Band.WEEKLY),
        (range(-92, 31, 28), Band.MONTHLY),
        ((20, 21, 22), Band.RARELY),
        ((), Band.RARELY),
    ],
)
def test_how_often_one_deploys_is_the_middle_of_thirteen_weeks(
    days: Iterable[int], band: Band
) -> None:
    found = courses([each for at in days for each in deployed(f"day {at}", at * DAY + HOUR)])
    assert deployments.band(found, MARCH) is band


@given(
    st.lists(
        st.tuples(
            st.integers(0, 200),
            st.sampled_from(["succeeded", "failed"]),
            st.none() | st.integers(1, 50),
            st.none() | st.booleans(),
        ),
        max_size=12,
    )
)
def test_numbers_of_deployments_against_counting_one_by_one(
    stories: list[tuple[int, str, int | None, bool | None]],
) -> None:
    events: list[Happening] = []
    failed, ends, times = 0, 0, []
    arrivals = [
        (hour * HOUR + 10 * MINUTE, at)
        for at, (hour, end, _, _) in enumerate(stories)
        if end == "succeeded"
    ]
    for at, (hour, end, back, passed) in enumerate(stories):
        name, start = f"d{at}", hour * HOUR
        events += deployed(name, start, end=end)
        ended = start + 10 * MINUTE
        signs = [ended] if end == "failed" else []
        if passed is not None:
            events.append(happened("deployment.verified", name, ended + MINUTE, passed=passed))
            signs += [] if passed else [ended + MINUTE]
        if back is not None:
            events.append(happened("deployment.rolled_back", name, ended + back * HOUR))
        failed += bool(signs) or back is not None
        ends += 1
        if signs:
            ways = [when for when, other in arrivals if other != at and when >= signs[0]]
            ways += [ended + back * HOUR] if back is not None else []
            times += [min(ways) - signs[0]] if ways else []
    found = courses(sorted(events, key=lambda each: each.at))
    rate = deployments.failure_rate(found, MARCH)
    assert (rate.numerator or 0, rate.count) == (failed, ends)
    mean, _ = deployments.restored(found, MARCH)
    whole = sum(times, timedelta()) // timedelta(seconds=1)
    assert (mean.count, mean.numerator or 0) == (len(times), whole)


# From merge to production.


@pytest.mark.req("S0-25")
def test_merged_work_waits_for_the_first_deployment_that_brings_it() -> None:
    found = courses(
        [
            *deployed("first", DAY),
            *deployed("again", 2 * DAY),
            *deployed("in vain", HOUR, end="failed"),
        ]
    )
    carried = {"in vain": ["a"], "first": ["a", "b", "c", "d"], "again": ["a", "b"]}
    merged = {
        "a": happened("merge_request.merged", "a", DAY + 10 * MINUTE - 3 * HOUR),
        "b": happened("merge_request.merged", "b", DAY + 10 * MINUTE - 1 * HOUR),
        "d": happened("merge_request.merged", "d", 2 * DAY),
    }
    middle, mean = lead.waits(found, carried, merged, MARCH)
    out = {"not merged here": 1, "deployed before it": 1}
    assert told(middle) == ("2.00", 2, out)
    assert told(mean) == ("2.00", 2, out)
    assert (middle.definition.id, mean.definition.id) == (
        "lead_time_merge_to_production",
        "mean_time_to_production",
    )


# Changes.


@pytest.mark.req("S3-29", "S3-38")
def test_the_rate_of_changes_counts_changes_and_the_other_one_deployments() -> None:
    found = courses(
        [
            *deployed("one", DAY),
            *deployed("two", DAY, end="failed"),
            happened("deployment.rolled_back", "one", 3 * DAY),
        ]
    )
    carried = {"one": ["a", "b", "c", "d"], "two": ["e"]}
    finished = {
        "a": happened("change.finished", "a", 2 * DAY, outcome="rolled_back"),
        "b": happened("change.finished", "b", 2 * DAY, outcome="successful"),
        "c": happened("change.finished", "c", 2 * DAY, outcome="with_issues"),
        "e": happened("change.finished", "e", 2 * DAY, outcome="unsuccessful"),
    }
    per_change = changes.failure_rate(found, carried, finished, MARCH)
    per_deployment = deployments.failure_rate(found, MARCH)
    assert told(per_change) == ("0.3333", 3, {"no outcome recorded": 1})
    assert told(per_deployment) == ("1.0000", 2, {})
    assert per_change.definition.id == "change_failure_rate_per_change"
    assert per_deployment.definition.id == "change_failure_rate_per_deployment"


def test_approval_takes_from_the_last_submission_to_the_authorisation() -> None:
    story = [
        happened("change.submitted", "a", DAY),
        happened("change.returned", "a", DAY + HOUR),
        happened("change.submitted", "a", DAY + 2 * HOUR),
        happened("change.authorized", "a", DAY + 5 * HOUR),
        happened("change.submitted", "b", DAY),
        happened("change.preapproved", "c", DAY),
        happened("change.submitted", "d", 30 * DAY),
        happened("change.authorized", "d", 32 * DAY),
    ]
    out = {"approved in advance": 1, "rejected or edited before it was authorised": 1}
    assert told(changes.approval_lead_time(story, MARCH)) == ("3.00", 1, out)


def test_emergencies_are_a_share_of_what_was_drafted() -> None:
    paths = ("normal", "emergency", "standard", "normal")
    story = [
        happened("change.opened", f"c{at}", at * HOUR, path=path) for at, path in enumerate(paths)
    ]
    story.append(happened("change.glass_broken", "c1", 5 * HOUR))
    story.append(happened("change.started", "c0", 6 * HOUR))
    assert told(changes.emergencies(story, MARCH)) == ("0.2500", 4, {})
    assert told(changes.afterwards(story, MARCH)) == ("0.5000", 2, {})


# Releases.


def settled(
    subject: str, after: timedelta, progress: str, environment: str = "production"
) -> Happening:
    """A deployment of a release came to this end."""
    return happened(
        "release.deployment_settled", subject, after, environment=environment, progress=progress
    )


@pytest.mark.req("S3-27", "S3-28")
def test_a_release_went_well_without_a_rollback_or_a_stopped_line() -> None:
    story = [
        settled("good", DAY, "succeeded"),
        settled("good", 20 * DAY, "rolled_back"),  # long after it was looked at
        settled("taken back", DAY, "succeeded"),
        settled("taken back", 2 * DAY, "rolled_back"),
        settled("stopped", 10 * DAY, "succeeded"),
        settled("staging only", DAY, "succeeded", "staging"),
        settled("in vain", DAY, "failed"),
        settled("retried", 19 * DAY, "failed"),
        settled("retried", 20 * DAY, "succeeded"),
        settled("fresh", 30 * DAY, "succeeded"),
    ]
    stops = [
        happened("environment.stopped", "env", 12 * DAY),
        happened("environment.stopped", "other", 21 * DAY, place="staging"),
    ]
    now = Period(MARCH.since, MARCH.until, known=BEGIN + 31 * DAY)
    out = {"still observed": 1, "never reached production": 1}
    found = releases.success_rate(story, stops, {"production"}, now)
    assert told(found) == ("0.5000", 4, out)
    bad = [each for each in found.sources if ".." in each]
    assert len(bad) == 2
    assert bad[0].endswith("..environment.stopped#env@12 days, 0:00:00")
    assert bad[1].endswith("..release.deployment_settled#taken back@2 days, 0:00:00")
    later = releases.success_rate(story, stops, {"production"}, MARCH)
    assert told(later) == ("0.6000", 5, {"never reached production": 1})
    assert told(releases.frequency(story, {"production"}, now)) == ("5", 5, {})


@pytest.mark.req("S3-27", "S3-28")
def test_what_stood_there_already_and_counts_for_a_release_brought_that_there() -> None:
    counted = "release.deployment_counted"
    story = [
        happened(counted, "good", DAY, environment="production"),
        happened(counted, "taken back", DAY, environment="production"),
        settled("taken back", 2 * DAY, "rolled_back"),
        happened(counted, "elsewhere", DAY, environment="staging"),
    ]
    found = releases.success_rate(story, (), {"production"}, MARCH)
    assert told(found) == ("0.5000", 2, {})
    assert told(releases.frequency(story, {"production"}, MARCH)) == ("0", 0, {})


@pytest.mark.req("S3-27", "X-06")
def test_a_stop_counts_against_what_stood_there_then_alone() -> None:
    """Of each service the last that had arrived, and was not taken back."""
    story = [
        *(settled(f"old {at}", at * DAY, "succeeded") for at in range(1, 5)),
        settled("stands", 5 * DAY, "succeeded"),
        settled("came and went", 5 * DAY + HOUR, "succeeded"),
        settled("came and went", 5 * DAY + 2 * HOUR, "rolled_back"),
        settled("came to nothing", 5 * DAY + 3 * HOUR, "failed"),
        settled("elsewhere", 5 * DAY + 4 * HOUR, "succeeded", "eu"),
        replace(settled("other service", 2 * DAY, "succeeded"), place="other"),
        settled("afterwards", 7 * DAY, "succeeded"),
    ]
    stops = [happened("environment.stopped", "env", 6 * DAY)]
    found = releases.success_rate(story, stops, {"production", "eu"}, MARCH)
    assert found.definition.version == 3
    names = {each.partition("#")[2].partition("@")[0] for each in found.sources if ".." in each}
    assert names == {"stands", "other service", "came and went"}
    assert told(found) == ("0.6667", 9, {"never reached production": 1})


@pytest.mark.req("S4-17")
def test_short_circuits_are_a_share_of_what_was_opened() -> None:
    story = [happened("release.opened", name, DAY) for name in "abcd"]
    story.append(happened("release.opened", "later", 40 * DAY))
    found = releases.short_circuits(story, {"b", "later"}, MARCH)
    assert told(found) == ("0.2500", 4, {})


# Blockers.


@pytest.mark.req("S0-25", "S0-28")
def test_hours_are_lost_by_cause_and_place_and_what_overlaps_counts_once() -> None:
    story = [
        happened("environment.blocked", "e", -HOUR, name="incident", by="m1"),
        happened("environment.unblocked", "e", 2 * HOUR, name="incident"),
        happened("environment.health_reported", "e", HOUR, health="unhealthy", by="m1"),
        happened("environment.health_reported", "e", 2 * HOUR, health="unhealthy", by="m2"),
        happened("environment.health_reported", "e", 3 * HOUR, health="healthy", by="m1"),
        happened("environment.health_reported", "e", 4 * HOUR, health="degraded", by="m2"),
        happened("environment.stopped", "f", 30 * DAY + 12 * HOUR, place="staging"),
    ]
    found = blockers.lost(story, MARCH)
    assert [(each.cause, each.environment, each.hours.value) for each in found] == [
        ("incident", "production", "2.00"),
        ("line_stopped", "staging", "12.00"),
        ("unhealthy", "production", "3.00"),
    ]


def raised(after: timedelta, by: str, **facts: Any) -> Happening:
    return happened("environment.blocked", "e", after, name="incident", by=by, **facts)


def ended(after: timedelta, **facts: Any) -> Happening:
    return happened("environment.unblocked", "e", after, name="incident", **facts)


@pytest.mark.req("S0-25", "S0-28")
def test_blockers_of_one_name_cost_hours_from_the_first_to_the_last_of_them() -> None:
    story = [
        raised(HOUR, "m1", beside=True),
        raised(2 * HOUR, "m2", beside=True),
        ended(3 * HOUR, of="m1", by="m1"),
        ended(5 * HOUR, of="m2", by="m2"),
        raised(8 * HOUR, "m2", beside=True),
        ended(9 * HOUR, of="m2", by="m2"),
    ]
    (found,) = blockers.lost(story, MARCH)
    assert (found.cause, found.hours.value, found.hours.count) == ("incident", "5.00", 3)
    (open_still,) = blockers.lost(story[:3], replace(MARCH, known=BEGIN + 7 * HOUR))
    assert open_still.hours.value == "6.00"


def test_blockers_in_older_logs_took_the_place_of_those_of_their_name() -> None:
    story = [
        raised(HOUR, "m1"),
        raised(2 * HOUR, "o"),
        ended(4 * HOUR, of="o", by="o"),
        raised(5 * HOUR, "m1"),
        raised(6 * HOUR, "m2", beside=True),
        ended(7 * HOUR, by="o"),
    ]
    (found,) = blockers.lost(story, MARCH)
    assert found.hours.value == "5.00"


def test_a_blocker_called_as_another_cause_is_ends_nothing_of_that() -> None:
    story = [
        happened("environment.stopped", "e", HOUR, by="o"),
        happened("environment.blocked", "e", HOUR, name="line_stopped", by="m1"),
        happened("environment.unblocked", "e", 2 * HOUR, name="line_stopped", by="m1"),
        happened("environment.resumed", "e", 4 * HOUR, by="p"),
    ]
    (found,) = blockers.lost(story, MARCH)
    assert (found.cause, found.hours.value) == ("line_stopped", "3.00")


@pytest.mark.req("S0-28")
def test_what_blocked_a_place_that_was_retired_costs_hours_again_once_it_is_used_again() -> None:
    story = [
        happened("environment.blocked", "e", HOUR, name="incident", by="m1"),
        happened("environment.retired", "e", 2 * HOUR),
        happened("environment.reinstated", "e", 5 * HOUR),
        happened("environment.unblocked", "e", 9 * HOUR, name="incident"),
    ]
    (found,) = blockers.lost(story, MARCH)
    assert (found.cause, found.hours.value) == ("incident", "5.00")
    story[2:2] = [
        happened("environment.unblocked", "e", 3 * HOUR, name="incident"),
        happened("environment.stopped", "e", 4 * HOUR),
    ]
    story[-1] = happened("environment.resumed", "e", 6 * HOUR)
    told = [(each.cause, each.hours.value) for each in blockers.lost(story, MARCH)]
    assert told == [("incident", "1.00"), ("line_stopped", "1.00")], "news of it while retired"


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.sampled_from(["m1", "m2"]), st.booleans()), max_size=20
    ),
    st.integers(0, 60),
)
def test_hours_lost_against_looking_every_hour(
    reports: list[tuple[int, str, bool]], known: int
) -> None:
    story, bad = [], {}
    lost = 0
    ordered = sorted(reports, key=lambda each: each[0])
    for hour, by, well in ordered:
        health = "healthy" if well else "unhealthy"
        story.append(
            happened("environment.health_reported", "e", hour * HOUR, health=health, by=by)
        )
    until = min(known, 40)
    for hour in range(until):
        for at, by, well in ordered:
            if at == hour:
                bad[by] = not well
        lost += any(bad.values())
    period = Period(BEGIN, BEGIN + 40 * HOUR, known=BEGIN + known * HOUR)
    seen = [each for each in story if each.at <= period.known]
    found = blockers.lost(seen, period)
    assert sum((int(each.hours.numerator or 0) for each in found), 0) == lost * 3_600


# Everything.


def test_nothing_recorded_is_no_number_and_no_fault() -> None:
    empty = Recorded(places={"production"})
    found = report(empty, MARCH, service="billing", target=HOUR)
    assert (found.lead_time.value, found.deployment_slo.value) == (None, None)
    assert (found.deployment_frequency.value, found.blocker_hours) == ("0", ())
    assert (found.environments, found.target_minutes) == (("production",), 60)
