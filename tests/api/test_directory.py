"""What a provider's groups bring is held for a while, renewed, and taken back, never more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import pytest

from api.authentication.accounts import Accounts
from api.authentication.bearer import Caller, MappedGrant
from api.authentication.directory import LEASE, Directory
from api.machine.installation import Desk
from domain.grant.aggregate import Grant, Scope, Status
from domain.kernel import Problem
from ledger.request import Answer, Request
from ledger.request import Status as Outcome
from tests.api.machine import Machine

MAPPING = "sha256:" + "0" * 64
READS = MappedGrant("audit", "role:auditor")
ASKS = MappedGrant("billing", "role:requester", Scope.SERVICE, "billing")
DECIDES = MappedGrant("cab", "role:change_manager", Scope.SERVICE, "any")


class Signing:
    """Somebody who signs in again and again, and the directory that looks after their grants."""

    def __init__(self, machine: Machine, desk: Desk) -> None:
        """Register a person, and a program that may map groups."""
        self.desk = desk
        self.ada, self.ben = machine.person("ada"), machine.person("ben")
        self.program, self.person = "bot:" + "d" * 32, "user:" + "e" * 32
        told: dict[str, Any] = {"kind": "bot", "handle": "directory", "owner": self.ada}
        desk.ask("principal.register", self.program, name="Directory", **told)
        desk.ask("principal.register", self.person, kind="human", handle="eve", name="Eve")
        role: dict[str, Any] = {
            "person": self.program,
            "role": "role:directory",
            "reason": "Sign-in.",
        }
        self.role = desk.ask("grant.give", by=self.ben, **role).subject
        self.now = datetime.now(UTC)
        self.asked: list[str] = []
        self.failing = False
        opened = machine.opened()
        self.installation = opened.__enter__()
        self.closing = opened
        self.directory = self.edge()

    def edge(self) -> Directory:
        """Another process that signs people in: it remembers nothing."""
        known = Accounts(self.installation.reader)
        return Directory(self.program, MAPPING, known, self.submit, clock=lambda: self.now)

    async def submit(self, request: Request) -> Answer:
        self.asked.append(request.action)
        if self.failing:
            problem = Problem("writer_unavailable", "Nobody answers.")
            return Answer(request.id, Outcome.FAILED, request.subject, problems=(problem,))
        return self.desk.writer.submit(request)

    def signs_in(self, *grants: MappedGrant, issued: datetime | None = None, **more: Any) -> None:
        """Show a token that was made now, unless said otherwise, and names groups."""
        directory: Directory = more.pop("at", self.directory)
        made = issued or datetime.now(UTC)
        caller = Caller("oidc", "oidc:1", self.person, grants=grants, issued=made, **more)
        anyio.run(directory.settle, caller)

    def grants(self) -> list[Grant]:
        """Every grant of the person, the oldest first."""
        found = Accounts(self.installation.reader).grants_of(self.person)
        return sorted(found, key=lambda each: each.granted_at)

    def holds(self, action: str) -> bool:
        """Whether the person may ask for an action now."""
        standing = Accounts(self.installation.reader).standing()
        assert standing.judge is not None
        scopes = {"service": frozenset({"billing"})}
        at = datetime.now(UTC)
        return standing.judge.decide(self.person, action, scopes, standing.authority, at).allowed


@pytest.fixture
def eve(founded: Machine) -> Iterator[Signing]:
    """Eve, whom nobody gave anything."""
    with founded.desk() as desk:
        signing = Signing(founded, desk)
        try:
            yield signing
        finally:
            signing.closing.__exit__(None, None, None)


def test_a_group_brings_its_role_for_a_while(eve: Signing) -> None:
    assert not eve.holds("log.read")
    eve.signs_in(READS, ASKS)
    assert eve.holds("log.read")
    assert eve.holds("change.open")
    for grant in eve.grants():
        assert grant.granted_by == eve.program
        assert grant.until is not None
        assert abs(grant.until - eve.now - LEASE) < timedelta(seconds=1)
        assert grant.mapping == MAPPING
    assert [(each.group, each.scope, each.value) for each in eve.grants()] == [
        ("audit", None, "any"),
        ("billing", "service", "billing"),
    ]


def test_signing_in_again_asks_for_nothing(eve: Signing) -> None:
    eve.signs_in(READS)
    eve.asked.clear()
    eve.signs_in(READS)
    eve.signs_in(READS, at=eve.edge())
    assert eve.asked == []


def test_a_lease_is_renewed_before_it_runs_out(eve: Signing) -> None:
    eve.signs_in(READS)
    [grant] = eve.grants()
    eve.now += timedelta(days=5)
    eve.signs_in(READS, at=eve.edge())
    assert eve.asked == ["grant.map_group", "grant.renew"]
    [renewed] = eve.grants()
    assert renewed.id == grant.id
    assert renewed.until is not None
    assert grant.until is not None
    assert renewed.until > grant.until


def test_a_group_that_was_left_takes_its_role_back(eve: Signing) -> None:
    eve.signs_in(READS, ASKS)
    eve.signs_in(ASKS)
    assert not eve.holds("log.read")
    assert eve.holds("change.open")
    eve.signs_in()
    assert not eve.holds("change.open")


def test_a_role_that_decides_waits_for_a_second_person(eve: Signing) -> None:
    eve.signs_in(DECIDES)
    assert not eve.holds("change.close")
    [grant] = eve.grants()
    assert grant.status is Status.PROPOSED
    eve.desk.ask("grant.confirm", grant.id, by=eve.ben)
    assert eve.holds("change.close")
    eve.signs_in(DECIDES, at=eve.edge())
    assert len(eve.grants()) == 1


def test_what_a_person_turned_down_no_group_brings_back(eve: Signing) -> None:
    eve.signs_in(DECIDES, READS)
    for grant in eve.grants():
        eve.desk.ask("grant.revoke", grant.id, by=eve.ben, reason="No.")
    eve.asked.clear()
    eve.signs_in(DECIDES, READS, at=eve.edge())
    assert eve.asked == []
    assert not eve.holds("log.read")


def test_an_older_token_brings_nothing_back_and_takes_nothing_away(eve: Signing) -> None:
    early = datetime.now(UTC) - timedelta(minutes=1)
    eve.signs_in(READS)
    eve.signs_in(issued=early)
    assert eve.holds("log.read"), "the older token knew nothing of the group"
    eve.signs_in()
    assert not eve.holds("log.read")
    eve.signs_in(READS, issued=early, at=eve.edge())
    assert not eve.holds("log.read")
    eve.signs_in(READS, at=eve.edge())
    assert eve.holds("log.read"), "a newer token says that the group is back"


def test_a_token_without_a_time_only_adds(eve: Signing) -> None:
    caller = Caller("oidc", "oidc:1", eve.person, grants=(READS,))
    anyio.run(eve.directory.settle, caller)
    assert eve.holds("log.read")
    anyio.run(eve.edge().settle, Caller("oidc", "oidc:1", eve.person))
    assert eve.holds("log.read")


def test_showing_tokens_in_turns_does_not_fill_the_log(eve: Signing) -> None:
    early = datetime.now(UTC) - timedelta(minutes=1)
    late = datetime.now(UTC)
    for _ in range(5):
        eve.signs_in(READS, issued=late)
        eve.signs_in(issued=early)
    assert eve.asked == ["grant.map_group"]


def test_grants_given_by_people_are_left_alone(eve: Signing) -> None:
    given: dict[str, Any] = {"person": eve.person, "role": "role:auditor", "reason": "Needed."}
    eve.desk.ask("grant.give", by=eve.ada, **given)
    eve.signs_in()
    assert eve.holds("log.read")
    assert eve.asked == []


def test_a_group_named_twice_brings_one_grant(eve: Signing) -> None:
    eve.signs_in(READS, READS)
    assert len(eve.grants()) == 1


def test_two_groups_may_bring_the_same_role(eve: Signing) -> None:
    other = MappedGrant("security", "role:auditor")
    eve.signs_in(READS, other)
    eve.signs_in(other)
    assert eve.holds("log.read")
    eve.signs_in()
    assert not eve.holds("log.read")


def test_two_requests_at_once_map_once(eve: Signing) -> None:
    caller = Caller("oidc", "oidc:1", eve.person, grants=(READS,), issued=datetime.now(UTC))

    async def both() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(eve.directory.settle, caller)

    anyio.run(both)
    assert eve.asked == ["grant.map_group"]


def test_a_token_of_our_own_maps_nothing(eve: Signing) -> None:
    caller = Caller("token", "token:1", eve.person, grants=(READS,), issued=datetime.now(UTC))
    anyio.run(eve.directory.settle, caller)
    assert eve.asked == []


# When it cannot.


def test_what_the_writer_did_not_take_is_tried_again(eve: Signing) -> None:
    eve.failing = True
    eve.signs_in(READS)
    eve.failing = False
    eve.signs_in(READS)
    assert eve.asked == ["grant.map_group"] * 2
    assert eve.holds("log.read")


def test_a_program_without_the_role_maps_nothing_and_is_told_of(eve: Signing) -> None:
    assert eve.directory.fault() is None
    eve.desk.ask("grant.revoke", eve.role, by=eve.ben, reason="No.")
    assert "role:directory" in (eve.directory.fault() or "")
    made = datetime.now(UTC)
    eve.signs_in(READS, issued=made)
    assert not eve.holds("log.read")
    eve.asked.clear()
    eve.signs_in(READS, issued=made)
    assert eve.asked == [], "a denial is not asked for again and again"


@pytest.mark.req("X-04")
def test_a_program_whose_owner_is_suspended_is_told_of(eve: Signing) -> None:
    assert eve.directory.fault() is None
    eve.desk.ask("principal.suspend", eve.ada, by=eve.ben, reason="They left.")
    assert "owner is not suspended" in (eve.directory.fault() or "")
    eve.desk.ask("principal.reinstate", eve.ada, by=eve.ben, reason="Back.")
    assert eve.directory.fault() is None


def test_a_program_nobody_knows_is_told_of(eve: Signing) -> None:
    unknown = Directory("bot:" + "0" * 32, MAPPING, Accounts(eve.installation.reader), eve.submit)
    assert "CHANGEGATE_OIDC_DIRECTORY" in (unknown.fault() or "")
