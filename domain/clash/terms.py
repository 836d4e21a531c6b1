"""The words of clashes: plans, what stands in the calendar, why they clash, and how gravely."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from domain.calendar.entry_state import EntryKind, Severity


class Cause(StrEnum):
    """Why two plans clash.

    ITEM: another change touches the same configuration item. SERVICE: another change touches the
    same service in the same environment. PREDECESSOR: one of the two has to be finished before the
    other. PERSON: somebody has a part in both. AWAY: somebody with a part in it is absent.
    BUSINESS: an event to keep clear of. OUTSIDE_MAINTENANCE: the service has maintenance windows,
    and it is not in one. LOCK: a lock is in force. RELEASE: the service is released. UNKNOWN: the
    calendar could not be worked out. LEAD_TIME: its kind wants it submitted longer before.
    HOLIDAY: it is a holiday on which its kind goes nowhere.
    """

    ITEM = "item"
    SERVICE = "service"
    PREDECESSOR = "predecessor"
    PERSON = "person"
    AWAY = "away"
    BUSINESS = "business"
    OUTSIDE_MAINTENANCE = "outside_maintenance"
    LOCK = "lock"
    RELEASE = "release"
    UNKNOWN = "unknown"
    LEAD_TIME = "lead_time"
    HOLIDAY = "holiday"


_GRAVE: Final = frozenset((Cause.PREDECESSOR, Cause.UNKNOWN, Cause.LEAD_TIME, Cause.HOLIDAY))
DEFAULT: Final[Mapping[Cause, Severity]] = {
    cause: Severity.BLOCK if cause in _GRAVE else Severity.WARN for cause in Cause
}
"""How grave each cause is unless a playbook says otherwise; business events say it themselves."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A planned change, as far as it may clash: when, where, what it touches, who has a part.

    `activity` is what locks that spare activities know it by.
    """

    id: str
    since: datetime
    until: datetime
    service: str
    environments: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    predecessors: frozenset[str] = frozenset()
    activity: str | None = None

    def meets(self, environments: Iterable[str]) -> bool:
        """Whether they share an environment; one that names none may be in any."""
        others = frozenset(environments)
        return not self.environments or not others or bool(self.environments & others)


@dataclass(frozen=True, slots=True)
class Dated:
    """One time of a calendar entry, an absence of `person`, a lock or a release, half-open, in UTC.

    `cause` says what it is, where it is neither entry nor absence. A release `carries` changes, a
    lock `spares` activities; `exempts` says that it names people who may exempt from it.
    """

    id: str
    since: datetime
    until: datetime
    kind: EntryKind | None = None
    severity: Severity = Severity.WARN
    service: str | None = None
    environments: tuple[str, ...] = ()
    person: str | None = None
    cause: Cause | None = None
    carries: frozenset[str] = frozenset()
    spares: tuple[str, ...] = ()
    exempts: bool = False

    def concerns(self, plan: Plan) -> bool:
        """Whether it is about the plan's service and environments, or about one of its people."""
        if self.person is not None:
            return self.person in plan.people
        if plan.id in (self.id, *self.carries) or plan.activity in self.spares:
            return False
        here = self.service is None or self.service == plan.service
        return here and plan.meets(self.environments)


@dataclass(frozen=True, slots=True)
class Clash:
    """One reason why a plan stands in the way of another, or of the calendar.

    `since` and `until` bound what they have in common, half-open, in UTC; `names` are the
    configuration items or environments they share.
    """

    cause: Annotated[Cause, "Why they clash."]
    severity: Annotated[Severity, "How grave it is."]
    since: Annotated[datetime, "When it begins."]
    until: Annotated[datetime, "When it ends, itself not included."]
    change: Annotated[str | None, "The other change, if it is one."] = None
    entry: Annotated[str | None, "The entry of the calendar, if it is one."] = None
    person: Annotated[str | None, "Who has a part in both, or is away."] = None
    lock: Annotated[str | None, "The lock, if it is one."] = None
    release: Annotated[str | None, "The release, if it is one."] = None
    names: Annotated[tuple[str, ...], "What they have in common."] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A time that was looked at and is not free, with the clash that lasts longest."""

    since: Annotated[datetime, "When it would begin."]
    until: Annotated[datetime, "When it would end."]
    binding: Annotated[Clash, "The clash that no earlier time gets around."]


@dataclass(frozen=True, slots=True)
class Slot:
    """The earliest free time, none within 90 days, and why each earlier one is not.

    `since` and `until` are null when there is none. `known` is false when the calendar could not
    be worked out: then no time counts as free.
    """

    since: Annotated[datetime | None, "When it would begin."]
    until: Annotated[datetime | None, "When it would end."]
    rejected: Annotated[tuple[Rejected, ...], "Each earlier time that was looked at."] = ()
    known: Annotated[bool, "Whether the calendar could be worked out."] = True


Severities = Mapping[Cause, Severity]
