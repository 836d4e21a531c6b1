"""What is asked of security fixes takes as many statements however many of them there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from api.derived.identity import read_global_id
from tests.api import fixes
from tests.api.company import Headquarters
from tests.api.counted import asked_at_gate, statements
from tests.api.patches import Patch, hire

MOST = 8
"""What a gate of a release may ask, whatever there is."""


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    """Numbers for merge requests, each used once."""
    return count(8500)


def asked(hq: Headquarters, ask: Callable[[], Any]) -> list[str]:
    """The statements that an answer takes, once its reader is up to date."""
    ask()
    with statements(hq.engine) as seen:
        ask()
    return seen


def taken(hq: Headquarters, ask: Callable[[], Any]) -> int:
    """How many statements that are."""
    return len(asked(hq, ask))


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
    told = "who asks, the page, its parts, evidence, lines, what goes on, grants and people"
    assert counts[0] <= 18, told  # fewer where nothing else is there


@pytest.mark.req("S1-18", "S1-22")
def test_completeness_takes_as_many_statements_whatever_is_there(
    hq: Headquarters, numbers: Iterator[int]
) -> None:
    def ask() -> Any:
        found = hq.ask("quinn", "SecurityFixCompleteness", id=whole)["completeness"]
        assert all(each["complete"] for each in found["slots"])
        return found

    whole, _ = fixes.complete(hq, numbers)
    ahead = [fixes.patch(hq)]
    few = taken(hq, ask)
    told = {"project": fixes.PROJECT, "name": "pipeline", "outcome": "PASSED"}
    for each in ask()["slots"]:
        for _ in range(5):
            head = each["mergeRequest"]["head"]
            hq.do("build-bot", "ReportEvidence", subject=head, **told)
    ahead.append(fixes.patch(hq))
    many = asked(hq, ask)
    for each in ahead:
        hq.do("viktor", "AbortRelease", id=each, reason="Only asked for what was to come.")
    assert len(many) == few, many
    assert few <= 20, "whether it is whole and may be linked: the fix, its parts, what it goes with"


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


def test_a_gate_takes_few_statements_where_nothing_knows_the_commits(hq: Headquarters) -> None:
    hire(hq)
    patch = Patch(hq)
    patch.aim()
    found = read_global_id(patch.id, ("Release",))
    assert found is not None
    seen = asked_at_gate(hq.installation.reader, found[1], "tag")
    assert len(seen) <= MOST, seen


@pytest.mark.req("S1-35", "S1-48")
def test_every_gate_of_a_hidden_patch_on_its_way_out_takes_few_statements(hq: Headquarters) -> None:
    hire(hq)
    patch = Patch(hq)
    fix, made = patch.complete()
    hq.do("rhea", "LinkSecurityFix", id=fix, tracker=patch.id)
    patch.do("IncludeRelease", mergeRequests=[id for id, _ in made])
    patch.to_publication(made)
    found = read_global_id(patch.id, ("Release",))
    assert found is not None
    for gate in ("tag", "deploy:release", "publish", "announce", "close", "enter_phase:final"):
        seen = asked_at_gate(hq.installation.reader, found[1], gate)
        assert len(seen) <= MOST, (gate, seen)
