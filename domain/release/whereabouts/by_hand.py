"""What releases brought somewhere by hand, over what deployments brought, and beneath it.

What arrives lies over all of its service that arrived before, and stands there until something lies
over it. What a rollback puts back lies where it lay before: it arrived no later for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from domain.deployment.state import Deployment, Stand
from domain.kernel import Records
from domain.release.state import Release, Stood


class ByHand(NamedTuple):
    """A release that went somewhere by hand, and a span in which it was there."""

    release: Release
    span: Stood


def brought_by_hand(records: Records, service: str, where: str, *, hidden: bool) -> list[ByHand]:
    """What releases of a service ever brought there by hand, oldest first.

    What is hidden took no place in the open, where nothing tells of it.
    """
    every = records.find(Release, stood_for=service)
    told = (each for each in every if hidden or not each.embargoed)
    spans = (ByHand(each, span) for each in told for span in each.stood)
    here = (each for each in spans if each.span.environment == where)
    return sorted(here, key=lambda each: (each.span.since, each.release.id))


def covering(records: Records, state: Deployment, *, hidden: bool) -> list[ByHand]:
    """What came by hand over what a deployment brought, also what is gone since."""
    at = state.arrived
    if at is None:
        return []
    came = brought_by_hand(records, state.service, state.environment, hidden=hidden)
    return [each for each in came if each.span.since > at]


def covered(records: Records, state: Deployment, *, hidden: bool) -> bool:
    """Whether something that came by hand stands there in the place of what it brought."""
    return any(each.span.until is None for each in covering(records, state, hidden=hidden))


def standing_of(
    records: Records, package: str, where: str, *, hidden: bool = False
) -> tuple[Deployment, ...]:
    """The deployments of a package that stand there now: nothing by hand lies over them."""
    here = records.find(Deployment, environment=where, current=True)
    same = (each for each in here if each.package == package)
    return tuple(each for each in same if not covered(records, each, hidden=hidden))


def bare(records: Records, state: Deployment, *, hidden: bool) -> Iterator[Stand]:
    """When what a deployment brought stood there, with nothing by hand over it."""
    return apart(state.stands, (e.span for e in covering(records, state, hidden=hidden)))


def apart(stands: Iterable[Stand], over: Iterable[Stand | Stood]) -> Iterator[Stand]:
    """These spans without those, oldest first, in which something lay over it."""
    away = tuple(over)
    for stand in stands:
        since: datetime | None = stand.since
        for each in away:
            within = stand.until is None or each.since < stand.until
            if since is None or not within or (each.until is not None and each.until <= since):
                continue
            if since < each.since:
                yield Stand(since, each.since)
            since = each.until
        if since is not None and (stand.until is None or since < stand.until):
            yield Stand(since, stand.until)
