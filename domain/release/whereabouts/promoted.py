"""Where what goes by hand stood before: the release itself, or everything that it is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from domain.deployment.blockers import Blocker, blockers_of
from domain.deployment.dwelling import INTERRUPTED, NOT_WORKING, left
from domain.deployment.promoting import PROMOTED, found_bad, stood
from domain.deployment.question import Question as Deploying
from domain.environment.promotion import earlier, promoted_from
from domain.gate import Act, Finding, either, with_people
from domain.gate import Status as Is
from domain.release.evidence.made_of import packages_of
from domain.release.gate.question import Question
from domain.release.whereabouts.mending import mending, staying
from domain.release.whereabouts.out_of_turn import gave_way, held, ripe
from domain.release.whereabouts.there import not_working

_NAME: Final = "promotion"


def asked_by_hand(ask: Question, going: Deploying) -> Iterator[Blocker]:
    """What may keep it from a place; where it stood before no deployment tells, so others do."""
    for each in blockers_of(going):
        own = each.name == _NAME
        yield each._replace(check=lambda asked: _promoted(ask, asked)) if own else each


def _promoted(ask: Question, going: Deploying) -> tuple[Finding, ...]:
    """It stood long enough in every environment that comes right before, with what it carries now.

    And nothing that it is made of was found not to work there, or in any that comes before these.

    No deployment tells of what goes by hand: its own deliveries do. So do those of each package it
    is made of, as where it does not go to that environment itself. Of what is hidden no package is
    asked, so nothing is asked where it does not go.
    """
    plan = going.environment.plan
    before = promoted_from(plan, ask.records)
    if not before:
        return (Finding(_NAME, Is.NOT_APPLICABLE, PROMOTED),)
    there = [_stood(ask, going, each, plan.dwell_hours) for each in before]
    told = {each.title for each in there if each.code == NOT_WORKING}
    asked = (*(e for e in before if _title(e) not in told), *earlier(plan, ask.records))
    return (*there, *(each for where in asked for each in _bad(ask, going, where)))


def _bad(ask: Question, going: Deploying, environment: str) -> Iterator[Finding]:
    """That a version, by whatever package it may be made of, was found not to work there."""
    made = {} if ask.state.embargoed else packages_of(ask.state, ask.records)
    for every in made.values():
        asked = (replace(going, state=replace(going.state, package=each.id)) for each in every)
        said = [found_bad(each, environment) for each in asked]
        bad = [each for each in said if each is not None]
        if bad and len(bad) == len(said):
            yield with_people(bad[0], ask.who)


def _stood(ask: Question, going: Deploying, environment: str, hours: int) -> Finding:
    own = _itself(ask, environment, hours)
    if own.status is Is.SATISFIED or _each_did(ask, going, environment, hours):
        return _found(environment)
    if environment in ask.kind.environments:
        return own
    if ask.state.embargoed:
        message = f"It does not go to {environment}, and no package is asked of what is hidden."
        return replace(_found(environment), status=Is.NOT_APPLICABLE, message=message)
    act = Act("deployment.request", description=f"Deploy each package to {environment} first.")
    message = f"What it is made of never stood in {environment}, all of it and for long enough."
    return with_people(_found(environment, "not_promoted", message, act), ask.who)


def _each_did(ask: Question, going: Deploying, environment: str, hours: int) -> bool:
    """Whether a package of every version stood there for so long, and works."""
    made = packages_of(ask.state, ask.records)
    asked = (
        [replace(going, state=replace(going.state, package=each.id)) for each in every]
        for every in made.values()
    )
    every = [[stood(each, environment, hours) for each in some] for some in asked]
    return bool(every) and all(any(not e.status.blocks for e in some) for some in every)


def _itself(ask: Question, environment: str, hours: int) -> Finding:
    """Whether the release stood there for so long by its own deliveries, and works."""
    delivery = ask.state.reached(environment)
    if delivery is None:
        message = f"What it carries now never stood in {environment}."
        first = staying(ask, environment, "not_promoted", hours)
        return either(_found(environment, "not_promoted", message), first)
    if (bad := not_working(ask, delivery)) is not None:
        return either(
            _found(environment, bad.code, bad.message), mending(ask, environment, bad.code)
        )
    spans = held(ask, delivery)
    if (at := ripe(spans, hours)) is None:
        since = left(each for group in spans for each in group)
        message = f"Something else took its place at {since.isoformat() if since else 'once'}."
        goes_on = gave_way(ask, delivery)
        then = "It goes on once it is back." if goes_on else "Its time begins anew."
        again = staying(ask, environment, INTERRUPTED, hours)
        return either(_found(environment, INTERRUPTED, f"{message} {then}"), again)
    if at > ask.at:
        message = f"It must stand there until {at.isoformat()}."
        wait = Act("release.wait", count=0, description=f"It is ripe at {at.isoformat()}.")
        return _found(environment, "dwell_too_short", message, wait)
    return _found(environment)


def _found(environment: str, code: str = "", message: str = "", *acts: Act) -> Finding:
    status = Is.UNSATISFIED if code else Is.SATISFIED
    return Finding(_NAME, status, _title(environment), message=message, code=code, acts=acts)


def _title(environment: str) -> str:
    return f"It stood in {environment}"
