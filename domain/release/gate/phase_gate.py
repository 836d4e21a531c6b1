"""What holds before a phase of a release is entered, whatever else its playbook asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final

from domain.gate import Act, Finding, Requirement, or_else
from domain.gate import Status as Is
from domain.process.release import PhaseRow, ReleaseKind
from domain.release.gate.completing import completing
from domain.release.gate.question import Question
from domain.release.state import Release, TaskStatus

NEXT: Final = "next"
NOT_REACHED: Final = "phase_not_reached"
"""The code of what waits for a phase that is still to come."""
SOONER: Final = "Set an earlier date."


def following(state: Release, kind: ReleaseKind) -> PhaseRow | None:
    """The phase after the one it is in; None in the last."""
    names = [phase.name for phase in kind.phases]
    at = names.index(state.phase) if state.phase in names else -1
    return kind.phases[at + 1] if at + 1 < len(names) else None


def to_enter(state: Release, kind: ReleaseKind, name: str) -> tuple[PhaseRow, ...]:
    """The phases that are still to be entered up to one, in their order; none once it was."""
    names = [phase.name for phase in kind.phases]
    return kind.phases[names.index(state.phase) + 1 : names.index(name) + 1]


def entering(ask: Question, name: str) -> Iterator[Requirement]:
    """That the phase is the next, that it is time for it, and that what came before is done."""
    yield Requirement(NEXT, "The phase is the next", lambda: _next(ask, name))
    yield Requirement("date", "It is time for the phase", lambda: _date(ask, name))
    yield Requirement("tasks", "The tasks before it are settled", lambda: _tasks(ask, name))


def _blocked(name: str, title: str, code: str, message: str, *acts: Act) -> Finding:
    return Finding(name, Is.UNSATISFIED, title, message=message, code=code, acts=acts)


def _next(ask: Question, name: str) -> Finding:
    title, phase = "The phase is the next", following(ask.state, ask.kind)
    if phase is None:
        return _blocked(NEXT, title, "last_phase", "There is no phase after this one.")
    if phase.name == name:
        return Finding(NEXT, Is.SATISFIED, title)
    message = f"The next is: {phase.title}."
    first = ask.act("release.enter_phase", "Enter that first.")
    acts = (first,) if _ahead(ask, name) else ()
    return _blocked(NEXT, title, "phase_not_next", message, *acts)


def _ahead(ask: Question, name: str) -> bool:
    """Whether the phase is still to come."""
    names = [each.name for each in ask.kind.phases]
    return name in names and names.index(name) > names.index(ask.state.phase)


def _date(ask: Question, name: str) -> Finding:
    """A phase that opens so many days from the date needs one, and does not open before."""
    title, phase = "It is time for the phase", ask.kind.phase(name)
    if phase is None or phase.opens_days is None:
        return Finding("date", Is.NOT_APPLICABLE, title)
    if ask.state.scheduled is None:
        act = ask.act("release.reschedule", "Set the date.")
        message = "The phase opens by the date, which is not set."
        return _blocked("date", title, "date_missing", message, act)
    opens = ask.state.scheduled + timedelta(days=phase.opens_days)
    if ask.at >= opens:
        return Finding("date", Is.SATISFIED, title)
    message = f"{phase.title} opens at {opens.isoformat()}."
    wait = Act("release.wait", count=0, description=message)
    early = _blocked("date", title, "phase_not_open", message, wait)
    return or_else(early, (ask.act("release.reschedule", SOONER),))


def _tasks(ask: Question, name: str) -> Finding:
    title, names = "The tasks before it are settled", [each.name for each in ask.kind.phases]
    before = names[: names.index(name)] if name in names else names
    open_ones = (task for task in ask.state.tasks if task.status is TaskStatus.OPEN)
    left = [task for task in open_ones if task.phase in before]
    if not left:
        return Finding("tasks", Is.SATISFIED, title)
    named = tuple(f"task {task.number}" for task in left)
    message = f"Open before {name}: {', '.join(named)}."
    blocked = _blocked("tasks", title, "tasks_open", message, *completing(ask, left))
    return replace(blocked, missing=named)
