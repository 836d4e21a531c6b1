"""What came after what a release brought somewhere, by deployments and by hand, and its order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from domain.deployment.state import Deployment, Stand
from domain.package import Package
from domain.release.embargo import known
from domain.release.evidence.made_of import packages_of
from domain.release.gate.question import Question
from domain.release.state import Release, Stood

_VERSION: Final = re.compile(r"v?(\d{1,18}(?:\.\d{1,18}){0,7})")
_NUMBERS: Final = re.compile(r"\d+")


class ByHand(NamedTuple):
    """A release that went somewhere by hand, and a span in which it stood there."""

    release: Release
    span: Stood


def deployed_since(
    ask: Question, release: Release, where: str, at: datetime
) -> tuple[Deployment, ...]:
    """The deployments of its service that stand there now and came there after that."""
    place = {"environment": where, "service": release.service}
    now = ask.records.find(Deployment, current=True, **place)
    return tuple(each for each in now if each.stands and each.stands[-1].since > at)


def by_hand_since(ask: Question, release: Release, where: str, at: datetime) -> list[ByHand]:
    """What other releases of its service brought there by hand after that, oldest first.

    What is hidden took no place in the open, where nothing tells of it.
    """
    others = ask.records.find(Release, stood_for=release.service)
    told = (each for each in others if each.id != release.id and known(each, ask.state))
    every = (ByHand(each, span) for each in told for span in each.stood)
    came = (e for e in every if e.span.environment == where and e.span.since > at)
    return sorted(came, key=lambda each: (each.span.since, each.release.id))


def standing_by_hand(came: Iterable[ByHand], after: Iterable[Deployment]) -> ByHand | None:
    """What stands there of these: the last that is still there, unless one of those came later."""
    last = max((each.stands[-1].since for each in after), default=None)
    still = [each for each in came if each.span.until is None]
    return still[-1] if still and (last is None or still[-1].span.since > last) else None


def apart(stands: Iterable[Stand], came: Iterable[ByHand]) -> Iterator[Stand]:
    """These spans without those in which what came by hand stood there instead."""
    away = [each.span for each in came]
    for stand in stands:
        since: datetime | None = stand.since
        for each in away:
            within = stand.until is None or each.since < stand.until
            if since is None or each.since < stand.since or not within:
                continue
            if since < each.since:
                yield Stand(since, each.since)
            since = None if each.until is None else max(since, each.until)
        if since is not None and (stand.until is None or since < stand.until):
            yield Stand(since, stand.until)


# Whether one goes on from the other.


def follows(ask: Question, later: ByHand, release: Release) -> bool:
    """Whether a release that went there by hand is known to be no older: by their versions.

    Where these tell nothing it is by when what both are made of was built, if it was built here.
    """
    one, other = later.span.label.split(", "), release.plan.versions
    if (back := goes_back(one, other)) is not None:
        return not back
    made, before = made_here(ask, later.release), made_here(ask, release)
    if not made or not before:
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
