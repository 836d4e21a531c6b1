"""Open rules and standing votes as flat rows, so that an inbox is one join with grants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.approval import Choice, OpenRule, Rule, Vote, filled
from domain.kernel import Scopes


@dataclass(frozen=True, slots=True)
class Awaited:
    """One way to be entitled under a rule whose stage is open.

    By `role`, for `scope` and `value` (of `value_count` that must all be held, each in a row of its
    own; no value means that only a grant for `any` will do, no scope that the role counts wherever
    it is held), or by a seat on a board of kind `board`, or by being `person`. `filled` says that
    the votes cast satisfy the rule, as far as votes alone can tell.
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


@dataclass(frozen=True, slots=True)
class Cast:
    """A decision that stands on the revision at hand."""

    rule: str
    person: str
    seat: str
    choice: Choice
    grant: str
    at: datetime


def casts(votes: Sequence[Vote]) -> tuple[Cast, ...]:
    """The votes as rows."""
    return tuple(Cast(v.rule, v.person, v.seat, v.choice, v.grant, v.at) for v in votes)


def awaited(
    rules: Sequence[OpenRule], votes: Sequence[Vote], revision: int, digest: str, scopes: Scopes
) -> tuple[Awaited, ...]:
    """Every way to be entitled under the rules that are open, for what touches these scopes.

    Only the votes are looked at, as if exactly those were entitled who cast them: who still holds
    what is the reader's question, and its answer changes without the subject.
    """
    everybody = frozenset([vote.seat for vote in votes])
    done = filled(
        rules,
        votes,
        revision=revision,
        digest=digest,
        entitled={each.rule.name: everybody for each in rules},
        excluded=frozenset(),
    )
    return tuple(
        [
            way
            for each in rules
            if not stage_waits(rules, done, each.rule)
            for way in _ways(each.rule, each.rule.name in done, scopes)
        ]
    )


def stage_waits(rules: Sequence[OpenRule], done: frozenset[str], rule: Rule) -> bool:
    """Whether a rule of an earlier stage is not `done`, whatever else keeps it from being met."""
    return any(each.rule.stage < rule.stage and each.rule.name not in done for each in rules)


def _ways(rule: Rule, filled: bool, scopes: Scopes) -> Iterator[Awaited]:
    name, title = rule.name, rule.title
    if rule.role and rule.scope is None:
        yield Awaited(name, title, filled, role=rule.role)
    elif rule.role and rule.scope:
        values: tuple[str | None, ...] = tuple(sorted(scopes.get(rule.scope, ())))
        many, held = len(values), (rule.role, rule.scope)
        for value in values or (None,):
            yield Awaited(name, title, filled, *held, value=value, value_count=many)
    if rule.board:
        yield Awaited(name, title, filled, board=rule.board)
    for person in rule.people:
        yield Awaited(name, title, filled, person=person)
