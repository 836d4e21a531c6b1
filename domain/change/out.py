"""Whether what a change answers for is on its way, or went out: then it stays what that was let by.

What is hidden is not told of, so it holds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.change.state import Change, Status
from domain.deployment.state import Deployment
from domain.deployment.state import Status as Deployed
from domain.inclusion import Inclusion
from domain.kernel import Problems, Records
from domain.process.release import EnvironmentKind
from domain.release.parts import Delivery, Progress
from domain.release.standing import pinned
from domain.release.state import Release

_HELD: Final = "It is on its way to {}: it stays as it is until that has ended."
_LEFT: Final = "It went out to {}: carry it out and say how it went, or have that rolled back."


def check_still(problems: Problems, state: Change, records: Records) -> None:
    """Note that the change is on its way: the gate looked at it as it was then (S3-02)."""
    where = next(_on_the_way(state, records), None)
    problems.unless(where is None, "being_deployed", _HELD.format(where))


def check_not_out(problems: Problems, state: Change, records: Records) -> None:
    """Note that it went out, and is not taken back: it ends by its outcome."""
    if state.status is Status.DRAFT and state.revision == 1:
        return
    where = next(_went_to(state, records), None)
    problems.unless(where is None, "work_begun", _LEFT.format(where))


def _on_the_way(state: Change, records: Records) -> Iterator[str]:
    for each in records.find(Deployment, status=Deployed.RUNNING):
        if state.id in each.wish.changes:
            yield each.environment
    yield from _delivered(state, records, Progress.RUNNING)


def _went_to(state: Change, records: Records) -> Iterator[str]:
    service = state.content.service
    for each in records.find(Deployment, status=Deployed.SUCCEEDED, service=service):
        if state.id in each.wish.changes:
            yield each.environment
    yield from _delivered(state, records, Progress.SUCCEEDED)


def _delivered(state: Change, records: Records, progress: Progress) -> Iterator[str]:
    """Where releases with it are so far, of where they bring only what is authorised."""
    own = records.find(Inclusion, reference=state.id)
    items = [e for e in (*own, *records.find(Inclusion, covered_by=state.id)) if not e.embargoed]
    ids = frozenset(each.release for each in items)
    releases = {e.id: e for e in records.find(Release, id=ids)} if ids else {}
    for item in items:
        release = releases.get(item.release)
        for each in release.deliveries if release and not release.embargoed else ():
            far = each.progress is progress and _was_in(item, each)
            if far and release and _live(state, release, each.environment, records):
                yield each.environment


def _was_in(item: Inclusion, delivery: Delivery) -> bool:
    return item.taken_at is None or item.taken_at > delivery.started_at


def _live(state: Change, release: Release, environment: str, records: Records) -> bool:
    """Whether it was approved for that, or people use it there."""
    place = pinned(release, records).environment(environment)
    used = place is not None and place.kind is EnvironmentKind.PRODUCTION
    return used or environment in state.content.environments
