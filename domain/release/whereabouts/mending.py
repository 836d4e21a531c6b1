"""What helps where what a release brought somewhere does not count as deployed there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from domain.deployment.dwelling import MENDING, NOT_WORKING
from domain.deployment.found_bad import words
from domain.deployment.state import Deployment
from domain.deployment.undoing import Whom, sayers, saying_otherwise
from domain.gate import Act
from domain.package import Package
from domain.release.gate.question import Question
from domain.release.parts import Delivery, Progress
from domain.release.state import Release, cargo_of
from domain.release.whereabouts.live import live_since
from domain.release.whereabouts.out_of_turn import stood_for
from domain.release.whereabouts.there import brought
from domain.release.whereabouts.under_way import ending
from domain.verdict import Anew

Ways = tuple[tuple[Act, ...], ...]
"""Ways that help, any of which would do; each takes all of its acts."""


def mending(ask: Question, where: str, code: str) -> Ways:
    """What helps where it does not count as deployed there, for the reason with this code."""
    delivery = ask.state.delivery(where)
    if code != NOT_WORKING:
        return (_brought(ask, where, delivery),)
    own = brought(ask, delivery) if delivery else None
    says = tuple(saying_otherwise(_asked(ask), own)) if own else ()
    again = ask.act("release.deploy", f"Deploy it to {where} again. {MENDING}", where=where)
    gone = own is None or not own.current
    ways = (says or ((again,) if gone else ()), tuple(_instead(ask, own)))
    return tuple(filter(None, ways))


def staying(ask: Question, where: str, code: str, hours: int) -> Ways:
    """The same where it has to stay there for so long, with when that can be over.

    What gave way to fixes alone has stood there for a part of that already.
    """
    ways = mending(ask, where, code)
    if code == NOT_WORKING or not hours:
        return ways
    delivery = ask.state.reached(where)
    at = ask.at + timedelta(hours=hours) - (stood_for(ask, delivery) if delivery else timedelta())
    told = f"It then has to stay in {where} until {at.isoformat()} at the earliest."
    wait = Act("release.wait", count=0, description=told)
    return tuple((*each, wait) for each in ways)


def _brought(ask: Question, where: str, delivery: Delivery | None) -> tuple[Act, ...]:
    """That it is deployed there, or that what is on its way there arrives."""
    deploy = ask.act("release.deploy", f"Deploy it to {where}.", where=where)
    if delivery is None or delivery.progress is not Progress.RUNNING:
        return (deploy,)
    if coming(ask.state, where):
        return (seeing_through(ask, delivery, deploy),)
    return (settling(ask, delivery), deploy)


def coming(state: Release, where: str) -> Delivery | None:
    """What is on its way there, where that carries what the release does now."""
    found = state.delivery(where)
    if found is None or found.progress is not Progress.RUNNING:
        return None
    return found if found.cargo == cargo_of(state) else None


def seeing_through(ask: Question, delivery: Delivery, deploy: Act) -> Act:
    """That what is on its way ends; once the release is aimed elsewhere, that this goes there."""
    ends = settling(ask, delivery)
    over = ends.anew.acts if ends.anew else (ends,)
    return replace(ends, environment=deploy.environment, anew=Anew(ask.state.id, (*over, deploy)))


def settling(ask: Question, delivery: Delivery) -> Act:
    """That it is told how what is on its way somewhere ended.

    What turned out to be bad is taken back once the release is aimed at something else.
    """
    where, own = delivery.environment, brought(ask, delivery)
    ends = ending(where, delivery.deployment, by=ask.state.id)
    told = replace(ends, people=ask.who(ends.action))
    package = ask.records.get(Package, own.package) if own else None
    if own is None or package is None or not package.condemned:
        return told
    back = f"Roll back the deployment to {where}, or say that it failed."
    undo = replace(ask.act("deployment.roll_back", back), subject=own.id)
    return replace(told, anew=Anew(ask.state.id, (undo,)))


def _instead(ask: Question, own: Deployment | None) -> Iterator[Act]:
    """What else goes there: where people use it, it stays what it is unless it is rolled back."""
    if live_since(ask, ask.state) is None:
        yield ask.act("release.aim", "Aim it at what mends that.")
        return
    if own is not None and own.current:
        yield ask.act("deployment.roll_back", f"Roll it back in {own.environment}.")
    yield ask.act("release.open", "Plan another release, of what mends that.")


def looking(ask: Question, each: Deployment, *, watched: bool) -> Ways:
    """That somebody verifies a deployment, or watches it; or else what helps, if that went ill."""
    where = f"{each.label} in {each.environment}"
    if any(word.watched is watched and not word.good for word in words(each)):
        return mending(ask, each.environment, NOT_WORKING)
    people = sayers(_asked(ask), each, watched=watched)
    if watched:
        return ((Act("deployment.watch", people, description=f"Watch {where}."),),)
    return ((Act("deployment.verify", people, description=f"Say whether {where} works."),),)


def _asked(ask: Question) -> Whom:
    return Whom(ask.who, ask.authority, ask.records, ask.at)
