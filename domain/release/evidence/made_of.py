"""Which releases a package is for: what each is made of, and who may not be passed by unasked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Final

from domain.deployment.state import Deployment, Status
from domain.environment.state import Environment
from domain.kernel import Records, Then
from domain.package import Package
from domain.release.standing import kind_of
from domain.release.state import Release, Target
from domain.release.whereabouts.by_hand import covered
from domain.release.whereabouts.under_way import GOING_ON

_COMING: Final = frozenset((Status.REQUESTED, Status.RUNNING))
MOST_NAMED: Final = 5
"""How many releases a sentence names."""


def package_of(state: Release, records: Records) -> Package | None:
    """The one package that every version of the release is made of, if it was built here.

    What has several names is called by the first that it was built by.
    """
    named = sought(state)
    found = records.find(Package, **named) if named else ()
    made = [state.target(version) for version in state.plan.versions]
    ours = (each for each in found if not each.claimed and each.service == state.plan.service)
    built = [each for each in ours if any(_names(target, each) for target in made)]
    good = distinct([each for each in built if not each.condemned] or built)
    known = [each for each in made if each.commit or each.package]
    whole = len(good) == 1 and all(_names(target, good[0]) for target in known)
    return good[0] if whole else None


def distinct(packages: Iterable[Package]) -> tuple[Package, ...]:
    """These, but what is of one digest and commit once: as it was built first."""
    found: dict[tuple[str, str], Package] = {}
    for each in sorted(packages, key=lambda each: (each.built_at, each.id)):
        found.setdefault((each.digest or each.id, each.commit), each)
    return tuple(found.values())


def same_build(one: Package | None, other: Package | None) -> bool:
    """Whether they are the same build of a service, by whatever name."""
    if one is None or other is None or one.service != other.service:
        return False
    return one.id == other.id or len(distinct((one, other))) == 1


def same_version(package: str, records: Records) -> frozenset[str]:
    """The ids of a package, and of what has its version and digest in its service (S4-12)."""
    own = records.get(Package, package)
    if own is None or not own.digest:
        return frozenset((package,))
    same = records.find(Package, digest=own.digest, service=own.service)
    return frozenset((package, *(e.id for e in same if e.label == own.label and not e.claimed)))


def names_of(state: Release, records: Records) -> frozenset[str]:
    """The ids of the one package that the release is made of, by every name that it has."""
    package, named = package_of(state, records), sought(state)
    if package is None or named is None:
        return frozenset()
    return frozenset(e.id for e in records.find(Package, **named) if same_build(e, package))


def sought(state: Release) -> dict[str, frozenset[str]] | None:
    """How its packages are found: by the digests that are named, else by the commits."""
    made = [state.target(version) for version in state.plan.versions]
    digests = frozenset(each.package for each in made if each.package)
    commits = frozenset(each.commit for each in made if each.commit)
    if digests:
        return {"digest": digests}
    return {"commit": commits} if commits else None


def packages_of(state: Release, records: Records) -> dict[str, tuple[Package, ...]]:
    """What was built here of each version: by its digest, else by its commit; good ones, if any."""
    made = {version: state.target(version) for version in state.plan.versions}
    every = [e for kind, equal in packages_sought(state) for e in records.find(kind, **equal)]
    ours = {e.id: e for e in every if not e.claimed and e.service == state.plan.service}
    return {version: _of(target, ours.values()) for version, target in made.items()}


def packages_sought(state: Release) -> Iterator[tuple[type[Package], dict[str, frozenset[str]]]]:
    """How these are found: each version's by its digest if that is named, else by its commit."""
    made = [state.target(version) for version in state.plan.versions]
    digests = frozenset(each.package for each in made if each.package)
    commits = frozenset(e.commit for e in made if e.commit and not e.package)
    if digests:
        yield Package, {"digest": digests}
    if commits:
        yield Package, {"commit": commits}


def _of(target: Target, packages: Iterable[Package]) -> tuple[Package, ...]:
    found = tuple(each for each in packages if _names(target, each))
    return tuple(each for each in found if not each.condemned) or found


def aimed_at(package: Package, environment: str, records: Records) -> tuple[Release, ...]:
    """The releases that may not be passed by unasked when the package goes there (S4-26).

    They go on, go to this environment, are of the package's service, and aimed at its commit or at
    its very digest: services live side by side. What is hidden is asked by nobody, since its answer
    would tell of it.
    """
    going = records.find(Release, status=GOING_ON)
    open_ones = (each for each in going if not each.embargoed and _aimed(each, package))
    return tuple(e for e in open_ones if environment in kind_of(e, records).environments)


def _aimed(release: Release, package: Package) -> bool:
    commits = {each.commit for each in release.targets}
    digests = {each.package for each in release.targets if each.package}
    named = package.commit in commits or package.digest in digests
    return release.plan.service == package.service and named


def carried_by(package: Package, environment: str, records: Records) -> tuple[Release, ...]:
    """Those of them that say they are made of this package: by its digest, else by its commit."""
    aimed = aimed_at(package, environment, records)
    return tuple(each for each in aimed if any(_names(t, package) for t in each.targets))


def _names(target: Target, package: Package) -> bool:
    """Whether it is the package that is named, and built of the commit that is, if both are."""
    if target.package is None:
        return target.commit == package.commit
    return target.package == package.digest and target.commit in (None, package.commit)


def made_of(package: Package, environment: str, records: Records) -> tuple[Release, ...]:
    """Those of them that are made of this package and no other, to which it can belong."""
    return only(package, aimed_at(package, environment, records), records)


def only(package: Package, aimed: Iterable[Release], records: Records) -> tuple[Release, ...]:
    """Those of these releases that are made of this package and no other."""
    return tuple(each for each in aimed if same_build(package_of(each, records), package))


def release_made_of(package: Package, environment: str, records: Records) -> str | None:
    """The one release that goes on, is made of this package, and goes to the environment."""
    found = made_of(package, environment, records)
    return found[0].id if len(found) == 1 else None


def named(releases: Iterable[Release]) -> str:
    """What people call these releases, in a sentence: their service and versions."""
    found = tuple(releases)
    told = [f"{e.service} {', '.join(e.plan.versions)}".strip() for e in found[:MOST_NAMED]]
    more = len(found) - len(told)
    return " and ".join(told) + (f" and {more} more" if more else "")


def joining(state: Release, records: Records) -> list[Then]:
    """That what waits for the package it is made of belongs to it from now on (S4-25).

    In each environment that is one request, which came by itself or else was filed first; any
    other one asks the release when it starts.
    """
    package = None if state.embargoed else package_of(state, records)
    if package is None:
        return []
    places = kind_of(state, records).environments
    waiting = records.find(Deployment, package=names_of(state, records), status=Status.REQUESTED)
    alone = [e for e in waiting if e.wish.belongs_to is None and e.environment in places]
    alone.sort(key=lambda each: (not each.automatic, each.requested_at, each.id))
    first: dict[str, Deployment] = {}
    for each in alone:
        first.setdefault(each.environment, each)
    return [Then("deployment.join", e.id, {"release": state.id}) for e in first.values()]


def arriving(state: Release, records: Records) -> list[Then]:
    """That what it is made of is requested wherever it goes and such packages come by themselves.

    So it is where the package was built before anybody said that the release is made of it, and
    neither stands there nor is on its way (S4-10, S4-25).
    """
    package = None if state.embargoed else package_of(state, records)
    if package is None or package.condemned:
        return []
    goes = frozenset(kind_of(state, records).environments)
    kept = records.find(Environment, name=goes, retired=False) if goes else ()
    every = records.find(Deployment, package=names_of(state, records))
    coming = {each.environment for each in every if each.status in _COMING}
    here = (each for each in every if each.current and not covered(records, each, hidden=False))
    there = coming.union(each.environment for each in here)
    taking = (each.name for each in kept if package.name in each.plan.automatic)
    return [_requested(state, package, place) for place in sorted(taking) if place not in there]


def _requested(state: Release, package: Package, environment: str) -> Then:
    subject = sha256(f"{state.id}\n{state.version}\n{environment}\nautomatic".encode())
    given = {"package": package.id, "environment": environment, "release": state.id}
    told = {"service": package.service, "label": package.label}
    return Then("deployment.request_automatically", subject.hexdigest()[:32], {**given, **told})
