"""What was found not to work somewhere belongs to the bytes, whichever deployment brought them.

It stands there against whatever has the same digest in its service, by whatever name, also once
that deployment is rolled back: until who found it, or somebody without a hand in it, says otherwise
of what stands there since.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from domain.deployment.state import Deployment, Status
from domain.kernel import Records
from domain.package import Package


class Word(NamedTuple):
    """What was last found of a deployment, or, if it was `watched`, last seen of it."""

    deployment: Deployment
    by: str
    at: datetime
    good: bool
    watched: bool


def against(records: Records, wanted: Deployment) -> tuple[Word, ...]:
    """The words that stand against what a deployment brings where it does, oldest first.

    Of that deployment only its package, service and environment are looked at.
    """
    names = _names(records, wanted)
    own = names.get(wanted.package, wanted.package)
    bad = _bad(records, wanted)
    mine = [each for each in bad if names.get(each.package, each.package) == own]
    if not mine:
        return ()
    good = [word for each in alike(records, wanted) for word in words(each) if word.good]
    said = (word for each in mine for word in words(each) if not word.good)
    standing = (each for each in said if not any(_over(word, each) for word in good))
    return tuple(sorted(standing, key=lambda each: (each.at, since(each.deployment))))


def faulty(records: Records, state: Deployment) -> bool:
    """Whether it was found not to work, or what it brought was, by whatever deployment it came."""
    return state.faulty or bool(against(records, state))


def taken_back(records: Records, state: Deployment, *, watched: bool) -> tuple[Word, ...]:
    """The words that what is said of a deployment now would take back."""
    every = (each for each in against(records, state) if each.watched is watched)
    return tuple(each for each in every if since(each.deployment) <= since(state))


def alike(records: Records, wanted: Deployment) -> tuple[Deployment, ...]:
    """The deployments of the very same to where it goes, by whatever name."""
    names = _names(records, wanted)
    own = names.get(wanted.package)
    ids = frozenset((wanted.package, *(id for id, digest in names.items() if digest == own)))
    found = records.find(Deployment, environment=wanted.environment, package=ids)
    return tuple(each for each in found if not each.claimed)


def to_look_at(records: Records, wanted: Deployment) -> Deployment | None:
    """The deployment of which somebody says that it works after all, None where none is left.

    That is the last that stood there and was not rolled back, if it came no earlier than what was
    found not to work.
    """
    left = [e for e in alike(records, wanted) if e.status is Status.SUCCEEDED]
    last = max(left, key=since, default=None)
    late = last is not None and all(
        since(each.deployment) <= since(last) for each in against(records, wanted)
    )
    return last if late else None


def words(state: Deployment) -> Iterator[Word]:
    """What was last found of it, and last seen of it since it ended."""
    found, seen = state.verification, state.seen_since
    if found is not None:
        yield Word(state, found.by, found.at, found.passed, watched=False)
    if seen is not None:
        yield Word(state, seen.by, seen.at, seen.well, watched=True)


def since(state: Deployment) -> datetime:
    """Since when it stands there, or last did; of what never arrived, when it was over."""
    return state.stands[-1].since if state.stands else state.ended_at or state.requested_at


def _over(good: Word, bad: Word) -> bool:
    """Whether one takes the other back: said later, of the same kind, and of what came no earlier.

    That something worked before it was deployed once more says nothing of it since.
    """
    same = good.watched is bad.watched and good.at > bad.at
    return same and since(good.deployment) >= since(bad.deployment)


def _bad(records: Records, wanted: Deployment) -> list[Deployment]:
    """What was found not to work there, of its service."""
    where = {"environment": wanted.environment, "service": wanted.service}
    return [e for e in records.find(Deployment, faulty=True, **where) if not e.claimed]


def _names(records: Records, wanted: Deployment) -> dict[str, str]:
    """The digest of each package with one that what was found not to work there has."""
    ids = frozenset(each.package for each in _bad(records, wanted))
    found = records.find(Package, id=ids) if ids else ()
    digests = frozenset(each.digest for each in found if each.digest)
    same = records.find(Package, digest=digests, service=wanted.service) if digests else ()
    return {each.id: each.digest for each in same if each.digest}
