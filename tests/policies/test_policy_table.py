"""The shipped policy against a table that says, in words, who may ask for what and why."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from api.rules import actions, deciding
from domain.aggregates import AGGREGATES
from domain.grant.aggregate import Grant
from policies.guard import Decision, Guard
from tests.policies.examples import MODEL, NOW, SHIPPED, authority, grant, principal, touches

RULES = (SHIPPED / "policy.csv").read_text(encoding="utf-8")
GUARD = Guard.compile(MODEL, RULES, actions=actions(), deciding=deciding())
AT_THE_MACHINE = {"log.open", "log.restore", "log.accept_clock", "log.rotate_key"}
PROGRAMS = {"role:importer", "role:directory", "role:release_bot", "role:ci_bot", "role:monitor"}
OWNER = "user:owner"
CLEARED = (
    grant(OWNER, "role:appsec", "project"),
    grant(OWNER, "role:release_manager", "service"),
)
"""What who owns a program sees of what is hidden: the program sees no more."""


class Row(NamedTuple):
    """One case: somebody with at most one role asks for one action."""

    who: str
    role: str
    held: str
    action: str
    touched: str
    expected: str
    why: str

    def decide(self) -> Decision:
        by = "user:somebody" if self.who == "person" else "bot:something"
        held: list[Grant] = []
        if self.role:
            scope, _, value = self.held.partition("=")
            held.append(grant(by, self.role, scope or None, value or "any"))
        parts = (each.partition("=") for each in self.touched.split())
        scopes = touches(*((kind, value) for kind, _, value in parts))
        known = authority(principal(by), *held)
        if self.who == "bot":
            known = authority(principal(by, owner=OWNER), principal(OWNER), *held, *CLEARED)
        return GUARD.decide(by, self.action, scopes, known, NOW)


def rows() -> Iterator[Row]:
    with (Path(__file__).parent / "table.csv").open(encoding="utf-8", newline="") as file:
        for each in csv.DictReader(file, strict=True):
            for action in each["actions"].split():
                yield Row(
                    each["who"],
                    each["role"],
                    each["held"],
                    action,
                    each["touches"],
                    each["expected"],
                    each["why"],
                )


@pytest.mark.parametrize("row", [*rows()], ids=lambda row: f"{row.why}: {row.role} {row.action}")
def test_the_table_holds(row: Row) -> None:
    assert row.expected in ("allow", "deny")
    assert row.decide().allowed == (row.expected == "allow")


def test_every_line_of_the_policy_decides_a_case_of_the_table() -> None:
    decisions = [row.decide() for row in rows()]
    hit = {decision.line for decision in decisions if decision.line}
    assert [line.text for line in GUARD.lines if line.text not in hit] == []


def test_every_role_is_refused_something_in_the_table() -> None:
    refused = {row.role for row in rows() if row.expected == "deny"}
    assert GUARD.roles <= refused


def test_every_command_may_be_asked_for_by_somebody() -> None:
    commands = {a.action(c) for a in AGGREGATES for c in a.commands if not c.internal}
    assert {name for name in commands if not GUARD.allowing(name)} == AT_THE_MACHINE


def test_no_line_is_about_what_runs_only_as_a_consequence() -> None:
    internal = {a.action(c) for a in AGGREGATES for c in a.commands if c.internal}
    assert internal
    assert {line.text for line in GUARD.lines if line.action in internal} == set()


def test_no_role_of_a_program_decides() -> None:
    assert GUARD.roles >= PROGRAMS
    assert PROGRAMS & GUARD.approving == set()
    assert "role:everyone" not in GUARD.approving
