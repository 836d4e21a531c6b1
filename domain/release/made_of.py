"""Which releases a package is for: what each is made of, and who may not be passed by unasked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from domain.deployment.state import Deployment, Status
from domain.kernel import Records, Then
from domain.package import Package
from domain.release.standing import kind_of
from domain.release.state import Release, Target
from domain.release.under_way import GOING_ON

MOST_NAMED: Final = 5
"""How many releases a sentence names."""


def package_of(state: Release, records: Records) -> Package | None:
    """The one package that the release is made of, if it was built here."""
    made = [state.target(version) for version in state.plan.versions]
    digests = frozenset(each.package for each in made if each.package)
    commits = frozenset(each.commit for each in made if each.commit)
    sought = {"digest": digests} if digests else {"commit": commits}
    found = records.find(Package, **sought) if digests or commits else ()
    built = [each for each in found if not each.claimed and each.service == state.plan.service]
    good = [each for each in built if not each.condemned] or built
    return good[0] if len(good) == 1 else None


def packages_of(state: Release, records: Records) -> dict[str, tuple[Package, ...]]:
    """What was built here of each version: by its digest, else by its commit; good ones, if any."""
    made = {version: state.target(version) for version in state.plan.versions}
    digests = frozenset(each.package for each in made.values() if each.package)
    commits = frozenset(e.commit for e in made.values() if e.commit and not e.package)
    every = (
        *(records.find(Package, digest=digests) if digests else ()),
        *(records.find(Package, commit=commits) if commits else ()),
    )
    ours = {e.id: e for e in every if not e.claimed and e.service == state.plan.service}
    return {version: _of(target, ours.values()) for version, target in made.items()}


def _of(target: Target, packages: Iterable[Package]) -> tuple[Package, ...]:
    found = tuple(each for each in packages if _names(target, each))
    return tuple(each for each in found if not each.condemned) or found


def aimed_at(package: Package, environment: str, records: Records) -> tuple[Release, ...]:
    """The releases that may not be passed by unasked when the package goes there (S4-26).

    They go on, go to this environment, and are of the package's service and aimed at its commit,
    or aimed at its very digest. What is hidden is asked by nobody, since its answer would tell of
    it.
    """
    going = records.find(Release, status=GOING_ON)
    open_ones = (each for each in going if not each.embargoed and _aimed(each, package))
    return tuple(e for e in open_ones if environment in kind_of(e, records).environments)


def _aimed(release: Release, package: Package) -> bool:
    if package.digest and package.digest in {each.package for each in release.targets}:
        return True
    commits = {each.commit for each in release.targets}
    return release.plan.service == package.service and package.commit in commits


def carried_by(package: Package, environment: str, records: Records) -> tuple[Release, ...]:
    """Those of them that say they are made of this package: by its digest, else by its commit."""
    aimed = aimed_at(package, environment, records)
    return tuple(each for each in aimed if any(_names(t, package) for t in each.targets))


def _names(target: Target, package: Package) -> bool:
    if target.package is not None:
        return target.package == package.digest
    return target.commit == package.commit


def made_of(package: Package, environment: str, records: Records) -> tuple[Release, ...]:
    """Those of them that are made of this package and no other, to which it can belong."""
    return only(package, aimed_at(package, environment, records), records)


def only(package: Package, aimed: Iterable[Release], records: Records) -> tuple[Release, ...]:
    """Those of these releases that are made of this package and no other."""
    return tuple(each for each in aimed if _is(package_of(each, records), package))


def release_made_of(package: Package, environment: str, records: Records) -> str | None:
    """The one release that goes on, is made of this package, and goes to the environment."""
    found = made_of(package, environment, records)
    return found[0].id if len(found) == 1 else None


def _is(found: Package | None, package: Package) -> bool:
    return found is not None and found.id == package.id


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
    waiting = records.find(Deployment, package=package.id, status=Status.REQUESTED)
    alone = [e for e in waiting if e.wish.belongs_to is None and e.environment in places]
    alone.sort(key=lambda each: (not each.automatic, each.requested_at, each.id))
    first: dict[str, Deployment] = {}
    for each in alone:
        first.setdefault(each.environment, each)
    return [Then("deployment.join", e.id, {"release": state.id}) for e in first.values()]
