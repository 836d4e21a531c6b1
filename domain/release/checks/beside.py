"""What stands in the open beside a hidden release, where nobody could be told to make way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.deployment.state import Deployment, Status
from domain.gate import Finding
from domain.gate import Status as Is
from domain.release.evidence.repository import colliding
from domain.release.gate.question import Question
from domain.release.state import Progress
from domain.release.whereabouts.under_way import under_way

BESIDE: Final = "What has its tags or runs in its place in the open is known"
_NAME: Final = "beside"


def beside(ask: Question) -> tuple[Finding, ...]:
    """One finding for each tag that stands elsewhere too, and each place where others run with it.

    It blocks nothing: whoever works in the open is not kept from it by what is hidden, which would
    tell of it. What counted when it was published is kept, and so tells everybody what collided.
    """
    found = (*_tags(ask), *_places(ask))
    return found or (Finding(_NAME, Is.NOT_APPLICABLE, BESIDE),)


def _tags(ask: Question) -> Iterator[Finding]:
    for tag in ask.state.tags:
        others = [each for each in colliding(ask, tag) if not each.embargoed]
        if others:
            message = f"The tag {tag.name} stands at another commit in the open as well."
            yield Finding(
                _NAME, Is.SATISFIED, BESIDE, tuple(each.id for each in others), message=message
            )


def _places(ask: Question) -> Iterator[Finding]:
    for each in ask.state.deliveries:
        if each.progress is not Progress.RUNNING:
            continue
        place = each.environment
        running = ask.records.find(Deployment, environment=place, status=Status.RUNNING)
        releases = under_way(ask.records, place, but=ask.state.id)
        others = (*(one.id for one in running), *releases)
        if others:
            message = f"Something in the open is being deployed to {place} as well."
            yield Finding(_NAME, Is.SATISFIED, BESIDE, others, message=message)
