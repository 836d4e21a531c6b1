"""A turn given by date: planned beside the regular ones, or put in place of whoever has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from domain.kernel import Text


class Kind(StrEnum):
    """Where a turn stands: PLANNED over the layers, OVERRIDE over everything."""

    PLANNED = "planned"
    OVERRIDE = "override"


class Status(StrEnum):
    """Whether a turn counts."""

    STANDING = "standing"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Turn:
    """People who are on duty from one moment to another, whatever the layers say (FIELD 4.13).

    One that was recorded after it began says so by `recorded_at`; what was known before remains
    to be asked for as of then.
    """

    id: str
    version: int
    status: Status
    kind: Kind
    rotation: Annotated[str, "The rotation it belongs to."]
    service: Annotated[str, "The service the duty is for, or `any`."]
    region: Annotated[str | None, "The region it covers; every region if null."]
    people: Annotated[tuple[str, ...], "Who is on duty."]
    trainees: Annotated[tuple[str, ...], "Who comes along to learn, and counts for nothing."]
    since: Annotated[datetime, "When the turn begins."]
    until: Annotated[datetime, "When it ends, itself not included."]
    occasion: Annotated[str | None, "What the turn is for, such as a version."]
    reason: Text | None
    recorded_by: Annotated[str, "Who recorded the turn."]
    recorded_at: Annotated[datetime, "When it was recorded."]
    cancelled_by: Annotated[str | None, "Who cancelled it."] = None
    cancelled_at: Annotated[datetime | None, "When it was cancelled."] = None
    cancelled_because: Text | None = None

    def holds(self, at: datetime) -> bool:
        """Whether the turn counts and lasts at this moment."""
        return self.status is Status.STANDING and self.since <= at < self.until
