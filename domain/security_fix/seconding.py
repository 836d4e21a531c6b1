"""Who found a vulnerability takes the word of two: who may be the second, and whom that frees."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from domain.authority import Authority
from domain.authorship import accounts
from domain.kernel import distinct, is_person
from domain.merge_request.standing import standings
from domain.merge_request.state import MergeRequest, Status
from domain.office import holds
from domain.process.accord import APPSEC
from domain.security_fix.standing import finders
from domain.security_fix.state import FinderProposal, SecurityFix

Who = Callable[[str], frozenset[str]]
"""Who may ask for an action there, by the policy."""
LEFT: Final = "Too few may approve it who are not kept out for having found it, by one word alone."
NAME: Final = "security_fix.name_finder"
SAY: Final = (
    "Say the same of who found it, if that is so: whoever is kept out without that is free then."
)
"""How whom a word of one alone left without deputy gets one."""


def are_two(
    state: SecurityFix,
    said: FinderProposal,
    by: str,
    *,
    authority: Authority,
    at: datetime,
) -> bool:
    """Whether two in office say so, apart, one of application security, and neither frees itself.

    `by` is who says it as the second.
    """
    scopes = {"project": frozenset((state.project,))}
    first = accounts((said.proposed_by,), authority, said.proposed_at)
    two = (said.proposed_by, by)
    office = all(holds(authority, each, None, scopes, at) for each in two)
    judges = any(holds(authority, each, APPSEC, scopes, at) for each in two)
    apart = by not in first and _bound(state, said, authority).isdisjoint(two)
    return office and judges and apart


def _bound(state: SecurityFix, said: FinderProposal, authority: Authority) -> frozenset[str]:
    """Who would free themselves: whom two agreed on, and who said it of themselves.

    And whom the fix that this one follows kept out, but for who opened this one as a port of it.
    """
    agreed = (state.finder,) if state.finder_agreed else ()
    before = {*state.kept_before} - ({state.opened_by} if of_port(state) else set())
    bound = {*agreed, *state.own_words, *before} - {said.reporter}
    return accounts(bound, authority, state.opened_at)


def of_port(state: SecurityFix) -> tuple[FinderProposal, ...]:
    """The word of who opened it as a port of what it follows, while nobody agreed to it."""
    return _of_opener(state) if state.follows else ()


def _of_opener(state: SecurityFix) -> tuple[FinderProposal, ...]:
    """The word of who opened it on another who found it, which keeps them out while it is alone."""
    alone = state.follows or (state.reporter and not state.finder_agreed)
    said = state.finder_proposals if alone else ()
    return tuple(e for e in said if e.proposed_by == state.opened_by and not e.of_self)


def deciding(
    state: SecurityFix, able: frozenset[str], authority: Authority, at: datetime, who: Who
) -> tuple[frozenset[str], frozenset[str]]:
    """Those who are able and did not find it; where that is nobody, whom a second word frees.

    That is a word on who says they found it. Then who may say it comes along.
    """
    left = able - finders(state, authority)
    for reporter, seconds in () if left else words(state, authority, at, who):
        if freed := able - accounts((reporter,), authority, state.opened_at):
            return freed, seconds
    return left, frozenset()


def kept_from(state: SecurityFix, found: MergeRequest) -> MergeRequest:
    """The merge request as it stands without whoever is kept out of the fix by now."""
    return replace(found, excluded=distinct((*found.excluded, *state.kept_out)))


def judged(
    state: SecurityFix, found: MergeRequest, authority: Authority, at: datetime, who: Who
) -> tuple[MergeRequest, frozenset[str]]:
    """The merge request without these; where nobody could approve it so, once a second word frees.

    Then who may say it comes along.
    """
    kept = kept_from(state, found)
    if found.status is not Status.OPEN or not (state.own_words or _of_opener(state)):
        return kept, frozenset()
    if standings(kept, authority, at).impossible:
        for reporter, seconds in words(state, authority, at, who):
            freed = without(state, kept, reporter)
            if not standings(freed, authority, at).impossible:
                return freed, seconds
    return kept, frozenset()


def without(state: SecurityFix, found: MergeRequest, reporter: str) -> MergeRequest:
    """A merge request of it as it would stand once two agree on its finder."""
    out = {*state.kept_out} - {reporter}
    return replace(found, excluded=tuple(each for each in found.excluded if each not in out))


def words(
    state: SecurityFix, authority: Authority, at: datetime, who: Who
) -> Iterator[tuple[str, frozenset[str]]]:
    """Whoever says they found it, with those whose word on that would be the second.

    So with whom else who opened the fix says to have found it, or that which it follows.
    """
    people, alone = tuple(filter(is_person, who(NAME))), _of_opener(state)
    for said in state.finder_proposals:
        if said in alone or (said.of_self and state.report is None):
            able = (
                each for each in people if are_two(state, said, each, authority=authority, at=at)
            )
            if seconds := frozenset(able):
                yield said.reporter, seconds
