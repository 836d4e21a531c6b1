"""What a gate of a release is going to look at, read in four steps instead of one by one.

Each step names what the one before made known. Nothing depends on it but how often is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.accord.state import Accord
from domain.adoption import Status as Adoption
from domain.calendar.entry_state import CalendarEntry
from domain.change.covering import requests_of
from domain.change.state import Change
from domain.clash.findings import CALENDAR
from domain.deployment.blockers import PENDING
from domain.deployment.critical import AT_WORK, BOOKS, taken_up
from domain.deployment.promoting import names_of
from domain.deployment.state import Deployment, Status
from domain.environment.promotion import promoted_from
from domain.environment.readiness import environment_named
from domain.environment.state import Environment
from domain.evidence.aggregate import Evidence
from domain.exemption.state import Exemption
from domain.inclusion import Inclusion
from domain.lock.state import Lock
from domain.lock.state import Status as LockStatus
from domain.merge_request.state import MergeRequest
from domain.package import Package
from domain.playbook.aggregate import Playbook
from domain.process.release import CLOSE, DEPLOY, PUBLISH, TAG, Matter
from domain.release.checks.in_advance import digests_built
from domain.release.checks.known import witnesses
from domain.release.checks.loose import left_over, linked, trackers
from domain.release.embargo import inside
from domain.release.evidence.carried import named
from domain.release.evidence.hands import of_items, of_ties, of_versions
from domain.release.evidence.made_of import package_of, packages_sought, sought
from domain.release.evidence.repository import alike, tagged_in
from domain.release.gate.bringing import deployment_of
from domain.release.gate.question import Question, unknown
from domain.release.state import Progress, Release
from domain.release.whereabouts.brought import arrived, wanted
from domain.release.whereabouts.by_hand import ever_there
from domain.release.whereabouts.in_use import in_use
from domain.release.whereabouts.under_way import GOING_ON
from domain.security_fix.state import SecurityFix
from domain.showing import fixes_of
from domain.sides import Wanted
from domain.stable_line.state import StableLine
from domain.sync.state import Sync
from domain.waiver.state import Waiver

_UNDONE: Final = (Progress.FAILED, Progress.ROLLED_BACK)


def read(ask: Question, act: str, where: str) -> None:
    """Read it; of a release whose playbook is gone what does not depend on that."""
    ask.records.together(*_named_by_itself(ask, act, where))
    ask.records.together(*_named_by_its_items(ask, act, where))
    try:
        stood = _promoted(ask, where) if act == DEPLOY else ()
        ask.records.together(*_named_by_those(ask, act, where), *stood)
        went = (*_where_it_went(ask), *_named_by_others(ask), *_tried_again(ask))
        ask.records.together(*went)
    except LookupError:
        return


def _named_by_itself(ask: Question, act: str, where: str) -> Iterator[Wanted]:
    state = ask.state
    yield Playbook, {"id": frozenset((state.playbook,))}
    yield Inclusion, {"release": state.id}
    yield Waiver, {"release": state.id}
    yield Sync, {"release": state.id}
    yield SecurityFix, {"tracker": state.id}
    yield from of_versions(state)
    if ask.subjects:
        yield Evidence, {"subject": ask.subjects}
    if act in (TAG, PUBLISH):
        yield from packages_sought(state)
        yield StableLine, {"service": state.plan.service}
    if act == TAG:
        yield from witnesses(state)
    if act in (DEPLOY, PUBLISH):
        yield Lock, {"status": LockStatus.ACTIVE}
        yield from _owed(ask)
    if act == DEPLOY:
        yield CalendarEntry, {"active": True, "kind": CALENDAR}
        yield from _there(ask, where)
    if state.embargoed:
        yield linked(state)
        yield from _beside(state) if act in (TAG, DEPLOY, PUBLISH, CLOSE) else ()


def _owed(ask: Question) -> Iterator[Wanted]:
    """What is owed a signature, and when one is given, where it is told who overrides."""
    if ask.who is not unknown:
        yield Playbook, {"status": Adoption.ADOPTED}
        yield Deployment, {"owing": True}
        yield Release, {"owing": True}


def _there(ask: Question, where: str) -> Iterator[Wanted]:
    """What is known of the place, and of what is going there."""
    yield Environment, {"name": where}
    yield Environment, {"retired": False}
    yield Deployment, {"environment": where, "status": PENDING}
    yield Deployment, {"environment": where, "current": True}
    yield AT_WORK
    yield BOOKS
    yield Release, {"status": GOING_ON}
    if (named := sought(ask.state)) is not None:
        yield Package, named


def _beside(state: Release) -> Iterator[Wanted]:
    for tag in state.tags:
        yield from ((Release, told) for told in alike(state, state.stands_in(tag)))
    for each in state.deliveries:
        if each.progress is Progress.RUNNING:
            yield Deployment, {"environment": each.environment, "status": Status.RUNNING}
            yield Release, {"status": GOING_ON}


def _named_by_its_items(ask: Question, act: str, where: str) -> Iterator[Wanted]:
    items = [each for each in ask.ever_included if each.included]
    references = frozenset(each.reference for each in items)
    if ids := named(items):
        yield Change, {"id": ids}
        yield MergeRequest, {"id": ids}
    if references:
        yield Inclusion, {"reference": references}
    yield from of_items(ask.state, items)
    yield from _named_by_fixes(ask)
    yield Accord, {"subject": ask.agreeable}
    if ask.state.plan.project is not None:
        yield from _near(ask, act, where)
    if act == DEPLOY:
        yield from _on_the_way(ask, where)
        yield from filter(None, (taken_up(ask.records),))
    if digests := _digests(ask, f"{act}:{where}" if where else act):
        yield Evidence, {"subject": digests}


def _named_by_fixes(ask: Question) -> Iterator[Wanted]:
    """What the fixes linked to it consist of and follow, and what they go by."""
    if parts := frozenset(id for each in ask.fixes for id in each.merge_requests):
        yield MergeRequest, {"id": parts}
    if before := frozenset(each.follows for each in ask.fixes if each.follows):
        yield SecurityFix, {"id": before}
    if books := frozenset(each.playbook for each in ask.fixes):
        yield Playbook, {"id": books}
    if others := trackers(ask):
        yield Release, {"id": others}


def _out_before(ask: Question) -> Iterator[Wanted]:
    """What the fixes consist of that these follow, or that no release has any more."""
    followed = (ask.records.get(SecurityFix, each.follows) for each in ask.fixes if each.follows)
    every = (*filter(None, followed), *left_over(ask))
    if out := frozenset(id for each in every for id in each.merge_requests):
        yield MergeRequest, {"id": out}
    if books := frozenset(each.playbook for each in left_over(ask)):
        yield Playbook, {"id": books}


def _hidden(ask: Question) -> Iterator[Wanted]:
    """What may stay hidden as it is published: what has its commits, or belongs to hidden fixes."""
    items = [each for each in ask.ever_included if each.included]
    if commits := inside(ask.state, items, ask.records)[1]:
        yield MergeRequest, {"head": commits}
        yield MergeRequest, {"merge_commit": commits}
    if fixes := frozenset().union(*map(fixes_of, ask.merge_requests.values())):
        yield SecurityFix, {"id": fixes}


def _digests(ask: Question, gate: str) -> frozenset[str]:
    """The packages built of it, where a row of the gate asks for every report on them."""
    try:
        rows = ask.kind.rows(gate)
    except LookupError:
        return frozenset()
    asked = any(row.in_advance or row.every for row in rows)
    return digests_built(ask) if asked else frozenset()


def _on_the_way(ask: Question, where: str) -> Iterator[Wanted]:
    """What exempts it from locks, and where its package stood before."""
    brought = deployment_of(ask.state, where, ask.records)
    own = brought.id if brought else ask.state.id
    yield Exemption, {"subject": frozenset((own, ask.state.id))}
    place, package = environment_named(ask.records, where), package_of(ask.state, ask.records)
    if place is not None and package is not None:
        yield Package, {"digest": package.digest, "service": package.service}
        for each in promoted_from(place.plan, ask.records):
            bad = {"environment": each, "service": package.service, "faulty": True}
            yield Deployment, bad


def _promoted(ask: Question, where: str) -> Iterator[Wanted]:
    """What brought its package, by whatever name, to where it is promoted from."""
    place, package = environment_named(ask.records, where), package_of(ask.state, ask.records)
    if place is not None and package is not None:
        told = {"status": Status.SUCCEEDED, "package": names_of(ask.records, package.id)}
        for each in promoted_from(place.plan, ask.records):
            yield Deployment, {"environment": each, **told}


def _named_by_those(ask: Question, act: str, where: str) -> Iterator[Wanted]:
    if ask.other_ids:
        yield Release, {"id": ask.other_ids}
    reviewed = ask.merge_requests.values() if _of_kinds(ask) else ()
    if books := frozenset(each.playbook for each in (*ask.accords, *reviewed)):
        yield Playbook, {"id": books}
    if ask.elsewhere:
        yield Inclusion, {"reference": ask.elsewhere}
    yield from _out_before(ask)
    if tied := requests_of(ask.changes.values()):
        yield MergeRequest, {"id": tied}
    if heads := frozenset(each.head for each in ask.backports):
        yield Evidence, {"subject": heads}
    if ask.state.embargoed and act == PUBLISH:
        yield from _hidden(ask)
    yield from of_ties(ask)
    yield from _near(ask, act, where)
    if act in (TAG, PUBLISH) and ask.kind.support:  # those that may have higher versions
        yield Release, {"service": ask.state.service}


def _near(ask: Question, act: str, where: str) -> Iterator[Wanted]:
    """Those that may have its versions, where it matters; known once its project is."""
    out = act in (TAG, PUBLISH) or (act == DEPLOY and in_use(ask, where))
    for version in ask.state.plan.versions if out else ():
        yield from ((Release, e) for e in alike(ask.state, tagged_in(ask, version)))


def _where_it_went(ask: Question) -> Iterator[Wanted]:
    """What brought it, or others with the same in them, to where they are, and what is there."""
    every = (ask.state, *ask.others.values())
    went = [(release.service, each) for release in every for each in release.deliveries]
    if ids := frozenset(each.deployment for _, each in went if each.deployment):
        yield Deployment, {"id": ids}
    for service, where in dict.fromkeys((service, each.environment) for service, each in went):
        there = {"environment": where, "service": service}
        yield Deployment, {"current": True, **there}
        yield Deployment, {"faulty": True, **there}
    for service in dict.fromkeys(service for service, _ in went):
        yield Release, {"stood_for": service}
    for each in ask.state.deliveries:
        if each.deployment is None:
            yield Deployment, ever_there(ask.state.service, each.environment)


def _tried_again(ask: Question) -> Iterator[Wanted]:
    """What had brought others with the same in them to where they failed or were rolled back."""
    if any(each.since_last for each in ask.kind.requirements):
        every = ((each.service, one) for each in ask.others.values() for one in each.deliveries)
        gone = ((e, one) for e, one in every if one.progress in _UNDONE)
        for service, where in dict.fromkeys((e, one.environment) for e, one in gone):
            place = {"environment": where, "service": service}
            yield Deployment, {"status": Status.SUCCEEDED, **place}


def _named_by_others(ask: Question) -> Iterator[Wanted]:
    """What tells what those are made of that brought the same somewhere."""
    rows = [each for each in ask.kind.requirements if each.about is Matter.CHANGES_DEPLOYED]
    for place in {each.environment for each in rows if each.environment}:
        if ask.state.reached(place) is None:
            yield from wanted(ask, arrived(ask.others.values(), place))


def _of_kinds(ask: Question) -> bool:
    """Whether it matters by which rules its merge requests were reviewed."""
    return any(each.merge_requests for each in ask.kind.requirements)
