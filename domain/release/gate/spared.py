"""When soft locks spare what a release brings, told of the times in which they are on (S0-13)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from domain.clash.clash import Cause, Dated, Plan
from domain.release.gate.bringing import deployment_of
from domain.release.gate.place import activities
from domain.release.gate.question import Question


def binding(ask: Question, plan: Plan, dated: Iterable[Dated]) -> Iterator[Dated]:
    """What stands in the calendar, of locks only the times in which its gates are locked by them.

    What goes out with a release changes with the windows of the changes in it, so a lock may spare
    it for a while. Of a kind that is an activity itself the plan says so.
    """
    for each in dated:
        spares = each.cause is Cause.LOCK and each.spares and plan.activity is None
        if spares and each.concerns(plan):
            yield from _not_spared(ask, plan, each)
        else:
            yield each


def _not_spared(ask: Question, plan: Plan, lock: Dated) -> Iterator[Dated]:
    """The parts of a time of a lock in which it does not spare all that goes where it locks."""
    begins = max(plan.since, lock.since)
    if lock.since < begins:
        yield replace(lock, until=min(begins, lock.until))
    bounds = (begins, *_turns(ask, begins, lock.until), lock.until)
    for since, until in pairwise(sorted(bounds)):
        if since < until and not _spared(ask, plan, lock, since):
            yield replace(lock, since=since, until=until)


def _turns(ask: Question, since: datetime, until: datetime) -> Iterator[datetime]:
    """When a window of a change in it opens or is over, in between."""
    windows = (each.content.window for each in ask.changes.values())
    times = (at for each in windows if each for at in (each.since, each.until))
    yield from (at for at in times if since < at < until)


def _spared(ask: Question, plan: Plan, lock: Dated, at: datetime) -> bool:
    """Whether all that goes where it locks is spared at that moment, as the gates there say."""
    own, now = ask.state, ask.now or ask.at
    then = Question(own, at, ask.authority, ask.records, now=now)
    places = plan.environments.intersection(lock.environments or plan.environments)
    spares = frozenset(lock.spares)
    going = [activities(then, each, deployment_of(own, each, ask.records)) for each in places]
    return all(found and spares.issuperset(found) for found in going or [activities(then)])
