"""An entry of the calendar as it stands, what becomes true of it, and how it folds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from domain.calendar.cadence import Agreed
from domain.calendar.recurrence import Recurrence, wall
from domain.calendar.recurring import RecurringWindow
from domain.calendar.window import LocalTime, Window
from domain.kernel import Recorded, Text, moved


class EntryKind(StrEnum):
    """What an entry stands for (S3-15, S3-23, S4-09).

    MAINTENANCE: a time chosen for changing a service; outside of such times its changes clash.
    BUSINESS: an event that changes keep clear of. MOVED_DATE: an agreement about one date of a
    cadence.
    """

    MAINTENANCE = "maintenance"
    BUSINESS = "business"
    MOVED_DATE = "moved_date"


class Severity(StrEnum):
    """How grave a clash is: it is worth a look, or it should keep a change from going ahead."""

    WARN = "warn"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class EntryPlan:
    """What an entry says about a span of time; it is edited as a whole."""

    title: Annotated[Text, "One line that names it."]
    kind: Annotated[EntryKind, "A maintenance window or a business event."]
    window: Annotated[Window, "When it is; of what comes again, when it is first."]
    rrule: Annotated[
        str | None, "How it comes again, as iCalendar spells it: FREQ=WEEKLY;BYDAY=SA."
    ] = None
    service: Annotated[str | None, "The service it is about; every service if left out."] = None
    environments: Annotated[tuple[str, ...], "The environments it is about; all if empty."] = ()
    severity: Annotated[Severity, "How grave a clash with it is."] = Severity.WARN
    note: Annotated[Text, "What else there is to say."] = ""

    def repeats(self) -> RecurringWindow | None:
        """How it comes again, on the clocks of its window's zone."""
        if self.rrule is None:
            return None
        length = wall(self.window.local_until) - wall(self.window.local_since)
        start = Recurrence(self.rrule, self.window.local_since, self.window.zone)
        return RecurringWindow(start, int(length / timedelta(minutes=1)))


@dataclass(frozen=True, slots=True)
class MovedDate:
    """One date of a cadence and what was agreed instead.

    `planned` is the wall time the rule gives, in the cadence's zone. `instead` is null when the
    date is dropped. The versions are those of the data by which both were worked out.
    """

    playbook: Annotated[str, "The name of the playbook the cadence is in."]
    cadence: Annotated[str, "The cadence, in the playbook's words."]
    planned: Annotated[str, "The wall time the rule gives."]
    planned_at: Annotated[datetime, "The moment the rule gives."]
    zone: str
    instead: Annotated[LocalTime | None, "When it is instead; null when the date is dropped."]
    zone_data: Annotated[str, "The version of the zone data."]
    holiday_data: Annotated[str, "The version of the holiday data."]

    @property
    def earlier(self) -> bool:
        """Whether it comes before its rule has it."""
        return self.instead is not None and self.instead.at < self.planned_at


@dataclass(frozen=True, slots=True)
class Notice:
    """That those concerned were told: who, by whom, and when."""

    audience: Annotated[Text, "Who was told, and how."]
    by: Annotated[str, "Who recorded it."]
    at: datetime


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """An entry of the calendar: a maintenance window, a business event, or a moved date.

    `plan` stands for the two first, `date` for the last. `reason` says why a date was moved, and
    `notices` who was told (S4-24).
    """

    id: str
    version: int
    kind: Annotated[EntryKind, "What it stands for."]
    plan: Annotated[EntryPlan | None, "What it says; null for a moved date."]
    date: Annotated[MovedDate | None, "The date that was moved; null for other entries."]
    reason: Annotated[Text | None, "Why the date was moved."]
    planned_by: Annotated[str, "Who entered it."]
    planned_at: Annotated[datetime, "When it was entered."]
    notices: Annotated[tuple[Notice, ...], "Who was told of it."] = ()
    cancelled_by: Annotated[str | None, "Who cancelled it."] = None
    cancelled_at: Annotated[datetime | None, "When it was cancelled; null while it stands."] = None
    cancelled_because: Annotated[Text | None, "Why it was cancelled."] = None

    @property
    def active(self) -> bool:
        """Whether it stands."""
        return self.cancelled_at is None

    @property
    def playbook(self) -> str | None:
        """The playbook whose date was moved; None for other entries."""
        return self.date.playbook if self.date else None

    @property
    def planned_local(self) -> str | None:
        """The wall time of the date that was moved, as its rule gives it; None for others."""
        return self.date.planned if self.date else None

    @property
    def agreed(self) -> Agreed | None:
        """The agreement as a cadence takes it, in the cadence's zone; None for other entries."""
        if self.date is None or self.cancelled_at is not None:
            return None
        instead = None if self.date.instead is None else self.date.instead.local
        return Agreed(self.date.planned, instead, self.reason or "", self.id)


# Events.


@dataclass(frozen=True, slots=True)
class Planned:
    """A maintenance window or a business event was entered."""

    plan: EntryPlan


@dataclass(frozen=True, slots=True)
class Replanned:
    """It was changed."""

    plan: EntryPlan


@dataclass(frozen=True, slots=True)
class DateMoved:
    """It was agreed that a date of a cadence is another, or none."""

    date: MovedDate
    reason: Text


@dataclass(frozen=True, slots=True)
class NoticeSent:
    """Those concerned were told."""

    audience: Text


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The entry counts no longer; a moved date is again where its rule puts it."""

    reason: Text


EVENTS = (Planned, Replanned, DateMoved, NoticeSent, Cancelled)


def evolve(state: CalendarEntry | None, recorded: Recorded) -> CalendarEntry:
    """Fold one event."""
    event = recorded.event
    if isinstance(event, Planned | DateMoved):
        return _begun(event, recorded)
    if state is None:
        raise TypeError(f"a calendar entry does not begin with {type(event).__name__}")
    match event:
        case Replanned(plan=plan):
            return moved(state, recorded, plan=plan, kind=plan.kind)
        case NoticeSent(audience=audience):
            notice = Notice(audience, recorded.by, recorded.at)
            return moved(state, recorded, notices=(*state.notices, notice))
        case Cancelled(reason=reason):
            changed = replace(state, cancelled_by=recorded.by, cancelled_at=recorded.at)
            return moved(changed, recorded, cancelled_because=reason)
        case _:
            raise TypeError(f"{type(event).__name__} is no event of a calendar entry")


def _begun(event: Planned | DateMoved, recorded: Recorded) -> CalendarEntry:
    plan = event.plan if isinstance(event, Planned) else None
    return CalendarEntry(
        id=recorded.subject,
        version=recorded.version,
        kind=plan.kind if plan else EntryKind.MOVED_DATE,
        plan=plan,
        date=event.date if isinstance(event, DateMoved) else None,
        reason=event.reason if isinstance(event, DateMoved) else None,
        planned_by=recorded.by,
        planned_at=recorded.at,
    )
