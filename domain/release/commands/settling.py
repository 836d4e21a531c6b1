"""Settling what a release brought somewhere: how that ended, or that it was taken back since."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from domain.askers import check_claim
from domain.change.state import Change
from domain.deployment.cancelled import Going, cancelled_beneath, check_cancelled
from domain.kernel import Context, Problems, Text
from domain.passage import Passed, require
from domain.release.act_events import DeploymentSettled
from domain.release.fold_acts import beneath
from domain.release.gate.place import arriving
from domain.release.gate.question import Question
from domain.release.state import Progress, Release, Stood
from domain.release.whereabouts.by_hand import ByHand
from domain.wording import NOTE, check_given


def settle_by_deployment(
    state: Release,
    _context: Context,
    *,
    deployment: str,
    environment: str,
    progress: Progress,
    note: str | None,
) -> list[Any]:
    """Learn how the deployment ended that brings it there; only its end asks for this."""
    found = state.delivery(environment)
    follows = found is not None and progress in _NEXT.get(found.progress, ())
    if found is None or found.deployment != deployment or not follows:
        return []
    return [DeploymentSettled(environment, progress, note)]


_NEXT: Final = {
    Progress.RUNNING: (Progress.SUCCEEDED, Progress.FAILED, Progress.ROLLED_BACK),
    Progress.SUCCEEDED: (Progress.ROLLED_BACK,),
    Progress.FAILED: (Progress.ROLLED_BACK,),
}


_CAME_TO_NOTHING: Final = (Progress.FAILED, Progress.ROLLED_BACK)
_TAKEN_BACK: Final = (Progress.SUCCEEDED, Progress.ROLLED_BACK)
"""How far something by hand has come of which a rollback takes away what stands there."""


def settle_deployment(
    state: Release,
    context: Context,
    *,
    environment: Annotated[str, "The environment it was deployed to."],
    progress: Annotated[Progress, "How it ended, or that it was rolled back afterwards."],
    note: Annotated[Text | None, "What happened; needed unless it succeeded."] = None,
    arrived: Annotated[
        datetime | None,
        "Since when what is rolled back stands there; needed of what a rollback left there.",
    ] = None,
    despite_cancelled: Annotated[
        bool, "Whether what stood there before is back although a change in it was cancelled since."
    ] = False,
) -> list[Any]:
    """Say how a deployment ended, or that it was rolled back since.

    Where an earlier one of it stands there once that is, it may be rolled back as well, by when it
    arrived: the same said once more takes nothing else back. While a lock halts it, it does not
    succeed: it may fail or be rolled back meanwhile. Where a change in what stood there before was
    cancelled since, it is said that it is back all the same.
    """
    problems = Problems()
    check_claim(problems, context)
    found = state.delivery(environment)
    _check_follows(problems, state, environment, progress, arrived)
    kept = found is not None and found.deployment is not None
    _check_kept(problems, state, environment, progress, arrived)
    if note is not None or progress is not Progress.SUCCEEDED:
        check_given(problems, note or "", NOTE, "note")
    gone = _cancelled_back(state, context, environment, progress)
    check_cancelled(problems, gone, despite=despite_cancelled)
    problems.settle()
    came = progress is Progress.SUCCEEDED
    evidence = _arrived(state, context, environment) if came else ()
    when, back = arrived if kept else None, tuple(each.id for each in gone)
    return [DeploymentSettled(environment, progress, note, evidence, when, back)]


def _cancelled_back(
    state: Release, context: Context, environment: str, progress: Progress
) -> tuple[Change, ...]:
    """What was cancelled since and stands there again, once what it brought by hand is gone."""
    found, top = state.delivery(environment), _top(state, environment)
    stays = found is None or (found.deployment is None and found.progress not in _TAKEN_BACK)
    if progress is not Progress.ROLLED_BACK or stays or top is None:
        return ()
    below = beneath(state.stood, top)
    again = ByHand(state, below) if below is not None else None
    going = Going(state.id, state.service, environment, top.since, again, hidden=state.embargoed)
    return cancelled_beneath(going, context.records)


def _check_kept(
    problems: Problems,
    state: Release,
    environment: str,
    progress: Progress,
    arrived: datetime | None,
) -> None:
    """Note what a deployment kept here settles: all but what stood there by hand before it."""
    found = state.delivery(environment)
    if found is None or found.deployment is None:
        return
    since = _since(state, environment) if found.progress in _CAME_TO_NOTHING else None
    back = progress is Progress.ROLLED_BACK and since is not None and arrived == since
    message = "Its deployment is kept here: say there how it ended."
    if since is not None:
        message += f" What it brought there by hand stands there since {since.isoformat()}:"
        message += " say so as `arrived` to roll that back."
    problems.unless(back, "settled_by_deployment", message, "environment")


def _since(state: Release, environment: str) -> datetime | None:
    """Since when it stands there by hand, if it does."""
    top = _top(state, environment)
    return top.since if top else None


def _top(state: Release, environment: str) -> Stood | None:
    """The span in which it stands there by hand, if it does."""
    here = (each for each in state.stood if each.environment == environment)
    return next((each for each in here if each.until is None), None)


def _check_follows(
    problems: Problems,
    state: Release,
    environment: str,
    progress: Progress,
    arrived: datetime | None,
) -> None:
    """Note what cannot have come of it, or would take back what was not meant."""
    found = state.delivery(environment)
    since = _since(state, environment)
    nothing = found is not None and found.progress in _CAME_TO_NOTHING
    kept = found is not None and found.deployment is not None
    ended = nothing and (kept or (found is not None and found.progress is progress))
    again = progress is Progress.ROLLED_BACK and ended and since is not None
    follows = again or (found is not None and progress in _NEXT.get(found.progress, ()))
    message = "No deployment there could go on like this."
    problems.unless(follows, "not_deploying", message, "progress")
    told = f"What it brought there before stands there since {since.isoformat() if since else ''}"
    message = f"It was rolled back. {told}: say so as `arrived` to roll that back, too."
    stands = found is not None and found.progress is Progress.SUCCEEDED
    meant = arrived == since if again or (arrived and stands) else arrived is None
    problems.unless(not follows or meant, "rolled_back_already", message, "arrived")


def _arrived(state: Release, context: Context, environment: str) -> tuple[Passed, ...]:
    """What counts for its having arrived; a Refusal while a lock halts it."""
    asked = Question(state, context.at, context.authority, context.records)
    return require(arriving(asked, environment))
