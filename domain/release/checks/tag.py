"""Whether its versions are its own: no other release was published with them, nor tagged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from domain.gate import Act, Finding
from domain.gate import Status as Is
from domain.process.release import DEPLOY, TAG, ReleaseStatus
from domain.process.support import Support, line_of, order
from domain.release.embargo import known
from domain.release.evidence.made_of import named
from domain.release.evidence.repository import meets, others, tagged_in
from domain.release.gate.question import Question
from domain.release.state import Release
from domain.release.whereabouts.live import live_since

ABORTED: Final = ReleaseStatus.ABORTED
FREE: Final = "No other release has its versions"


def versions_free(ask: Question, act: str) -> tuple[Finding, ...]:
    """No other release of the service and project was published with its versions, nor tagged.

    Nor, of a patch, any of the service with a higher one of a line, of whichever project: whoever
    runs that would be offered none of it.

    One that is tagged keeps only others from being tagged: the first to be published has it. From
    production the first that went there keeps others as well. What goes on with the same version is
    told of, and one that was given up has none, unless it went there; but its tag stays, and its
    version with that is tagged at no other commit. A tag keeps its version also where the release
    goes by another one since.
    """
    told: list[Finding] = []
    beside: list[Finding] = []
    for version in ask.state.plan.versions:
        near = tuple(_near(ask, version))
        same = [each for each in near if version in each.plan.versions]
        taken = [each for each in near if _has(ask, each, version, act)]
        going = [each for each in same if each.status is not ABORTED]
        told += _taken(ask, version, taken) if taken else ()
        beside += () if taken else _going_on(version, going)
        told += _outrun(ask, version) if act != DEPLOY else ()
    return (*(told or (Finding("version", Is.SATISFIED, FREE),)), *beside)


def _near(ask: Question, version: str) -> Iterator[Release]:
    """The other releases of the service that it may know of and are of the version's project."""
    state, projects = ask.state, tagged_in(ask, version)
    for each in others(state, projects, ask.records):
        ours = each.service == state.service and known(each, state)
        if ours and meets(state, projects, each, each.has(version)):
            yield each


def _has(ask: Question, other: Release, version: str, act: str) -> bool:
    named = version in other.plan.versions
    if named and other.published_at is not None:
        return True
    tags = [each for each in other.tags if act == TAG and each.version == version]
    if not (named or tags):
        return False
    if other.status is ABORTED and live_since(ask, other) is None:
        commit = ask.state.target(version).commit
        return any(each.commit != commit for each in tags)
    return bool(tags) or (act == DEPLOY and named and _went_first(ask, other))


def _went_first(ask: Question, other: Release) -> bool:
    """Whether it is, or is on its way, where people use it, and before this one."""
    theirs, ours = live_since(ask, other), live_since(ask, ask.state)
    return theirs is not None and (ours is None or theirs < ours)


def _by_tag_alone(ask: Question, other: Release, version: str) -> bool:
    """Whether it was given up before it went out with that version: then its tag alone stays."""
    out = other.published_at is not None and version in other.plan.versions
    return other.status is ABORTED and not out and live_since(ask, other) is None


def _taken(ask: Question, version: str, taken: list[Release]) -> Iterator[Finding]:
    message = f"The release of {named(taken)} has {version} already."
    told = f"Give it a version of its own in place of {version}."
    if all(_by_tag_alone(ask, each, version) for each in taken):
        tags = (each for other in taken for each in other.tags if each.version == version)
        at = ", ".join(dict.fromkeys(each.commit for each in tags))
        message = f"{version} was tagged at {at} by what was given up since: a tag stays."
        told = f"Give it a version of its own in place of {version}, or aim it at that commit."
    answer = Finding("version", Is.UNSATISFIED, FREE, message=message, code="version_taken")
    acts = (_renaming(ask, version, told),)
    yield replace(answer, acts=acts, evidence=tuple(each.id for each in taken))


def _renaming(ask: Question, version: str, told: str) -> Act:
    """That another takes the place of a version, which is made of nothing and has no tag yet."""
    return replace(ask.act("release.edit", told), renames=(version,))


def _going_on(version: str, going: list[Release]) -> Iterator[Finding]:
    """That others go on with the version: of the hidden ones nothing is kept, as if none did."""
    message = f"Another release goes on with {version}: the first to go out has it."
    for hidden in (False, True):
        ids = tuple(each.id for each in going if each.embargoed is hidden)
        if ids:
            yield Finding("version", Is.NOT_APPLICABLE, FREE, ids, message=message, kept=not hidden)


def _outrun(ask: Question, version: str) -> Iterator[Finding]:
    """That a higher version of its line was published already, by the support policy's lines."""
    policy = ask.kind.support
    if policy is None:
        return
    every = ask.records.find(Release, service=ask.state.service)
    out = [e for e in every if e.published_at and e.id != ask.state.id and known(e, ask.state)]
    higher = [each for each in out if any(_above(policy, v, version) for v in each.plan.versions)]
    if higher:
        message = f"The release of {named(higher)} is out with a higher version than {version}."
        out_with = (v for each in higher for v in each.plan.versions if _above(policy, v, version))
        told = f"Give it a version above {max(out_with, key=order)} in place of {version}."
        act = _renaming(ask, version, told)
        ids = tuple(each.id for each in higher)
        answer = Finding("version", Is.UNSATISFIED, FREE, message=message, code="newer_is_out")
        yield replace(answer, acts=(act,), evidence=ids)


def _above(policy: Support, one: str, other: str) -> bool:
    """Whether a version is a higher one of the same line; what is no numbers is of none."""
    try:
        return line_of(policy, one) == line_of(policy, other) and order(one) > order(other)
    except ValueError:
        return False
