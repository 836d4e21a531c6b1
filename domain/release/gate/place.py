"""What an environment asks of a release that goes there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from domain.change.planned import others
from domain.clash.clash import Plan
from domain.clash.findings import A_MOMENT, Asked, clash_findings
from domain.deployment.activity import helped, of_release, of_wish
from domain.deployment.blockers import CRITICALITY, NEWS, blockers_of
from domain.deployment.offering import passable
from domain.deployment.overriding import overridden
from domain.deployment.question import Question as Deploying
from domain.deployment.state import Deployment
from domain.environment.readiness import environment_named
from domain.exemption.hands import hands
from domain.gate import Act, Answer, Finding, Requirement, Verdict, evaluate, with_people
from domain.gate import Status as Is
from domain.lock.blocking import HALTED, Activities, Target, halting_findings, lock_findings
from domain.lock.blocking import TITLE as LOCKS
from domain.playbook.places import passed_off
from domain.release.gate.bringing import asking, deployment_of, lifting
from domain.release.gate.going_on import approved_still
from domain.release.gate.question import Question, unknown
from domain.release.standing import scopes_of
from domain.release.state import Progress
from domain.release.whereabouts.built import SOUND, TITLE, built, named_built, sound
from domain.release.whereabouts.by_override import going_by_hand, publishing
from domain.release.whereabouts.counted import standing
from domain.release.whereabouts.in_the_way import others_ending
from domain.release.whereabouts.mending import settling
from domain.release.whereabouts.promoted import asked_by_hand
from domain.release.whereabouts.under_way import under_way

RUNNING: Final = "No deployment is running"
KIND: Final = "Its playbook knows what is production"
TOGETHER: Final = "Every release that is made of the same may go there"
_OF_THE_PLACE: Final = frozenset(
    (
        "environment",
        "line",
        "running",
        "health",
        "blockers",
        "criticality",
        "cover",
        "window",
        "promotion",
    )
)
"""What is asked of a kept environment whatever goes there; the rest is asked of a package."""


# What is asked.


def kind(ask: Question, where: str) -> Finding:
    """Its playbook calls production nothing less, by which it would ask less of what goes there.

    LookupError when its playbook is gone.
    """
    declared = ask.process.environment(where)
    wrong = passed_off(declared, ask.records) if declared else None
    if wrong is None:
        return Finding("kind", Is.SATISFIED, KIND)
    message, code = f"{wrong}.", "production_passed_off"
    adopt = Act("playbook.adopt", ask.who("playbook.adopt"))
    act = replace(adopt, description="Adopt a playbook that says so, and release by that.")
    return Finding("kind", Is.UNSATISFIED, KIND, message=message, code=code, acts=(act,))


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

    Of one that is kept here that is what it asks of any deployment, of what was built before all;
    `others` answers for the other releases that the package is for.
    """
    if environment_named(ask.records, where) is None:
        yield from _of_one_nobody_keeps(ask, where)
        return
    brought = deployment_of(ask.state, where, ask.records)
    going = asking(ask, brought or going_by_hand(ask.state, where))
    lifted = lifting(ask, where, target_of(ask, where, brought))
    there = standing(ask.state, where, ask.records)
    by_hand = brought is None or ask.state.embargoed
    if brought is None or len(ask.state.plan.versions) > 1:
        yield Requirement("package", TITLE, lambda: built(ask), "S0-14")
    for each in asked_by_hand(ask, going) if by_hand else blockers_of(going):
        if each.name == "news" and there:
            yield Requirement("news", each.title, partial(_counts, there), each.source)
        elif each.name == "locks":
            yield Requirement("locks", LOCKS, lambda: _locks(ask, where, brought), "S0-13")
        elif each.name != "clashes" and (brought or each.name in _OF_THE_PLACE):
            yield _of(ask, lifted, each.requirement(going))
    if brought:
        package = brought.package
        yield Requirement("release", TOGETHER, lambda: others(package), "S4-26")
    yield Requirement("settled", "Its last deployment is over", lambda: _own_running(ask, where))


def _of_one_nobody_keeps(ask: Question, where: str) -> Iterator[Requirement]:
    """What is known of it nonetheless: what goes on there, what was built, and the locks."""
    yield Requirement("running", RUNNING, lambda: _running(ask, where), "S0-13")
    going = asking(ask, going_by_hand(ask.state, where))
    lifted = lifting(ask, where, target_of(ask, where, None))
    yield _of(ask, lifted, CRITICALITY.requirement(going))
    yield Requirement("package", TITLE, lambda: named_built(ask), "S0-14")
    yield Requirement("locks", LOCKS, lambda: _locks(ask, where, None), "S0-13")


def _counts(there: Deployment) -> Finding:
    """That nothing is deployed: what stands there counts for the release once its gate lets it."""
    message = "It stands there already, and counts for the release from then on."
    return Finding("news", Is.NOT_APPLICABLE, NEWS, (there.id,), message=message)


def _of(ask: Question, lifted: Deploying, blocker: Requirement) -> Requirement:
    """The check, with what an override lifts, and with those who could help."""

    def check() -> tuple[Finding, ...]:
        answer = blocker.check()
        found = answer if isinstance(answer, tuple | list) else (answer,)
        return tuple(_named(ask, each) for each in passable(lifted, tuple(found)))

    return replace(blocker, check=check)


def _locks(ask: Question, where: str, brought: Deployment | None) -> tuple[Finding, ...]:
    """No lock keeps deployments away there (S0-12, S0-13)."""
    target = target_of(ask, where, brought)
    found = lock_findings(target, ask.at, ask.records, ask.authority, ask.there)
    found = passable(lifting(ask, where, target), found)
    return tuple(_named(ask, helped(each, ask.records)) for each in found)


def target_of(ask: Question, where: str, brought: Deployment | None) -> Target:
    """What locks look at when it goes there."""
    scopes = scopes_of(ask.state)
    return Target(
        brought.id if brought else ask.state.id,
        lambda: activities(ask, where, brought),
        frozenset((where,)),
        scopes["service"],
        scopes["project"],
        within=ask.state.id,
        hands=lambda: hands(brought or ask.state, ask.authority, ask.records),
        cleared=_cleared(ask),
    )


def _cleared(ask: Question) -> Callable[[], frozenset[str]] | None:
    """Who may know of a hidden release; nothing where everybody may, or nobody is looked up."""
    if not ask.state.embargoed or ask.who is unknown:
        return None
    return lambda: ask.who("release.read_embargoed")


def arriving(ask: Question, where: str) -> Verdict:
    """Whether it may be said to stand there, having been brought by hand: nothing halts it.

    That is a lock that nobody overrode, that what it is made of turned out to be bad meanwhile, or
    that it was approved in advance and not every test passes any more.
    """

    def halted() -> tuple[Finding, ...]:
        target = target_of(ask, where, None)
        found = halting_findings(target, ask.at, ask.records, ask.authority, ask.there)
        found = overridden(lifting(ask, where, target), found)
        return tuple(_named(ask, helped(each, ask.records)) for each in found)

    begun = Finding("status", Is.SATISFIED, "It is under way there")
    status = Requirement("status", begun.title, lambda: begun)
    package = Requirement("package", SOUND, lambda: sound(ask), "S0-14")
    locks = Requirement("locks", HALTED, halted, "S0-12")
    return evaluate((status, package, locks, *approved_still(ask, where)))


def activities(
    ask: Question, where: str | None = None, brought: Deployment | None = None
) -> Activities:
    """Those of the release, and of what else goes out with it."""
    given = (ask.at, ask.authority, ask.records)
    if brought:
        return of_wish(brought.wish, brought.environment, *given)
    return of_release(ask.state, where, *given)


def locked_for_all(ask: Question) -> tuple[Finding, ...]:
    """No lock of its service, or of a place it goes to, keeps it from being published."""
    going = to_be_published(ask)
    found = lock_findings(going.target, ask.at, ask.records, ask.authority, ask.there)
    told = passable(going, found)
    return tuple(_named(ask, helped(each, ask.records)) for each in told)


def to_be_published(ask: Question) -> Deploying:
    """What asks whether it may be published in spite of a lock, and what locks look at then."""
    scopes, places = scopes_of(ask.state), frozenset(ask.kind.environments)
    told = (places, scopes["service"], scopes["project"])
    own = partial(hands, ask.state, ask.authority, ask.records)
    going_out = partial(activities, ask)
    target = Target(ask.state.id, going_out, *told, hands=own, cleared=_cleared(ask))
    return asking(ask, publishing(ask.state), target)


def _running(ask: Question, environment: str) -> Finding:
    """One release at a time, also where nothing but releases tells of deployments (S0-13)."""
    hidden = ask.state.embargoed
    others = under_way(ask.records, environment, but=ask.state.id, hidden=hidden)
    if not others:
        return _own_running(ask, environment)
    acts, called = others_ending(others, environment, ask.records)
    message = f"Another release is being deployed to {environment}{called}"
    told = Finding("running", Is.UNSATISFIED, RUNNING, others, message=message, acts=acts)
    return _named(ask, replace(told, code="deployment_running"))


def _own_running(ask: Question, environment: str) -> Finding:
    """One deployment at a time to an environment (S0-13)."""
    delivery = ask.state.delivery(environment)
    if delivery is None or delivery.progress is not Progress.RUNNING:
        return Finding("running", Is.SATISFIED, RUNNING)
    message, code = f"One to {environment} is.", "deployment_running"
    acts = (settling(ask, delivery),)
    return Finding("running", Is.UNSATISFIED, RUNNING, message=message, code=code, acts=acts)


def _named(ask: Question, finding: Finding) -> Finding:
    return with_people(finding, ask.who)
