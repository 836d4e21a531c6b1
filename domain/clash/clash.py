"""What stands in a plan's way: every clash with other plans, people and the calendar, at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from domain.calendar.entry_state import EntryKind, Severity
from domain.clash.terms import (
    DEFAULT,
    Cause,
    Clash,
    Dated,
    Plan,
    Rejected,
    Severities,
    Slot,
)

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
    "with_ends",
]

MOST_TRIES: Final = 200
"""How many times of day are looked at before giving up on a legal one."""
ALWAYS: Final = frozenset((Cause.LOCK, Cause.LEAD_TIME, Cause.HOLIDAY))
"""What a gate refuses a time for whatever the playbook calls it."""
HORIZON: Final = timedelta(days=90)
"""How far ahead a legal time is looked for."""


Span = tuple[datetime, datetime, str]
Found = tuple[Clash, datetime]
"""A clash, and the first later start at which it would be over."""


def clashes(
    plan: Plan, others: Iterable[Plan], dated: Iterable[Dated], severities: Severities = DEFAULT
) -> tuple[Clash, ...]:
    """Every clash of a plan, none left out for another; in order of time, then of cause."""
    return tuple(clash for clash, _ in with_ends(plan, others, dated, severities))


def with_ends(
    plan: Plan, others: Iterable[Plan], dated: Iterable[Dated], severities: Severities
) -> list[Found]:
    """The same, each with the first later start at which it would be over, by what is given."""
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
    other = clash.change or clash.entry or clash.lock or clash.release or ""
    return clash.since, clash.cause, other, clash.person or ""


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
    if dated.cause is not None:
        lock = dated.id if dated.cause is Cause.LOCK else None
        release = dated.id if dated.cause is Cause.RELEASE else None
        grave = severities[dated.cause]
        return Clash(dated.cause, grave, since, until, lock=lock, release=release)
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


def _binds(clash: Clash, least: Severity) -> bool:
    return least is Severity.WARN or clash.severity is least or clash.cause in ALWAYS


def earliest(
    plan: Plan,
    others: Iterable[Plan],
    dated: Iterable[Dated],
    *,
    severities: Severities = DEFAULT,
    least: Severity = Severity.WARN,
) -> Slot:
    """The earliest time at or after the plan's, as long, without a clash of `least` or graver.

    A lock, the lead time and a holiday keep it away however mild they are called: a gate knows no
    mild ones. What is given must cover the 90 days that are looked at; the first time is the
    plan's own.
    """
    around, times = tuple(others), tuple(dated)
    length, horizon = plan.until - plan.since, plan.since + HORIZON
    tried: list[Rejected] = []
    wanted = plan
    while len(tried) < MOST_TRIES and wanted.since <= horizon:
        found = with_ends(wanted, around, times, severities)
        grave = [each for each in found if _binds(each[0], least)]
        if not grave:
            return Slot(wanted.since, wanted.until, tuple(tried))
        binding, over = max(grave, key=lambda each: (each[1], _order(each)))
        tried.append(Rejected(wanted.since, wanted.until, binding))
        wanted = replace(plan, since=over, until=over + length)
    return Slot(None, None, tuple(tried))
