"""Who may show what is hidden: nobody alone shows what a fix consists of before that is out.

What is hidden is shown by a publication, which its gate lets pass, or by the word of a second
person. The first is who said before that it may be shown, took what is hidden out of the release,
or dismissed the fix, as long as they may still; and who wrote it or found the vulnerability shows
nothing of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final, NamedTuple

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
from domain.word import ShowingProposal

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
        and _stays(each, authority)
    )


def _stays(said: RevealProposal | ShowingProposal, authority: Authority) -> bool:
    return stands(said.proposed_by, said.grant, authority, others=said.other_grants)


def seconded(state: MergeRequest, asking: Collection[str], authority: Authority) -> bool:
    """Whether somebody else said before that it may be shown, and the word stands.

    That somebody took it off a fix is no such word.
    """
    firsts = {each.proposed_by for each in words(state, authority)}
    behind = (accounts((each,), authority, state.opened_at) for each in firsts)
    return any(each.isdisjoint(asking) for each in behind)


class First(NamedTuple):
    """Something by which somebody let go of what is hidden: the first word of two who show it."""

    by: str
    grant: str | None
    others: tuple[str, ...] = ()
    at: datetime | None = None


class LetGo(NamedTuple):
    """By whose acts something hidden was let go, and so who does not show it, by any account."""

    firsts: tuple[First, ...]
    people: frozenset[str]


class Standing(NamedTuple):
    """Whether it lacks a first word that counts, and whose it is that stands in for one.

    Nobody's where every first word counts.
    """

    lacks: bool
    said: frozenset[str]


def standing(
    firsts: Iterable[First],
    said: Iterable[ShowingProposal],
    barred: frozenset[str],
    authority: Authority,
) -> Standing:
    """How the first words stand: each counts only while who gave it may still.

    Where one does not, that of somebody who is not barred stands in for it, if they said so since.
    """
    lost = [e for e in firsts if not stands(e.by, e.grant, authority, others=e.others)]
    if not lost:
        return Standing(lacks=False, said=frozenset())
    since = max((each.at for each in lost if each.at), default=None)
    heard = frozenset(
        each.proposed_by
        for each in said
        if (since is None or each.proposed_at >= since)
        and each.proposed_by not in barred
        and _stays(each, authority)
    )
    return Standing(lacks=not heard, said=heard)


def is_second(
    first: Standing, asking: Collection[str], authority: Authority, since: datetime
) -> bool:
    """Whether the word of who asks is the second, after that of somebody else."""
    behind = (accounts((each,), authority, since) for each in first.said)
    return not (first.lacks or first.said) or any(each.isdisjoint(asking) for each in behind)


def dismissal(state: SecurityFix) -> tuple[First, ...]:
    """By whose word there is nothing to fix."""
    by = state.dismissed_by
    return (First(by, state.dismissed_grant, state.dismissed_grants),) if by else ()


def kept_from_fix(
    state: SecurityFix, parts: Iterable[MergeRequest], authority: Authority
) -> frozenset[str]:
    """Who does not show a dismissed fix: who dismissed it, found it, or wrote a part of it."""
    own = accounts(filter(None, (state.dismissed_by,)), authority, state.opened_at)
    wrote = (involved(each, authority) for each in parts)
    return (own | finders(state, authority)).union(*wrote)


def kept_from_release(
    state: Release, authority: Authority, records: Records, *, hides: bool
) -> LetGo:
    """Who does not show a release that was not published: who took out what is hidden still.

    Nor who opened it, where its kind hides all of its releases (`hides`).
    """
    out = [e for e in records.find(Inclusion, release=state.id) if not e.included]
    ids = named(out)
    requests = records.find(MergeRequest, id=ids) if ids else ()
    hidden = {each.id for each in requests if each.embargoed}
    gone = (e for e in out if e.taken_by and not hidden.isdisjoint(named((e,))))
    firsts = [First(e.taken_by or "", e.taken_grant, e.taken_grants, e.taken_at) for e in gone]
    near = records.find(SecurityFix, service=state.plan.service, embargoed=True)
    off = (off for each in near for off in each.unlinked if off.tracker == state.id)
    firsts += [First(each.by, each.grant, each.other_grants, each.at) for each in off]
    firsts += [First(state.author, state.author_grant, state.author_grants)] if hides else []
    people = accounts({each.by for each in firsts}, authority, state.opened_at)
    return LetGo(tuple(firsts), people)
