"""What a rollback would put back although it was cancelled since it gave way (X-01)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

from domain.change.state import Change, Status
from domain.deployment.state import Deployment
from domain.inclusion import Inclusion
from domain.kernel import Problems, Records
from domain.release.state import Release
from domain.release.whereabouts.by_hand import ByHand, brought_by_hand, set_off
from domain.titles import change_title
from domain.wording import first_of

MOST_NAMED: Final = 3
"""How many changes a message names."""


class Going(NamedTuple):
    """What is taken away from where it arrived, and what its rollback puts back there."""

    id: str
    service: str
    environment: str
    arrived: datetime
    again: Deployment | ByHand | None
    hidden: bool = False


def cancelled_beneath(going: Going, records: Records) -> tuple[Change, ...]:
    """The changes that are cancelled in what stands there again once that is gone.

    That is what arrived last before it. Where something lies over it already, nothing comes back.
    """
    around = tuple(_around(going, records))
    if any(_arrived(each) > going.arrived for each in around):
        return ()
    below = max(around, key=_arrived, default=None)
    ids = went_with(below, records) if below else frozenset()
    found = records.find(Change, id=ids) if ids else ()
    return tuple(each for each in found if each.status is Status.CANCELLED)


def _around(going: Going, records: Records) -> Iterator[Deployment | ByHand]:
    """What else of the service is there, over or beneath it, by deployments and by hand."""
    service, where = going.service, going.environment
    if going.again is not None:
        yield going.again
    for each in records.find(Deployment, environment=where, service=service, current=True):
        if each.id != going.id and each.arrived is not None and not each.claimed:
            yield each
    for one in brought_by_hand(records, service, where, hidden=going.hidden):
        if one.span.until is None and one.release.id != going.id:
            yield one


def _arrived(what: Deployment | ByHand) -> datetime:
    """When it came there; what a log of before says nothing of came before all else."""
    since = what.span.since if isinstance(what, ByHand) else what.arrived
    return since or datetime.min.replace(tzinfo=UTC)


def went_with(what: Deployment | ByHand, records: Records) -> frozenset[str]:
    """What went out with something, by name or in its release: changes, and merge requests."""
    if isinstance(what, ByHand):
        return _inside(what.release, set_off(what.span), records)
    wish = what.wish
    release = records.get(Release, wish.belongs_to) if wish.belongs_to else None
    at = what.started_at or what.requested_at
    return frozenset(wish.changes).union(_inside(release, at, records) if release else ())


def _inside(release: Release, at: datetime, records: Records) -> frozenset[str]:
    """What was in a release as it set off; of what is hidden nothing."""
    if release.embargoed:
        return frozenset()
    items = records.find(Inclusion, release=release.id)
    then = (each for each in items if each.was_in(at) and not each.embargoed)
    return frozenset(each.covered_by or each.reference for each in then)


def check_cancelled(problems: Problems, gone: tuple[Change, ...], *, despite: bool) -> None:
    """Note that something cancelled would be back, unless that is said to be so all the same."""
    named = first_of(list(map(change_title, gone)), MOST_NAMED)
    message = (
        f"What stood there before holds what was cancelled since: {named}. Deploy something else "
        "over it instead, or say that it is back all the same."
    )
    problems.unless(despite or not gone, "cancelled_change_back", message, "despite_cancelled")
