"""Which locks bind the window that a change has: those from which it is not exempt (S0-13)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from domain.change.gate_implement import locked
from domain.change.planned import plan_of
from domain.change.question import Question
from domain.clash.clash import Dated
from domain.lock.blocking import is_exempt
from domain.lock.state import Lock


def binding(ask: Question, dated: Iterable[Dated]) -> Iterator[Dated]:
    """What stands in the calendar, without the locks from which it is exempt as it is now.

    With another window it would be another, which nobody exempted.
    """

    @cache
    def exempt(id: str) -> bool:
        lock = ask.records.get(Lock, id)
        return lock is not None and is_exempt(lock, locked(ask), ask.records, ask.authority)

    plan = plan_of(ask.state)
    if plan is not None:
        yield from (e for e in dated if not (e.exempts and e.concerns(plan) and exempt(e.id)))
