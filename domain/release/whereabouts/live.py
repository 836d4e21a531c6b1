"""Whether a release went anywhere, or where people use it, and goes on there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from domain.deployment.found_bad import faulty
from domain.deployment.state import Deployment, Status
from domain.process.release import CLOSE, Matter, ReleaseStatus
from domain.release.gate.question import Question
from domain.release.state import Delivery, Progress, Release
from domain.release.whereabouts.by_hand import covered
from domain.release.whereabouts.counted import there_by
from domain.release.whereabouts.in_use import in_use
from domain.release.whereabouts.out import looked_back
from domain.release.whereabouts.superseded import goes_on
from domain.release.whereabouts.there import brought, lacking


def live_since(ask: Question, release: Release) -> datetime | None:
    """Since when it is, or is on its way, where people use it; None if that was taken back.

    It was there for them also once something took its place, and once it was given up.
    """
    own = ask if release is ask.state else Question(release, ask.at, ask.authority, ask.records)
    return min((each.started_at for each in used(own)), default=None)


def live(ask: Question) -> bool:
    """Whether it stands where people use it, or goes on there in what came later.

    What was found not to work, or gave way to something older, goes on nowhere.
    """
    return any(True for _ in living(ask))


def living(ask: Question) -> Iterator[Delivery]:
    """What it went by to where people use it, and goes on there by."""
    arrived = (each for each in used(ask) if each.progress is Progress.SUCCEEDED)
    return (each for each in arrived if _goes_on(ask, each))


def went(ask: Question) -> bool:
    """Whether anything of it ever stood anywhere or is on its way there, or is tagged."""
    if ask.state.all_tags or ask.state.stood:
        return True
    return any(_stood(ask, each) or any(_there(ask, each)) for each in ask.state.deliveries)


class Arrivals(NamedTuple):
    """When a release went anywhere with what it carried, and when where people use it."""

    anywhere: frozenset[datetime]
    used: frozenset[datetime]


def arrivals(ask: Question, release: Release) -> Arrivals:
    """When it went there, was published, and was not taken back.

    Of what was given up only that counts which people used, also if it was published: all else in
    it waits to go out.
    """
    own = Question(release, ask.at, ask.authority, ask.records)
    came = [each for last in release.deliveries for each in _there(own, last)]
    there = [each for each in came if each.progress is Progress.SUCCEEDED]
    used = _moments(each for each in there if in_use(own, each.environment))
    if release.status is ReleaseStatus.ABORTED:
        return Arrivals(used, used)
    published = frozenset(filter(None, (release.published_at,)))
    return Arrivals(published | _moments(there), published | used)


def _moments(deliveries: Iterable[Delivery]) -> frozenset[datetime]:
    told = (at for each in deliveries for at in (each.started_at, each.counted_at))
    return frozenset(filter(None, told))


def _stood(ask: Question, delivery: Delivery) -> bool:
    own = brought(ask, delivery)
    return own is not None and bool(own.stands)


def used(ask: Question) -> Iterator[Delivery]:
    """What brought it to where people use it, or is about to, and was not taken back."""
    for each in ask.state.deliveries:
        if in_use(ask, each.environment):
            yield from _there(ask, each)


def _there(ask: Question, last: Delivery) -> Iterator[Delivery]:
    """What brought it there, or is about to, and was not taken back: the last, or one before."""
    under_way = last.progress in (Progress.RUNNING, Progress.SUCCEEDED)
    yield from (last,) if under_way else _before(ask, last)


def _before(ask: Question, tried: Delivery) -> Iterator[Delivery]:
    """What had brought it there before that, which failed or was rolled back."""
    where, came = tried.environment, replace(tried, progress=Progress.SUCCEEDED, cargo="")
    place = {"environment": where, "service": ask.state.service}
    for each in ask.records.find(Deployment, status=Status.SUCCEEDED, **place):
        if there_by(ask.state, each) and each.stands:
            since = each.stands[0].since
            yield replace(came, started_at=since, settled_at=since, deployment=each.id)
    for span in ask.state.stood:
        if span.environment == where and span.until is None:
            since = span.since
            yield replace(came, started_at=since, settled_at=since, deployment=None)


def _goes_on(ask: Question, delivery: Delivery) -> bool:
    own, hidden = brought(ask, delivery), ask.state.embargoed
    stands = own is not None and own.current and not covered(ask.records, own, hidden=hidden)
    if own is not None and (stands or faulty(ask.records, own)):
        return stands
    closes = ask.state.reached(delivery.environment) == delivery
    if (left := lacking(ask, ask.state, delivery)) is not None:
        return closes and goes_on(ask, delivery.environment, left)
    return closes or own is None or not (own.verified and own.watched) or _unreviewed(ask)


def _unreviewed(ask: Question) -> bool:
    """Whether it is to be looked back on, and was not; without its playbook nothing asks that."""
    try:
        asked = any(row.about is Matter.REVIEW for row in ask.kind.rows(CLOSE))
    except LookupError:
        return False
    return asked and looked_back(ask) is None
