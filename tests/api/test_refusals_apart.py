"""Refusals on what is hidden are counted for each by itself: none of them tells of another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.api.test_two_worlds import World

REFUSALS = """query { accesses(first: 50) { totalCount { count } edges { node {
  person { handle } action outcome count attempts record codes embargoed } } } }"""

COUNTED = """query { events(first: 50, filter: {kind: "access.counted"}) {
  edges { node { request } } } }"""


@pytest.fixture
def world(database: str, tmp_path: Path) -> Iterator[World]:
    """An office on SQLite and on PostgreSQL, with somebody cleared who reads the log as well."""
    found = World(tmp_path, database)
    found.office.grant("paul", "auditor")
    yield found
    found.office.close()


def knock(world: World, id: str, times: int = 1) -> None:
    """Be refused by a gate, and denied by the policy."""
    for _ in range(times):
        world.ask("ivo", "mergeMergeRequest", id=id, seen=1)
        world.ask("paul", "pushMergeRequest", id=id, head="c" * 40, base="b" * 40)


def told(world: World, by: str) -> list[Any]:
    found = world.office.data(REFUSALS, by)["accesses"]
    assert found["totalCount"]["count"] == len(found["edges"])
    return [each["node"] for each in found["edges"]]


@pytest.mark.req("X-05", "S1-12")
def test_a_refusal_on_what_is_hidden_moves_no_number_that_others_read(world: World) -> None:
    first, second = (
        world.opened("ivo", number, embargoed=True, title=f"Hole {number}") for number in (7, 8)
    )
    open_one = world.opened("rita", 9)
    knock(world, first, 2)
    knock(world, open_one)
    assert {each["record"] for each in told(world, "aud")} == {open_one}
    world.show(first)
    seen = told(world, "aud")
    assert {(each["record"], each["attempts"]) for each in seen} == {(first, 2), (open_one, 1)}
    knock(world, second, 3)
    assert told(world, "aud") == seen
    both = {(each["record"], each["attempts"]) for each in told(world, "paul")}
    assert both == {(first, 2), (second, 3), (open_one, 1)}
    knock(world, first)
    after = {(each["record"], each["attempts"]) for each in told(world, "aud")}
    assert after == {(first, 2), (open_one, 2)}, "in the open it counts with what is in the open"


@pytest.mark.req("X-05", "S1-12")
def test_what_is_counted_after_one_that_hides_tells_of_no_other(world: World) -> None:
    writer = world.office.writer
    now = [datetime.now(UTC).replace(minute=10) + timedelta(hours=1)]
    writer.clock = lambda: now[0]
    first, second = world.opened("rita", 7), world.opened("rita", 8)
    knock(world, first)
    world.ask("ivo", "concealMergeRequest", id=first, reason="It is a hole.")
    knock(world, second, 2)
    now[0] += timedelta(hours=2)
    knock(world, second)
    events = world.office.data(COUNTED, "aud")["events"]["edges"]
    settled = [each["node"]["request"].partition(".")[2] for each in events]
    assert settled == ["denied.counted", "refused.counted"]
    seen = told(world, "aud")
    assert sorted(each["attempts"] for each in seen) == [1, 1, 2, 2]
    assert {each["record"] for each in seen} == {second}
