"""Who may show what is hidden: nobody alone shows what a fix consists of before that is out.

What is hidden is shown by a publication, which its gate lets pass, or by the word of a second
person. The first is who said before that a merge request may be shown, took what is hidden out of
the release, or dismissed the fix; and who wrote it or found the vulnerability shows nothing of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from domain.authority import Authority
from domain.authorship import accounts, stands
from domain.inclusion import Inclusion
from domain.kernel import Records
from domain.merge_request.standing import involved
from domain.merge_request.state import MergeRequest, RevealProposal
from domain.release.evidence.carried import named
from domain.release.state import Release
from domain.security_fix.standing import finders
from domain.security_fix.state import SecurityFix

SECOND: Final = "needs_second_person"
"""How it is refused to the first."""


def hidden_fixes(ids: frozenset[str], records: Records) -> frozenset[str]:
    """Those of these fixes that are hidden: not out, or dismissed and not shown."""
    found = records.find(SecurityFix, id=ids) if ids else ()
    return frozenset(each.id for each in found if each.embargoed)


def fixes_of(request: MergeRequest) -> frozenset[str]:
    """The fixes that one of no fix is related to, or was taken off."""
    related = (request.related,) if request.related else ()
    return frozenset((*related, *(off.fix for off in request.taken_off)))


def secrets(requests: Iterable[MergeRequest], records: Records) -> frozenset[str]:
    """The fixes that these are related to, or were taken off, and that are hidden still."""
    return hidden_fixes(frozenset().union(*map(fixes_of, requests)), records)


def taken_off(requests: Iterable[MergeRequest], records: Records) -> frozenset[str]:
    """The fixes that these were taken off and that are hidden still."""
    return hidden_fixes(frozenset(off.fix for each in requests for off in each.taken_off), records)


def kept_from(state: MergeRequest, authority: Authority, records: Records) -> frozenset[str]:
    """Who does not say what fix a hidden merge request is shown with: who hid it, nor the barred.

    That is one word alone, beside the publication of the fix.
    """
    hid = filter(None, (state.concealed_by,))
    return accounts(hid, authority, state.opened_at) | barred(state, authority, records)


def barred(state: MergeRequest, authority: Authority, records: Records) -> frozenset[str]:
    """Who does not show a merge request, with every account of theirs.

    Who wrote it or found what it fixes, and who took it off a fix that is hidden still.
    """
    own = accounts(_let_go(state, records), authority, state.opened_at)
    return own | involved(state, authority)


def _let_go(state: MergeRequest, records: Records) -> frozenset[str]:
    """Who took it off a fix that is hidden still."""
    fixes = taken_off((state,), records)
    return frozenset(each.by for each in state.taken_off if each.fix in fixes)


def words(state: MergeRequest, authority: Authority) -> tuple[RevealProposal, ...]:
    """The words that stand for showing it: of what it is made of now, by nobody who wrote it."""
    own = involved(state, authority)
    return tuple(
        each
        for each in state.reveal_proposals
        if each.revision == state.revision
        and each.proposed_by not in own
        and stands(each.proposed_by, each.grant, authority)
    )


def seconded(state: MergeRequest, asking: Collection[str], authority: Authority) -> bool:
    """Whether somebody else said before that it may be shown, and the word stands.

    That somebody took it off a fix is no such word.
    """
    firsts = {each.proposed_by for each in words(state, authority)}
    behind = (accounts((each,), authority, state.opened_at) for each in firsts)
    return any(each.isdisjoint(asking) for each in behind)


def kept_from_fix(
    state: SecurityFix, parts: Iterable[MergeRequest], authority: Authority
) -> frozenset[str]:
    """Who does not show a dismissed fix: who dismissed it, found it, or wrote a part of it."""
    own = accounts(filter(None, (state.dismissed_by,)), authority, state.opened_at)
    wrote = (involved(each, authority) for each in parts)
    return (own | finders(state, authority)).union(*wrote)


def kept_from_release(
    state: Release, authority: Authority, records: Records, *, hides: bool
) -> frozenset[str]:
    """Who does not show a release that was not published: who took out what is hidden still.

    Nor who opened it, where its kind hides all of its releases (`hides`).
    """
    out = [e for e in records.find(Inclusion, release=state.id) if not e.included]
    ids = named(out)
    requests = records.find(MergeRequest, id=ids) if ids else ()
    hidden = {each.id for each in requests if each.embargoed}
    first = {e.taken_by for e in out if not hidden.isdisjoint(named((e,)))}
    near = records.find(SecurityFix, service=state.plan.service, embargoed=True)
    first |= {off.by for each in near for off in each.unlinked if off.tracker == state.id}
    first |= {state.author} if hides else set()
    return accounts(filter(None, first), authority, state.opened_at)
