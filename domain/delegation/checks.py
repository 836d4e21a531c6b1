"""What keeps a right from being lent as asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from domain.askers import check_active, check_firsthand, check_human
from domain.delegation.state import Delegation, Given
from domain.grant.state import Scope
from domain.kernel import Context, Problems
from domain.term import overlap
from domain.wording import ANY, check_name

LONGEST: Final = timedelta(days=366)
"""A delegation covers an absence; who should decide for longer holds the right themselves."""


def check_people(problems: Problems, context: Context, delegate: str) -> None:
    """Note a delegator or delegate who cannot be one, above all the same person twice."""
    check_firsthand(problems, context)
    check_human(problems, context.by)
    check_human(problems, delegate, "delegate")
    check_active(problems, context, delegate, "delegate")
    same = delegate in context.authority.linked(context.by)
    problems.unless(not same, "own_delegation", "Nobody delegates to oneself.", "delegate")


def check_term_length(problems: Problems, since: datetime, until: datetime) -> None:
    """Note a delegation that would outlast any absence."""
    message = f"At most {LONGEST.days} days."
    problems.unless(until <= since + LONGEST, "until_too_far", message, "until")


def check_right(problems: Problems, context: Context, given: Given) -> None:
    """Note a right that is not one right, or that the delegator does not hold oneself."""
    one = (given.board is None) != (given.role is None)
    problems.unless(one, "one_right", "Name a board or a role, one of them.", "board")
    alone = given.role is not None or given.scope is None
    problems.unless(alone, "scope_of_board", "Only a role is limited to a scope.", "scope")
    paired = (given.scope is None) == (given.value is None)
    problems.unless(paired, "scope_and_value", "A scope kind and a value go together.", "value")
    if given.value not in (None, ANY):
        check_name(problems, given.value, "value")
        lost = given.scope is Scope.BOARD and not context.authority.boards(given.value, context.at)
        problems.unless(not lost, "unknown_board", "There is no such board.", "value")
    if given.max_risk is not None:
        check_name(problems, given.max_risk, "max_risk")
    held = _sits(context, given.board) if given.board else _holds(context, given)
    problems.unless(held or not one, "not_held", "This right is not yours to lend.")


def check_loops(problems: Problems, context: Context, given: Given) -> None:
    """Note the same delegation twice, and one that leads back to the delegator."""
    mine = _overlapping(context, context.by, given)
    again = any(_same(each, given) for each in mine)
    problems.unless(not again, "given_already", "This right is lent to this person.", "delegate")
    seen, waiting = {given.delegate}, [given.delegate]
    while waiting:
        further = {each.delegate for each in _overlapping(context, waiting.pop(), given)} - seen
        seen |= further
        waiting.extend(further)
    back = seen & context.authority.linked(context.by)
    problems.unless(not back, "loop", "This person's delegations lead back to you.", "delegate")


def _sits(context: Context, board: str) -> bool:
    """Whether the asker is a member; an alternate's place is lent already and goes no further."""
    known = context.authority.board(board)
    if known is None or not known.sits(context.at):
        return False
    return any(
        seat.person == context.by
        and seat.stands_for is None
        and not (seat.waits or seat.over(context.at))
        for seat in known.seats
    )


def _holds(context: Context, given: Given) -> bool:
    return any(
        each.role == given.role
        and (given.scope is None or each.scope == given.scope)
        and (given.value is None or each.value in (ANY, given.value))
        and (each.until is None or context.at < each.until)
        for each in context.authority.holdings(context.by)
    )


def _overlapping(context: Context, delegator: str, given: Given) -> list[Delegation]:
    return [
        each
        for each in context.authority.delegated_by(delegator)
        if each.revoked_at is None and overlap(given.since, given.until, each.since, each.until)
    ]


def _same(each: Delegation, given: Given) -> bool:
    mine = (each.delegate, each.board, each.role, each.scope, each.value)
    return mine == (given.delegate, given.board, given.role, given.scope, given.value)
