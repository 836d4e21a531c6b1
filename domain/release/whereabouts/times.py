"""Each time that a release went somewhere: a later attempt takes nothing of an earlier one back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from domain.deployment.state import Deployment, Stand, Status
from domain.kernel import Records
from domain.release.state import Progress, Release
from domain.release.whereabouts.by_hand import bare, ever_there, set_off, uncovered
from domain.release.whereabouts.counted import there_by


class Time(NamedTuple):
    """One time that it went there: when it set out, when it stood there, whether it was taken back.

    Where nobody kept when it set out, `began` is when it arrived.
    """

    began: datetime
    stood: tuple[Stand, ...]
    taken_back: bool

    @property
    def moments(self) -> Iterator[datetime]:
        """When it set out, and when it came."""
        yield self.began
        yield from (each.since for each in self.stood[:1])


def times_there(records: Records, release: Release, where: str, *, hidden: bool) -> Iterator[Time]:
    """Each time it went there, also one that is under way.

    What stood there is told without what lay over it by hand, and of what came by hand itself
    without what was deployed over it. What is hidden lies over nothing, but over what is `hidden`.
    """
    delivery = release.delivery(where)
    if delivery is not None and delivery.progress is Progress.RUNNING:
        yield Time(delivery.started_at, (), taken_back=False)
    for each in records.find(Deployment, **ever_there(release.service, where)):
        if not each.claimed and there_by(release, each):
            yield _deployed(records, each, hidden=hidden)
    yield from _by_hand(records, release, where, hidden=hidden)


def _deployed(records: Records, state: Deployment, *, hidden: bool) -> Time:
    stood = tuple(bare(records, state, hidden=hidden))
    began = state.started_at or state.arrived or state.requested_at
    return Time(began, stood, taken_back=state.status is Status.ROLLED_BACK)


def _by_hand(records: Records, release: Release, where: str, *, hidden: bool) -> Iterator[Time]:
    """What is brought anew follows at once; a span that nothing follows was rolled back."""
    spans = [each for each in release.stood if each.environment == where]
    back: dict[datetime, bool] = {}
    for span in reversed(spans):
        back[span.since] = span.until is not None and back.get(span.until, True)
    for span in spans:
        stood = tuple(uncovered(records, release, (span,), hidden=hidden))
        yield Time(set_off(span), stood, back[span.since])
