"""What a deployment waits for that is deployed somewhere before: what the gate there waits for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from domain.change.state import Change
from domain.deployment.blockers import PENDING
from domain.deployment.promoting import names_of
from domain.deployment.question import Question, Who
from domain.deployment.state import Deployment, Status
from domain.deployment.would_be import would_be
from domain.explanation import Explanation, act_of, explain
from domain.gate import Act, Finding, Verdict, nowhere
from domain.kernel import Scopes
from domain.process.release import DEPLOY
from domain.release.gate.brought_first import going, opens
from domain.release.gate.gates import asked
from domain.release.gate.question import Question as Carrying
from domain.release.standing import scopes_of
from domain.release.state import Release
from domain.slot import slot_of
from domain.unfolding import Going, Opening, unfolded
from domain.verdict import on

Starts = Callable[[Question], Verdict]
"""What the gate of starting a deployment says."""
_REQUEST: Final = "deployment.request"
_DEPLOY: Final = "release.deploy"


def brought_first(
    ask: Question, findings: tuple[Finding, ...], starts: Starts
) -> tuple[Finding, ...]:
    """The findings, where it is told from the first place on what is deployed before it.

    What belongs to a release goes there with that, all else by a deployment of its own. Of what is
    hidden nobody is looked up.
    """
    release = ask.records.get(Release, ask.state.wish.belongs_to or "")
    if release is not None and release.embargoed:
        return findings
    by_itself = _opening(ask, starts), lambda act: _going(ask, act)
    ways = {_REQUEST: by_itself} | ({_DEPLOY: _with(ask, release)} if release else {})

    def opening(act: Act) -> Explanation | None:
        return ways[act.action][0](act) if act.action in ways else None

    def goes(act: Act) -> Act:
        return ways[act.action][1](act) if act.action in ways else act

    return tuple(unfolded(each, opening, goes) for each in findings)


def _with(ask: Question, release: Release) -> tuple[Opening, Going]:
    """How the gates of its release open, by acts on that."""
    who, near = _those(ask, scopes_of(release)), (ask.at, ask.authority, ask.records)
    carrying = Carrying(release, *near, who, now=ask.now, there=ask.there)
    carrying.asking = frozenset((f"{DEPLOY}:{ask.state.environment}",))
    opening = opens(carrying, asked)

    def of_it(act: Act) -> Explanation | None:
        return _on(release.id, opening(act))

    def goes(act: Act) -> Act:
        return going(carrying, replace(act, people=who(act.action), subject=release.id))

    return of_it, goes


def _opening(ask: Question, starts: Starts) -> Opening:
    """How the gate opens of what is requested for a place before."""

    def opening(act: Act) -> Explanation | None:
        if not act.environment:
            return None
        before = _before(ask, act.environment)
        if before.status is Status.RUNNING:
            return Explanation()
        there = replace(ask, state=before, who=_those(ask, _scopes(before)), toward=None)
        return _on(before.id if before.version else "", explain(starts(there)))

    return opening


def _going(ask: Question, act: Act) -> Act:
    """What is asked for there as things stand: it may be requested, or on its way."""
    where = act.environment
    if not where:
        return act
    before = _before(ask, where)
    action, told = _REQUEST, act.description
    if before.status is Status.RUNNING:
        action, told = "deployment.succeed", f"Say how the deployment to {where} ended."
    elif before.version:
        action, told = "deployment.start", f"Start the deployment to {where} that was requested."
    people, subject = _those(ask, _scopes(before))(action), before.id if before.version else ""
    return Act(action, people, description=told, subject=subject, environment=where)


def _before(ask: Question, where: str) -> Deployment:
    """What brings the same there by itself: what is requested or under way, or would be."""
    pending = ask.records.find(Deployment, environment=where, status=PENDING)
    names = names_of(ask.records, ask.state.package)
    alone = [each for each in pending if each.package in names and not each.wish.belongs_to]
    return min(
        alone,
        key=lambda each: (each.status is not Status.RUNNING, each.id),
        default=_fresh(ask, where),
    )


def _fresh(ask: Question, where: str) -> Deployment:
    """What would be requested: with those of its changes that are for this place as well."""
    state, wish = ask.state, ask.state.wish
    changes = (ask.records.get(Change, each) for each in wish.changes)
    mine = tuple(each.id for each in changes if each and where in each.content.environments)
    there = replace(wish, package=state.package, environment=where, changes=mine)
    there = replace(there, window=None, belongs_to=None)
    asked = (state.requested_by, state.requested_at)
    return would_be(there, f"{state.package}\n{where}", state.label, state.service, asked)


def _scopes(state: Deployment) -> Scopes:
    return {"environment": frozenset((state.environment,)), "service": frozenset((state.service,))}


def _those(ask: Question, scopes: Scopes) -> Who:
    """Who may ask for an action on what is of these scopes."""
    if ask.there is nowhere:
        return ask.who
    return lambda action: ask.there(action, scopes)


def _on(id: str, said: Explanation | None) -> Explanation | None:
    """The same, where what is told of no other record is done to this one."""
    if said is None or not id:
        return said
    ways = (
        replace(way, acts=tuple(slot_of(on(act_of(each), id)) for each in way.acts))
        for way in said.ways
    )
    return replace(said, ways=tuple(ways))
