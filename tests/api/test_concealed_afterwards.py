"""What was in the open and turns out to be a vulnerability hides with all that was told of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.verifying import verify_contents, verify_tree
from tests.api.test_refusals_apart import told
from tests.api.test_two_worlds import World, plain

CONCEAL = """mutation($i: ConcealMergeRequestInput!) {
  concealMergeRequest(input: $i) { problems { code } } }"""
LOGGED = """{ events(first: 100) { edges { node { kind details { value } } } } }"""


class Afterwards(World):
    """That office, in which the merge request was opened in the open, and is hidden later."""

    def hide(self) -> None:
        """It is refused, denied, commented on, erased in, and then hidden."""
        self.hidden = self.opened("ivo", 7, title="Close the hole")
        self.on_one("ivo", "paul", self.hidden)
        body = {"body": "Is it a hole?"}
        self.ask("aud", "writeComment", about="MERGE_REQUEST", subject=self.hidden, **body)
        self.conceal(self.hidden)

    def conceal(self, id: str) -> None:
        given = {"id": id, "reason": "It is a hole."}
        found = self.office.data(CONCEAL, "ivo", i=given)["concealMergeRequest"]
        assert found["problems"] == []


@pytest.fixture
def world(database: str, tmp_path: Path) -> Iterator[Afterwards]:
    """The office on SQLite and on PostgreSQL, with somebody cleared who reads the log as well."""
    found = Afterwards(tmp_path, database)
    found.office.grant("paul", "auditor")
    yield found
    found.office.close()


@pytest.mark.req("X-05", "S1-12")
def test_no_outsider_can_tell_later_that_it_had_been_there(
    world: Afterwards, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bright = Afterwards(tmp_path_factory.mktemp("bright"), "")
    bright.office.grant("paul", "auditor")
    world.hide()
    for each in (world, bright):
        each.live()
        each.look()
    answers = zip(plain(world.told), plain(bright.told), strict=True)
    bright.office.close()
    for nth, (with_it, without) in enumerate(answers):
        assert json.loads(with_it) == json.loads(without), nth
    for words in ("Close the hole", "It is a hole.", "Is it a hole?"):
        assert words not in "".join(world.told)


@pytest.mark.req("X-05", "X-07", "S1-12")
def test_its_events_hide_from_auditors_and_the_log_is_as_it_was(world: Afterwards) -> None:
    office = world.office
    leaves = _leaves(world)
    world.hide()
    seen = json.dumps(office.data(LOGGED, "paul"))
    for word in ("merge_request.opened", "Is it a hole?", "access.refused", "erasure.erased"):
        assert word in seen
        assert word not in json.dumps(office.data(LOGGED, "aud"))
    assert _leaves(world)[: len(leaves)] == leaves
    key = office.installation.key.verifier
    assert [*verify_tree(office.reader, [key]), *verify_contents(office.reader)] == []
    world.show(world.hidden)
    assert "Is it a hole?" in json.dumps(office.data(LOGGED, "aud"))


def _leaves(world: Afterwards) -> list[bytes]:
    reader = world.office.reader
    with reader.connection() as connection:
        events = reader.tables.events
        rows = connection.execute(events.select().order_by(events.c.position)).all()
        return [bytes(each.leaf) for each in rows]


@pytest.mark.req("X-05")
def test_what_is_refused_on_others_is_told_after_the_first_of_the_hour_was_hidden(
    world: Afterwards,
) -> None:
    first, second, third = (world.opened("ivo", number) for number in (7, 8, 9))
    now = [datetime.now(UTC).replace(minute=10) + timedelta(hours=1)]
    world.office.writer.clock = lambda: now[0]
    for id, times in ((first, 3), (second, 1), (third, 2)):
        for _ in range(times):
            world.ask("ivo", "mergeMergeRequest", id=id, seen=1)
        if id != third:
            world.conceal(id)
    seen = [(each["record"], each["attempts"]) for each in told(world, "aud")]
    assert seen == [(third, 2)]
    everything = {(each["record"], each["attempts"]) for each in told(world, "paul")}
    assert everything == {(first, 3), (second, 1), (third, 2)}
    now[0] += timedelta(hours=1)
    world.ask("ivo", "mergeMergeRequest", id=third, seen=1)
    settled: list[Any] = [(each["record"], each["count"]) for each in told(world, "paul")]
    assert sorted(count for _, count in settled) == [1, 1, 2, 3]
    assert {(each["record"], each["attempts"]) for each in told(world, "aud")} == {
        (third, 2),
        (third, 1),
    }
