"""What releases brought somewhere by hand, over what deployments brought, and beneath it.

What arrives lies over all of its service that arrived before, and stands there until something lies
over it. What a rollback puts back lies where it lay before: it arrived no later for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import attrgetter
from typing import Final, NamedTuple

from domain.deployment.state import Deployment, Stand, Status
from domain.kernel import Records
from domain.release.state import Release, Stood

_SINCE: Final = attrgetter("since")
_ARRIVED: Final = frozenset((Status.SUCCEEDED, Status.ROLLED_BACK))


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
    records: Records, packages: frozenset[str], where: str, *, hidden: bool = False
) -> tuple[Deployment, ...]:
    """The deployments of these packages that stand there now: nothing by hand lies over them."""
    here = records.find(Deployment, environment=where, current=True)
    same = (each for each in here if each.package in packages)
    return tuple(each for each in same if not covered(records, each, hidden=hidden))


def bare(records: Records, state: Deployment, *, hidden: bool) -> Iterator[Stand]:
    """When what a deployment brought stood there, with nothing by hand over it."""
    return apart(state.stands, (e.span for e in covering(records, state, hidden=hidden)))


# What came by hand.


def set_off(span: Stood) -> datetime:
    """When what stood there in that span set out for there."""
    return span.began or span.since


def unbroken(release: Release, where: str, cargo: str) -> list[Stood]:
    """The latest spans in which it brought the same there by hand: anew, and not rolled back.

    What was brought over it and rolled back since lay over it meanwhile.
    """
    here = [each for each in release.stood if each.environment == where]
    ends = {each.until: each for each in here if each.until is not None}
    last = next((each for each in here if each.until is None), None)
    if last is None and ends:
        last = ends[max(ends)]
    spans: list[Stood] = []
    while last is not None and last.cargo == cargo:
        spans.insert(0, last)
        last = ends.get(last.since)
    return spans


def uncovered(
    records: Records, release: Release, spans: Iterable[Stood], *, hidden: bool
) -> Iterator[Stand]:
    """When what a release brought by hand stood there in these spans, with nothing over it."""
    for each in spans:
        around = _around(records, release, each.environment, hidden=hidden)
        over = sorted((span for at, span in around if at > each.since), key=_SINCE)
        yield from apart((Stand(each.since, each.until),), over)


def _around(
    records: Records, release: Release, where: str, *, hidden: bool
) -> Iterator[tuple[datetime, Stand | Stood]]:
    """Every span in which something of its service was there, and when that arrived."""
    for each in brought_by_hand(records, release.service, where, hidden=hidden):
        yield each.span.since, each.span
    for one in records.find(Deployment, **ever_there(release.service, where)):
        if one.arrived is not None and not one.claimed:
            yield from ((one.arrived, span) for span in one.stands)


def ever_there(service: str, where: str) -> dict[str, object]:
    """How the deployments of a service are found that stand there, or once did."""
    return {"environment": where, "service": service, "status": _ARRIVED}


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
