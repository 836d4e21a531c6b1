"""How votes and attestations, and what follows from them, fold into a release."""

from __future__ import annotations

from typing import Final

from domain.approval.approval import Choice
from domain.approval.casting import cast
from domain.approval.voting import without
from domain.kernel import Recorded, distinct
from domain.release import vote_events as e
from domain.release.fold_plan import Changes, Folds, revised
from domain.release.state import Attestation, Rejection, Release


def _requested(_state: Release, event: e.ApprovalRequested, _recorded: Recorded) -> Changes:
    return {"rules": event.rules}


def _approved(state: Release, event: e.Approved, recorded: Recorded) -> Changes:
    return {"votes": cast(state.votes, event, Choice.APPROVE, recorded)}


def _abstained(state: Release, event: e.Abstained, recorded: Recorded) -> Changes:
    return {"votes": cast(state.votes, event, Choice.ABSTAIN, recorded)}


def _rejected(state: Release, event: e.Rejected, recorded: Recorded) -> Changes:
    rejection = Rejection(event.rule, event.revision, recorded.by, recorded.at, event.reason)
    return {"votes": cast(state.votes, event, Choice.REJECT, recorded), "rejection": rejection}


def _withdrawn(state: Release, event: e.VoteWithdrawn, recorded: Recorded) -> Changes:
    return {"votes": without(state.votes, event.rule, {recorded.by})}


def _alarmed(state: Release, event: e.QuorumFoundImpossible, _recorded: Recorded) -> Changes:
    return {"alarms": distinct((*state.alarms, event.rule))}


def _authorized(_state: Release, event: e.Authorized, recorded: Recorded) -> Changes:
    return {"baseline": event.baseline, "approved_at": recorded.at}


def _returned(state: Release, event: e.Returned, recorded: Recorded) -> Changes:
    """Who rejects a revision has no hand in the next one."""
    return revised(state, event, recorded) | {"contributors": state.contributors}


def _attested(state: Release, event: e.Attested, recorded: Recorded) -> Changes:
    """A person's newest word on a requirement at a gate takes the place of what they said."""
    said = Attestation(
        requirement=event.requirement,
        gate=event.gate,
        judgement=event.judgement,
        person=recorded.by,
        role=event.role,
        grant=event.grant,
        cargo=event.cargo,
        digest=event.digest,
        at=recorded.at,
        id=recorded.id,
        comment=event.comment,
        made=event.made,
        service=event.service,
        project=event.project,
        other_grants=event.other_grants,
    )
    return {"attestations": (*_others(state, event, recorded.by), said)}


def _unsaid(state: Release, event: e.AttestationWithdrawn, recorded: Recorded) -> Changes:
    return {"attestations": _others(state, event, recorded.by)}


def _others(
    state: Release, event: e.Attested | e.AttestationWithdrawn, person: str
) -> tuple[Attestation, ...]:
    """What was attested but for the person's word on the very same."""
    key = (event.requirement, event.gate, person)
    said = ((each.requirement, each.gate, each.person) for each in state.attestations)
    return tuple(each for each, of in zip(state.attestations, said, strict=True) if of != key)


FOLDS: Final[Folds] = {
    e.ApprovalRequested: _requested,
    e.Approved: _approved,
    e.Rejected: _rejected,
    e.Abstained: _abstained,
    e.VoteWithdrawn: _withdrawn,
    e.QuorumFoundImpossible: _alarmed,
    e.Authorized: _authorized,
    e.Returned: _returned,
    e.Attested: _attested,
    e.AttestationWithdrawn: _unsaid,
}
