"""Deliveries that a release itself records, told as the deployments that they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Final

from domain.delivery.happening import Happening
from domain.release.parts import Progress

STARTED: Final = "release.deployment_started"
SETTLED: Final = "release.deployment_settled"
KINDS: Final = (STARTED, SETTLED)
"""The events of releases that tell of deliveries."""
ENDS: Final = {
    Progress.SUCCEEDED: "deployment.succeeded",
    Progress.FAILED: "deployment.failed",
    Progress.ROLLED_BACK: "deployment.rolled_back",
}
"""What happened to a deployment, by what its release says."""


def deliveries(happenings: Iterable[Happening], places: Collection[str]) -> Iterator[Happening]:
    """What happened to the deliveries to these places, as if each were a deployment kept here.

    `happenings` may tell of whatever else happened to releases. A delivery has the id of the event
    that began it, and each event its own id and time. What a deployment that is kept here brings is
    left out: that tells of it. Of each the place is the service of its release.
    """
    going: dict[tuple[str, str], Happening] = {}
    for each in happenings:
        place = each.facts["environment"] if each.kind in KINDS else None
        if place is None or place not in places:
            continue
        if each.kind == STARTED:
            going[each.subject, place] = each
            if _is_own(each):
                yield from _began(each, place)
        start = going.get((each.subject, place))
        if each.kind == SETTLED and start is not None and _is_own(start):
            kind = ENDS[Progress(each.facts["progress"])]
            yield replace(each, kind=kind, subject=start.id, place=place)


def _is_own(start: Happening) -> bool:
    return start.facts.get("deployment") is None


def _began(start: Happening, place: str) -> Iterator[Happening]:
    """That it was asked for and started, which was one act."""
    wish = {"belongs_to": start.subject}
    told = replace(start, subject=start.id, place=place)
    facts = {**start.facts, "wish": wish, "service": start.place}
    yield replace(told, kind="deployment.requested", facts=facts)
    yield replace(told, kind="deployment.started")
