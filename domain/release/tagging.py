"""Tagging: a name says one thing in a project, and stands where the gate lets it."""

from __future__ import annotations

from typing import Annotated, Any

from domain.kernel import Context, Problems, Records
from domain.process_release import TAG
from domain.release.act_events import Tagged
from domain.release.embargo import known
from domain.release.gates import passed
from domain.release.repository import of_repository
from domain.release.state import Release
from domain.release.wording import check_tag


def tag(
    state: Release,
    context: Context,
    *,
    release_version: Annotated[str, "The version to tag."],
    name: Annotated[str | None, "The tag; the version itself if left out."] = None,
) -> list[Any]:
    """Tag a version at its commit, if the gate lets it.

    A tag stands at one commit of a project, and at one that something here knows: the head of a
    merge request that was merged or is signed off as it is, the merge of an included one, a
    package, a program's evidence, or an import, of its own project or service.
    """
    problems = Problems()
    there = release_version in state.plan.versions
    problems.unless(there, "unknown_version", "It has no such version.", "release_version")
    called = release_version if name is None else name
    check_tag(problems, called, "name")
    commit = state.target(release_version).commit or ""
    again = any(each.version == release_version and each.name == called for each in state.tags)
    same = again and commit in {each.commit for each in state.tags}
    problems.unless(not same, "tagged_before", "It is tagged so already.", "name")
    problems.settle()
    evidence = passed(state, context, TAG)
    free = not _taken(state, called, commit, context.records)
    message = "It stands at another commit, of this release or another: name a new one."
    problems.unless(free, "tag_taken", message, "name")
    problems.settle()
    return [Tagged(release_version, called, commit, evidence)]


def _taken(state: Release, name: str, commit: str, records: Records) -> bool:
    """Whether this release, or another of the repository that may be told of, has it elsewhere."""
    others = (each for each in of_repository(state, records) if known(each, state))
    tags = (tag for each in (state, *others) for tag in each.tags)
    return any(each.name == name and each.commit != commit for each in tags)
