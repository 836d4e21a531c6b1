"""The gates of a change: what must hold before it is submitted, implemented and closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from domain.askers import check_firsthand
from domain.authority import Authority
from domain.change.gate_close import closing
from domain.change.gate_implement import implementing
from domain.change.gate_submit import submitting
from domain.change.in_its_place import in_its_place
from domain.change.question import Question, Who, unknown
from domain.change.state import Change
from domain.gate import Requirement, There, Verdict, evaluate, nowhere
from domain.kernel import Context, Problems, Records
from domain.passage import Passed, require

GATES: Final[Mapping[str, Callable[[Question], tuple[Requirement, ...]]]] = {
    "submit": lambda ask: in_its_place(ask, submitting(ask)),
    "implement": implementing,
    "close": closing,
}
"""The requirements of every guarded act, by the command that asks for it."""


def verdict(
    state: Change,
    action: str,
    *,
    at: datetime,
    authority: Authority,
    records: Records,
    who: Who = unknown,
    there: There = nowhere,
    now: datetime | None = None,
) -> Verdict:
    """What the gate of `submit`, `implement` or `close` says; KeyError for another action.

    With `who`, the acts that would help name the people who may ask for them; with `there` so do
    those on another change that it waits for. Where `at` lies ahead, `now` is what moment this is.
    """
    return evaluate(GATES[action](Question(state, at, authority, records, who, there, now)))


def passed(state: Change, context: Context, action: str) -> tuple[Passed, ...]:
    """The evidence on which the gate opens; a Refusal with its verdict when it stays closed."""
    problems = Problems()
    check_firsthand(problems, context)
    problems.settle()
    at, authority, records = context.at, context.authority, context.records
    return require(verdict(state, action, at=at, authority=authority, records=records))
