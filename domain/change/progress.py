"""What follows from how the rules of a change stand: the next phase, a return, an alarm."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.approval.approval import Standings, Standpoint
from domain.approval.casting import impossible, plainly
from domain.approval.electorate import Electorate
from domain.change.debt import after_refusal, entailed
from domain.change.events import (
    Assessed,
    Authorized,
    ObligationFulfilled,
    ObligationRefused,
    QuorumFoundImpossible,
    Returned,
)
from domain.change.evolve import foreseen
from domain.change.reopened import ObligationReopened
from domain.change.standing import debt, electorate, kind_of, outstanding, standings, undecided
from domain.change.state import UNDER_WAY, Change, Status, digest_of
from domain.kernel import Context
from domain.process.process import Phase


def follow(state: Change, context: Context, voters: Electorate | None = None) -> list[Any]:
    """The events that the votes cast so far entail, by the people as they stand now.

    The last approval of a phase opens the next one, so that no change waits for a clerk. `voters`
    are those who may decide before the fact, for whoever has them already: no vote changes them.
    """
    if state.status in UNDER_WAY:
        return [*settled(state, context), *alarms(state, context)]
    known = voters or electorate(state, context.authority, context.at)
    if (done := plainly(state, known)) is not None:
        return _passed(state, context, known) if len(done) == len(state.rules) else []
    now = standings(state, context.authority, context.at, known)
    if now.rejected:
        return [returned(state, now)]
    return _passed(state, context, known) if now.satisfied else _alarms(state, [now])


def _passed(state: Change, context: Context, voters: Electorate) -> list[Any]:
    """What opens once every rule of the phase is satisfied."""
    if state.status is Status.ASSESSING:
        return assessed(state, context, voters)
    return [Authorized()] if state.status is Status.AUTHORIZING else []


def assessed(state: Change, context: Context, voters: Electorate) -> list[Any]:
    """Open authorizing, with its rules fixed as of now."""
    rules = kind_of(state, context.records).rules(Phase.AUTHORIZE, state.risk or "")
    event = Assessed(voters.opened(rules))
    return [event, *alarms(foreseen(state, context, event), context, voters)]


def returned(state: Change, now: Standings) -> Returned:
    """Back to draft, as a new revision: what was rejected is not what may be approved next."""
    rejected = (each for each in now.rules if each.status is Standpoint.REJECTED)
    anew = replace(state, revision=state.revision + 1)
    names = tuple(standing.rule.name for standing in rejected)
    return Returned(names, anew.revision, digest_of(anew))


def alarms(state: Change, context: Context, voters: Electorate | None = None) -> list[Any]:
    """One alarm for each rule that nobody can fill any more and that was not alarmed before.

    `voters` as in `follow`.
    """
    if state.status not in UNDER_WAY:
        known = voters or electorate(state, context.authority, context.at)
        if plainly(state, known) is not None:
            return []
        return _alarms(state, [standings(state, context.authority, context.at, known)])
    owed = [each for each in outstanding(state) if each.rule]
    return _alarms(state, [debt(state, each, context.authority, context.at) for each in owed])


def _alarms(state: Change, every: list[Standings]) -> list[Any]:
    rules = (each for now in every for each in now.rules)
    return impossible(rules, state.alarms, QuorumFoundImpossible)


def settled(state: Change, context: Context) -> list[Any]:
    """What was owed and has now been decided on after the fact, or is not any more."""
    at, authority = context.at, context.authority
    decided: list[Any] = [
        ObligationReopened(each.name, entailed(state, each, context.records))
        for each in state.obligations
        if undecided(state, each, authority, at)
    ]
    anew = foreseen(state, context, *decided)
    for owed in outstanding(anew):
        now = debt(anew, owed, authority, at)
        if owed.rule and now.satisfied:
            decided.append(ObligationFulfilled(owed.name))
        elif owed.rule and now.rejected:
            decided.append(ObligationRefused(owed.name, after_refusal(anew, context, owed)))
    return decided
