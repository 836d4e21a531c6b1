"""What a gate waits for that is deployed somewhere first: what the gate there waits for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from domain.approval.asking import at_board
from domain.approval.voting import Standing
from domain.explanation import Slot, Way, act_of, explain
from domain.gate import Act, Finding, There, Verdict, nowhere, or_else
from domain.process.release import DEPLOY
from domain.release.gate.bringing import deployment_of
from domain.release.gate.question import Question, unknown
from domain.release.standing import scopes_of
from domain.release.state import Release

Asks = Callable[[Question, str], Verdict]
"""What a gate of the release says."""
Acts = tuple[Act, ...]
Ways = Callable[[str], tuple[Way, ...]]
"""The ways to open the gate of an environment."""
_APPROVE: Final = "release.approve"
_PAST: Final = ("deployment.request", "deployment.override", "release.override")
_FOR: Final = "For "
_START: Final = "deployment.start"


def brought_first(ask: Question, gate: str, said: Verdict, asks: Asks) -> Verdict:
    """What a gate says, where deploying it somewhere is told after what the gate there waits for.

    Whoever deployed it as they were told would be refused otherwise. Where nobody can open the gate
    there, or it is the one that is asked, deploying it is told alone.
    """
    if ask.who is unknown:
        return said
    outer, known = ask.asking, dict[str, tuple[Way, ...]]()

    def ways(where: str) -> tuple[Way, ...]:
        if where not in known:
            into = f"{DEPLOY}:{where}"
            told = () if into in ask.asking else _ways(ask.state, asks(ask, into), ask.there)
            known[where] = told
        return known[where]

    ask.asking = outer | {gate}
    found = tuple(_told(ask, each, ways) if each.status.blocks else each for each in said.findings)
    ask.asking = outer
    return Verdict(found)


def _ways(release: Release, said: Verdict, there: There) -> tuple[Way, ...]:
    """The ways to open a gate of a release, by whom the policy lets approve it."""
    scopes = scopes_of(release)

    def may(rule: Standing) -> frozenset[str] | None:
        return None if there is nowhere else there(_APPROVE, at_board(scopes, rule.rule))

    return explain(said, approve=_APPROVE, may=may).ways


def helped(finding: Finding, release: Release, said: Verdict, there: There) -> Finding:
    """The finding that a release is not let pass, with what helps by what its own gate says."""
    if not finding.status.blocks:
        return finding
    ways = (map(act_of, way.acts) for way in _ways(release, said, there))
    told = [tuple(replace(e, subject=e.subject or release.id) for e in acts) for acts in ways]
    return or_else(replace(finding, acts=told[0]), *told[1:]) if told else finding


def _told(ask: Question, finding: Finding, ways: Ways) -> Finding:
    """The finding with every way to satisfy it, each from its beginning."""
    places = {act.environment for acts in (finding.acts, *finding.instead) for act in acts}
    if not any(places):
        return finding
    acts, *more = _from_the_start(ask, finding.acts, ways)
    others = (each for acts in finding.instead for each in _from_the_start(ask, acts, ways))
    return replace(finding, acts=acts, instead=(*more, *others))


def _from_the_start(ask: Question, acts: Acts, ways: Ways) -> Iterator[Acts]:
    """The acts, with each way to open the gate of where it is deployed before that is done."""
    where = next((act.environment for act in acts if act.environment), "")
    first = ways(where) if where else ()
    for way in first or (Way(()),):
        yield tuple(e for act in acts for e in (*_before(act, way), _going(ask, act)))


def _before(act: Act, way: Way) -> Acts:
    where = act.environment
    return tuple(_there(each, where) for each in way.acts) if where else ()


def _going(ask: Question, act: Act) -> Act:
    """The act; where the deployment that it would request waits already, that this is started."""
    where, state = act.environment, ask.state
    brought = deployment_of(state, where, ask.records) if where and not state.embargoed else None
    if brought is None or not brought.version:
        return act
    scopes = {"environment": frozenset((where,)), "service": frozenset((brought.service,))}
    people = ask.there(_START, scopes) or ask.who(_START)
    told = f"Start the deployment to {where} that was requested."
    start = Act(_START, people, description=told, subject=brought.id, environment=where)
    return start if people else act


def _there(slot: Slot, where: str) -> Act:
    """The same as an act; what goes past a gate says which, since that is one of several."""
    past = slot.action.startswith(_PAST) and not slot.description.startswith(_FOR)
    told = f"{_FOR}{where}: {slot.description}" if past else slot.description
    return replace(act_of(slot), description=told)
