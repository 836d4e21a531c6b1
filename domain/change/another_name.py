"""What went out stands still where the same build came over it, by whatever name and beside what.

A version goes by its commit or its package, and a package by its digest and its commit.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.deployment.state import Deployment
from domain.kernel import Records
from domain.package import Package
from domain.release.parts import Stood
from domain.release.state import Release
from domain.release.whereabouts.by_hand import brought_by_hand, covered, uncovered


def as_another(release: Release, where: str, records: Records) -> bool:
    """Whether anything that it is made of stands there now, by hand or kept here."""
    made = _made(release, records)
    if not made:
        return False
    place = {"environment": where, "service": release.service}
    now = records.find(Deployment, current=True, **place)
    there = (each for each in now if not covered(records, each, hidden=False))
    kept = (names_of(records.get(Package, each.package)) for each in there)
    by_hand = stands_by_hand(made, release.service, where, records)
    return by_hand or not all(made.isdisjoint(each) for each in kept)


def stands_by_hand(made: frozenset[str], service: str, where: str, records: Records) -> bool:
    """Whether anything that goes by these names stands there by hand, with nothing over it."""
    there = _on_top(records, service, where)
    return any(not made.isdisjoint(_made(each, records)) for each in there)


def bare(release: Release, span: Stood, records: Records) -> bool:
    """Whether nothing lies over what stands there by hand."""
    return any(each.until is None for each in uncovered(records, release, (span,), hidden=False))


def names_of(package: Package | None) -> frozenset[str]:
    """What is made of a package goes by these: its commit, and its digest."""
    return frozenset(filter(None, (package.commit, package.digest))) if package else frozenset()


def _on_top(records: Records, service: str, where: str) -> Iterator[Release]:
    """The releases that stand there by hand with nothing over them."""
    for each in brought_by_hand(records, service, where, hidden=False):
        if each.span.until is None and bare(each.release, each.span, records):
            yield each.release


def _made(release: Release, records: Records) -> frozenset[str]:
    """All that its versions go by, as far as that is known."""
    made = [release.target(each) for each in release.plan.versions]
    digests = frozenset(each.package for each in made if each.package)
    told = digests.union(each.commit for each in made if each.commit)
    found = records.find(Package, digest=digests) if digests else ()
    ours = (each for each in found if each.service == release.service and not each.claimed)
    return told.union(*(names_of(each) for each in ours))
