"""Whether what a version names belongs together: its commit, and the package built of that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from domain.gate import Finding
from domain.gate import Status as Is
from domain.package import Package
from domain.release.evidence.hands import own
from domain.release.gate.naming import listed
from domain.release.gate.question import Question
from domain.release.state import Target

APART: Final = "Every version is made of a commit of its own"
SAME: Final = "Every package that a version names was built of its commit"


def apart(ask: Question) -> Finding:
    """No two versions are made of one commit or package: each comes from its own branch (S1-34).

    What a package is known to be built of is what the version that names it is made of, too.
    """
    made: dict[str, list[str]] = {}
    built = _built(ask)
    for each in _targets(ask):
        known = (package.commit for package in built.get(each.package or "", ()))
        for subject in dict.fromkeys(filter(None, (each.commit, each.package, *known))):
            made.setdefault(subject, []).append(each.version)
    left = {subject: versions for subject, versions in made.items() if len(versions) > 1}
    told = listed(f"{' and '.join(versions)} of {subject}" for subject, versions in left.items())
    message = f"Versions come from branches of their own, and these are made of one: {told}."
    act = ask.act("release.aim", "Aim each version at a commit of the branch that it comes from.")
    answer = Finding("apart", Is.SATISFIED, APART, source="S1-34")
    bad = replace(answer, status=Is.UNSATISFIED, message=message, code="same_commit", acts=(act,))
    return bad if left else answer


def names_both(ask: Question) -> bool:
    """Whether any version names a commit and a package."""
    return any(each.commit and each.package for each in _targets(ask))


def same(ask: Question) -> Finding:
    """What a version names as its package was built of the commit that it names, if here."""
    left = tuple(_differing(ask))
    answer = Finding("made", Is.SATISFIED, SAME, source="S0-14")
    if not left:
        return answer
    message = f"What was built of another commit is no package of a version: {listed(left)}."
    act = ask.act("release.aim", "Aim it at the commit that its package was built of, or leave it.")
    bad = replace(answer, status=Is.UNSATISFIED, message=message, acts=(act,))
    return replace(bad, code="package_of_other_commit")


def _differing(ask: Question) -> Iterator[str]:
    built = _built(ask)
    for each in _targets(ask):
        known = built.get(each.package or "", ())
        commits = _commits(ask, known) if each.commit else ()
        if commits and each.commit not in commits:
            yield f"{each.version} is made of {each.commit}, its package of {min(commits)}"


def _commits(ask: Question, packages: tuple[Package, ...]) -> frozenset[str]:
    """What these were built of; where they differ, as others tell than who had a hand in it."""
    found = frozenset(each.commit for each in packages)
    if len(found) == 1:
        return found
    others = frozenset(each.commit for each in packages if not own(ask, each.built_by))
    return others or found


def _built(ask: Question) -> dict[str, tuple[Package, ...]]:
    """What was built here of the digests that its versions name, whatever it is called."""
    digests = frozenset(each.package for each in _targets(ask) if each.package)
    found: dict[str, tuple[Package, ...]] = {}
    for each in ask.records.find(Package, digest=digests) if digests else ():
        if each.digest and not each.claimed:
            found[each.digest] = (*found.get(each.digest, ()), each)
    return found


def _targets(ask: Question) -> tuple[Target, ...]:
    return tuple(map(ask.state.target, ask.state.plan.versions))
