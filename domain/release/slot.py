"""The earliest legal time of a release: nothing planned stands in its way, nor any lock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from domain.calendar.holiday import holidays_on
from domain.calendar.window import moment_of
from domain.clash.clash import HORIZON, Cause, Dated, Plan, Severities, Severity, Slot, earliest
from domain.process.release import Matter, ReleaseKind, RequirementRow

_DAY: Final = timedelta(days=1)


def earliest_legal(  # noqa: PLR0917  (what is planned around it, and how grave that is)
    wanted: Plan,
    kind: ReleaseKind | None,
    others: Iterable[Plan],
    dated: Iterable[Dated],
    severities: Severities,
    least: Severity = Severity.WARN,
) -> Slot:
    """The earliest time at or after the wanted one that it may be scheduled for and kept to.

    Nothing of `least` or graver stands in its way then, nor any lock, and it is no holiday on which
    its kind goes nowhere (S3-23). `dated` has to cover the 90 days after the wanted time.
    """
    told = (*dated, *_holidays(kind, wanted.since))
    return earliest(wanted, others, told, severities=severities, least=least)


def _holidays(kind: ReleaseKind | None, since: datetime) -> Iterator[Dated]:
    """The holidays on which a gate of its kind lets nothing go out (S4-24), one after the other."""
    for row in kind.requirements if kind else ():
        if row.about is Matter.HOLIDAY:
            yield from _days(row, since)


def _days(row: RequirementRow, since: datetime) -> Iterator[Dated]:
    zone = ZoneInfo(row.zone or "UTC")
    day, last = since.astimezone(zone).date(), (since + HORIZON).astimezone(zone).date()
    while day <= last:
        if holidays_on(day, row.holidays):
            begins, ends = (
                moment_of(datetime.combine(each, datetime.min.time()), zone)
                for each in (day, day + _DAY)
            )
            yield Dated(f"{row.name} {day.isoformat()}", begins, ends, cause=Cause.HOLIDAY)
        day += _DAY
