"""When locks bind what a release brings: not while they spare it, nor once it is exempt (S0-13)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from itertools import pairwise

from domain.clash.clash import Cause, Dated, Plan
from domain.deployment.blockers import PENDING
from domain.deployment.state import Deployment
from domain.exemption.state import Exemption
from domain.lock.blocking import is_exempt
from domain.lock.state import Lock
from domain.release.gate.bringing import deployment_of
from domain.release.gate.place import activities, target_of, to_be_published
from domain.release.gate.question import Question


def binding(ask: Question, plan: Plan, dated: Iterable[Dated]) -> Iterator[Dated]:
    """What stands in the calendar, of locks only the times in which its gates are locked by them.

    What goes out with a release changes with the windows of the changes in it, so a lock may spare
    it for a while. Of a kind that is an activity itself the plan says so. What it is exempt from
    binds it at no time, as long as it carries the same.
    """
    exempt = cache(partial(_exempt, ask, plan))
    for each in dated:
        if each.exempts and each.concerns(plan) and exempt(each.id, each.environments):
            continue
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


def _exempt(ask: Question, plan: Plan, id: str, environments: tuple[str, ...]) -> bool:
    """Whether it is exempt wherever the lock is, itself or by the deployment that brings it there.

    Who brings it is looked up where something was asked for.
    """
    lock, places = ask.records.get(Lock, id), _places(plan, environments)
    if lock is None or all(each.lock != lock.id for each in _asked_for(ask, places)):
        return False
    own = to_be_published(ask).target
    targets = [target_of(ask, e, deployment_of(ask.state, e, ask.records)) for e in places] or [own]
    return all(is_exempt(lock, each, ask.records, ask.authority) for each in targets)


def _places(plan: Plan, locked: tuple[str, ...]) -> frozenset[str]:
    """Where it goes, of where a lock is."""
    return plan.environments.intersection(locked or plan.environments)


def _asked_for(ask: Question, places: frozenset[str]) -> Iterator[Exemption]:
    """The exemptions that somebody asked for, for the release or what waits to bring it there."""
    yield from ask.records.find(Exemption, subject=ask.state.id)
    for where in sorted(places):
        waiting = ask.records.find(Deployment, environment=where, status=PENDING)
        ids = frozenset(each.id for each in waiting if each.wish.belongs_to == ask.state.id)
        yield from ask.records.find(Exemption, subject=ids) if ids else ()


def _spared(ask: Question, plan: Plan, lock: Dated, at: datetime) -> bool:
    """Whether all that goes where it locks is spared at that moment, as the gates there say."""
    own, now = ask.state, ask.now or ask.at
    then = Question(own, at, ask.authority, ask.records, now=now)
    places = _places(plan, lock.environments)
    spares = frozenset(lock.spares)
    going = [activities(then, each, deployment_of(own, each, ask.records)) for each in places]
    return all(found and spares.issuperset(found) for found in going or [activities(then)])
