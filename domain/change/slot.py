"""The earliest legal time of a change: no gate would refuse it for reasons of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from domain.change.state import Change, Status
from domain.clash.clash import Cause, Dated, Plan, Severities, Severity, Slot, earliest
from domain.process.process import Path, Process

_LEAD: Final = "lead time"
_TO_SUBMIT: Final = timedelta(minutes=5)
"""How long somebody has to submit a change for the first time its lead time leaves."""


def earliest_legal(
    change: Change,
    plan: Plan,
    book: Process,
    *,
    now: datetime,
    after: datetime,
    others: Iterable[Plan],
    dated: Iterable[Dated],
    kept: Iterable[Dated] | None = None,
    least: Severity = Severity.WARN,
) -> Slot:
    """The earliest time from `after` on, as long as its window, that may be planned and kept to.

    Nothing of `least` or graver stands in its way there, nor any lock, and it is as far ahead as
    its kind wants it submitted (S0-21). What was submitted already keeps the window it has without
    that, for any other one is submitted anew. `dated` has to cover the 90 days after `after`;
    `kept` is what of it binds the window it has, where that is not all.
    """
    around, times, graves = tuple(others), tuple(dated), _severities(change, book)
    first = max(after, now)
    wanted = replace(plan, since=first, until=first + (plan.until - plan.since))
    told = (*times, *_lead(change, book, now))
    slot = earliest(wanted, around, told, severities=graves, least=least)
    if change.status is Status.DRAFT or not first <= plan.since < (slot.since or plan.until):
        return slot
    now_bound = times if kept is None else tuple(kept)
    own = earliest(plan, around, now_bound, severities=graves, least=least)
    if own.rejected:
        return slot
    before = tuple(each for each in slot.rejected if each.since < plan.since)
    return Slot(plan.since, plan.until, before)


def _severities(change: Change, book: Process) -> Severities:
    """How grave each cause is; nothing but locks and lead time keeps an emergency from going on."""
    graves = book.severities()
    if change.path is not Path.EMERGENCY:
        return graves
    return dict.fromkeys(graves, Severity.WARN)


def _lead(change: Change, book: Process, now: datetime) -> tuple[Dated, ...]:
    """The hours from now in which no window may begin that is yet to be submitted.

    They end on a full quarter of an hour, some minutes late, so that there is time to submit it.
    """
    kind = book.kind(change.kind)
    if kind is None or not kind.lead_hours:
        return ()
    over = _on_the_quarter(now + timedelta(hours=kind.lead_hours) + _TO_SUBMIT)
    return (Dated(_LEAD, now, over, cause=Cause.LEAD_TIME),)


def _on_the_quarter(at: datetime) -> datetime:
    """The first full quarter of an hour at or after a moment."""
    whole = at.replace(minute=0, second=0, microsecond=0)
    return whole + timedelta(minutes=15) * -((whole - at) // timedelta(minutes=15))
