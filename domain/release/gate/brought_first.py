"""What a gate waits for that is deployed somewhere first: what the gate there waits for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from domain.approval.asking import at_board
from domain.approval.voting import Standing
from domain.explanation import Explanation, act_of, explain
from domain.gate import Act, Finding, Verdict, nowhere, or_else
from domain.process.release import ANNOUNCE, DEPLOY, PUBLISH, TAG
from domain.release.gate.bringing import deployment_of
from domain.release.gate.giving_up import told_alone
from domain.release.gate.place import arriving
from domain.release.gate.question import Question
from domain.release.standing import scopes_of
from domain.release.state import Release
from domain.release.whereabouts.mending import coming, seeing_through
from domain.release.whereabouts.under_way import ENDING
from domain.titles import person_name
from domain.unfolding import Opening, end, unfolded
from domain.verdict import Anew, on

Asks = Callable[[Question, str], Verdict]
"""What a gate of the release says."""
_APPROVE: Final = "release.approve"
_DEPLOY: Final = "release.deploy"
_GATES: Final = {f"release.{each}": each for each in (TAG, PUBLISH, ANNOUNCE)}
_START: Final = "deployment.start"


def brought_first(ask: Question, gate: str, said: Verdict, asks: Asks) -> Verdict:
    """What a gate says, where such as to deploy it is told after what the gate of that waits for.

    Whoever did so as they were told would be refused otherwise. Where nobody can open that gate, it
    is told what it waits for; where it is the one that is asked, the act is told alone.
    """
    if not ask.explained:
        return said
    outer = ask.asking
    ask.asking = outer | {gate}
    opening, every = opens(ask, asks), told_alone(ask, said).findings
    found = tuple(unfolded(each, opening, lambda act: going(ask, act)) for each in every)
    ask.asking = outer
    return Verdict(found)


def opens(ask: Question, asks: Asks) -> Opening:
    """How the gate opens by which an act deploys, tags or publishes it; each is asked once."""
    known = dict[str, Explanation | None]()

    def opening(act: Act) -> Explanation | None:
        gate, on_its_way = _gate(act), coming(ask.state, act.environment)
        own = ("", ask.state.id, on_its_way.deployment if on_its_way else "")
        if gate is None or act.subject not in own:
            return None
        if gate not in known and on_its_way:
            known[gate] = explained(ask, arriving(ask, act.environment))
        if gate not in known:
            known[gate] = None if gate in ask.asking else explained(ask, asks(ask, gate))
        return known[gate]

    return opening


def _gate(act: Act) -> str | None:
    """The gate that an act on a release passes, of those that others wait for."""
    if act.action in (_DEPLOY, *ENDING):
        return f"{DEPLOY}:{act.environment}" if act.environment else None
    return _GATES.get(act.action)


def explained(ask: Question, said: Verdict) -> Explanation:
    """How a gate of the release opens, by whom the policy lets approve it."""
    scopes = scopes_of(ask.state)

    def may(rule: Standing) -> frozenset[str] | None:
        if ask.there is nowhere:
            return None
        return ask.there(_APPROVE, at_board(scopes, rule.rule))

    def named(id: str) -> str:
        return person_name(ask.authority.person(id))

    return explain(said, approve=_APPROVE, named=named, may=may)


def helped(finding: Finding, ask: Question, said: Verdict) -> Finding:
    """The finding that a release is not let pass, with what helps by what its own gate says.

    Where nobody can open that, with why.
    """
    if not finding.status.blocks:
        return finding
    own = explained(ask, said)
    if own.impossible_reason is not None:
        return replace(finding, vain=(end(f'"{finding.title}" does not hold:', own),))
    told = acts_of(ask.state, own)
    cut = finding.more or not own.complete
    return or_else(replace(finding, acts=told[0], more=cut), *told[1:])


def acts_of(release: Release, said: Explanation) -> list[tuple[Act, ...]]:
    """Each way to open a gate of a release as acts, those of no other record on that."""
    ways = (map(act_of, way.acts) for way in said.ways)
    return [tuple(on(each, release.id) for each in acts) for acts in ways]


def going(ask: Question, act: Act) -> Act:
    """The act as things stand there.

    Where the same is on its way, that this ends; where a request for it waits, that it is started.
    Neither is of what the release is aimed at elsewhere.
    """
    where, state = act.environment, ask.state
    if act.action != _DEPLOY:
        return act
    if on_its_way := coming(state, where):
        return seeing_through(ask, on_its_way, act)
    brought = deployment_of(state, where, ask.records) if where and not state.embargoed else None
    if brought is None or not brought.version:
        return act
    scopes = {"environment": frozenset((where,)), "service": frozenset((brought.service,))}
    people = ask.there(_START, scopes) or ask.who(_START)
    told = f"Start the deployment to {where} that was requested."
    start = Act(_START, people, description=told, subject=brought.id, environment=where)
    return replace(start, anew=Anew(state.id, (act,))) if people else act
