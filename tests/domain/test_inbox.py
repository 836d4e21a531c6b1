"""Open rules as rows that an inbox joins with grants."""

from __future__ import annotations

import pytest

from domain.approval.approval import OpenRule, Rule
from domain.inbox import Awaited, awaited
from domain.kernel import Scopes
from tests.domain.organisation import ASA, MAX

HERE: Scopes = {"service": frozenset(("ledger",)), "environment": frozenset(("prod", "stage"))}


def rows(rule: Rule, scopes: Scopes = HERE) -> list[Awaited]:
    return list(awaited((OpenRule(rule, 1, 1),), (), (1, "digest"), scopes, frozenset()))


def row(**more: object) -> Awaited:
    return Awaited("rule", "A rule", filled=False, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "rule,found",
    [
        (Rule("rule", "A rule", role="role:a"), [row(role="role:a")]),
        (
            Rule("rule", "A rule", role="role:a", scope="service"),
            [row(role="role:a", scope="service", value="ledger", value_count=1)],
        ),
        (
            Rule("rule", "A rule", role="role:a", scope="environment"),
            [
                row(role="role:a", scope="environment", value="prod", value_count=2),
                row(role="role:a", scope="environment", value="stage", value_count=2),
            ],
        ),
        (
            Rule("rule", "A rule", role="role:a", scope="project"),
            [row(role="role:a", scope="project", value=None, value_count=0)],
        ),
        (Rule("rule", "A rule", board="cab"), [row(board="cab")]),
        (Rule("rule", "A rule", people=(ASA, MAX)), [row(person=ASA), row(person=MAX)]),
        (
            Rule("rule", "A rule", role="role:a", board="cab", people=(ASA,)),
            [row(role="role:a"), row(board="cab"), row(person=ASA)],
        ),
    ],
)
def test_every_way_to_be_entitled_is_a_row(rule: Rule, found: list[Awaited]) -> None:
    assert rows(rule) == found
