"""What stands in a plan's way: every clash with other plans, people and the calendar, at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final

from domain.calendar_state import EntryKind, Severity

__all__ = [
    "DEFAULT",
    "Cause",
    "Clash",
    "Dated",
    "Plan",
    "Rejected",
    "Severities",
    "Severity",
    "Slot",
    "clashes",
    "earliest",
]

MOST_TRIES: Final = 200
"""How many times of day are looked at before giving up on a legal one."""
HORIZON: Final = timedelta(days=90)
"""How far ahead a legal time is looked for."""


class Cause(StrEnum):
    """Why two plans clash.

    ITEM: another change touches the same configuration item. SERVICE: another change touches the
    same service in the same environment. PREDECESSOR: one of the two has to be finished before the
    other. PERSON: somebody has a part in both. AWAY: somebody with a part in it is absent.
    BUSINESS: an event to keep clear of. OUTSIDE_MAINTENANCE: the service has maintenance windows,
    and it is not in one. UNKNOWN: the calendar could not be worked out.
    """

    ITEM = "item"
    SERVICE = "service"
    PREDECESSOR = "predecessor"
    PERSON = "person"
    AWAY = "away"
    BUSINESS = "business"
    OUTSIDE_MAINTENANCE = "outside_maintenance"
    UNKNOWN = "unknown"


DEFAULT: Final[Mapping[Cause, Severity]] = {
    cause: Severity.BLOCK if cause in (Cause.PREDECESSOR, Cause.UNKNOWN) else Severity.WARN
    for cause in Cause
}
"""How grave each cause is unless a playbook says otherwise; business events say it themselves."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A planned change, as far as it may clash: when, where, what it touches, who has a part."""

    id: str
    since: datetime
    until: datetime
    service: str
    environments: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    predecessors: frozenset[str] = frozenset()

    def meets(self, environments: Iterable[str]) -> bool:
        """Whether they share an environment; one that names none may be in any."""
        others = frozenset(environments)
        return not self.environments or not others or bool(self.environments & others)


@dataclass(frozen=True, slots=True)
class Dated:
    """One time of a calendar entry, or of an absence of `person`, half-open, in UTC."""

    id: str
    since: datetime
    until: datetime
    kind: EntryKind | None = None
    severity: Severity = Severity.WARN
    service: str | None = None
    environments: tuple[str, ...] = ()
    person: str | None = None

    def concerns(self, plan: Plan) -> bool:
        """Whether it is about the plan's service and environments, or about one of its people."""
        if self.person is not None:
            return self.person in plan.people
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
Span = tuple[datetime, datetime, str]
Found = tuple[Clash, datetime]
"""A clash, and the first later start at which it would be over."""


def clashes(
    plan: Plan, others: Iterable[Plan], dated: Iterable[Dated], severities: Severities = DEFAULT
) -> tuple[Clash, ...]:
    """Every clash of a plan, none left out for another; in order of time, then of cause."""
    return tuple(clash for clash, _ in _found(plan, others, dated, severities))


def _found(
    plan: Plan, others: Iterable[Plan], dated: Iterable[Dated], severities: Severities
) -> list[Found]:
    times = [each for each in dated if each.concerns(plan)]
    found: list[Found] = []
    for other in others:
        found += [(clash, other.until) for clash in _between(plan, other, severities)]
    for each in times:
        if _stands_in_way(plan, each):
            found.append((_with(plan, each, severities), each.until))
    found += _outside(plan, _maintenance(times), severities)
    return sorted(found, key=_order)


def _order(found: Found) -> tuple[datetime, str, str, str]:
    clash = found[0]
    return clash.since, clash.cause, clash.change or clash.entry or "", clash.person or ""


def _between(plan: Plan, other: Plan, severities: Severities) -> Iterable[Clash]:
    since, until = max(plan.since, other.since), min(plan.until, other.until)
    if since >= until or plan.id == other.id:
        return
    items = plan.items & other.items
    shared = plan.environments & other.environments
    same = plan.service == other.service and plan.meets(other.environments)
    tied = plan.id in other.predecessors or other.id in plan.predecessors
    for cause, holds, names in (
        (Cause.ITEM, bool(items), items),
        (Cause.SERVICE, same, shared),
        (Cause.PREDECESSOR, tied, frozenset[str]()),
    ):
        if holds:
            severity = severities[cause]
            yield Clash(cause, severity, since, until, other.id, names=tuple(sorted(names)))
    for person in sorted(plan.people & other.people):
        severity = severities[Cause.PERSON]
        yield Clash(Cause.PERSON, severity, since, until, other.id, person=person)


def _stands_in_way(plan: Plan, dated: Dated) -> bool:
    clear = dated.kind is not EntryKind.MAINTENANCE
    return clear and dated.since < plan.until and plan.since < dated.until


def _with(plan: Plan, dated: Dated, severities: Severities) -> Clash:
    since, until = max(plan.since, dated.since), min(plan.until, dated.until)
    if dated.person is not None:
        return Clash(Cause.AWAY, severities[Cause.AWAY], since, until, person=dated.person)
    names = tuple(sorted(plan.environments.intersection(dated.environments)))
    return Clash(Cause.BUSINESS, dated.severity, since, until, entry=dated.id, names=names)


# Maintenance windows.


def _maintenance(times: Iterable[Dated]) -> list[Span]:
    """The maintenance windows in order, those that touch taken together."""
    found: list[Span] = []
    chosen = [each for each in times if each.kind is EntryKind.MAINTENANCE]
    for each in sorted(chosen, key=lambda one: one.since):
        if found and each.since <= found[-1][1]:
            since, until, id = found[-1]
            found[-1] = since, max(until, each.until), id
        else:
            found.append((each.since, each.until, each.id))
    return found


def _outside(plan: Plan, windows: list[Span], severities: Severities) -> list[Found]:
    """What of the plan lies outside of every maintenance window of its service (S3-15)."""
    if not windows:
        return []
    ahead = [each for each in windows if each[1] > plan.since]
    nearest, severity = (ahead or windows[-1:])[0][2], severities[Cause.OUTSIDE_MAINTENANCE]
    over = _fitting(plan, ahead)
    return [
        (Clash(Cause.OUTSIDE_MAINTENANCE, severity, since, until, entry=nearest), over)
        for since, until in _uncovered(plan, ahead)
    ]


def _uncovered(plan: Plan, windows: list[Span]) -> Iterable[tuple[datetime, datetime]]:
    at = plan.since
    for since, until, _ in windows:
        if at < plan.until and at < since:
            yield at, min(since, plan.until)
        at = max(at, until)
    if at < plan.until:
        yield at, plan.until


def _fitting(plan: Plan, windows: list[Span]) -> datetime:
    """The first start from which the plan lies within one window; far away when there is none."""
    length = plan.until - plan.since
    starts = (
        max(since, plan.since)
        for since, until, _ in windows
        if max(since, plan.since) + length <= until
    )
    return min(starts, default=plan.since + 2 * HORIZON)


def earliest(
    plan: Plan,
    others: Iterable[Plan],
    dated: Iterable[Dated],
    *,
    severities: Severities = DEFAULT,
    least: Severity = Severity.WARN,
) -> Slot:
    """The earliest time at or after the plan's, as long, without a clash of `least` or graver.

    What is given must cover the 90 days that are looked at; the first time is the plan's own.
    """
    around, times = tuple(others), tuple(dated)
    length, horizon = plan.until - plan.since, plan.since + HORIZON
    tried: list[Rejected] = []
    wanted = plan
    while len(tried) < MOST_TRIES and wanted.since <= horizon:
        found = _found(wanted, around, times, severities)
        grave = [each for each in found if least is Severity.WARN or each[0].severity is least]
        if not grave:
            return Slot(wanted.since, wanted.until, tuple(tried))
        binding, over = max(grave, key=lambda each: (each[1], _order(each)))
        tried.append(Rejected(wanted.since, wanted.until, binding))
        wanted = replace(plan, since=over, until=over + length)
    return Slot(None, None, tuple(tried))
