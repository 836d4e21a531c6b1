"""What came after what a release brought somewhere, by deployments and by hand, and its order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from domain.deployment.state import Deployment
from domain.package import Package
from domain.release.evidence.made_of import packages_of
from domain.release.gate.question import Question
from domain.release.state import Release
from domain.release.whereabouts.by_hand import ByHand, brought_by_hand

_VERSION: Final = re.compile(r"v?(\d{1,18}(?:\.\d{1,18}){0,7})")
_NUMBERS: Final = re.compile(r"\d+")


def deployed_since(
    ask: Question, release: Release, where: str, at: datetime
) -> tuple[Deployment, ...]:
    """The deployments of its service that are there now and came there after that."""
    place = {"environment": where, "service": release.service}
    now = ask.records.find(Deployment, current=True, **place)
    return tuple(each for each in now if each.arrived is not None and each.arrived > at)


def by_hand_since(ask: Question, release: Release, where: str, at: datetime) -> list[ByHand]:
    """What other releases of its service brought there by hand after that, oldest first."""
    hidden = ask.state.embargoed
    came = brought_by_hand(ask.records, release.service, where, hidden=hidden)
    return [each for each in came if each.release.id != release.id and each.span.since > at]


def standing_by_hand(came: Iterable[ByHand], after: Iterable[Deployment]) -> ByHand | None:
    """What stands there of these: the last that is still there, unless one of those came later."""
    last = max(filter(None, (each.arrived for each in after)), default=None)
    still = [each for each in came if each.span.until is None]
    return still[-1] if still and (last is None or still[-1].span.since > last) else None


# Whether one goes on from the other.


def follows(ask: Question, later: ByHand, release: Release) -> bool:
    """Whether a release that went there by hand is known to be no older: by their versions.

    Where these tell nothing it is by when what both are made of was built, if it was built here,
    and is what went there.
    """
    one, other = later.span.label.split(", "), release.plan.versions
    if (back := goes_back(one, other)) is not None:
        return not back
    made, before = made_here(ask, later.release), made_here(ask, release)
    if not made or not before or later.release.reached(later.span.environment) is None:
        return False
    first = first_built(ask, (*made, *before))
    return min(first[e.commit] for e in made) >= max(first[e.commit] for e in before)


def made_here(ask: Question, release: Release) -> tuple[Package, ...]:
    """What it is made of, as far as that was built here."""
    made = packages_of(release, ask.records)
    return tuple(each for packages in made.values() for each in packages)


def first_built(ask: Question, packages: Iterable[Package]) -> dict[str, datetime]:
    """When each of their commits was first built here: building one anew makes it no newer."""
    commits = frozenset(each.commit for each in packages)
    found: dict[str, datetime] = {}
    built = (each for each in ask.records.find(Package, commit=commits) if not each.claimed)
    for each in (*built, *packages):
        at = found.get(each.commit, each.built_at)
        found[each.commit] = min(at, each.built_at)
    return found


def goes_back(later: Iterable[str], before: Iterable[str]) -> bool | None:
    """Whether the highest of these versions is lower than the highest of those.

    None where they cannot be compared: they are not all of nothing but numbers, nor all of numbers
    with the same between them.
    """
    one, other = tuple(later), tuple(before)
    every = [_VERSION.fullmatch(each) for each in (*one, *other)]
    alike = len({_NUMBERS.sub("0", each) for each in (*one, *other)}) == 1
    if not one or not other or not (all(every) or alike):
        return None
    return max(map(_numbers, one)) < max(map(_numbers, other))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(each[:18]) for each in _NUMBERS.findall(version))
