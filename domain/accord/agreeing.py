"""Agreeing to an accord, objecting to it, and taking it off the table."""

from __future__ import annotations

from typing import Annotated, Any

from domain.accord.binding import outdated
from domain.accord.events import Agreed, Concealed, Objected, Revealed, Superseded, Withdrawn
from domain.accord.evolve import foreseen
from domain.accord.finding import finders
from domain.accord.standing import check_hand, check_not_outdated, electorate
from domain.accord.state import Accord, Status
from domain.approval.casting import check_remark, right_to_decide
from domain.approval.right import Right
from domain.approval.waiting import waiting
from domain.askers import check_firsthand
from domain.finders import OWN_FIND
from domain.kernel import Context, Problems, Text
from domain.wording import NOTE, check_given


def agree(
    state: Accord,
    context: Context,
    *,
    rule: Annotated[str, "The party one agrees as."],
    comment: Annotated[Text | None, "A remark for the record."] = None,
) -> list[Any]:
    """Agree to the terms one looked at; other terms have nobody's agreement (S1-41).

    Once every party agrees to a date of a release, what it agreed to before is off the table.
    """
    problems = Problems()
    check_remark(problems, comment)
    right = _right(state, context, problems, rule)
    told = (rule, state.revision, state.digest, right.grant, right.role)
    event = Agreed(*told, comment, right.role_grant, right.other_grants)
    return [event, *outdated(foreseen(state, context, event), context)]


def object(  # noqa: A001  parties object
    state: Accord,
    context: Context,
    *,
    rule: Annotated[str, "The party one objects as."],
    reason: Annotated[Text, "Why not."],
) -> list[Any]:
    """Object to the terms; a newer word of one's own replaces it."""
    problems = Problems()
    check_given(problems, reason, NOTE, "reason")
    right = _right(state, context, problems, rule)
    told = (rule, state.revision, state.digest, right.grant, right.role)
    event = Objected(*told, reason, right.role_grant, right.other_grants)
    return [event, *outdated(state, context)]


def withdraw(
    state: Accord, context: Context, *, reason: Annotated[Text, "Why it is off the table."]
) -> list[Any]:
    """Take the terms off the table; what was agreed counts no more."""
    problems = Problems()
    check_firsthand(problems, context)
    check_hand(problems, state, context)
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [Withdrawn(reason), *outdated(state, context)]


def supersede(state: Accord, _context: Context, *, successor: str) -> list[Any]:
    """Take the terms off the table, since the parties agreed on others."""
    return [Superseded(successor)] if state.status is Status.OPEN else []


def conceal(state: Accord, context: Context) -> list[Any]:
    """Hide it together with what it is about, and all that was recorded of it so far."""
    return [] if state.embargoed else [Concealed()]


def disclose(state: Accord, context: Context) -> list[Any]:
    """End the embargo together with that of what it is about."""
    return [Revealed()] if state.embargoed else []


def decidable(state: Accord, context: Context) -> tuple[str, ...]:
    """The parties that have not spoken, and as which the asker may agree; in nobody's place."""
    if state.status is not Status.OPEN or context.behalf is not None:
        return ()
    voters = electorate(state, context.authority, context.at, context.records)
    content = (state.revision, state.digest)
    return waiting(voters, state.rules, state.votes, content, context.by, behalf=None)


def _right(state: Accord, context: Context, problems: Problems, rule: str) -> Right:
    check_not_outdated(problems, state)
    rules = state.rules if state.status is Status.OPEN else ()
    voters = electorate(state, context.authority, context.at, context.records)
    found = finders(state, context.records, context.authority)
    problems.unless(context.by not in found, "own_find", OWN_FIND)
    return right_to_decide(problems, context, voters, rules, rule=rule, check=check_firsthand)
