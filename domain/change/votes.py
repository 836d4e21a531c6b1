"""Deciding on a change: approving, rejecting, abstaining, and taking a decision back."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

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
from domain.change.events import (
    Abstained,
    Approved,
    ObligationRefused,
    Rejected,
    Returned,
    VoteWithdrawn,
)
from domain.change.evolve import foreseen
from domain.change.progress import follow
from domain.change.standing import afterwards, awaiting, electorate, pinned
from domain.change.state import UNDER_WAY, Change
from domain.kernel import Context, Problems, Text
from domain.wording import NOTE, check_given


def approve(
    state: Change,
    context: Context,
    *,
    rule: Annotated[str, "The rule to approve under."],
    comment: Annotated[Text | None, "A remark for the record."] = None,
    behalf: Annotated[str | None, "Whose seat to exercise, by their delegation."] = None,
) -> list[Any]:
    """Approve the revision one looked at; the last approval needed carries the change on (X-04)."""
    problems = Problems()
    check_remark(problems, comment)
    voters = _voters(state, context)
    right = _right(state, context, problems, voters, rule=rule, behalf=behalf)
    revision, digest = state.revision, state.digest
    told = (rule, revision, digest, right.grant, right.role)
    event = Approved(*told, behalf, comment, right.role_grant, right.other_grants)
    after = foreseen(state, context, event)
    entailed = follow(after, context, voters)
    if any(isinstance(each, (Returned, ObligationRefused)) for each in entailed):
        check_within_reach(_put(state, rule), _put(after, rule), voters)
    return [event, *entailed]


def reject(
    state: Change,
    context: Context,
    *,
    rule: Annotated[str, "The rule to reject under."],
    reason: Annotated[Text, "Why not; it is kept with the draft the change returns to."],
    behalf: Annotated[str | None, "Whose seat to exercise, by their delegation."] = None,
) -> list[Any]:
    """Reject the revision; on a veto, or with the quorum out of reach, it returns to draft."""
    problems = Problems()
    check_given(problems, reason, NOTE, "reason")
    voters = _voters(state, context)
    right = _right(state, context, problems, voters, rule=rule, behalf=behalf)
    revision, digest = state.revision, state.digest
    told = (rule, revision, digest, right.grant, right.role)
    event = Rejected(*told, reason, behalf, right.role_grant, right.other_grants)
    return [event, *follow(foreseen(state, context, event), context, voters)]


def abstain(
    state: Change,
    context: Context,
    *,
    rule: Annotated[str, "The rule to abstain under."],
    comment: Annotated[Text | None, "A remark for the record."] = None,
    behalf: Annotated[str | None, "Whose seat to exercise, by their delegation."] = None,
) -> list[Any]:
    """Take no side; a quorum that cannot be met without this voice counts as a rejection."""
    problems = Problems()
    check_remark(problems, comment)
    voters = _voters(state, context)
    right = _right(state, context, problems, voters, rule=rule, behalf=behalf)
    revision, digest = state.revision, state.digest
    told = (rule, revision, digest, right.grant, right.role)
    event = Abstained(*told, behalf, comment, right.role_grant, right.other_grants)
    return [event, *follow(foreseen(state, context, event), context, voters)]


def withdraw_vote(
    state: Change,
    context: Context,
    *,
    rule: Annotated[str, "The rule one decided under."],
    comment: Annotated[Text | None, "A remark for the record."] = None,
    behalf: Annotated[str | None, "For whom one decided, by their delegation."] = None,
) -> list[Any]:
    """Take one's own decision back, or one that somebody took in one's place."""
    problems = Problems()
    check_remark(problems, comment)
    problems.settle()
    votes = state.afterwards if state.status in UNDER_WAY else state.votes
    check_own(votes, context.by, rule, behalf=behalf, awaited=rule in _open(state))
    event = VoteWithdrawn(rule, state.revision, state.digest, comment)
    return [event, *follow(foreseen(state, context, event), context)]


def decidable(state: Change, context: Context) -> tuple[str, ...]:
    """The rules that wait for the asker, or for whom they act, and under which they may decide."""
    voters, content = _voters(state, context), (state.revision, state.digest)
    if context.behalf is not None:
        voters = replace(voters, risk=state.risk, risks=pinned(state, context.records).risks)
    by, behalf = context.by, context.behalf
    if state.status not in UNDER_WAY:
        return waiting(voters, awaiting(state), state.votes, content, by, behalf=behalf)
    found: list[str] = []
    for each in awaiting(state):  # what is owed is decided on rule by rule
        votes = [vote for vote in state.afterwards if vote.rule == each.rule.name]
        found.extend(waiting(voters, (each,), votes, content, by, behalf=behalf))
    return tuple(found)


def recount(state: Change, context: Context) -> list[Any]:
    """Count again: people and grants may have changed since the last decision."""
    return follow(state, context) if awaiting(state) or state.status in UNDER_WAY else []


def _put(state: Change, rule: str) -> Change:
    """It as it is put to the vote under a rule: what is owed is decided on rule by rule."""
    if state.status not in UNDER_WAY:
        return state
    rules = tuple(each for each in awaiting(state) if each.rule.name == rule)
    votes = tuple(each for each in state.afterwards if each.rule == rule)
    return replace(state, rules=rules, votes=votes)


def _open(state: Change) -> frozenset[str]:
    return frozenset(each.rule.name for each in awaiting(state))


def _right(
    state: Change,
    context: Context,
    problems: Problems,
    voters: Electorate,
    *,
    rule: str,
    behalf: str | None,
) -> Right:
    if behalf is not None:
        voters = replace(voters, risk=state.risk, risks=pinned(state, context.records).risks)
    rules = () if state.status in UNDER_WAY else state.rules  # what is owed has no stages
    waits = earlier_stage_open(voters, rules, state.votes, (state.revision, state.digest))
    cast = state.afterwards if state.status in UNDER_WAY else state.votes
    return right_to_decide(
        problems,
        context,
        voters,
        awaiting(state),
        rule=rule,
        behalf=behalf,
        waits=waits,
        votes=at_hand(cast, state.revision, state.digest),
    )


def _voters(state: Change, context: Context) -> Electorate:
    people = afterwards if state.status in UNDER_WAY else electorate
    return people(state, context.authority, context.at)
