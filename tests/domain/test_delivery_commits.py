"""How long commits waited until they were in production, against looking at each one by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.delivery.commits import Carried, waits
from domain.delivery.deployments import courses
from domain.delivery.happening import Happening, Period
from domain.metrics.metrics import Metric

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
MARCH = Period(BEGIN, BEGIN + timedelta(days=31), known=BEGIN + timedelta(days=60))
A, B, C, MERGE = "a" * 40, "b" * 40, "c" * 40, "e" * 40


def happened(kind: str, subject: str, hour: int, /, **facts: Any) -> Happening:
    """An event so many hours after the beginning of March."""
    at = BEGIN + timedelta(hours=hour)
    return Happening(f"{kind}#{subject}@{hour}", kind, subject, at, facts, "production")


def arrived(id: str, hour: int, end: str = "succeeded") -> list[Happening]:
    """A deployment that was started and came to this end."""
    return [
        happened("deployment.started", id, hour),
        happened(f"deployment.{end}", id, hour),
    ]


def head(request: str, hour: int, commit: str, kind: str = "opened") -> Happening:
    return happened(f"merge_request.{kind}", request, hour, head=commit)


def merge(request: str, hour: int, commit: str, merge_commit: str | None = None) -> Happening:
    told = {"head": commit, "merge_commit": merge_commit}
    return happened("merge_request.merged", request, hour, **told)


def put(commit: str, hour: int) -> Happening:
    return happened("inclusion.added", f"item {commit}", hour, kind="commit", reference=commit)


def told(metrics: tuple[Metric, Metric]) -> tuple[str | None, str | None, int, dict[str, int]]:
    """The middle and the mean, of how many commits, and what does not count."""
    middle, mean = metrics
    assert (middle.count, middle.excluded) == (mean.count, mean.excluded)
    out = {each.reason: each.count for each in middle.excluded if each.count}
    return middle.value, mean.value, middle.count, out


@pytest.mark.req("S0-25", "X-06")
def test_a_commit_waits_from_when_its_merge_request_had_it_until_it_first_arrived() -> None:
    found = courses(
        [
            *arrived("in vain", 5, end="failed"),
            *arrived("first", 10),
            *arrived("again", 20),
            *arrived("other", 30),
        ]
    )
    carried = Carried(
        merges={"in vain": ["m1"], "first": ["m1"], "again": ["m1"], "other": ["m2", "m3", "m4"]},
        requests=[
            head("m1", 0, A),
            head("m1", 4, B, kind="pushed"),
            merge("m1", 6, B),
            head("m2", 10, C),
            merge("m2", 15, C),
            head("m3", 29, A),
            head("m4", 0, B),
            head("m4", 1, "d" * 40, kind="pushed"),
            merge("m4", 2, "d" * 40),
        ],
    )
    numbers = waits(found, carried, MARCH)
    # B, pushed to m1 at 4, came after 6 hours, C after 20, d after 29; m3 was not merged.
    assert told(numbers) == ("20.00", "18.33", 3, {"not merged here": 1})
    assert numbers[0].sources[0] == "merge_request.opened#m2@10..deployment.succeeded#other@30"


@pytest.mark.req("S0-25", "X-06")
def test_a_package_brings_what_it_was_built_from_and_what_that_merged() -> None:
    found = courses([*arrived("one", 10), *arrived("two", 20), *arrived("three", 30)])
    carried = Carried(
        commits={"one": [MERGE], "two": [B, A], "three": [C]},
        requests=[head("m1", 2, A), merge("m1", 5, A, MERGE)],
        items=[put(B, 12), put(B, 15)],
    )
    out = {"known by its package alone": 1}
    assert told(waits(found, carried, MARCH)) == ("8.00", "8.00", 2, out)


@pytest.mark.req("X-05", "X-06")
def test_what_arrived_before_it_was_known_or_before_the_period_does_not_count() -> None:
    found = courses([*arrived("before", -10), *arrived("late", 10)])
    carried = Carried(
        commits={"before": [A], "late": [A, B]}, items=[put(A, -20), put(B, 12), put(C, 0)]
    )
    out = {"deployed before it was known": 1}
    assert told(waits(found, carried, MARCH)) == (None, None, 0, out)


COMMITS = (A, B, C, MERGE)


@given(
    st.lists(st.tuples(st.integers(-50, 800), st.sets(st.sampled_from(COMMITS))), max_size=8),
    st.dictionaries(st.sampled_from(COMMITS), st.integers(-60, 800)),
)
def test_the_numbers_against_counting_one_by_one(
    arrivals: list[tuple[int, set[str]]], known: dict[str, int]
) -> None:
    found = courses(
        each for nth, (hour, _) in enumerate(arrivals) for each in arrived(f"d{nth}", hour)
    )
    brought = {f"d{nth}": sorted(some) for nth, (_, some) in enumerate(arrivals)}
    items = [put(commit, hour) for commit, hour in known.items()]
    _, mean = waits(found, Carried(commits=brought, items=items), MARCH)
    times, out = [], 0
    for commit in COMMITS:
        hours = [hour for hour, some in arrivals if commit in some]
        if not hours or not 0 <= min(hours) < 31 * 24:
            continue
        if commit in known and known[commit] <= min(hours):
            times.append(min(hours) - known[commit])
        else:
            out += 1
    assert (mean.count, mean.numerator or 0) == (len(times), sum(times) * 3_600)
    assert sum(each.count for each in mean.excluded) == out
