"""Whether anybody can still approve a change, before or after the fact."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from domain.approval.approval import Standings
from domain.approval.dead_end import too_few
from domain.change.question import Question
from domain.change.relief import relief
from domain.change.standing import debt, outstanding, resumed
from domain.change.state import DECIDABLE, UNDER_WAY, Change, Obligation
from domain.change.to_come import tallied


def beyond_reach(ask: Question) -> bool:
    """Whether nobody can meet a rule any more, by the people as they stand now, as its gate says.

    That is so whether or not anybody was alarmed: who left, or lost a right, tells no change of it.
    It is not while somebody may say that they did not ask for it, or do not answer for it, and
    enough are free to decide by that.
    """
    return any(_stuck(ask, tally) for tally in _ballots(ask))


def _ballots(ask: Question) -> Iterator[Callable[[Change], Standings]]:
    """The rules that are counted together: all before the fact, each alone after it.

    Those of a phase that is still to come are so as they would be opened now, and what is on hold
    is taken as it will stand once it is resumed.
    """
    status = resumed(ask.state).status
    if status in DECIDABLE:
        yield lambda state: tallied(replace(ask, state=state))
    elif status in UNDER_WAY:
        yield from (partial(_debt, ask, each) for each in outstanding(ask.state) if each.rule)


def _debt(ask: Question, owed: Obligation, state: Change) -> Standings:
    return debt(state, owed, ask.authority, ask.at)


def _stuck(ask: Question, tally: Callable[[Change], Standings]) -> bool:
    if not too_few(tally(ask.state).rules, ask.may):
        return False
    freed = relief(ask, tally)
    return freed is None or not all(act.people for act in freed[0])
