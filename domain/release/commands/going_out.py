"""What is going out, or is out: what it carries stays on the way, and how it is called there."""

from __future__ import annotations

from typing import Final

from domain.kernel import Context, Problems
from domain.process.release import DEPLOY, ENTER_PHASE, Matter
from domain.release.gate.owed import countersigned
from domain.release.gate.question import Question, asked_of
from domain.release.standing import kind_of
from domain.release.state import Plan, Progress, Release, Target
from domain.release.whereabouts.live import live, live_since, went

_HELD: Final = "It is on its way to {}: what it carries stays as it is until that has ended."
_HIDDEN: Final = "It is hidden, and live: publish or reveal it, or have it rolled back."
_LIVE: Final = "It is live, itself or in what came later: close it, or have it rolled back."
_ARRIVING: Final = "It is on its way to {}: its versions stay as they are until that has ended."
_CALLED: Final = "It went where people use it by these: they stay, unless that is rolled back."
_WENT: Final = "It went somewhere or was tagged by that: it stays. Plan another release like it."
_MADE: Final = "It went where people use it made of that: it stays, unless that is rolled back."
_HURRIED: Final = (
    "It went on since it could not wait: that stays, and is counted. Say it otherwise."
)
_DATED: Final = (Matter.SCHEDULED, Matter.CYCLE)
"""What asks for the turn of a release, unless it could not wait."""


def check_still(problems: Problems, state: Release, context: Context) -> None:
    """Note that nothing comes into it on its way to where only what is authorised goes (S3-02).

    The gate looked at what it carried as it began.
    """
    kind = kind_of(state, context.records)
    going = (each.environment for each in state.deliveries if each.progress is Progress.RUNNING)
    asked = (
        where
        for where in going
        if any(row.about is Matter.CHANGES_AUTHORISED for row in kind.rows(f"{DEPLOY}:{where}"))
    )
    where = next(asked, None)
    problems.unless(where is None, "being_deployed", _HELD.format(where))


def check_called(problems: Problems, state: Release, context: Context, plan: Plan) -> None:
    """Note what it would be called by another name than it went out by (S4-04).

    By its service and project others find what stands somewhere, and by its versions what is taken.
    """
    ask, before = asked_of(state, context), state.plan
    moved = ["service"] if plan.service != before.service else []
    moved += ["project"] if plan.project != before.project and not _named(ask, plan) else []
    for name in moved if moved and went(ask) else ():
        problems.add("went_out", _WENT, "plan", name)
    if before.short_circuit is not None and plan.short_circuit is None and _hurried(ask):
        problems.add("out_of_turn", _HURRIED, "plan", "short_circuit")
    if plan.versions == before.versions:
        return
    going = [each for each in state.deliveries if each.progress is Progress.RUNNING]
    for each in going[:1]:
        message = _ARRIVING.format(each.environment)
        problems.add("being_deployed", message, "plan", "versions")
    if not going and live_since(ask, state) is not None:
        problems.add("version_live", _CALLED, "plan", "versions")


def check_made(problems: Problems, state: Release, context: Context, after: Target) -> None:
    """Note what a version would be made of other than as it went where people use it (S4-04).

    What it did not say yet it may still say.
    """
    before = state.target(after.version)
    told = (("commit", before.commit, after.commit), ("package", before.package, after.package))
    moved = [name for name, was, now in told if was not in (None, now)]
    if moved and live_since(asked_of(state, context), state) is not None:
        for name in moved:
            problems.add("version_live", _MADE, name)


def _hurried(ask: Question) -> bool:
    """Whether anything that asks for its turn may have let it go on since it could not wait."""
    gates = (f"{ENTER_PHASE}:{each.phase}" for each in ask.state.entered)
    return went(ask) or any(row.about in _DATED for each in gates for row in ask.kind.rows(each))


def _named(ask: Question, plan: Plan) -> bool:
    """Whether it is said for the first time of which project it is, if that is none of others."""
    fits = not ask.projects or plan.project in ask.projects
    return ask.state.plan.project is None and fits


def check_left(problems: Problems, ask: Question) -> None:
    """Note that giving it up would get around what closing asks of what is live (S3-11)."""
    if live(ask):
        problems.unless(not ask.state.embargoed, "still_hidden", _HIDDEN)
        problems.unless(ask.state.embargoed, "still_live", _LIVE)
    for each in countersigned(ask):
        problems.unless(not each.status.blocks, each.code, each.message)
