"""A review of the numbers as it stands: its agenda, who came, what was noted and decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from domain.kernel import Text


class Status(StrEnum):
    """Whether the review goes on."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """One thing to go through; where it `decides`, the review does not close without a decision."""

    name: Annotated[str, "The stable name of the item."]
    title: Annotated[str, "What is gone through."]
    decides: Annotated[bool, "Whether a decision has to be recorded."] = False
    metrics: Annotated[tuple[str, ...], "The numbers to look at, by their definitions."] = ()
    resource: Annotated[str | None, "Where it is looked at, such as a dashboard's address."] = None


@dataclass(frozen=True, slots=True)
class Attendance:
    """Somebody took part."""

    person: Annotated[str, "Who took part."]
    region: Annotated[str | None, "For which region; null where there are none."]
    at: datetime


@dataclass(frozen=True, slots=True)
class Remark:
    """What was said on an item."""

    item: Annotated[str, "The item it is about."]
    text: Annotated[Text, "What was said."]
    by: Annotated[str, "Who noted it."]
    at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on an item; a later decision takes the place of an earlier one."""

    item: Annotated[str, "The item it is about."]
    action_required: Annotated[bool, "Whether something has to be done."]
    reason: Annotated[Text, "Why."]
    by: Annotated[str, "Who recorded the decision."]
    at: datetime
    owner: Annotated[str | None, "Who sees to it, if something has to be done."] = None
    due: Annotated[datetime | None, "By when, if something has to be done."] = None


@dataclass(frozen=True, slots=True)
class MetricsReview:
    """A regular look at the numbers of a period by those on duty, in all regions (S0-24)."""

    id: str
    version: int
    status: Status
    rotation: Annotated[str, "The rotation whose people hold it."]
    service: Annotated[str, "The service of the rotation, or `any`."]
    since: Annotated[datetime, "When the period begins that is looked at."]
    until: Annotated[datetime, "When it ends, itself not included."]
    regions: Annotated[tuple[str, ...], "The regions that are to take part."]
    agenda: Annotated[tuple[AgendaItem, ...], "What is gone through, in this order."]
    opened_by: Annotated[str, "Who opened the review."]
    opened_at: Annotated[datetime, "When it was opened."]
    attendances: Annotated[tuple[Attendance, ...], "Who took part."] = ()
    remarks: Annotated[tuple[Remark, ...], "What was said, in this order."] = ()
    decisions: Annotated[tuple[Decision, ...], "What was decided, one decision an item."] = ()
    closed_by: Annotated[str | None, "Who closed the review."] = None
    closed_at: Annotated[datetime | None, "When it was closed."] = None

    def item(self, name: str) -> AgendaItem | None:
        """The item of this name."""
        return next((each for each in self.agenda if each.name == name), None)
