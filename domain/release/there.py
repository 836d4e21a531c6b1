"""Whether what a release brought somewhere works and stands there still, or gave way to older."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from domain.deployment.dwelling import NOT_WORKING
from domain.deployment.state import Deployment, Stand
from domain.gate import Act
from domain.package import Package
from domain.release.made_of import packages_of
from domain.release.question import Question
from domain.release.state import Delivery, Release

NOT_THERE: Final = "not_deployed"
GAVE_WAY: Final = "older_stands_there"
"""The code of what something that was made before it took the place of."""
_VERSION: Final = re.compile(r"v?(\d{1,18}(?:\.\d{1,18}){0,7})")


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
    return _not_working(own.environment) if own and own.faulty else None


def mending(ask: Question, where: str, code: str) -> tuple[Act, ...]:
    """What helps where it does not count as deployed there, for the reason with this code."""
    again = ask.act("release.deploy", f"Deploy it to {where}.")
    if code != NOT_WORKING:
        return (again,)
    return again, ask.act("deployment.verify", f"Say that it works in {where}, if it does.")


def in_place(ask: Question, where: str) -> Lacking | None:
    """Why this very release does not stand there and work, None if it does.

    It does also where what came there since goes on from it; not where it was found not to work.
    """
    return not_working(ask, ask.state.reached(where)) or running(ask, ask.state, where)


def running(ask: Question, release: Release, where: str) -> Lacking | None:
    """Why what a release contains does not run there, None if it does: by what stands there now.

    That is what the release brought, or something later that works and goes on from it. What was
    found not to work counts as if it had not arrived.
    """
    delivery = release.reached(where)
    if delivery is None:
        return Lacking(NOT_THERE, f"What the release carries now is not in {where}.")
    own = brought(ask, delivery)
    if own is not None and own.current:
        return _not_working(where) if own.faulty else None
    later = _since(ask, release, where, delivery)
    if own is not None and not later:
        return Lacking(NOT_THERE, f"What the release brought to {where} stands there no more.")
    if own is not None and own.faulty and any(each.faulty for each in later):
        return _not_working(where)
    made = _made(ask, release, own)
    older = (each for each in later if not _goes_on(ask, each, made, delivery))
    back = next(older, None)
    message = f"{back.label if back else ''} stands in {where} now, which was made before it."
    return Lacking(GAVE_WAY, message) if back else None


def stands(ask: Question, delivery: Delivery) -> tuple[Stand, ...]:
    """When what the release brought stood there, whatever else came in between."""
    own = brought(ask, delivery)
    if own is not None:
        return own.stands
    since = delivery.settled_at or delivery.started_at
    later = _since(ask, ask.state, delivery.environment, delivery)
    return (Stand(since, min((each.stands[-1].since for each in later), default=None)),)


def _not_working(where: str) -> Lacking:
    return Lacking(NOT_WORKING, f"It was found not to work in {where}.")


def _since(
    ask: Question, release: Release, where: str, delivery: Delivery
) -> tuple[Deployment, ...]:
    """What of its service stands there now and came there after it."""
    place = {"environment": where, "service": release.service}
    now = ask.records.find(Deployment, current=True, **place)
    at = delivery.settled_at or delivery.started_at
    return tuple(each for each in now if each.stands and each.stands[-1].since > at)


# Whether one goes on from the other.


def _made(ask: Question, release: Release, own: Deployment | None) -> tuple[Package, ...]:
    """What it is made of, as far as that was built here."""
    if own is not None:
        found = ask.records.get(Package, own.package)
        return (found,) if found else ()
    made = packages_of(release, ask.records)
    return tuple(each for packages in made.values() for each in packages)


def _goes_on(
    ask: Question, later: Deployment, made: tuple[Package, ...], delivery: Delivery
) -> bool:
    """Whether what came later was made later: of a commit that was first built then (X-05).

    Of what nobody built here it is known when it arrived: what was built since then goes on.
    """
    package = ask.records.get(Package, later.package)
    if package is None:
        return False
    first = _first_built(ask, (package, *made))
    if not made:
        return first[package.commit] >= (delivery.settled_at or delivery.started_at)
    return all(_is_later(package, each, first) for each in made)


def _is_later(package: Package, before: Package, first: dict[str, datetime]) -> bool:
    """Whether it does not go back: neither in when its commit was built, nor in its version."""
    one, other = _version(package.label), _version(before.label)
    back = package.name == before.name and bool(one and other) and one < other
    return not back and first[package.commit] >= first[before.commit]


def _first_built(ask: Question, packages: Iterable[Package]) -> dict[str, datetime]:
    """When each of their commits was first built, since building one anew makes it no newer."""
    commits = frozenset(each.commit for each in packages)
    found: dict[str, datetime] = {}
    for each in (*ask.records.find(Package, commit=commits), *packages):
        at = found.get(each.commit, each.built_at)
        found[each.commit] = min(at, each.built_at)
    return found


def _version(label: str) -> tuple[int, ...]:
    """The numbers of a label that is a version of nothing but numbers; else none."""
    found = _VERSION.fullmatch(label)
    return tuple(int(each) for each in found[1].split(".")) if found else ()
