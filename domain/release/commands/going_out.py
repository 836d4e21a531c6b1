"""What is going out, or is out: what it carries stays on the way, and how it is called there."""

from __future__ import annotations

from typing import Final

from domain.kernel import Context, Problems
from domain.process.release import DEPLOY, Matter
from domain.release.gate.owed import countersigned
from domain.release.gate.question import Question, asked_of
from domain.release.standing import kind_of
from domain.release.state import Plan, Progress, Release
from domain.release.whereabouts.live import live, live_since

_HELD: Final = "It is on its way to {}: what it carries stays as it is until that has ended."
_HIDDEN: Final = "It is hidden, and live: publish or reveal it, or have it rolled back."
_LIVE: Final = "It is live, itself or in what came later: close it, or have it rolled back."
_CALLED: Final = "It went where people use it by that: it stays, unless that is rolled back."


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
    """Note what it went live as and would be called no more, so that others could be (S4-04)."""
    before = state.plan
    dropped = {
        "versions": not set(before.versions) <= set(plan.versions),
        "service": plan.service != before.service,
        "project": plan.project != before.project,
    }
    left = [name for name, gone in dropped.items() if gone]
    if left and live_since(asked_of(state, context), state) is not None:
        for name in left:
            problems.add("version_live", _CALLED, "plan", name)


def check_left(problems: Problems, ask: Question) -> None:
    """Note that giving it up would get around what closing asks of what is live (S3-11)."""
    if live(ask):
        problems.unless(not ask.state.embargoed, "still_hidden", _HIDDEN)
        problems.unless(ask.state.embargoed, "still_live", _LIVE)
    for each in countersigned(ask):
        problems.unless(not each.status.blocks, each.code, each.message)
