"""What an override owes: a second person's signature, by whom it may be given, and since when.

So it is of a deployment, and of what a release brings somewhere by hand, told as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from domain.authority import Authority
from domain.authorship import accounts, others
from domain.deployment.state import Deployment, Status
from domain.kernel import Records
from domain.release.state import Release
from domain.release.whereabouts.by_override import Publishing, publishing, told_of


class Owed(NamedTuple):
    """What a signature is owed for, and whether it is of what is hidden."""

    state: Deployment
    hidden: bool = False

    @property
    def noun(self) -> str:
        """By whose commands it is signed."""
        return "release" if self.state.by_hand else "deployment"

    @property
    def named(self) -> str:
        """What it is, in words; of what is hidden nothing is named."""
        what = "what is hidden" if self.hidden else self.state.label
        if isinstance(self.state, Publishing):
            return f"the publication of {what}"
        return f"{what} in {self.state.environment}"


def unsigned(state: Deployment) -> bool:
    """Whether something was overridden that no second person has signed."""
    return state.override is not None and state.override.countersigned_at is None


def awaited(state: Deployment) -> bool:
    """Whether a signature is owed, or is waited for before the override counts at all."""
    made = state.override
    before = made is not None and made.before and state.status is Status.REQUESTED
    return state.owing or (unsigned(state) and before)


def overdue(
    people: frozenset[str],
    records: Records,
    authority: Authority,
    at: datetime,
    *,
    hidden: bool,
) -> tuple[Owed, ...]:
    """For what a signature is owed since before now, overridden by these people.

    With every account behind which the same person stands. What is hidden is owed as well, but
    told of only where the asker is, or what asks, is hidden.
    """
    found = _owing(records, hidden=hidden)
    return tuple(each for each in found if _is_late(each.state, people, authority, at))


def owing_since(records: Records, authority: Authority, at: datetime) -> frozenset[str]:
    """Who overrode something before now that a signature is owed for since too long."""
    every = (each.state.override for each in _owing(records, hidden=True))
    late = (made for made in every if made is not None and made.due <= at)
    return frozenset().union(*(accounts((made.by,), authority, made.at) for made in late))


def _owing(records: Records, *, hidden: bool) -> Iterator[Owed]:
    """Everything that a signature is owed for."""
    yield from (Owed(each) for each in records.find(Deployment, owing=True))
    for release in records.find(Release, owing=True):
        if hidden or not release.embargoed:
            mine = (told_of(release, each) for each in release.overrides)
            every = (*mine, publishing(release))
            yield from (Owed(each, release.embargoed) for each in every if each.owing)


def _is_late(state: Deployment, people: frozenset[str], authority: Authority, at: datetime) -> bool:
    made = state.override
    if made is None or at < made.due:
        return False
    return not people.isdisjoint(accounts((made.by,), authority, made.at))


def barred(state: Deployment, authority: Authority) -> frozenset[str]:
    """Who is no second person to an override: who made it, and who asked for the deployment.

    Where a release goes by hand, that is everybody who wrote on its plan.
    """
    made = (state.override.by,) if state.override else ()
    return accounts((*made, *state.askers), authority, state.requested_at)


def signers(state: Deployment, people: Iterable[str], authority: Authority) -> tuple[str, ...]:
    """Those of the people, whom the policy lets ask, whose signature is waited for."""
    if not awaited(state):
        return ()
    return others(people, barred(state, authority), authority)


_ALONE: Final = (
    "Too few are left to countersign it: neither who overrode it nor who asked for it does. It "
    "takes a third who has that right"
)
_INSTEAD: Final = ", or who asked for it overrides it instead"


def too_few(state: Deployment, people: frozenset[str], authority: Authority) -> str:
    """What is said where nobody is left to sign whom the policy lets ask; else nothing.

    Before it is used another may still override it.
    """
    if not people or not unsigned(state) or others(people, barred(state, authority), authority):
        return ""
    made = state.override
    return f" {_ALONE}{_INSTEAD if made and made.used_at is None else ''}."
