"""What must hold before a change is closed: nothing is left to do, to look back on, or owed."""

from __future__ import annotations

from itertools import chain

from domain.change.by_two import breaking
from domain.change.debt import entailed
from domain.change.gate_implement import finishing, implementing
from domain.change.question import Question, aside, found
from domain.change.relief import HELP, Relief, reliefs, relieved
from domain.change.standing import (
    debt,
    implementers,
    kind_of,
    looked_back,
    said_no,
    undecided,
)
from domain.change.state import Obligation, Status, Task, TaskStatus
from domain.gate import Act, Finding, Requirement, evaluate, or_else, taken_back
from domain.gate import Status as Is
from domain.process.process import Fulfilment
from domain.titles import given_in_vain

_TASKS = "Every task is done or dropped"
_REVIEW = "It was looked back on"
_LOST = "Votes that decided it count no more."
_BEFORE = (
    Status.DRAFT,
    Status.ASSESSING,
    Status.AUTHORIZING,
    Status.SCHEDULED,
    Status.ON_HOLD,
)


def closing(ask: Question) -> tuple[Requirement, ...]:
    """The requirements of closing; until the work has begun, also those of beginning it."""
    waits = ask.state.status in _BEFORE and not ask.state.unfinished
    return (
        *(implementing(ask) if waits else ()),
        Requirement("status", "The change is in review", lambda: _over(ask)),
        Requirement("outcome", "The outcome is recorded", lambda: _outcome(ask)),
        Requirement("tasks", _TASKS, lambda: _tasks(ask), "S3-25"),
        Requirement("review", _REVIEW, lambda: _review(ask)),
        Requirement("obligations", "Nothing is owed", lambda: _obligations(ask)),
    )


def _over(ask: Question) -> Finding:
    state = ask.state.status
    if state in (Status.REVIEW, Status.CLOSED, Status.CANCELLED):
        return ask.status(Status.REVIEW)
    if state is not Status.IMPLEMENTING and ask.state.unfinished:
        again = state is Status.SCHEDULED and evaluate(implementing(ask)).allowed
        if again:
            on = ask.act("change.implement", "Go on with it.")
            return ask.status(Status.REVIEW, on, finishing(ask, "Say how it went."))
        return ask.status(Status.REVIEW, finishing(ask, "Say that it went wrong."))
    if state is Status.IMPLEMENTING:
        return ask.status(Status.REVIEW, finishing(ask, "Carry it out."))
    finding = ask.status(Status.REVIEW, ask.act("change.implement", "Carry it out."))
    return or_else(finding, *breaking(ask))  # by which it is begun


def _outcome(ask: Question) -> Finding:
    title = "The outcome is recorded"
    if ask.state.unfinished:
        return aside("outcome", title, "It is said as the work is finished.")
    act = finishing(ask, "Say how it went.")
    return found("outcome", title, ask.state.outcome, "outcome_missing", "It is missing.", act)


def _tasks(ask: Question) -> Finding:
    if not ask.state.tasks:
        return aside("tasks", _TASKS)
    left = [task for task in ask.state.tasks if task.status is TaskStatus.OPEN]
    return Finding(
        "tasks",
        Is.UNSATISFIED if left else Is.SATISFIED,
        _TASKS,
        missing=tuple(f"task {task.number}" for task in left),
        message=f"{len(left)} of {len(ask.state.tasks)} tasks are open.",
        code="tasks_open" if left else "",
        source="S3-25",
        acts=tuple(_task_act(ask, task) for task in left),
    )


def _task_act(ask: Question, task: Task) -> Act:
    people, told = ask.who("change.complete_task"), ""
    if task.assignee and people and task.assignee not in people:
        told = given_in_vain(ask.authority.person(task.assignee))
    return Act("change.complete_task", people, description=f"Complete task {task.number}{told}.")


def _review(ask: Question) -> Finding:
    outcome = ask.state.outcome
    demanded = kind_of(ask.state, ask.records).review_after
    refused = any(owed.refused for owed in ask.state.obligations)
    wanted = refused or "any" in demanded or (outcome is not None and outcome.value in demanded)
    if not wanted:
        return aside("review", _REVIEW)
    message = "A review by somebody who did not do the work is missing."
    if ask.state.review is not None:
        message = "Who looked back did the work themselves, or has lost the right to."
    done = looked_back(ask.state, ask.authority)
    return found("review", _REVIEW, done, "review_missing", message, *_look_back(ask))


def _look_back(ask: Question) -> tuple[Act, ...]:
    """That somebody does who did not do the work; at need once others say that they did not."""
    may = ask.who("change.review")
    every = chain((Relief((), ask.state),), reliefs(ask) if may else ())
    for each in every:
        own = implementers(each.state, ask.authority)
        if may - own:
            return (*each.acts, ask.act("change.review", "Look back on how it went.", own))
    return (ask.act("change.review", "Look back on how it went.", may),)


def _obligations(ask: Question) -> tuple[Finding, ...] | Finding:
    if not ask.state.obligations:
        return aside("obligations", "Nothing is owed")
    left = _left(ask)
    settled = (e for e in ask.state.obligations if e.fulfilled_at and e not in left)
    return (*(_done(ask, owed) for owed in settled), *(_owed(ask, owed) for owed in left))


def _left(ask: Question) -> tuple[Obligation, ...]:
    """What is owed and not done, or was by a review or by votes that count no more.

    What follows from a refusal is not owed where the votes that refused count no more.
    """
    done, every = looked_back(ask.state, ask.authority), ask.state.obligations
    lost = [each for each in every if undecided(ask.state, each, ask.authority, ask.at)]
    gone = {name for each in lost for name in entailed(ask.state, each, ask.records)}
    return tuple(
        owed
        for owed in every
        if owed in lost
        or (owed.fulfilled_at is None and owed.name not in gone)
        or (owed.fulfilled_by is Fulfilment.REVIEW and not done)
    )


def _done(ask: Question, owed: Obligation) -> Finding:
    """What was settled, a refusal with a word that says so."""
    no = "This was refused after the fact."
    said = no if said_no(ask.state, owed) else "Too few approved this after the fact."
    said = said if owed.refused else ""
    return Finding(owed.name, Is.SATISFIED, owed.title, message=said, source=owed.source)


def _owed(ask: Question, owed: Obligation) -> Finding:
    """An obligation that takes votes has its standing; every other one an act that settles it."""
    late = "It is overdue since" if owed.due <= ask.at else "It is due at"
    waits = _awaited(ask, owed)
    before = _counted(ask, owed)
    helps = waits.acts if waits else ()
    word = _LOST if owed.fulfilled_at and owed.rule else ""
    said = "".join(f" {each}" for each in (word, HELP if helps else "") if each)
    return Finding(
        owed.name,
        Is.UNSATISFIED,
        owed.title,
        missing=(owed.title,),
        message=f"{late} {owed.due.isoformat()}.{said}",
        code="obligation_open",
        source=owed.source,
        standing=waits.standing if waits else None,
        taken_back=waits.taken_back if waits else None,
        acts=(*before, *helps) if waits else before or _settles(ask, owed),
    )


def _awaited(ask: Question, owed: Obligation) -> Finding | None:
    """What its rule says where that waits for votes, with whatever lets people give them."""
    if owed.fulfilled_by is not Fulfilment.APPROVAL:
        return None
    now = debt(ask.state, owed, ask.authority, ask.at)
    if now.rejected or now.satisfied:
        return None
    waits = relieved(ask, lambda state: debt(state, owed, ask.authority, ask.at))[0]
    return taken_back(waits, "change.withdraw_vote", ask.who)


def _counted(ask: Question, owed: Obligation) -> tuple[Act, ...]:
    """That it is counted again, where only that lets it be voted on, or settles it."""
    if owed.fulfilled_by is not Fulfilment.APPROVAL:
        return ()
    if owed.fulfilled_at is not None:
        how = "refused" if owed.refused else "approved"
        return (ask.act("change.recount", f"Count again: votes that {how} it count no more."),)
    now = debt(ask.state, owed, ask.authority, ask.at)
    if now.satisfied:  # votes count again
        return (ask.act("change.recount", "Count again: enough approve it."),)
    if now.rejected:  # people left, and now a no stands
        return (ask.act("change.recount", "Count again: too few are left to approve it."),)
    return ()


def _settles(ask: Question, owed: Obligation) -> tuple[Act, ...]:
    if owed.fulfilled_by is Fulfilment.REVIEW:
        return _look_back(ask)
    return (ask.act("change.fulfil_obligation", f"Write up: {owed.title}."),)
