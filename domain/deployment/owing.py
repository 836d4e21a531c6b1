"""What an override owes: a second person's signature, by whom it may be given, and since when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from domain.authority import Authority
from domain.authorship import accounts, others
from domain.deployment.state import Deployment, Status
from domain.kernel import Records


def unsigned(state: Deployment) -> bool:
    """Whether something was overridden that no second person has signed."""
    return state.override is not None and state.override.countersigned_at is None


def awaited(state: Deployment) -> bool:
    """Whether a signature is owed, or is waited for before the override counts at all."""
    made = state.override
    before = made is not None and made.before and state.status is Status.REQUESTED
    return state.owing or (unsigned(state) and before)


def overdue(
    people: frozenset[str], records: Records, authority: Authority, at: datetime
) -> tuple[Deployment, ...]:
    """The deployments for which a signature is owed since before now, overridden by these people.

    With every account behind which the same person stands.
    """
    found = records.find(Deployment, owing=True)
    return tuple(each for each in found if _is_late(each, people, authority, at))


def _is_late(state: Deployment, people: frozenset[str], authority: Authority, at: datetime) -> bool:
    made = state.override
    if made is None or at < made.due:
        return False
    return not people.isdisjoint(accounts((made.by,), authority, made.at))


def barred(state: Deployment, authority: Authority) -> frozenset[str]:
    """Who is no second person to an override: who made it, and who asked for the deployment."""
    made = (state.override.by,) if state.override else ()
    return accounts((*made, state.requested_by), authority, state.requested_at)


def signers(
    state: Deployment, people: Iterable[str], authority: Authority, at: datetime
) -> tuple[str, ...]:
    """Those of the people, whom the policy lets ask, whose signature is waited for."""
    if not awaited(state):
        return ()
    return others(people, barred(state, authority), authority, at)
