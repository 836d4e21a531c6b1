"""What stood somewhere gave way to a fix out of turn: nothing planned changes by that (S4-19)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from domain.deployment.dwelling import joined, working
from domain.deployment.state import Deployment, Stand, Status
from domain.inclusion import Inclusion
from domain.process.cycle import Cycle, Effect
from domain.release.embargo import known
from domain.release.gate.question import Question
from domain.release.state import Delivery, Release
from domain.release.whereabouts.by_hand import bare
from domain.release.whereabouts.counted import there_by
from domain.release.whereabouts.there import brought, stands
from domain.release.whereabouts.times import times_there
from domain.release.whereabouts.turn import turn

Held = tuple[Stand, ...]
"""Spans in which it stood there, between which nothing but fixes out of turn did."""


def held(ask: Question, delivery: Delivery) -> tuple[Held, ...]:
    """When what the release brought stood there, in order; what fixes alone parted, together."""
    fixes, spans = _fixes(ask, delivery.environment), stands(ask, delivery)
    return _together((*spans, *_before(ask, delivery)) if fixes else spans, fixes)


def gave_way(ask: Question, delivery: Delivery) -> datetime | None:
    """Until when it stood there, if nothing but such fixes stood there since."""
    fixes = _fixes(ask, delivery.environment)
    every = held(ask, delivery) if fixes else ()
    until = every[-1][-1].until if every else None
    return until if until is not None and _covered(until, ask.at, fixes) else None


def stood_for(ask: Question, delivery: Delivery) -> timedelta:
    """For how long it stood there already, if nothing but such fixes stood there since."""
    spans = held(ask, delivery)[-1] if gave_way(ask, delivery) else ()
    return sum(((e.until or ask.at) - e.since for e in spans), timedelta())


def replaced(ask: Question, delivery: Delivery) -> datetime | None:
    """When a fix took its place that replaces what was planned, if one did since it stood there."""
    every, where = held(ask, delivery), delivery.environment
    until = every[-1][-1].until if every else None
    if until is None:
        return None
    took = (each.since for each in _fixes(ask, where, Effect.REPLACE) if each.since >= until)
    between = _fixes(ask, where)
    return min((at for at in took if _covered(until, at, between)), default=None)


def ripe(every: Iterable[Held], hours: int) -> datetime | None:
    """When it has, or will have, stood there for so long; what fixes took does not count.

    None where something else took its place before, or a fix that still stands there.
    """
    return min(filter(None, (_ripe(each, timedelta(hours=hours)) for each in every)), default=None)


def _ripe(spans: Held, left: timedelta) -> datetime | None:
    for each in spans:
        if each.until is None or each.since + left <= each.until:
            return each.since + left
        left -= each.until - each.since
    return None


def begun(ask: Question, delivery: Delivery) -> datetime | None:
    """Since when it stands there, also where it gave way to fixes meanwhile."""
    every = held(ask, delivery)
    told = (delivery.settled_at, every[-1][0].since if every else None)
    return min(filter(None, told)) if delivery.settled_at else None


def unlike(ask: Question, cycle: Cycle, where: str, since: datetime) -> Iterator[Release]:
    """The fixes that went there after that, and brought what this release does not have."""
    own = {each.reference for each in ask.items}
    for each in ask.records.find(Release, service=ask.state.service, kind=cycle.kinds):
        arrived = each.reached(where) if known(each, ask.state) else None
        if arrived is not None and arrived.started_at > since and each.id != ask.state.id:
            inside = ask.records.find(Inclusion, release=each.id)
            left = tuple(one for one in inside if one.included and one.reference not in own)
            if left if ask.state.embargoed else ask.open_to_all(left):
                yield each


def _before(ask: Question, delivery: Delivery) -> Iterator[Stand]:
    """When its very package stood there for it, as far as it worked since, whatever came by hand.

    Its own deployment is among these: each moment counts once.
    """
    for each in _deployments(ask, delivery):
        yield from bare(ask.records, each, hidden=ask.state.embargoed)


def _deployments(ask: Question, delivery: Delivery) -> tuple[Deployment, ...]:
    own = brought(ask, delivery)
    if own is None:
        return ()
    place = {"environment": own.environment, "package": own.package}
    every = ask.records.find(Deployment, status=Status.SUCCEEDED, **place)
    return working(each for each in every if there_by(ask.state, each))


def _fixes(ask: Question, where: str, effect: Effect = Effect.DEPLOY) -> tuple[Stand, ...]:
    """When fixes stood there that change nothing planned, by what the cycles say of their weeks.

    Or those of another effect.
    """
    every = ask.playbook.cycles
    return tuple(span for cycle in every for span in _stood(ask, cycle, where, effect))


def _stood(ask: Question, cycle: Cycle, where: str, wanted: Effect) -> Iterator[Stand]:
    """Each time by the week it set out in, also where it was rolled back and came anew."""
    effects = {key for key, effect in cycle.effects.items() if effect is wanted}
    if not any(place == where for _, _, place in effects):
        return
    for each in ask.records.find(Release, service=ask.state.service, kind=cycle.kinds):
        if known(each, ask.state) is None:
            continue
        for time in times_there(ask.records, each, where, hidden=ask.state.embargoed):
            if time.began >= ask.state.opened_at:
                place = turn(ask.playbook, cycle.name, time.began, ask.records).place
                if place is not None and (each.kind, place.kind, where) in effects:
                    yield from time.stood


def _together(spans: Iterable[Stand], fixes: tuple[Stand, ...]) -> tuple[Held, ...]:
    found: list[list[Stand]] = []
    for each in joined(spans):
        last = found[-1][-1].until if found else None
        if last is not None and _covered(last, each.since, fixes):
            found[-1].append(each)
        else:
            found.append([each])
    return tuple(map(tuple, found))


def _covered(since: datetime, until: datetime, fixes: Iterable[Stand]) -> bool:
    """Whether fixes stood there in all that time, one after the other."""
    at: datetime | None = since
    for each in sorted(fixes, key=lambda each: each.since):
        if at is not None and at < until and each.since <= at:
            at = None if each.until is None else max(at, each.until)
    return at is None or at >= until
