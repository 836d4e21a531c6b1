"""Delegations: a person lets another decide in their place, dated, one step, revocable.

Only who holds a right lends it, so what was lent goes no further; no delegation leads back to its
giver. Both people stand in the vote, and what either may not decide on, the delegate may not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from domain.askers import check_firsthand
from domain.delegation.checks import check_loops, check_people, check_right, check_term_length
from domain.delegation.state import Annulled, Delegation, Given, Revoked, evolve
from domain.grant.state import Scope
from domain.kernel import Aggregate, Command, Context, Problems, Scopes, Text
from domain.term import check_term
from domain.wording import NOTE, check_given

__all__ = ["AGGREGATE", "Delegation"]

Reason = Annotated[Text, "Why this is done."]


def give(
    _state: None,
    context: Context,
    *,
    delegate: Annotated[str, "Who decides in the asker's place."],
    board: Annotated[str | None, "The board whose seat is lent; else a role is."] = None,
    role: Annotated[str | None, "The role that is lent; else a seat is."] = None,
    scope: Annotated[Scope | None, "The kind of thing the lent role is limited to."] = None,
    value: Annotated[str | None, "The thing it is limited to, a board by its id, or `any`."] = None,
    max_risk: Annotated[str | None, "The highest risk the delegate decides on."] = None,
    since: Annotated[datetime | None, "When it begins; now unless given."] = None,
    until: Annotated[datetime, "When it ends, at most 366 days later."],
    reason: Annotated[Text, "Why, such as a holiday."],
) -> list[Any]:
    """Let another person decide in one's own place for a while."""
    problems = Problems()
    check_given(problems, reason, NOTE, "reason")
    begin = check_term(problems, context.at, since, until)
    check_term_length(problems, begin, until)
    given = Given(delegate, board, role, scope, value, max_risk, begin, until, reason)
    check_people(problems, context, delegate)
    check_right(problems, context, given)
    check_loops(problems, context, given)
    problems.settle()
    return [given]


def revoke(state: Delegation, context: Context, *, reason: Reason) -> list[Any]:
    """Take back what one lent, or lay down what one was lent."""
    problems = Problems()
    _check_ending(problems, context, state, reason)
    own = context.by in (state.delegator, state.delegate)
    problems.unless(own, "not_own_delegation", "Only one of the two takes it back.")
    problems.settle()
    return [Revoked(reason)]


def annul(state: Delegation, context: Context, *, reason: Reason) -> list[Any]:
    """End a delegation between other people."""
    problems = Problems()
    _check_ending(problems, context, state, reason)
    problems.settle()
    return [Annulled(reason)]


def _check_ending(problems: Problems, context: Context, state: Delegation, reason: str) -> None:
    check_firsthand(problems, context)
    check_given(problems, reason, NOTE, "reason")
    problems.unless(state.revoked_at is None, "revoked_already", "It was taken back.")


def _scopes(state: Delegation | None, _command: str, arguments: Mapping[str, Any]) -> Scopes:
    """Where a right is lent is where it is held."""
    board, scope, value = (
        getattr(state, name) if state else arguments.get(name)
        for name in ("board", "scope", "value")
    )
    if board:
        return {"board": frozenset((board,))}
    return {Scope(scope).value: frozenset((value,))} if scope and value else {}


AGGREGATE = Aggregate(
    "delegation",
    Delegation,
    events=(Given, Revoked, Annulled),
    evolve=evolve,
    commands=(Command(give), Command(revoke), Command(annul)),
    scopes=_scopes,
    indexed=("delegator", "delegate", "board", "role", "until"),
)
