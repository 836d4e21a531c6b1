"""What is asked of security fixes takes as many statements however many of them there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from tests.api import fixes
from tests.api.company import Headquarters
from tests.api.counted import statements


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    """Numbers for merge requests, each used once."""
    return count(8500)


def taken(hq: Headquarters, ask: Callable[[], Any]) -> int:
    """How many statements an answer takes, once its reader is up to date."""
    ask()
    with statements(hq.engine) as seen:
        ask()
    return len(seen)


@pytest.mark.req("S1-10", "S1-40")
def test_the_queue_takes_as_many_statements_however_long_it_is(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    def ask() -> Any:
        found = hq.ask("quinn", "SecurityQueue", first=100)["edges"]
        assert {each["node"]["id"] for each in found} >= made
        return found

    made: set[str] = set()
    counts = []
    for _ in range(3):
        made.add(fixes.complete(hq, numbers)[0])
        counts.append(taken(hq, ask))
    assert len({*counts}) == 1, counts
    assert counts[0] <= 14, "who asks, the page, its parts, evidence, lines, grants and people"


@pytest.mark.req("S1-18", "S1-22")
def test_completeness_takes_as_many_statements_whatever_is_there(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    def ask() -> Any:
        found = hq.ask("quinn", "SecurityFixCompleteness", id=whole)["completeness"]
        assert all(each["complete"] for each in found["slots"])
        return found

    whole, _ = fixes.complete(hq, numbers)
    few = taken(hq, ask)
    told = {"project": fixes.PROJECT, "name": "pipeline", "outcome": "PASSED"}
    for each in ask()["slots"]:
        for _ in range(5):
            head = each["mergeRequest"]["head"]
            hq.do("build-bot", "ReportEvidence", subject=head, **told)
    assert taken(hq, ask) == few <= 18, "the fix, its parts and reports, lines, grants and people"


@pytest.mark.req("S1-12")
def test_who_could_see_a_fix_takes_as_many_statements_however_many_could(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    made, _ = fixes.complete(hq, numbers)
    counts = []
    for turn in range(3):
        handle = f"looker{turn}{next(numbers)}"
        hq.hire(handle, "lookers", fixes.CLEARED)
        found = hq.ask("quinn", "SecurityFixOnlookers", id=made)["onlookers"]
        assert handle in {each["person"]["handle"] for each in found}
        counts.append(taken(hq, lambda: hq.ask("quinn", "SecurityFixOnlookers", id=made)))
    assert len({*counts}) == 1, counts
