"""The inbox of releases, whose voters depend on whose hands their contents went through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.hiding.visibility import Sight
from domain.change.state import Change
from domain.merge_request.state import MergeRequest
from domain.release.standing import awaiting
from domain.release.state import Plan, Release
from tests.api.counted import statements
from tests.api.test_inbox import CAST, HERE, PROJECT, Town, agree, shown

PLAN = Plan("Faster bills", "billing", ("1.2.0",), project="group/app")


class Harbour(Town):
    """A town whose people release what they changed."""

    def __init__(self, folder: Path, database: str, seed: int) -> None:
        """Let most people approve releases, and Rita plan them."""
        super().__init__(folder, database, seed)
        for where in (HERE, PROJECT):
            self.give("rita", "release_manager", where)
        self.held = [self.give(each, "product_owner", HERE) for each in CAST[2:]]
        self.doings = [self.plan, self.fill, self.fill, self.put_before, *[self.judge] * 6]
        self.doings += [self.open, self.assign, self.open_merge_request, self.push, self.hand_over]
        self.doings += [self.suspend, self.link, self.leave, self.stand_in, self.lend, self.resign]

    def live(self, acts: int) -> None:
        """Let things happen to releases."""
        self.happen(self.doings, acts)

    def plan(self) -> None:
        kind = self.chance.choice(("major", "minor", "standard"))
        told: dict[str, Any] = {"playbook": "itsm_releases", "kind": kind, "plan": PLAN}
        self.desk.ask("release.open", by=self.people["rita"], **told)

    def fill(self) -> None:
        release, change, request = map(self.subject, (Release, Change, MergeRequest))
        given = self.chance.choice(({"changes": change}, {"merge_requests": request}))
        told: dict[str, Any] = {name: (each.id,) for name, each in given.items() if each}
        if release and told:
            self.desk.ask("release.include", release.id, by=self.people["rita"], **told)

    def put_before(self) -> None:
        release = self.subject(Release)
        if release:
            given: dict[str, Any] = {"by": self.people["rita"], "seen": release.revision}
            self.desk.ask("release.request_approval", release.id, **given)

    def judge(self) -> None:
        release = self.subject(Release)
        if release and awaiting(release):
            rule = self.chance.choice(awaiting(release)).rule.name
            ways: list[tuple[str, dict[str, Any]]] = [("approve", {})] * 4
            verb, more = self.chance.choice([*ways, ("reject", {"reason": "No."})])
            given = {"by": self.anybody(), "seen": release.revision, "rule": rule, **more}
            self.desk.ask(f"release.{verb}", release.id, **given)

    def push(self) -> None:
        request = self.subject(MergeRequest)
        if request:
            head = f"{self.chance.getrandbits(160):040x}"
            given: dict[str, Any] = {"by": self.anybody(), "head": head, "base": "b" * 40}
            self.desk.ask("merge_request.push", request.id, **given)

    def resign(self) -> None:
        self.by_ada("grant.revoke", self.chance.choice(self.held) or "0" * 32, reason="Chance.")


@pytest.fixture
def harbour(tmp_path: Path, office_database: str) -> Iterator[Callable[[int], Harbour]]:
    """Makes a harbour on either database; one a test."""
    made: list[Harbour] = []

    def make(seed: int) -> Harbour:
        made.append(Harbour(tmp_path, office_database, seed))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.mark.req("S3-07", "X-04")
@pytest.mark.parametrize("seed", range(2))
def test_an_inbox_of_releases_is_what_trying_every_open_rule_tells(
    harbour: Callable[[int], Harbour], seed: int
) -> None:
    found = harbour(seed)
    some = 0
    for _ in range(3):
        found.live(60)
        some += agree(found)
    assert some > 20, "there was nothing to decide"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200, 220))
def test_an_inbox_of_releases_is_what_trying_tells_at_length(
    harbour: Callable[[int], Harbour], seed: int
) -> None:
    found = harbour(seed)
    for _ in range(6):
        found.live(80)
        agree(found)


@pytest.mark.req("X-04")
def test_whose_hands_contents_went_through_is_read_at_once_for_all_releases(
    harbour: Callable[[int], Harbour],
) -> None:
    found = harbour(7)
    found.happen([found.open, found.open_merge_request], 60)
    counts = [_statements(found, more) for more in (1, 9)]
    assert counts[0] == counts[1], "it depends on how many releases there are"


def _statements(found: Harbour, more: int) -> int:
    """How many statements the inbox takes after so many releases more were put before people."""
    for _ in range(more):
        opening: dict[str, Any] = {"playbook": "itsm_releases", "kind": "major", "plan": PLAN}
        id = found.desk.ask("release.open", by=found.people["rita"], **opening).subject
        change, request = found.subject(Change), found.subject(MergeRequest)
        given: dict[str, Any] = {"changes": (change.id,), "merge_requests": (request.id,)}
        found.desk.ask("release.include", id, by=found.people["rita"], **given)
        found.desk.ask("release.request_approval", id, by=found.people["rita"], seen=2)
    with found.reader.connection() as connection:
        sight = Sight(found.reader, connection, found.people[CAST[3]], None, datetime.now(UTC))
        assert sight.standing.judge is not None
        aggregate = found.reader.registry.by_name["release"]
        with statements(connection.engine) as told:
            assert shown(sight, aggregate, sight.principal)
    return len(told)
