"""What an accord is about, and who may ask for one about something hidden."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.accord.standing import scopes_of
from domain.authority import Authority
from domain.kernel import Records
from domain.merge_request.state import MergeRequest
from domain.process_accord import AccordKind, PartyRow
from domain.release.state import Release
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


def matter_of(found: Release | MergeRequest) -> Matter:
    """What there is to know of it."""
    service = found.plan.service if isinstance(found, Release) else None
    project = found.plan.project if isinstance(found, Release) else found.project
    hands = (found.author, *found.contributors)
    return Matter(service, project, hands, found.embargoed)


def may_ask(  # noqa: PLR0917  (a party is one by what is known at a moment)
    kind: AccordKind, matter: Matter, who: str, authority: Authority, at: datetime, records: Records
) -> bool:
    """Whether somebody who is cleared for it may ask for an accord about it (S1-03).

    About what is hidden ask those who had a hand in it, and its parties: by a role, on duty, or
    by asking.
    """
    if not matter.hidden or who in matter.hands or any(each.requester for each in kind.parties):
        return True
    held = authority.roles_for(who, scopes_of(matter.service, matter.project), at)
    roles = {role for role, _ in held}
    return any(
        each.role in roles or (each.rotation and who in on_duty_now(each, matter, at, records))
        for each in kind.parties
    )


def on_duty_now(row: PartyRow, matter: Matter, at: datetime, records: Records) -> Iterator[str]:
    """Everybody who is on duty now, in every region, each once."""
    found = records.find(Rotation, name=row.rotation, status=Running.ACTIVE)
    own = [each for each in found if matter.service in (None, each.service) or each.service == ANY]
    people: dict[str, None] = {}
    for rotation in own:
        schedule = Schedule(rotation, records.find(Turn, rotation=rotation.id))
        duties = (on_duty(schedule, at, region) for region in schedule.regions)
        people |= dict.fromkeys(person for duty in duties if duty for person in duty.people)
    yield from people
