"""What is going out, or is out: its contents are not exchanged on the way, and nobody drops it."""

from __future__ import annotations

from typing import Final

from domain.kernel import Context, Problems
from domain.process.release import DEPLOY, Matter
from domain.release.gate.question import Question
from domain.release.standing import kind_of
from domain.release.state import Delivery, Progress, Release
from domain.release.whereabouts.in_use import in_use
from domain.release.whereabouts.taken import by_hand_since, deployed_since, standing_by_hand
from domain.release.whereabouts.there import brought

_HELD: Final = "It is on its way to {}: what it carries stays as it is until that has ended."


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


def live(ask: Question) -> bool:
    """Whether it stands where people use it, and nothing that came later took its place."""
    came = (each for each in ask.state.deliveries if each.progress is Progress.SUCCEEDED)
    return any(in_use(ask, each.environment) and _stands(ask, each) for each in came)


def _stands(ask: Question, delivery: Delivery) -> bool:
    own = brought(ask, delivery)
    if own is not None:
        return own.current
    since = delivery.settled_at or delivery.started_at
    told = (ask, ask.state, delivery.environment, since)
    return not deployed_since(*told) and standing_by_hand(by_hand_since(*told), ()) is None
