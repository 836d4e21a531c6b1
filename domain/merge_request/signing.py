"""Signing a merge request off, rejecting it, and taking either back."""

from __future__ import annotations

from typing import Annotated, Any, Final

from domain.approval.casting import (
    at_hand,
    check_own,
    check_remark,
    check_within_reach,
    earlier_stage_open,
    right_to_decide,
)
from domain.approval.electorate import Electorate
from domain.approval.right import Right
from domain.approval.waiting import waiting
from domain.kernel import Context, Problems, Text
from domain.merge_request.authorship import check_not_named
from domain.merge_request.events import Rejected, SignedOff, SignOffWithdrawn
from domain.merge_request.evolve import foreseen
from domain.merge_request.standing import alarms, electorate, finders
from domain.merge_request.state import MergeRequest, Status
from domain.wording import NOTE, check_given

OWN_FIND: Final = (
    "Who found the vulnerability, or opened its fix and alone says who found it, does not "
    "decide on it; anybody else who may decide under this rule does."
)
"""How a decision is refused to a finder."""


def sign_off(
    state: MergeRequest,
    context: Context,
    *,
    rule: Annotated[str, "The rule to sign off under."],
    comment: Annotated[Text | None, "A remark for the record."] = None,
    behalf: Annotated[str | None, "Whose seat to exercise, by their delegation."] = None,
) -> list[Any]:
    """Sign off the head one looked at, towards its target; another head has none (S2-01)."""
    problems = Problems()
    check_remark(problems, comment)
    voters = electorate(state, context.authority, context.at)
    right = _right(state, context, problems, voters, rule=rule, behalf=behalf)
    revision, digest = state.revision, state.digest
    told = (rule, revision, digest, right.grant, right.role)
    event = SignedOff(*told, behalf, comment, right.role_grant, right.other_grants)
    after = foreseen(state, context, event)
    check_within_reach(state, after, voters)
    return [event, *alarms(after, context, voters)]


def reject(
    state: MergeRequest,
    context: Context,
    *,
    rule: Annotated[str, "The rule to reject under."],
    reason: Annotated[Text, "Why not."],
    behalf: Annotated[str | None, "Whose seat to exercise, by their delegation."] = None,
) -> list[Any]:
    """Say that this head must not be merged; a newer decision of one's own replaces it."""
    problems = Problems()
    check_given(problems, reason, NOTE, "reason")
    voters = electorate(state, context.authority, context.at)
    right = _right(state, context, problems, voters, rule=rule, behalf=behalf)
    revision, digest = state.revision, state.digest
    told = (rule, revision, digest, right.grant, right.role)
    event = Rejected(*told, reason, behalf, right.role_grant, right.other_grants)
    return [event, *alarms(foreseen(state, context, event), context, voters)]


def withdraw_sign_off(
    state: MergeRequest,
    context: Context,
    *,
    rule: Annotated[str, "The rule one decided under."],
    comment: Annotated[Text | None, "A remark for the record."] = None,
    behalf: Annotated[str | None, "For whom one decided, by their delegation."] = None,
) -> list[Any]:
    """Take one's own decision on this head back, or one that was taken in one's place."""
    problems = Problems()
    check_remark(problems, comment)
    problems.settle()
    awaited = state.status is Status.OPEN
    check_own(state.votes, context.by, rule, behalf=behalf, awaited=awaited)
    return [SignOffWithdrawn(rule, state.revision, state.digest, comment)]


def decidable(state: MergeRequest, context: Context) -> tuple[str, ...]:
    """The rules that wait for the asker, or for whom they act, and under which they may decide."""
    if state.status is not Status.OPEN:
        return ()
    voters = electorate(state, context.authority, context.at)
    content = (state.revision, state.digest)
    return waiting(voters, state.rules, state.votes, content, context.by, behalf=context.behalf)


def _right(
    state: MergeRequest,
    context: Context,
    problems: Problems,
    voters: Electorate,
    *,
    rule: str,
    behalf: str | None,
) -> Right:
    rules = state.rules if state.status is Status.OPEN else ()
    found = finders(state, context.authority)
    problems.unless(found.isdisjoint((context.by, behalf)), "own_find", OWN_FIND)
    check_not_named(problems, state, context)
    waits = earlier_stage_open(voters, rules, state.votes, (state.revision, state.digest))
    return right_to_decide(
        problems,
        context,
        voters,
        rules,
        rule=rule,
        behalf=behalf,
        waits=waits,
        votes=at_hand(state.votes, state.revision, state.digest),
    )
