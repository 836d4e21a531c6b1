"""Whether somebody's place was theirs to take, who voted in it for a delegator."""

from __future__ import annotations

from domain.approval.voting import Vote
from domain.authority import Authority
from domain.kernel import Scopes
from domain.term import in_force


def was_lent(vote: Vote, delegator: str, authority: Authority, scopes: Scopes) -> bool:
    """Whether a delegation of this very right, in force when the vote was cast, still stands.

    Once one was taken back, another speaks for the vote only if it is for every risk.
    """
    lent = [
        each
        for each in authority.delegated_by(delegator)
        if each.delegate == vote.person
        and in_force(each.since, each.until, vote.at)
        and authority.lends(each, vote.grant, scopes)
    ]
    kept = [each for each in lent if each.revoked_at is None]
    return bool(kept) and (kept == lent or any(each.max_risk is None for each in kept))
