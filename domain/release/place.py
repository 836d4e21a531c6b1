"""What an environment asks of a release that goes there, and the deployment that brings it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Final

from domain.change.planned import others
from domain.clash import Plan
from domain.clash_findings import A_MOMENT, Asked, clash_findings
from domain.deployment.activity import helped, of_release, of_wish
from domain.deployment.blockers import BLOCKERS, PENDING
from domain.deployment.blockers import Question as Deploying
from domain.deployment.overriding import overridden
from domain.deployment.state import Deployment, Status, Wish
from domain.environment.readiness import environment_named
from domain.gate import Answer, Finding, Requirement
from domain.gate import Status as Is
from domain.kernel import Records, Then
from domain.lock.blocking import TITLE as LOCKS
from domain.lock.blocking import Activities, Target, lock_findings
from domain.package import Package
from domain.release.built import TITLE, built
from domain.release.made_of import package_of
from domain.release.question import Question
from domain.release.standing import scopes_of
from domain.release.state import Progress, Release

RUNNING: Final = "No deployment is running"
TOGETHER: Final = "Every release that is made of the same may go there"
_OF_THE_PLACE: Final = frozenset(("line", "running", "health", "blockers", "criticality", "cover"))
"""What is asked of a kept environment whatever goes there; the rest is asked of a package."""


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
    same = (each for each in asked if each.package == package.id)
    return next(same, None) or _fresh(state, environment, package)


def _fresh(state: Release, environment: str, package: Package) -> Deployment:
    said = f"{state.id}\n{state.version}\n{environment}"
    return Deployment(
        id=sha256(said.encode()).hexdigest()[:32],
        version=0,
        status=Status.REQUESTED,
        environment=environment,
        package=package.id,
        label=package.label,
        service=package.service,
        wish=Wish(package.id, environment, "", belongs_to=state.id),
        requested_by=state.author,
        requested_at=state.opened_at,
    )


def setting_off(state: Release, environment: str, records: Records) -> Then | None:
    """What starts that deployment; of a hidden release none is told, since all may read them."""
    found = None if state.embargoed else deployment_of(state, environment, records)
    if found is None:
        return None
    if found.version:
        return Then("deployment.set_off", found.id)
    given = {"package": found.package, "environment": environment, "release": state.id}
    named = {"service": found.service, "label": found.label}
    return Then("deployment.begin", found.id, {**given, **named})


# What is asked.


def clashes(ask: Question, where: str) -> tuple[Finding, ...]:
    """What is planned now does not stand in its way, as far as its playbook lets that block."""
    changes = ask.changes.values()
    items = (item for each in changes for item in each.content.configuration_items)
    plan = Plan(
        ask.state.id,
        ask.at,
        ask.at + A_MOMENT,
        ask.state.service,
        frozenset((where,)),
        frozenset(items),
        frozenset(each.person for each in ask.state.duties),
    )
    asked = Asked(plan, ask.playbook.severities(), frozenset(ask.changes))
    planned = others(asked, ask.records)
    return tuple(_named(ask, each) for each in clash_findings(asked, planned, ask.records))


def requirements(
    ask: Question, where: str, others: Callable[[str], Answer]
) -> Iterator[Requirement]:
    """What the environment asks, whatever the playbook says (S0-12, S0-13).

    Of one that is kept here that is what it asks of any deployment; `others` answers for the other
    releases that the package is for.
    """
    if environment_named(ask.records, where) is None:
        yield Requirement("running", RUNNING, lambda: _own_running(ask, where))
        yield Requirement("locks", LOCKS, lambda: _locks(ask, where, None), "S0-13")
        return
    brought = deployment_of(ask.state, where, ask.records)
    going = brought or _unknown(ask.state, where)
    asking = Deploying(going, ask.at, ask.authority, ask.records, ask.state.embargoed, ask.now)
    for each in BLOCKERS:
        if each.name == "locks":
            yield Requirement("locks", LOCKS, lambda: _locks(ask, where, brought), "S0-13")
        elif each.name != "clashes" and (brought or each.name in _OF_THE_PLACE):
            yield _of(ask, asking, each.requirement(asking))
    if brought is None or len(ask.state.plan.versions) > 1:
        yield Requirement("package", TITLE, lambda: built(ask), "S0-14")
    if brought:
        package = brought.package
        yield Requirement("release", TOGETHER, lambda: others(package), "S4-26")
    yield Requirement("settled", "Its last deployment is over", lambda: _own_running(ask, where))


def _unknown(state: Release, environment: str) -> Deployment:
    """Something of which only the place is known."""
    said = ("", "", state.plan.service, Wish("", environment, "", belongs_to=state.id))
    told = (state.id, 0, Status.REQUESTED, environment)
    return Deployment(*told, *said, state.author, state.opened_at)


def _of(ask: Question, asking: Deploying, blocker: Requirement) -> Requirement:
    """The check, with what an override lifts, and with those who could help."""

    def check() -> tuple[Finding, ...]:
        answer = blocker.check()
        found = answer if isinstance(answer, tuple | list) else (answer,)
        return tuple(_named(ask, each) for each in overridden(asking, tuple(found)))

    return replace(blocker, check=check)


def _locks(ask: Question, where: str, brought: Deployment | None) -> tuple[Finding, ...]:
    """No lock keeps deployments away there (S0-12, S0-13)."""
    scopes = scopes_of(ask.state)
    target = Target(
        brought.id if brought else ask.state.id,
        lambda: _activities(ask, where, brought),
        frozenset((where,)),
        scopes["service"],
        scopes["project"],
        within=ask.state.id,
    )
    found = lock_findings(target, ask.at, ask.records, ask.authority)
    if brought:
        found = overridden(Deploying(brought, ask.at, ask.authority, ask.records), found)
    return tuple(_named(ask, helped(each, ask.records)) for each in found)


def _activities(
    ask: Question, where: str | None = None, brought: Deployment | None = None
) -> Activities:
    """Those of the release, and of what else goes out with it."""
    given = (ask.at, ask.authority, ask.records)
    if brought:
        return of_wish(brought.wish, brought.environment, *given)
    return of_release(ask.state, where, *given)


def locked_for_all(ask: Question) -> tuple[Finding, ...]:
    """No lock of its service, or of a place it goes to, keeps it from being published."""
    scopes, places = scopes_of(ask.state), frozenset(ask.kind.environments)
    told = (places, scopes["service"], scopes["project"])
    target = Target(ask.state.id, lambda: _activities(ask), *told)
    found = lock_findings(target, ask.at, ask.records, ask.authority)
    return tuple(_named(ask, helped(each, ask.records)) for each in found)


def _own_running(ask: Question, environment: str) -> Finding:
    """One deployment at a time to an environment (S0-13)."""
    delivery = ask.state.delivery(environment)
    if delivery is None or delivery.progress is not Progress.RUNNING:
        return Finding("running", Is.SATISFIED, RUNNING)
    message, code = f"One to {environment} is.", "deployment_running"
    action = "deployment.succeed" if delivery.deployment else "release.settle_deployment"
    acts = (ask.act(action, "Say how it ended."),)
    return Finding("running", Is.UNSATISFIED, RUNNING, message=message, code=code, acts=acts)


def _named(ask: Question, finding: Finding) -> Finding:
    """The finding with those who may do what helps; what happens by itself needs nobody."""
    acts = (
        replace(act, people=ask.who(act.action)) if act.count and not act.people else act
        for act in finding.acts
    )
    return replace(finding, acts=tuple(acts))
