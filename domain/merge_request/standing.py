"""Who may sign a merge request off, and how its rules stand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.approval.approval import Choice, Standings
from domain.approval.casting import impossible, plainly, standings_of
from domain.approval.electorate import Electorate
from domain.authority import Authority
from domain.authorship import accounts
from domain.kernel import Context, Records
from domain.merge_request.declining import hands
from domain.merge_request.events import QuorumFoundImpossible
from domain.merge_request.state import MergeRequest, Status
from domain.playbook.aggregate import Playbook, process
from domain.process.process import MergeRequestKind


def involved(state: MergeRequest, authority: Authority) -> frozenset[str]:
    """Author and contributors of every revision, who never sign off or merge it (S2-02).

    Nor does who found the vulnerability that it fixes.
    """
    return writers(state, authority) | finders(state, authority)


def writers(state: MergeRequest, authority: Authority) -> frozenset[str]:
    """Who wrote any revision of it, with every account and program of theirs (S1-23).

    Whom two freed counts again once they turn out to be an account or a program of who wrote it, or
    the word of who agreed counts no more.
    """
    return accounts(hands(state, authority), authority, state.opened_at)


def finders(state: MergeRequest, authority: Authority) -> frozenset[str]:
    """Who found what it fixes, or counts as that, with every account of theirs."""
    return accounts(state.excluded, authority, state.opened_at)


def electorate(state: MergeRequest, authority: Authority, at: datetime) -> Electorate:
    """The people who may sign it off."""
    scopes = {"project": frozenset((state.project,))}
    return Electorate(authority, at, scopes, involved(state, authority))


def standings(
    state: MergeRequest, authority: Authority, at: datetime, voters: Electorate | None = None
) -> Standings:
    """How the rules stand for the head at hand.

    `voters` are its electorate at that moment, for whoever has it already.
    """
    return standings_of(state, voters or electorate(state, authority, at))


def last_approver(state: MergeRequest, now: Standings) -> str | None:
    """Whose valid approval came last: with two needed, the second reviewer."""
    valid = {vote.id for standing in now.rules for vote in standing.approvals}
    approvals = (vote for vote in reversed(state.votes) if vote.choice is Choice.APPROVE)
    return next((vote.person for vote in approvals if vote.id in valid), None)


def kind_of(state: MergeRequest, records: Records) -> MergeRequestKind:
    """Its kind in its pinned playbook; LookupError when that is gone."""
    playbook = records.get(Playbook, state.playbook)
    kind = process(playbook.body).merge_request(state.kind) if playbook else None
    if kind is None:
        raise LookupError(f"the playbook of kind {state.kind} is missing")
    return kind


def alarms(state: MergeRequest, context: Context, voters: Electorate | None = None) -> list[Any]:
    """One alarm for each rule that nobody can fill and that was not alarmed before.

    `voters` are its electorate now, for whoever has it already: no vote changes them.
    """
    if state.status is not Status.OPEN:
        return []
    known = voters or electorate(state, context.authority, context.at)
    if plainly(state, known) is not None:
        return []
    now = standings(state, context.authority, context.at, known)
    return impossible(now.rules, state.alarms, QuorumFoundImpossible)
