"""Clearance that is revoked, or runs out, while one operation runs: no later read answers by it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, cast

import pytest
from sqlalchemy import Connection
from strawberry.types import ExecutionResult

from api.context import Asker, new_id
from domain.kernel import Refusal
from ledger.store import Reader
from tests.api.counted import statements
from tests.api.office import SCHEMA
from tests.api.test_merge_request_queries import PROJECT
from tests.api.test_two_worlds_releases import World

FIELDS = (
    "plan { title }",
    "tasks { title }",
    "itemCount",
    "stateName",
    "approvals { rule { name } missing }",
    "matrix { requirement }",
    "clashes { cause }",
    "impact { others }",
    "can(action: PUBLISH) { permitted verdict { findings { code status } } }",
    "can(action: ENTER_PHASE) { verdict { findings { code missing } } }",
)
RELEASE = " ".join(f"r{n}: release(id: $i) {{ {each} }}" for n, each in enumerate(FIELDS))
LISTS = """
  inclusions(filter: {release: $i}) { totalCount { count } edges { node { id reference } } }
  history(id: $i) { totalCount { count } edges { node { kind details { name value } } } }
  releases { totalCount { count } edges { node { itemCount tasks { title }
    can(action: PUBLISH) { verdict { findings { code } } } } } }
  mergeRequests { totalCount { count } edges { node { number signOffs { missing }
    onlookers { acts } shownBefore { kind } can(action: MERGE) { allowed } } } }
"""
OPERATION = f"query($i: ID!) {{ {RELEASE} {LISTS} }}"
TOLD_LATER = ("r1", "r2", "r7", "inclusions", "history", "releases", "mergeRequests")
"""What an alteration is seen by, for whoever is still cleared."""
EVENTS = """query {
  one: events(first: 50) { totalCount { count } edges { node { kind details { name value } } } }
  two: events(first: 50) { totalCount { count } edges { node { kind details { name value } } } }
}"""


class Interruption:
    """A reader with which something happens once, before a certain one of its transactions."""

    def __init__(self, world: World, before: int, act: Callable[[], object]) -> None:
        """Let the act happen before the transaction of this number, counted from 0."""
        self.world, self.before, self.act = world, before, act
        self.opened = 0
        self._lock = Lock()

    def __getattr__(self, name: str) -> Any:
        """Everything else is the real reader's."""
        return getattr(self.world.office.reader, name)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A transaction of the real reader, which sees one moment from here on."""
        with ExitStack() as stack:
            with self._lock:
                if self.opened == self.before:
                    self.act()
                self.opened += 1
                opened = stack.enter_context(self.world.office.reader.connection())
                opened.exec_driver_sql("select size from head")
            yield opened

    def ask(self, document: str, **given: Any) -> ExecutionResult:
        """The answer to one operation of whoever may lose their clearance."""
        office, reader = self.world.office, cast("Reader", self)
        access = replace(office.access, reader=reader)
        context = access.context(Asker(office.people["cleo"]), new_id())
        asked = SCHEMA.execute(document, variable_values=given, context_value=context)
        found = asyncio.run(asked)
        assert isinstance(found, ExecutionResult)
        if self.opened <= self.before:  # loaders answered more at once this time
            self.act()
        return found


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory, office_database: str) -> Iterator[World]:
    """An office with a hidden patch, and cleo, who may come to know of it."""
    made = World(tmp_path_factory.mktemp("office"), office_database)
    made.office.people["cleo"] = made.office.person("cleo")
    made.hide()
    yield made
    made.office.close()


def let_in(world: World, role: str = "cleared", **more: Any) -> str:
    """Let her know of what is hidden; the grant."""
    scope: dict[str, Any] = {}
    if role == "cleared":
        scope = {**PROJECT, "until": datetime.now(UTC) + timedelta(days=1)}
    return world.office.grant("cleo", role, **scope | more)


def revoke(world: World, grant: str) -> None:
    world.office.desk.ask("grant.revoke", grant, reason="No longer.")


def alter(world: World, number: int) -> None:
    """Do to what is hidden whatever a later read would tell of."""
    commit = {"commit": f"{number:x}".rjust(40, "e")}
    world.ask("rhea", "includeRelease", id=world.hidden, commits=[commit])
    world.ask("rhea", "addReleaseTask", id=world.hidden, title=f"Marker {number}")
    world.request(500 + number, embargoed=True)


def leaves(found: Any, *path: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Everything an answer says, by where it says it."""
    if isinstance(found, dict | list):
        for key, each in found.items() if isinstance(found, dict) else enumerate(found):
            yield from leaves(each, *path, key)
    elif found is not None:
        yield path, found


def said(found: Any) -> set[tuple[tuple[Any, ...], Any]]:
    return set(leaves(found.data))


def codes(found: Any) -> set[str]:
    """What an answer's errors are about."""
    refused = [each.original_error for each in found.errors or ()]
    assert all(isinstance(each, Refusal) for each in refused), found.errors
    return {problem.code for each in refused for problem in each.problems}


@pytest.mark.req("X-05", "S1-50")
def test_nothing_is_told_that_is_read_after_a_clearance_was_revoked(world: World) -> None:
    office, asked = world.office, {"i": world.hidden}
    outside = said(office.ask(OPERATION, "cleo", **asked))
    grant = let_in(world)
    whole = Interruption(world, -1, lambda: None)
    before = whole.ask(OPERATION, **asked).data or {}
    alter(world, 0)
    later = office.data(OPERATION, "cleo", **asked)
    assert all(later[each] != before[each] for each in TOLD_LATER), "reads show what was altered"
    refused = 0
    for number in range(0, whole.opened, 2):

        def act(grant: str = grant, number: int = number) -> None:
            revoke(world, grant)
            alter(world, number + 1)

        known = said(office.ask(OPERATION, "cleo", **asked))
        found = Interruption(world, number, act).ask(OPERATION, **asked)
        assert said(found) <= known | outside, number
        assert codes(found) <= {"not_found"}
        assert number or said(found) == outside
        refused += bool(found.errors)
        grant = let_in(world)
    assert refused > 3, "what was read of a record is told, and nothing more of it"


@pytest.mark.req("X-05")
def test_a_clearance_that_runs_out_within_an_operation_ends_there(world: World) -> None:
    asked, office = {"i": world.hidden}, world.office
    moments = [datetime.now(UTC)]
    office.access = replace(office.access, clock=lambda: moments[-1])
    outside = said(office.ask(OPERATION, "cleo", **asked))
    refused = set()
    for number in (3, 6, 9):
        ends = moments[-1] + timedelta(hours=1)
        grant = let_in(world, until=ends)
        moments.append(ends - timedelta(microseconds=1))
        known = said(office.ask(OPERATION, "cleo", **asked))
        assert known - outside

        def act(ends: datetime = ends) -> None:
            moments.append(ends)

        found = Interruption(world, number, act).ask(OPERATION, **asked)
        assert said(found) <= known | outside
        refused |= codes(found)
        assert said(office.ask(OPERATION, "cleo", **asked)) == outside
        revoke(world, grant)
    assert refused == {"not_found"}


@pytest.mark.req("X-05")
def test_pages_and_counts_of_the_log_end_with_the_right_to_read_it(world: World) -> None:
    refused = world.office.ask(EVENTS, "cleo")
    assert (refused.data, codes(refused)) == (None, {"forbidden"})
    grant = let_in(world, "auditor")
    whole = Interruption(world, -1, lambda: None)
    assert "Marker 0" not in str(whole.ask(EVENTS).data)
    for number in range(whole.opened):

        def act(grant: str = grant, number: int = number) -> None:
            revoke(world, grant)
            alter(world, number)

        stop = Interruption(world, number, act)
        found = stop.ask(EVENTS)
        if stop.opened > number + 1:  # details alone, of what everybody sees, are anybody's
            assert found.data is None
            assert codes(found) <= {"forbidden", "not_found"}
        grant = let_in(world, "auditor")


@pytest.mark.req("X-05")
def test_an_operation_asks_no_more_while_nothing_changes(world: World) -> None:
    let_in(world)
    single = "query($i: ID!) { release(id: $i) { revision can(action: PUBLISH) { allowed } } }"
    with statements(world.office.reader.engine) as asked:
        world.office.data(single, "cleo", i=world.hidden)
    assert sum("FROM head" in each for each in asked) == 3, "once in each transaction"
    assert sum("FROM releases" in each for each in asked) == 2, "itself, and what it is numbered by"
