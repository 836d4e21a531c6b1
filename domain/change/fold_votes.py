"""How votes, and what follows from them, fold into a change."""

from __future__ import annotations

from typing import Final

from domain.approval.approval import Choice
from domain.approval.casting import Decided, cast
from domain.approval.voting import without
from domain.change import events as e
from domain.change.fold_draft import Changes, Folds, revised
from domain.change.state import UNDER_WAY, Change, Rejection, Status
from domain.kernel import Recorded, distinct


def _approved(state: Change, event: e.Approved, recorded: Recorded) -> Changes:
    return _cast(state, event, Choice.APPROVE, recorded)


def _abstained(state: Change, event: e.Abstained, recorded: Recorded) -> Changes:
    return _cast(state, event, Choice.ABSTAIN, recorded)


def _rejected(state: Change, event: e.Rejected, recorded: Recorded) -> Changes:
    rejection = Rejection(event.rule, event.revision, recorded.by, recorded.at, event.reason)
    return _cast(state, event, Choice.REJECT, recorded) | {"rejection": rejection}


def _cast(state: Change, event: Decided, choice: Choice, recorded: Recorded) -> Changes:
    name = _place(state)
    return {name: cast(getattr(state, name), event, choice, recorded)}


def _withdrawn(state: Change, event: e.VoteWithdrawn, recorded: Recorded) -> Changes:
    name = _place(state)
    return {name: without(getattr(state, name), event.rule, {recorded.by})}


def _place(state: Change) -> str:
    """Votes cast while or after implementing are about obligations."""
    return "afterwards" if state.status in UNDER_WAY else "votes"


def _alarmed(state: Change, event: e.QuorumFoundImpossible, _recorded: Recorded) -> Changes:
    return {"alarms": distinct((*state.alarms, event.rule))}


def _assessed(state: Change, event: e.Assessed, _recorded: Recorded) -> Changes:
    return {"status": Status.AUTHORIZING, "rules": (*state.rules, *event.rules)}


def _authorized(_state: Change, _event: e.Authorized, _recorded: Recorded) -> Changes:
    return {"status": Status.SCHEDULED}


def _returned(state: Change, event: e.Returned, _recorded: Recorded) -> Changes:
    return revised(state, event)


FOLDS: Final[Folds] = {
    e.Approved: _approved,
    e.Rejected: _rejected,
    e.Abstained: _abstained,
    e.VoteWithdrawn: _withdrawn,
    e.QuorumFoundImpossible: _alarmed,
    e.Assessed: _assessed,
    e.Authorized: _authorized,
    e.Returned: _returned,
}
