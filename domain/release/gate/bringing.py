"""The deployment that brings a release somewhere, if one does, and what lets it pass there."""

from __future__ import annotations

from typing import Final

from domain.deployment.blockers import BLOCKERS, PENDING
from domain.deployment.question import Question as Deploying
from domain.deployment.state import Deployment, Status, Wish
from domain.deployment.would_be import would_be
from domain.environment.readiness import environment_named
from domain.kernel import Records, Then
from domain.lock.blocking import Target
from domain.package import Package
from domain.passage import Passed
from domain.release.evidence.made_of import names_of, package_of
from domain.release.gate.question import Question
from domain.release.state import Release
from domain.release.whereabouts.by_override import going_by_hand
from domain.release.whereabouts.counted import standing

_OF_DEPLOYMENTS: Final = frozenset(each.name for each in BLOCKERS)


def deployment_of(state: Release, environment: str, records: Records) -> Deployment | None:
    """The deployment that brings it there: the one requested for it, or the one to begin.

    None where the environment is not kept here, or its package was not built here.
    """
    package = package_of(state, records)
    if package is None or environment_named(records, environment) is None:
        return None
    waiting = records.find(Deployment, environment=environment, status=PENDING)
    mine = (each for each in waiting if each.status is Status.REQUESTED)
    asked = (each for each in mine if each.wish.belongs_to == state.id)
    names = names_of(state, records)
    same = (each for each in asked if each.package in names)
    return next(same, None) or _fresh(state, environment, package)


def _fresh(state: Release, environment: str, package: Package) -> Deployment:
    called = f"{state.id}\n{state.version}\n{environment}"
    wish = Wish(package.id, environment, "", belongs_to=state.id)
    asked = (state.author, state.opened_at)
    return would_be(wish, called, package.label, package.service, asked)


def setting_off(
    state: Release, environment: str, records: Records, evidence: tuple[Passed, ...]
) -> Then | None:
    """What starts that deployment; of a hidden release none is told, since all may read them.

    It keeps what counted of what any deployment there is asked.
    """
    found = None if state.embargoed else deployment_of(state, environment, records)
    if found is None:
        return None
    counted = {"evidence": tuple(e for e in evidence if e.requirement in _OF_DEPLOYMENTS)}
    if found.version:
        return Then("deployment.set_off", found.id, counted)
    given = {"package": found.package, "environment": environment, "release": state.id}
    named = {"service": found.service, "label": found.label}
    return Then("deployment.begin", found.id, {**given, **named, **counted})


# What may let it pass.


def asking(ask: Question, going: Deployment, toward: Target | None = None) -> Deploying:
    """The same question about what goes there, as a deployment is asked it."""
    told = (ask.at, ask.authority, ask.records, ask.state.embargoed, ask.now, ask.who)
    return Deploying(going, *told, toward, ask.there, carrying=True)


def by_itself(state: Release, environment: str, records: Records) -> bool:
    """Whether it goes there, or counts there, without a deployment that could be overridden."""
    return _kept(state, environment, records) is None


def _kept(state: Release, environment: str, records: Records) -> Deployment | None:
    """The deployment that brings it there, which may be overridden, if there is one."""
    brought = None if state.embargoed else deployment_of(state, environment, records)
    if brought is None or brought.version:
        return brought
    return None if standing(state, environment, records) else brought


def lifting(ask: Question, where: str, target: Target | None = None) -> Deploying:
    """What asks whether an override lets it pass: its deployment, or itself where it has none."""
    if brought := _kept(ask.state, where, ask.records):
        return asking(ask, brought)
    return asking(ask, going_by_hand(ask.state, where), target)
