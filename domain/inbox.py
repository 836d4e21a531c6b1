"""Open rules and standing votes as flat rows, so that an inbox is one join with grants."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.approval.approval import Choice, OpenRule, Rule, Vote, filled
from domain.kernel import Scopes

CAST_BY: Final = ("person", "seat", "grant", "role_grant")
"""By what an inbox looks votes up: by whom, in whose place, and by which grants or seat."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """One way to be entitled under a rule.

    By `role`, for `scope` and `value` (of `value_count` that must all be held, each in a row of its
    own; no value means that only a grant for `any` will do, no scope that the role counts wherever
    it is held), or by a seat on a board of kind `board`, or by being `person`. `filled` says that
    the votes cast satisfy the rule, `waits` that an earlier stage is not satisfied yet, both as far
    as the subject alone can tell.
    """

    rule: str
    title: str
    filled: bool
    role: str | None = None
    scope: str | None = None
    value: str | None = None
    value_count: int = 0
    board: str | None = None
    person: str | None = None
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Cast:
    """A decision that stands on the revision at hand."""

    rule: str
    person: str
    seat: str
    choice: Choice
    grant: str
    at: datetime
    role_grant: str | None = None


def casts(votes: Sequence[Vote]) -> tuple[Cast, ...]:
    """The votes as rows."""
    told = ((v.rule, v.person, v.seat, v.choice, v.grant, v.at, v.role_grant) for v in votes)
    return tuple([Cast(*each) for each in told])


def awaited(
    rules: Sequence[OpenRule],
    votes: Sequence[Vote],
    content: tuple[int, str],
    scopes: Scopes,
    excluded: frozenset[str],
) -> tuple[Awaited, ...]:
    """Every way to be entitled under the rules, for what touches these scopes.

    `content` is the revision and its digest, `excluded` who may not decide by what the subject
    itself says. Of the votes it is taken that exactly those are entitled who cast them: who still
    holds what is the reader's question, and its answer changes without the subject.
    """
    revision, digest = content
    everybody = frozenset([vote.seat for vote in votes])
    done = filled(
        rules,
        votes,
        revision=revision,
        digest=digest,
        entitled={each.rule.name: everybody for each in rules},
        excluded=excluded,
    )
    turn = stage_at_hand(rules, done)
    ways: list[Awaited] = []
    for each in rules:
        rule = each.rule
        ways += _ways(rule, rule.name in done, turn < rule.stage, scopes)
    return tuple(ways)


def stage_at_hand(rules: Sequence[OpenRule], done: Collection[str]) -> int:
    """The first stage of which a rule is not `done`; beyond them all once every rule is."""
    stages = [each.rule.stage for each in rules if each.rule.name not in done]
    return min(stages, default=sys.maxsize)


def stage_waits(rules: Sequence[OpenRule], done: Collection[str], rule: Rule) -> bool:
    """Whether a rule of an earlier stage is not `done`, whatever else keeps it from being met."""
    return stage_at_hand(rules, done) < rule.stage


def _ways(rule: Rule, filled: bool, waits: bool, scopes: Scopes) -> list[Awaited]:
    told = (rule.name, rule.title, filled)
    ways: list[Awaited] = []
    if rule.role and rule.scope is None:
        ways.append(Awaited(*told, role=rule.role, waits=waits))
    elif rule.role and rule.scope:
        values: tuple[str | None, ...] = tuple(sorted(scopes.get(rule.scope, ())))
        place, number = (rule.role, rule.scope), len(values)
        ways += [Awaited(*told, *place, each, number, waits=waits) for each in values or (None,)]
    if rule.board:
        ways.append(Awaited(*told, board=rule.board, waits=waits))
    ways += [Awaited(*told, person=person, waits=waits) for person in rule.people]
    return ways
