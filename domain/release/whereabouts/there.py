"""Whether what a release brought somewhere works and stands there still, or gave way to older."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from domain.deployment.dwelling import NOT_WORKING
from domain.deployment.found_bad import faulty
from domain.deployment.state import Deployment, Stand
from domain.package import Package
from domain.process.release import CLOSE, EnvironmentKind
from domain.release.gate.question import Question
from domain.release.state import Delivery, Release, Stood
from domain.release.whereabouts.by_hand import ByHand, bare, unbroken, uncovered
from domain.release.whereabouts.taken import (
    by_hand_since,
    deployed_since,
    first_built,
    follows,
    goes_back,
    made_here,
    standing_by_hand,
)

NOT_THERE: Final = "not_deployed"
GAVE_WAY: Final = "older_stands_there"
"""The code of what something that was made before it took the place of."""
ELSE_THERE: Final = "other_stands_there"
"""The code of what anything else took the place of where each release is tested by itself."""


class Lacking(NamedTuple):
    """Why something does not count as deployed there: a stable code, and a sentence."""

    code: str
    message: str


def brought(ask: Question, delivery: Delivery) -> Deployment | None:
    """The deployment kept here that brought it, None of what was brought by hand."""
    return ask.records.get(Deployment, delivery.deployment) if delivery.deployment else None


def not_working(ask: Question, delivery: Delivery | None) -> Lacking | None:
    """That what was brought somewhere was found not to work there, if so."""
    own = brought(ask, delivery) if delivery else None
    return _not_working(own.environment) if own and faulty(ask.records, own) else None


def in_place(ask: Question, where: str, gate: str = "") -> Lacking | None:
    """Why this very release does not stand there and work, None if it does.

    It does also where what came there since goes on from it; not where it was found not to work,
    nor where each release is tested by itself and another is there. To be closed it is there also
    with what hid since, and goes nowhere else with it.
    """
    went = ask.state.as_it_went_out if gate == CLOSE else ask.state
    own = ask.state if ask.state.reached(where) else went
    return not_working(ask, own.reached(where)) or running(ask, own, where)


def running(ask: Question, release: Release, where: str) -> Lacking | None:
    """Why what a release contains does not run there, None if it does: by what stands there now.

    That is what the release brought, or something later that works and goes on from it. What was
    found not to work counts as if it had not arrived. Where releases are tested nothing goes on
    from another: what stands there is that one.
    """
    delivery = release.reached(where)
    if delivery is None:
        return Lacking(NOT_THERE, f"What the release carries now is not in {where}.")
    return lacking(ask, release, delivery)


def lacking(ask: Question, release: Release, delivery: Delivery) -> Lacking | None:
    """The same of what one delivery brought, whatever the release carries by now."""
    own, where = brought(ask, delivery), delivery.environment
    at = _since(delivery, own)
    later = () if own and own.current else deployed_since(ask, release, where, at)
    hand = standing_by_hand(by_hand_since(ask, release, where, at), later)
    if hand is not None:
        lacking = _after_hand(ask, release, own, hand)
    else:
        lacking = _after(ask, release, delivery, later)
    return lacking or _else_there(ask, where, _others(ask, release, delivery, later, hand))


def _after(
    ask: Question, release: Release, delivery: Delivery, later: tuple[Deployment, ...]
) -> Lacking | None:
    """Why it does not run since these were deployed there, or since it is gone."""
    own, where = brought(ask, delivery), delivery.environment
    if own is not None and own.current:
        return _not_working(where) if faulty(ask.records, own) else None
    if own is not None and not later:
        return Lacking(NOT_THERE, f"What the release brought to {where} stands there no more.")
    bad = own is not None and faulty(ask.records, own)
    if bad and any(faulty(ask.records, each) for each in later):
        return _not_working(where)
    older = (each for each in later if not _goes_on(ask, each, release, delivery))
    back = next(older, None)
    message = f"{back.label if back else ''} stands in {where} now, which was made before it."
    return Lacking(GAVE_WAY, message) if back else None


def _others(
    ask: Question,
    release: Release,
    delivery: Delivery,
    later: tuple[Deployment, ...],
    hand: ByHand | None,
) -> Iterator[str]:
    """What stands there instead of the release, and is none of its own packages."""
    if hand is not None:
        yield _label(ask, hand)
    elif later:
        made = {each.id for each in _made(ask, release, delivery)}
        yield from (each.label for each in later if each.package not in made)


def _else_there(ask: Question, where: str, others: Iterator[str]) -> Lacking | None:
    """That something else stands there, where each release is tested by itself, if so."""
    label = next(others, None)
    if label is None or not _each_by_itself(ask, where):
        return None
    message = f"{label} stands in {where} now, where each release is tested by itself."
    return Lacking(ELSE_THERE, message)


def _each_by_itself(ask: Question, where: str) -> bool:
    """Whether releases of several lines take turns there: a higher version holds no lower one.

    They do where things are tested, and wherever a kind with lines goes that is not live.
    """
    place = ask.process.environment(where)
    if place is None or place.kind is EnvironmentKind.PRODUCTION:
        return False
    lines = ask.kind.support is not None and where in ask.kind.environments
    return lines or place.kind is EnvironmentKind.TEST


def _after_hand(
    ask: Question, release: Release, own: Deployment | None, hand: ByHand
) -> Lacking | None:
    """Why it does not run since something came there by hand: that is not known to go on from it.

    Nobody says here of what is brought by hand that it works, so it mends nothing that does not.
    """
    where = hand.span.environment
    if own is not None and faulty(ask.records, own):
        return _not_working(where)
    message = (
        f"{_label(ask, hand)} stands in {where} now, and is not known to have been made later."
    )
    return None if follows(ask, hand, release) else Lacking(GAVE_WAY, message)


def _label(ask: Question, hand: ByHand) -> str:
    told = not hand.release.embargoed or hand.release.project == ask.state.project
    return hand.span.label if told else "Something else"


def stands(ask: Question, delivery: Delivery) -> tuple[Stand, ...]:
    """When what the release brought stood there, also by hand once and again, with nothing over it.

    By hand that begins with the first time since it was last rolled back, or brought other things.
    """
    own, where, hidden = brought(ask, delivery), delivery.environment, ask.state.embargoed
    if own is not None:
        return tuple(bare(ask.records, own, hidden=hidden))
    alone = Stood(where, "", delivery.settled_at or delivery.started_at)
    spans = unbroken(ask.state, where, delivery.cargo) or [alone]
    return tuple(uncovered(ask.records, ask.state, spans, hidden=hidden))


def away(ask: Question, delivery: Delivery, at: datetime) -> bool:
    """Whether something else stood there at a moment after it came, where each is by itself."""
    came = delivery.settled_at or delivery.started_at
    if at <= came or not _each_by_itself(ask, delivery.environment):
        return False
    there = (each for each in stands(ask, delivery) if each.since <= at)
    return all(each.until is not None and each.until <= at for each in there)


def _not_working(where: str) -> Lacking:
    return Lacking(NOT_WORKING, f"It was found not to work in {where}.")


def _since(delivery: Delivery, own: Deployment | None) -> datetime:
    """When it arrived there; what a rollback puts back arrived no later for that."""
    return (own.arrived if own else None) or delivery.settled_at or delivery.started_at


# Whether one goes on from the other.


def _made(ask: Question, release: Release, delivery: Delivery) -> tuple[Package, ...]:
    """What it is made of, as far as that was built here."""
    own = brought(ask, delivery)
    if own is not None:
        found = ask.records.get(Package, own.package)
        return (found,) if found else ()
    return made_here(ask, release)


def _goes_on(ask: Question, later: Deployment, release: Release, delivery: Delivery) -> bool:
    """Whether what came later was made later: of a commit that was first built then (X-05).

    Of what nobody built here it is known when it arrived, and its versions: what was built since
    then goes on, unless it is called by a lower version.
    """
    package, made = ask.records.get(Package, later.package), _made(ask, release, delivery)
    if package is None:
        return False
    first = first_built(ask, (package, *made))
    if made:
        return all(_is_later(package, each, first) for each in made)
    back = goes_back((package.label,), release.plan.versions)
    return not back and first[package.commit] >= (delivery.settled_at or delivery.started_at)


def _is_later(package: Package, before: Package, first: dict[str, datetime]) -> bool:
    """Whether it does not go back: neither in when its commit was built, nor in its version."""
    back = package.name == before.name and goes_back((package.label,), (before.label,))
    return not back and first[package.commit] >= first[before.commit]
