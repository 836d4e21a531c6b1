"""That what answers for the contents of a release is approved, where only that is lacking."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from domain.change.approving import approving
from domain.change.going_out import may_be_carried_out
from domain.change.question import Question as Asked
from domain.gate import Act
from domain.inclusion import Inclusion
from domain.release.gate.question import Question, unknown

MOST: Final = 5
"""Of how many changes it is told who approves them; of more one by one."""


def approved_first(ask: Question, left: Collection[Inclusion]) -> tuple[Act, ...]:
    """Who has the changes approved that answer for what is left; nothing where that helps not all.

    Of a change that is approved something else is lacking.
    """
    ids = {id for each in left if (id := _change(ask, each))}
    if ask.who is unknown or len(ids) > MOST or not all(_change(ask, each) for each in left):
        return ()
    known = ask.at, ask.authority, ask.records
    open_ones = [ask.changes[id] for id in sorted(ids)]
    if any(may_be_carried_out(each, *known) for each in open_ones):
        return ()
    ways = [approving(Asked(each, *known, ask.who, ask.there)) for each in open_ones]
    return tuple(act for acts in ways for act in acts) if all(ways) else ()


def _change(ask: Question, item: Inclusion) -> str | None:
    """The change that an item is, or that answers for it."""
    return next((id for id in (item.reference, item.covered_by) if id in ask.changes), None)
