"""What an accord is about, and who is on duty for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.authority import Authority
from domain.authorship import accounts
from domain.kernel import Records, distinct
from domain.merge_request.declining import hands
from domain.merge_request.state import MergeRequest
from domain.process.accord import PartyRow
from domain.release.state import Release
from domain.rotation.by_others import without
from domain.rotation.schedule import Schedule, on_duty
from domain.rotation.state import Rotation
from domain.rotation.state import Status as Running
from domain.turn_state import Turn
from domain.wording import ANY


@dataclass(frozen=True, slots=True)
class Matter:
    """What an accord is about, as far as it needs to know."""

    service: str | None
    project: str | None
    hands: tuple[str, ...]
    hidden: bool
    since: datetime


def matter_of(found: Release | MergeRequest, authority: Authority) -> Matter:
    """What there is to know of it."""
    service = found.plan.service if isinstance(found, Release) else None
    project = found.plan.project if isinstance(found, Release) else found.project
    named = (found.author, *found.contributors)
    own = hands(found, authority) if isinstance(found, MergeRequest) else named
    return Matter(service, project, own, found.embargoed, found.opened_at)


def on_duty_now(
    row: PartyRow,
    matter: Matter,
    authority: Authority,
    at: datetime,
    records: Records,
    *,
    asks: Iterable[str] = (),
) -> tuple[str, ...]:
    """Everybody who is on duty now, in every region, each once.

    And who would be without what those or who `asks` gave, cancelled and arranged since it was
    opened: nobody takes another off duty who is to agree beside them (S1-03).
    """
    found = records.find(Rotation, name=row.rotation, status=Running.ACTIVE)
    own = [each for each in found if matter.service in (None, each.service) or each.service == ANY]
    people: list[str] = []
    for rotation in own:
        schedule = Schedule(rotation, records.find(Turn, rotation=rotation.id))
        there = _there(schedule, at)
        hands = accounts((*there, *asks), authority, matter.since)
        people += (*there, *_there(without(schedule, hands, matter.since), at))
    return distinct(people)


def _there(schedule: Schedule, at: datetime) -> tuple[str, ...]:
    duties = (on_duty(schedule, at, region) for region in schedule.regions)
    return tuple(person for duty in duties if duty for person in duty.people)
