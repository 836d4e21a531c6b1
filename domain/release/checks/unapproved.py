"""That what answers for the contents of a release is approved, where only that is lacking."""

from __future__ import annotations

from collections.abc import Collection

from domain.change.approving import approving
from domain.change.going_out import may_be_carried_out
from domain.change.question import Question as Asked
from domain.change.state import DECIDABLE, Change
from domain.gate import Act
from domain.inclusion import Inclusion
from domain.release.checks.otherwise import (
    MOST,
    another,
    change_of,
    changes_of,
    over,
    waiting,
)
from domain.release.gate.question import Question, unknown


def approved_first(ask: Question, left: Collection[Inclusion], place: str) -> tuple[Act, ...]:
    """Who has the changes approved that answer for what is left; nothing where that helps not all.

    Where it goes to a live `place`, at their time. Of a change that is approved something else is
    lacking.
    """
    open_ones = changes_of(ask, left)
    every = all(change_of(ask, each) for each in left)
    if ask.who is unknown or len(open_ones) > MOST or not every:
        return ()
    known = ask.at, ask.authority, ask.records
    if any(may_be_carried_out(each, *known) for each in open_ones):
        return ()
    ways = [_approved(ask, each, place) for each in open_ones]
    waits = waiting(open_ones, ask.at) if place else ()
    return (*(act for acts in ways for act in acts), *waits) if all(ways) else ()


def _approved(ask: Question, change: Change, place: str) -> tuple[Act, ...]:
    """What has one approved: another window first, where that is over and it is no draft."""
    if place and over(change, ask.at) and change.status in DECIDABLE:
        return (another(ask, change),)
    return approving(Asked(change, ask.at, ask.authority, ask.records, ask.who, ask.there))
