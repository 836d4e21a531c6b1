"""Deciding on a release: putting it before people, approving, rejecting, taking a decision back."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from domain.approval.approval import Standpoint
from domain.approval.casting import (
    at_hand,
    check_own,
    check_remark,
    check_within_reach,
    earlier_stage_open,
    impossible,
    plainly,
    right_to_decide,
)
from domain.approval.electorate import Electorate
from domain.approval.right import Right
from domain.approval.waiting import waiting
from domain.askers import check_firsthand
from domain.kernel import Context, Problems, Text
from domain.release.evolve import foreseen
from domain.release.gate.matrix import baseline
from domain.release.gate.question import asked_of
from domain.release.gate.voters import electorate, standings
from domain.release.standing import awaiting, kind_of
from domain.release.state import ENDED, Release, digest_of
from domain.release.vote_events import (
    Abstained,
    ApprovalRequested,
    Approved,
    Authorized,
    QuorumFoundImpossible,
    Rejected,
    Returned,
    VoteWithdrawn,
)
from domain.wording import NOTE, check_given


def request_approval(state: Release, context: Context) -> list[Any]:
    """Put this revision before those who approve it; the numbers of the rules are fixed now."""
    problems = Problems()
    check_firsthand(problems, context)
    problems.unless(state.status not in ENDED, "ended", "The release has ended.")
    problems.unless(not state.rules, "asked_already", "This revision is before people already.")
    kind = kind_of(state, context.records)
    problems.unless(kind.rules, "nobody_to_ask", "Nobody has to approve a release of this kind.")
    problems.settle()
    rules = electorate(asked_of(state, context)).opened(kind.rules)
    event = ApprovalRequested(rules)
    return [event, *alarms(foreseen(state, context, event), context)]


def approve(
    state: Release,
    context: Context,
    *,
    rule: Annotated[str, "The rule to approve under."],
    comment: Annotated[Text | None, "A remark for the record."] = None,
    behalf: Annotated[str | None, "Whose seat to exercise, by their delegation."] = None,
) -> list[Any]:
    """Approve the revision one looked at: the product owner apart from the board (S3-19, X-04)."""
    problems = Problems()
    check_remark(problems, comment)
    voters = electorate(asked_of(state, context))
    right = _right(state, context, problems, voters, rule=rule, behalf=behalf)
    revision, digest = state.revision, state.digest
    told = (rule, revision, digest, right.grant, right.role)
    event = Approved(*told, behalf, comment, right.role_grant, right.other_grants)
    after = foreseen(state, context, event)
    check_within_reach(state, after, voters)
    return [event, *follow(after, context, voters)]


def reject(
    state: Release,
    context: Context,
    *,
    rule: Annotated[str, "The rule to reject under."],
    reason: Annotated[Text, "Why not; it is kept with the release."],
    behalf: Annotated[str | None, "Whose seat to exercise, by their delegation."] = None,
) -> list[Any]:
    """Reject the revision; on a veto, or with the quorum out of reach, it is to be asked anew."""
    problems = Problems()
    check_given(problems, reason, NOTE, "reason")
    voters = electorate(asked_of(state, context))
    right = _right(state, context, problems, voters, rule=rule, behalf=behalf)
    revision, digest = state.revision, state.digest
    told = (rule, revision, digest, right.grant, right.role)
    event = Rejected(*told, reason, behalf, right.role_grant, right.other_grants)
    return [event, *follow(foreseen(state, context, event), context, voters)]


def abstain(
    state: Release,
    context: Context,
    *,
    rule: Annotated[str, "The rule to abstain under."],
    comment: Annotated[Text | None, "A remark for the record."] = None,
    behalf: Annotated[str | None, "Whose seat to exercise, by their delegation."] = None,
) -> list[Any]:
    """Take no side; a quorum that cannot be met without this voice counts as a rejection."""
    problems = Problems()
    check_remark(problems, comment)
    voters = electorate(asked_of(state, context))
    right = _right(state, context, problems, voters, rule=rule, behalf=behalf)
    revision, digest = state.revision, state.digest
    told = (rule, revision, digest, right.grant, right.role)
    event = Abstained(*told, behalf, comment, right.role_grant, right.other_grants)
    return [event, *follow(foreseen(state, context, event), context, voters)]


def withdraw_vote(
    state: Release,
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
    awaited = state.status not in ENDED
    check_own(state.votes, context.by, rule, behalf=behalf, awaited=awaited)
    event = VoteWithdrawn(rule, state.revision, state.digest, comment)
    return [event, *follow(foreseen(state, context, event), context)]


def decidable(state: Release, context: Context) -> tuple[str, ...]:
    """The rules that wait for the asker, or for whom they act, and under which they may decide."""
    voters = electorate(asked_of(state, context))
    content = (state.revision, state.digest)
    return waiting(voters, awaiting(state), state.votes, content, context.by, behalf=context.behalf)


def recount(state: Release, context: Context) -> list[Any]:
    """Count again: people and grants may have changed since the last decision."""
    return follow(state, context) if awaiting(state) else []


# What follows from the votes.


def follow(state: Release, context: Context, voters: Electorate | None = None) -> list[Any]:
    """The events that the votes cast so far entail, by the people as they stand now.

    `voters` are its electorate now, for whoever has it already: no vote changes them.
    """
    known = voters or electorate(asked_of(state, context))
    if (done := plainly(state, known)) is not None:
        return _authorized(state, context) if len(done) == len(state.rules) else []
    now = standings(asked_of(state, context), known)
    if now.rejected:
        rejected = (each.rule.name for each in now.rules if each.status is Standpoint.REJECTED)
        anew = replace(state, revision=state.revision + 1)
        return [Returned(tuple(rejected), anew.revision, digest_of(anew))]
    authorized = _authorized(state, context) if now.satisfied else []
    return authorized or impossible(now.rules, state.alarms, QuorumFoundImpossible)


def _authorized(state: Release, context: Context) -> list[Any]:
    """The release is approved, once, as it was planned then."""
    if state.approved_at is not None:
        return []
    return [Authorized(baseline(state, context.at, context.authority, context.records))]


def alarms(state: Release, context: Context) -> list[Any]:
    """One alarm for each rule that nobody can fill and that was not alarmed before."""
    voters = electorate(asked_of(state, context))
    if plainly(state, voters) is not None:
        return []
    now = standings(asked_of(state, context), voters)
    return impossible(now.rules, state.alarms, QuorumFoundImpossible)


def _right(
    state: Release,
    context: Context,
    problems: Problems,
    voters: Electorate,
    *,
    rule: str,
    behalf: str | None,
) -> Right:
    waits = earlier_stage_open(voters, state.rules, state.votes, (state.revision, state.digest))
    return right_to_decide(
        problems,
        context,
        voters,
        awaiting(state),
        rule=rule,
        behalf=behalf,
        waits=waits,
        votes=at_hand(state.votes, state.revision, state.digest),
    )
