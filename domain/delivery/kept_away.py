"""The time that locks and changes under way kept deployments away from environments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from domain.change.state import Change
from domain.delivery.happening import Period
from domain.delivery.intervals import Interval, Loss, Places, Stage, inside, lasting
from domain.lock.state import Kind, Lock, Status, Terms
from domain.lock.timing import spans_within

LOCKED: Final = {Kind.HARD: "hard_locked", Kind.SOFT: "soft_locked"}
"""The causes of production change locks; one that keeps from merging keeps nothing from going."""
CRITICAL: Final = "critical_change_under_way"
OF_SOME: Final = "a lock of some services alone"
Locks = Iterable[Sequence[Stage[Lock]]]
Changes = Iterable[Sequence[Stage[Change]]]


def locked(locks: Locks, places: Places, period: Period, service: str | None) -> Iterator[Loss]:
    """What locks cost: while they were in force and on, buffer included, wherever they lock.

    A lock of some services costs those; of all services together that is told, and not counted.
    """
    for stages in locks:
        for state, force in lasting(stages, _in_force, period):
            terms = state.terms
            if terms.kind not in LOCKED or not _is_about(terms, service):
                continue
            excluded = OF_SOME if terms.services and service is None else ""
            for place in terms.environments or places.stood:
                for on in _on(terms, force):
                    for each in places.within(place, on):
                        yield Loss(LOCKED[terms.kind], place, each, excluded)


def _in_force(state: Lock) -> Terms | None:
    return state.terms if state.status is Status.ACTIVE else None


def _is_about(terms: Terms, service: str | None) -> bool:
    return service is None or not terms.services or service in terms.services


def _on(terms: Terms, force: Interval) -> Iterator[Interval]:
    """The spans of a lock in the time in which it was in force: no event ends one that runs out."""
    for span in spans_within(terms, force.since, force.until):
        over = span.until is not None and span.until <= force.until
        until = span.until if over and span.until else force.until
        spent = Interval(span.since, until, force.start, "" if over else force.end)
        yield from inside(spent, force.since, force.until)


def under_way(
    changes: Changes, places: Places, period: Period, critical: Callable[[Change], bool]
) -> Iterator[Loss]:
    """What changes cost that block deployments from their start to their end, such as C1 and C2."""
    for stages in changes:
        for state, interval in lasting(stages, lambda each: _going(each, critical), period):
            for place in state.content.environments:
                for each in places.within(place, interval):
                    yield Loss(CRITICAL, place, each)


def _going(state: Change, critical: Callable[[Change], bool]) -> tuple[str, ...]:
    """Where it is under way, if that keeps deployments away."""
    going = state.unfinished and critical(state)
    return state.content.environments if going else ()
