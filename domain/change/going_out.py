"""Whether what a change was approved for may happen now, as whatever brings it out asks (X-01)."""

from __future__ import annotations

from datetime import datetime

from domain.authority import Authority
from domain.change import preapproval
from domain.change.question import Question
from domain.change.standing import standings
from domain.change.state import Change, Status
from domain.gate import Status as Is
from domain.kernel import Records
from domain.process.process import Path


def may_be_carried_out(state: Change, at: datetime, authority: Authority, records: Records) -> bool:
    """Whether it is under way, or scheduled and approved as things are now.

    A standard change is approved as long as it meets the conditions of its approval in advance.
    LookupError when its playbook is gone.
    """
    if state.status is not Status.SCHEDULED:
        return state.status is Status.IMPLEMENTING
    if state.path is not Path.STANDARD:
        return standings(state, authority, at).satisfied
    met = preapproval.findings(Question(state, at, authority, records))
    return all(each.status is Is.SATISFIED for each in met)


def may_go_out(state: Change, at: datetime, authority: Authority, records: Records) -> bool:
    """Whether it may be carried out, and this is the time that was approved."""
    return in_time(state, at) and may_be_carried_out(state, at, authority, records)


def in_time(state: Change, at: datetime) -> bool:
    """Whether the moment lies inside its window, if it has one; what has begun may end after it."""
    window = state.content.window
    return window is None or state.status is not Status.SCHEDULED or window.holds(at)
