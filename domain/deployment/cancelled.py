"""What a rollback would put back although it was cancelled since it gave way (X-01)."""

from __future__ import annotations

from typing import Final

from domain.change.state import Change, Status
from domain.deployment.state import Deployment
from domain.inclusion import Inclusion
from domain.kernel import Problems, Records
from domain.release.state import Release
from domain.titles import change_title

MOST_NAMED: Final = 3
"""How many changes a message names."""


def cancelled_in(state: Deployment, records: Records) -> tuple[Change, ...]:
    """The changes that went out with a deployment, by name or in its release, and are cancelled."""
    ids = went_with(state, records)
    found = records.find(Change, id=ids) if ids else ()
    return tuple(each for each in found if each.status is Status.CANCELLED)


def went_with(state: Deployment, records: Records) -> frozenset[str]:
    """What went out with a deployment, by name or in its release: changes, and merge requests."""
    return _in_release(state, records).union(state.wish.changes)


def _in_release(state: Deployment, records: Records) -> frozenset[str]:
    """What was in the release that it belongs to as it set off; of what is hidden nothing."""
    release = records.get(Release, state.wish.belongs_to) if state.wish.belongs_to else None
    if release is None or release.embargoed:
        return frozenset()
    at = state.started_at or state.requested_at
    items = records.find(Inclusion, release=release.id)
    then = (each for each in items if each.was_in(at) and not each.embargoed)
    return frozenset(each.covered_by or each.reference for each in then)


def check_cancelled(problems: Problems, gone: tuple[Change, ...], *, despite: bool) -> None:
    """Note that something cancelled would be back, unless that is said to be so all the same."""
    more = "" if len(gone) <= MOST_NAMED else f" and {len(gone) - MOST_NAMED} more"
    named = ", ".join(change_title(each) for each in gone[:MOST_NAMED]) + more
    message = (
        f"What stood there before holds what was cancelled since: {named}. Deploy something else "
        "over it instead, or say that it is back all the same."
    )
    problems.unless(despite or not gone, "cancelled_change_back", message, "despite_cancelled")
