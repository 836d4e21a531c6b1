"""Deliveries that a release itself records, told as the deployments that they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from domain.delivery.attested import ATTESTED, PINNED, WITHDRAWN, Pin, Said, Watched, cargo
from domain.delivery.happening import Happening
from domain.release.parts import Progress

STARTED: Final = "release.deployment_started"
COUNTED: Final = "release.deployment_counted"
SETTLED: Final = "release.deployment_settled"
KINDS: Final = (STARTED, COUNTED, SETTLED, ATTESTED, WITHDRAWN)
"""The events of releases that tell of deliveries."""
ENDS: Final = {
    Progress.SUCCEEDED: "deployment.succeeded",
    Progress.FAILED: "deployment.failed",
    Progress.ROLLED_BACK: "deployment.rolled_back",
}
"""What happened to a deployment, by what its release says."""


@dataclass(slots=True)
class _There:
    """What a release brought to a place: the last time by hand, and all that stands there.

    `start` is None of what a deployment kept here brought last, and None stands for what such a
    one brought.
    """

    start: Happening | None = None
    progress: Progress = Progress.RUNNING
    standing: list[Happening | None] = field(default_factory=list)
    came: set[str | None] = field(default_factory=set)

    @property
    def top(self) -> Happening | None:
        """What stands there by hand, whatever was tried since; None where nothing does."""
        return self.standing[-1] if self.standing else None

    def begin(self, event: Happening) -> None:
        """Follow a start; what stands there already and counts is there at once."""
        self.start = event if _is_own(event) else None
        self.progress = Progress.RUNNING
        if event.kind == COUNTED:
            self.progress = Progress.SUCCEEDED
            self.standing.append(None)

    def settle(self, event: Happening) -> Happening | None:
        """The start of what an event settles; None of what a deployment kept here tells."""
        progress = Progress(event.facts["progress"])
        if event.facts.get("arrived") is not None:
            return self._taken_away()
        before, self.progress = self.progress, progress
        again = self.start is not None and before is progress
        if progress is Progress.SUCCEEDED:
            self.standing.append(self.start)
        elif progress is Progress.ROLLED_BACK and (again or before is Progress.SUCCEEDED):
            return self._taken_away()
        return self.start

    def _taken_away(self) -> Happening | None:
        """What stands there on top, taken away with the very same beneath it."""
        top = self.standing.pop() if self.standing else None
        while top and self.top and cargo(self.top) == cargo(top):
            self.standing.pop()
        return top


def deliveries(
    happenings: Iterable[Happening],
    places: Collection[str],
    watched: Mapping[Pin, Watched] | None = None,
) -> Iterator[Happening]:
    """What happened to the deliveries to these places, as if each were a deployment kept here.

    `happenings` may tell of whatever else happened to releases. A delivery has the id of the event
    that began it, and each event its own id and time. What a deployment that is kept here brings is
    left out: that tells of it. Of each the place is the service of its release. `watched` says of
    versions of playbooks by which requirements somebody attests that what went by hand works: those
    of the version by which the release goes as that is said. What they took back since was never
    said.
    """
    found: dict[tuple[str, str], _There] = {}
    every = tuple(happenings)
    said = Said(watched or {}, every)
    for each in every:
        if each.kind in PINNED:
            said.pinned(each)
        if each.kind in (ATTESTED, WITHDRAWN):
            yield from said.attested(each, [(key[1], there.top) for key, there in found.items()])
            continue
        place = each.facts["environment"] if each.kind in KINDS else None
        if place is None or place not in places:
            continue
        there = found.setdefault((each.subject, place), _There())
        if each.kind in (STARTED, COUNTED):
            there.begin(each)
            yield from _began(each, place) if _is_own(each) else ()
        elif (start := there.settle(each)) is not None:
            kind = ENDS[Progress(each.facts["progress"])]
            yield replace(each, kind=kind, subject=start.id, place=place)
            if there.top is start:
                again = cargo(start) in there.came
                yield from said.before(each, start, place) if again else ()
                there.came.add(cargo(start))


def _is_own(start: Happening) -> bool:
    return start.kind == STARTED and start.facts.get("deployment") is None


def _began(start: Happening, place: str) -> Iterator[Happening]:
    """That it was asked for and started, which was one act."""
    wish = {"belongs_to": start.subject}
    told = replace(start, subject=start.id, place=place)
    facts = {**start.facts, "wish": wish, "service": start.place}
    yield replace(told, kind="deployment.requested", facts=facts)
    yield replace(told, kind="deployment.started")
