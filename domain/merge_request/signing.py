"""Signing a merge request off, rejecting it, and taking either back."""

from __future__ import annotations

from typing import Annotated, Any

from domain.askers import check_claim
from domain.electorate import Right
from domain.inbox import stage_waits
from domain.kernel import Context, Problems, Refusal, Text, refusal
from domain.merge_request.events import Rejected, SignedOff, SignOffWithdrawn
from domain.merge_request.evolve import foreseen
from domain.merge_request.standing import alarms, electorate
from domain.merge_request.state import MergeRequest, Status
from domain.waiting import waiting
from domain.wording import NOTE, check_given


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
    if comment is not None:
        check_given(problems, comment, NOTE, "comment")
    right = _right(state, context, problems, rule, behalf)
    revision, digest = state.revision, state.digest
    event = SignedOff(rule, revision, digest, right.grant, right.role, behalf, comment)
    return [event, *alarms(foreseen(state, context, event), context)]


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
    right = _right(state, context, problems, rule, behalf)
    revision, digest = state.revision, state.digest
    event = Rejected(rule, revision, digest, right.grant, right.role, reason, behalf)
    return [event, *alarms(foreseen(state, context, event), context)]


def withdraw_sign_off(
    state: MergeRequest,
    context: Context,
    *,
    rule: Annotated[str, "The rule one decided under."],
    comment: Annotated[Text | None, "A remark for the record."] = None,
) -> list[Any]:
    """Take one's own decision on this head back, or one that was taken in one's place."""
    problems = Problems()
    if comment is not None:
        check_given(problems, comment, NOTE, "comment")
    problems.settle()
    own = (vote.rule for vote in state.votes if context.by in (vote.person, vote.seat))
    if state.status is not Status.OPEN or rule not in own:
        raise refusal("no_vote", "There is no decision of yours that could be taken back.", "rule")
    return [SignOffWithdrawn(rule, state.revision, state.digest, comment)]


def decidable(state: MergeRequest, context: Context) -> tuple[str, ...]:
    """The rules that wait for the asker, or for whom they act, and under which they may decide."""
    if state.status is not Status.OPEN:
        return ()
    voters = electorate(state, context.authority, context.at)
    content = (state.revision, state.digest)
    return waiting(voters, state.rules, state.votes, content, context.by, behalf=context.behalf)


def _right(
    state: MergeRequest, context: Context, problems: Problems, rule: str, behalf: str | None
) -> Right:
    """By what right the asker decides; raises Refusal with everything that stands against it."""
    rules = state.rules if state.status is Status.OPEN else ()
    found = next((each.rule for each in rules if each.rule.name == rule), None)
    if found is None:
        problems.add("not_awaited", "No decision is awaited under this rule now.", "rule")
        raise Refusal(*problems)
    check_claim(problems, context)
    voters = electorate(state, context.authority, context.at)
    done = voters.filled(rules, state.votes, revision=state.revision, digest=state.digest)
    if stage_waits(rules, done, found):
        problems.add("stage_waiting", "An earlier stage has to be satisfied first.", "rule")
    right = voters.right(problems, context.by, found, behalf)
    problems.settle()
    return right
