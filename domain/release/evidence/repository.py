"""The releases whose tags may stand in the same repositories (S4-02)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from domain.kernel import Records
from domain.release.evidence.of_project import projects_of
from domain.release.gate.question import Question
from domain.release.state import SEVERAL, UNKNOWN, Release, Tag


def tagged_in(ask: Question, version: str) -> frozenset[str]:
    """Where a tag of the version stands: in the projects of its commit, else of all it contains.

    None is known of a release that names none and has no merge requests: it is of its service
    alone, and so of whatever is of that.
    """
    return projects_of(ask, ask.state.target(version).commit) or ask.projects


def current(ask: Question, version: str) -> Tag | None:
    """Its tag, if that stands at its commit and in the projects that the commit is of now.

    One that was set before this was kept stands where it was set, and what was published stays as
    it was published.
    """
    found = next((each for each in ask.state.tags if each.version == version), None)
    if found is None or found.commit != ask.state.target(version).commit:
        return None
    settled = found.projects is None or ask.state.published_at is not None
    return found if settled or tagged_in(ask, version).issubset(found.projects or ()) else None


def where(ask: Question, version: str) -> str:
    """The projects in which its tag is missing, as part of a sentence, if only that is the case."""
    commit = ask.state.target(version).commit
    known = any((each.version, each.commit) == (version, commit) for each in ask.state.tags)
    return f" in {', '.join(sorted(tagged_in(ask, version)))}" if known else ""


def others(state: Release, projects: frozenset[str], records: Records) -> Iterator[Release]:
    """The other releases that may have tags in these projects; of none, those of its service."""
    for told in alike(state, projects):
        yield from (each for each in records.find(Release, **told) if each.id != state.id)


def alike(state: Release, projects: frozenset[str]) -> tuple[Mapping[str, object], ...]:
    """How these are found."""
    if not projects:
        return ({"service": state.service},)
    known = {"repository": projects | {SEVERAL}}
    return known, {"service": state.service, "repository": frozenset((UNKNOWN,))}


def colliding(ask: Question, tag: Tag) -> Iterator[Release]:
    """The other releases that have a tag of its name, hidden or not, at another commit there."""
    state, projects = ask.state, ask.state.stands_in(tag)
    for each in others(state, projects, ask.records):
        same = (e for e in each.all_tags if e.name == tag.name and e.commit != tag.commit)
        if any(meets(state, projects, each, each.stands_in(one)) for one in same):
            yield each


def meets(state: Release, projects: frozenset[str], other: Release, theirs: frozenset[str]) -> bool:
    """Whether both are of one project; where it is not known of either, whether of one service."""
    both = projects and theirs
    return not projects.isdisjoint(theirs) if both else state.service == other.service
