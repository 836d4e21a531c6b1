"""Carrying a change out: implementing, finishing, looking back, closing, or giving up."""

from __future__ import annotations

from typing import Annotated, Any, Final

from domain.askers import asking, check_claim, check_firsthand, itself, rights
from domain.change.debt import opened
from domain.change.events import (
    Cancelled,
    Closed,
    Finished,
    Held,
    ObligationFulfilled,
    Resumed,
    Reviewed,
    Started,
)
from domain.change.evolve import foreseen
from domain.change.gate_review import WENT_WRONG
from domain.change.gates import passed
from domain.change.gone_out import check_not_out, check_still
from domain.change.progress import alarms, follow
from domain.change.standing import (
    ending,
    implementers,
    kind_of,
    looked_back,
    outstanding,
    resumed,
    standings,
)
from domain.change.state import ENDED, Change, Outcome, Status
from domain.kernel import Context, Problems, Text, is_person, refusal
from domain.process.process import Cause, Fulfilment, Path
from domain.wording import NOTE, check_given

_OVER: Final = ENDED | {Status.REVIEW}
_NOT_BEGUN: Final = "The work is not under way."


def implement(state: Change, context: Context) -> list[Any]:
    """Begin the work, if the gate lets it: approved as it is, by people who may, in its window."""
    evidence = passed(state, context, "implement")
    cause = Cause.EMERGENCY if state.path is Path.EMERGENCY else Cause.ALWAYS
    started = foreseen(state, context, Started(evidence))
    event = Started(evidence, opened(started, context, cause))
    return [event, *alarms(foreseen(state, context, event), context)]


def finish(
    state: Change,
    context: Context,
    *,
    outcome: Annotated[Outcome, "How it went."],
    note: Annotated[Text | None, "What happened; needed unless all went well."] = None,
) -> list[Any]:
    """Say that the work is over, and how it went.

    What has begun and does not go on, such as on hold, ends UNSUCCESSFUL or ROLLED_BACK alone: to
    end well it has to pass its gate again. Where it keeps deployments away, it is ended by who does
    it or answers for it, as long as any of them can (S0-13).
    """
    problems = Problems()
    message = "The work is not under way: only what went wrong ends so."
    ends = state.status is Status.IMPLEMENTING or (state.unfinished and outcome in WENT_WRONG)
    problems.unless(ends, "not_in_implementing", message if state.unfinished else _NOT_BEGUN)
    check_claim(problems, context)
    _check_own(problems, state, context)
    if note is not None or outcome is not Outcome.SUCCESSFUL:
        check_given(problems, note or "", NOTE, "note")
    problems.settle()
    return [Finished(outcome, note)]


def _check_own(problems: Problems, state: Change, context: Context) -> None:
    """Nobody else says that work is over for which deployments wait."""
    if kind_of(state, context.records).blocks_deployments:
        able = ending(state, context.authority, context.may)
        message = "Deployments wait for it: who does it, or answers for it, says that it is over."
        own = able & itself(context.by, context.authority, state.opened_at)
        problems.unless(not able or own, "not_own_work", message)


def review(
    state: Change,
    context: Context,
    *,
    findings: Annotated[Text, "What one sees looking back."],
    lessons: Annotated[Text | None, "What will be done otherwise."] = None,
) -> list[Any]:
    """Look back on the work, as somebody who did not do it and does not answer for it.

    Once, unless the word of who looked back counts no more.
    """
    problems = Problems()
    problems.unless(state.status is Status.REVIEW, "not_in_review", "The work is not over.")
    done = looked_back(state, context.authority)
    problems.unless(not done, "reviewed_before", "It was looked back on already.")
    check_given(problems, findings, NOTE, "findings")
    if lessons is not None:
        check_given(problems, lessons, NOTE, "lessons")
    _check_independent(problems, state, context)
    problems.settle()
    owed = (each for each in outstanding(state) if each.fulfilled_by is Fulfilment.REVIEW)
    return [
        Reviewed(findings, lessons, *rights(context)),
        *(ObligationFulfilled(each.name) for each in owed),
    ]


def _check_independent(problems: Problems, state: Change, context: Context) -> None:
    check_firsthand(problems, context)
    problems.unless(is_person(context.by), "not_a_person", "Only a person looks back.")
    own = implementers(state, context.authority)
    message = (
        "Who did the work, or answers for it, does not judge it;"
        " whom others named for that may say that they do not answer for it."
    )
    problems.unless(own.isdisjoint(asking(context)), "own_work", message)


def close(state: Change, context: Context) -> list[Any]:
    """Close the change, if the gate lets it: nothing is left to do, to look back on, or owed."""
    return [Closed(passed(state, context, "close"))]


def cancel(
    state: Change, context: Context, *, reason: Annotated[Text, "Why it is given up."]
) -> list[Any]:
    """Give the change up, before any work on it has begun; what has begun ends by its outcome.

    So does what went out, or is on its way (S3-02).
    """
    problems = Problems()
    message = "The work is over." if state.status is Status.REVIEW else "The change has ended."
    problems.unless(state.status not in _OVER, "not_cancellable", message)
    message = "The work has begun: finish the change, and say how that went."
    problems.unless(not state.unfinished, "work_begun", message)
    if state.status not in _OVER:
        check_still(problems, state, context.records)
        check_not_out(problems, state, context.records)
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [Cancelled(reason)]


def hold(
    state: Change, context: Context, *, reason: Annotated[Text, "What it waits for."]
) -> list[Any]:
    """Put the change on hold: no vote, no edit and no work until it is resumed."""
    problems = Problems()
    active = state.status not in _OVER and state.status is not Status.ON_HOLD
    problems.unless(active, "not_holdable", f"It is in {state.status.value}.")
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [Held(reason)]


def resume(state: Change, context: Context) -> list[Any]:
    """End the hold; what was approved is judged anew, and work must pass its gate again."""
    if state.held is None:
        raise refusal("not_on_hold", f"It is in {state.status.value}.")
    event = Resumed(_resumed(state, context))
    after = foreseen(state, context, event)
    return [event, *follow(after, context)] if after.rules else [event]


def _resumed(state: Change, context: Context) -> Status:
    """Where the change stands after a hold: at most where it stood before."""
    held = resumed(state).status
    if held is not Status.SCHEDULED or state.path is Path.STANDARD:
        return held
    now = standings(state, context.authority, context.at)
    return held if now.satisfied else Status.AUTHORIZING
