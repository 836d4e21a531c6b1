"""How the events of a merge request fold into its state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from domain.approval.approval import Choice, OpenRule
from domain.approval.casting import cast
from domain.approval.voting import without
from domain.authorship import actors
from domain.kernel import Context, Recorded, distinct, moved
from domain.merge_request import events as e
from domain.merge_request.state import (
    AuthorshipDecline,
    Embargo,
    MergeRequest,
    RevealProposal,
    Status,
    TakenOff,
)

Changes = dict[str, Any]


def evolve(state: MergeRequest | None, recorded: Recorded) -> MergeRequest:
    """Fold one event; TypeError for one that is none of a merge request's, or not its first."""
    event = recorded.event
    if isinstance(event, e.Opened):
        return _opened(event, recorded)
    fold = _FOLDS.get(type(event))
    if state is None or fold is None:
        raise TypeError(f"{type(event).__name__} does not belong here")
    return moved(state, recorded, **fold(state, event, recorded))


def foreseen(state: MergeRequest | None, context: Context, event: Any) -> MergeRequest:
    """The merge request as it would stand after this event."""
    version, subject = state.version + 1 if state else 1, context.subject
    recorded = Recorded(event, "", subject, version, context.at, context.by, context.behalf)
    return evolve(state, recorded)


def _opened(event: e.Opened, recorded: Recorded) -> MergeRequest:
    return MergeRequest(
        id=recorded.subject,
        version=recorded.version,
        status=Status.OPEN,
        kind=event.kind,
        playbook=event.playbook,
        project=event.project,
        number=event.number,
        title=event.title,
        head=event.head,
        target=event.target,
        base=event.base,
        revision=1,
        digest=event.digest,
        author=event.author,
        opened_at=recorded.at,
        contributors=actors((event.author, *event.contributors), recorded),
        rules=event.rules,
        embargoed=event.embargoed,
        opened_by=recorded.by,
        acted=actors((), recorded),
    )


def _anew(state: MergeRequest, rules: tuple[OpenRule, ...], revision: int, digest: str) -> Changes:
    """A new revision starts without sign-offs, with its rules fixed anew."""
    return {
        "status": Status.OPEN,
        "revision": revision,
        "digest": digest,
        "rules": rules,
        "votes": (),
        "voided": state.voided + len(state.votes),
        "alarms": (),
    }


def _pushed(state: MergeRequest, event: e.Pushed, recorded: Recorded) -> Changes:
    contributors = actors((*state.contributors, *event.contributors), recorded)
    moved_to = {"head": event.head, "base": event.base, "contributors": contributors}
    heads = {"earlier_heads": distinct((*state.earlier_heads, state.head))}
    hands = _acting(state, recorded, *event.contributors)
    return _anew(state, event.rules, event.revision, event.digest) | moved_to | heads | hands


def _retargeted(state: MergeRequest, event: e.Retargeted, recorded: Recorded) -> Changes:
    contributors = actors(state.contributors, recorded)
    moved_to: Changes = {"target": event.target, "base": event.base, "contributors": contributors}
    if event.target != state.target:
        moved_to["retargeted_at"] = recorded.at
    hands = _acting(state, recorded)
    return _anew(state, event.rules, event.revision, event.digest) | moved_to | hands


def _acting(state: MergeRequest, recorded: Recorded, *named: str) -> Changes:
    """Who is named or acts from now on has a hand in it, whatever was said before."""
    acting = frozenset(actors((), recorded))
    kept = (each for each in state.declines if each.accounts.isdisjoint(acting.union(named)))
    return {"acted": actors(state.acted, recorded), "declines": tuple(kept)}


def _declined(state: MergeRequest, event: e.AuthorshipDeclined, recorded: Recorded) -> Changes:
    who = recorded.by
    before = (each for each in state.declines if each.declined_by != who or each.agreed_at)
    named = event.contributors if event.others is not None else ()  # else others go free with them
    said = AuthorshipDecline(who, recorded.at, contributors=named, others=event.others or ())
    return {"declines": (*before, said)}


def _agreed(state: MergeRequest, event: e.DeclineAgreed, recorded: Recorded) -> Changes:
    agreed: Changes = {"agreed_by": recorded.by, "agreed_at": recorded.at}
    agreed |= {"grant": event.grant, "other_grants": event.other_grants}
    every = (
        replace(each, **agreed)
        if each.declined_by == event.person and each.agreed_at is None
        else each
        for each in state.declines
    )
    return {"declines": tuple(every)}


def _reopened(state: MergeRequest, event: e.Reopened, _recorded: Recorded) -> Changes:
    return _anew(state, event.rules, event.revision, event.digest) | {"closed_because": None}


def _signed_off(state: MergeRequest, event: e.SignedOff, recorded: Recorded) -> Changes:
    return {"votes": cast(state.votes, event, Choice.APPROVE, recorded)}


def _rejected(state: MergeRequest, event: e.Rejected, recorded: Recorded) -> Changes:
    return {"votes": cast(state.votes, event, Choice.REJECT, recorded)}


def _withdrawn(state: MergeRequest, event: e.SignOffWithdrawn, recorded: Recorded) -> Changes:
    return {"votes": without(state.votes, event.rule, {recorded.by})}


def _alarmed(state: MergeRequest, event: e.QuorumFoundImpossible, _recorded: Recorded) -> Changes:
    return {"alarms": distinct((*state.alarms, event.rule))}


def _merged(state: MergeRequest, event: e.Merged, recorded: Recorded) -> Changes:
    counted = {id for each in event.evidence for id in each.evidence}
    return {
        "rested_on": tuple(each.id for each in state.votes if each.id in counted),
        "status": Status.MERGED,
        "merged_by": recorded.by,
        "merged_at": recorded.at,
        "merge_commit": event.merge_commit,
    }


def _reverted(_state: MergeRequest, event: e.Reverted, recorded: Recorded) -> Changes:
    told = {"reverted_by": recorded.by, "reverted_at": recorded.at}
    return told | {"reverted_because": event.reason}


def _closed(_state: MergeRequest, event: e.Closed, _recorded: Recorded) -> Changes:
    return {"status": Status.CLOSED, "closed_because": event.reason}


def _revealed(state: MergeRequest, _event: e.Revealed, recorded: Recorded) -> Changes:
    """Only its own fix keeps people out, as what others did would tell of what stays hidden."""
    shown: Changes = {"embargoed": False, "revealed_at": recorded.at, "reveal_proposals": ()}
    kept = tuple(each for each in state.excluded if each in state.kept_out)
    if kept == state.excluded:
        return shown
    return shown | {"excluded": kept, "alarms": ()}


def _reveal_proposed(state: MergeRequest, event: e.RevealProposed, recorded: Recorded) -> Changes:
    others = (each for each in state.reveal_proposals if each.proposed_by != recorded.by)
    right = (event.grant, event.other_grants)
    said = RevealProposal(recorded.by, recorded.at, event.revision, *right)
    return {"reveal_proposals": (*others, said)}


def _demanded(state: MergeRequest, event: e.ReviewDemanded, _recorded: Recorded) -> Changes:
    return {"rules": (*state.rules, *event.rules)}


def _assigned(_state: MergeRequest, event: e.Assigned, _recorded: Recorded) -> Changes:
    return {"assignee": event.assignee}


def _tied(state: MergeRequest, event: e.Tied, _recorded: Recorded) -> Changes:
    part, related = (None, event.fix) if event.related else (event.fix, None)
    excluded = distinct((*state.excluded, *event.excluded))
    tied: Changes = {"fix": part, "related": related, "reveal_proposals": ()}
    return tied | {"excluded": excluded, "kept_out": event.excluded}


def _found(state: MergeRequest, event: e.FinderNamed, _recorded: Recorded) -> Changes:
    def named(people: tuple[str, ...]) -> tuple[str, ...]:
        kept = (each for each in people if each not in event.freed)
        return distinct((*kept, *event.excluded))

    return {"excluded": named(state.excluded), "kept_out": named(state.kept_out)}


def _untied(state: MergeRequest, event: e.Untied, recorded: Recorded) -> Changes:
    before = (each for each in state.taken_off if each.fix != event.fix)
    off = (TakenOff(event.fix, who) for who in actors((), recorded))
    gone: Changes = {"fix": None, "related": None, "kept_out": ()}
    return gone | {"taken_off": (*before, *off)}


def _concealed(state: MergeRequest, _event: e.Concealed, recorded: Recorded) -> Changes:
    told = {"embargoed": True, "concealed_at": recorded.at, "concealed_by": recorded.by}
    if state.revealed_at is None:
        return told
    over = Embargo(state.hidden_since, state.revealed_at)
    return told | {"revealed_at": None, "embargoes": (*state.embargoes, over)}


_FOLDS: Final[Mapping[type, Callable[[MergeRequest, Any, Recorded], Changes]]] = {
    e.Pushed: _pushed,
    e.Retargeted: _retargeted,
    e.AuthorshipDeclined: _declined,
    e.DeclineAgreed: _agreed,
    e.SignedOff: _signed_off,
    e.Rejected: _rejected,
    e.SignOffWithdrawn: _withdrawn,
    e.QuorumFoundImpossible: _alarmed,
    e.Merged: _merged,
    e.Closed: _closed,
    e.Reverted: _reverted,
    e.Reopened: _reopened,
    e.ReviewDemanded: _demanded,
    e.Assigned: _assigned,
    e.Tied: _tied,
    e.FinderNamed: _found,
    e.Untied: _untied,
    e.Concealed: _concealed,
    e.RevealProposed: _reveal_proposed,
    e.Revealed: _revealed,
}

EVENTS: Final = (e.Opened, *_FOLDS)
"""Every event of a merge request."""
