"""Whose word that somebody wrote nothing of a merge request counts, by who stands behind it now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from domain.authority import Authority
from domain.authorship import accounts, stands
from domain.merge_request.state import AuthorshipDecline, MergeRequest


def hands(state: MergeRequest, authority: Authority) -> tuple[str, ...]:
    """Its author and contributors, but who wrote nothing, as two say whose word counts."""
    return weighed(state, authority).hands


def weighed(state: MergeRequest, authority: Authority) -> MergeRequest:
    """The same without what was agreed by somebody whose word counts no more (S2-02, X-04).

    As a sign-off, it counts while who gave it is not suspended, holds the grant, and has no hand in
    it by any account: neither is the person whom they freed, nor wrote it or found what it fixes.
    """
    agreed = [each for each in state.declines if each.agreed_at]
    if not agreed:
        return state  # as nearly always
    waits = tuple(each for each in state.declines if not each.agreed_at)
    now = replace(state, declines=())
    for each in sorted(agreed, key=lambda each: each.agreed_at or state.opened_at):
        if _counts(each, now, authority):
            now = replace(now, declines=(*now.declines, each))
    return replace(now, declines=(*now.declines, *waits))


def lapsed(state: MergeRequest, person: str, authority: Authority) -> bool:
    """Whether something they say was agreed to by somebody whose word counts no more."""
    kept = weighed(state, authority).declines
    return any(each.declined_by == person and each not in kept for each in state.declines)


def _counts(decline: AuthorshipDecline, before: MergeRequest, authority: Authority) -> bool:
    """Whether who agreed may still: nobody who has a hand in it by what was agreed to before."""
    who = decline.agreed_by
    if who is None:
        return True  # somebody who may, in what is only foreseen
    own = accounts(_barred(decline, before), authority, before.opened_at)
    counts = stands(who, decline.grant, authority, others=decline.other_grants)
    return counts and who not in own


def _barred(decline: AuthorshipDecline, before: MergeRequest) -> Iterator[str]:
    yield from before.hands
    yield from before.excluded
    yield from decline.accounts
