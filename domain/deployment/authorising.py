"""Whether every change that goes out with a deployment is approved for just that now (X-01)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from domain.change.approving import approving
from domain.change.going_out import in_time, may_be_carried_out
from domain.change.question import Question as Asked
from domain.change.state import EDITABLE, Change
from domain.gate import Act, Answer, Finding, Reference, or_else
from domain.gate import Status as Is
from domain.release.commands.own_service import CODE as OTHER_SERVICE
from domain.titles import change_title, sentence

if TYPE_CHECKING:
    from domain.deployment.question import Question

TITLE: Final = "Every change is authorised"
_NAME: Final = "changes"
_CODE: Final = "change_not_authorised"
_OTHER_TIME: Final = "change_outside_window"
_WITHOUT: Final = (Act("deployment.request", description="Request it without that change."),)


def authorised(ask: Question) -> Answer:
    """Each is of its service, for its environment and for now, and under way or approved."""
    wanted = ask.state.wish.changes
    if not wanted:
        return Finding(_NAME, Is.NOT_APPLICABLE, "Every change that goes out is authorised")
    return tuple(found for id in wanted for found in _judged(ask, id))


def _judged(ask: Question, id: str) -> tuple[Finding, ...]:
    """Everything that is wrong with one change, or that it is authorised."""
    change, lacking = ask.records.get(Change, id), (Reference("change", id),)
    named = sentence(change_title(change)) if change else "A change that is not there"
    passed = Finding(_NAME, Is.SATISFIED, f"{named} is authorised")
    failed = replace(passed, status=Is.UNSATISFIED, lacking=lacking)
    return tuple(_wrong(ask, id, failed)) or (passed,)


def _wrong(ask: Question, id: str, failed: Finding) -> Iterator[Finding]:
    """The finding that fails, once for each reason."""
    change, state = ask.records.get(Change, id), ask.state
    if change is None or not may_be_carried_out(change, ask.at, ask.authority, ask.records):
        message = "It is not approved, or its approvals count no more, or it is over."
        yield replace(failed, code=_CODE, message=message, acts=_approving(ask, change))
    if change is None:
        return
    if not in_time(change, ask.at):
        message = "It was approved for another time."
        first, *others = _in_time(change, ask.at)
        late = replace(failed, code=_OTHER_TIME, message=message, acts=(first,))
        yield or_else(late, *((each,) for each in others))
    if state.environment not in change.content.environments:
        message = f"It is not approved for {state.environment}."
        yield replace(
            failed, code=_CODE, message=message, acts=_widening(change, state.environment)
        )
    if change.content.service != state.service:
        message = f"It is of the service {change.content.service}, and this is {state.service}."
        yield replace(failed, code=OTHER_SERVICE, message=message, acts=_WITHOUT)


def _approving(ask: Question, change: Change | None) -> tuple[Act, ...]:
    """What has it approved, by whom, as its own gate says; without it where nothing does."""
    if change is None:
        return _WITHOUT
    asked = Asked(change, ask.at, ask.authority, ask.records, ask.who, ask.there)
    helps = approving(asked)
    return tuple(replace(e, subject=e.subject or change.id) for e in helps) or _WITHOUT


def _in_time(change: Change, at: datetime) -> Iterator[Act]:
    """That it waits for its window, while that is to come, or that another one is approved."""
    window = change.content.window
    if window is not None and at < window.since:
        told = f"The window opens at {window.since.isoformat()}."
        yield Act("deployment.wait", count=0, description=told)
    told = "Plan another window, and have it approved."
    yield Act("change.edit", description=told, subject=change.id)


def _widening(change: Change, environment: str) -> tuple[Act, ...]:
    """What has it approved for another place too, while what it says may change."""
    if change.status not in EDITABLE:
        return _WITHOUT
    told = f"Plan it for {environment} too, and have it approved."
    return (Act("change.edit", description=told, subject=change.id),)
