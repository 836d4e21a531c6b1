"""Tagging: a name says one thing in a project, and stands where the gate lets it."""

from __future__ import annotations

from typing import Annotated, Any

from domain.kernel import Context, Problems
from domain.process.release import TAG
from domain.release.act_events import Tagged
from domain.release.commands.wording import check_named_after, check_tag
from domain.release.embargo import known
from domain.release.evidence.repository import colliding, current, tagged_in
from domain.release.gate.gates import passed
from domain.release.gate.question import Question, asked_of
from domain.release.state import Release, Tag


def tag(
    state: Release,
    context: Context,
    *,
    release_version: Annotated[str, "The version to tag."],
    name: Annotated[str | None, "The tag; the version itself if left out."] = None,
) -> list[Any]:
    """Tag a version at its commit, if the gate lets it.

    A tag stands at one commit of a project, which the release names or else has in it, and at one
    that something here knows: the head of a merge request that was merged or is signed off as it
    is, the merge of an included one, a package or a program's evidence, of its own project or
    service and of nobody with a hand in it. What an import claims is no knowledge.
    """
    problems = Problems()
    there = release_version in state.plan.versions
    problems.unless(there, "unknown_version", "It has no such version.", "release_version")
    called = release_version if name is None else name
    check_tag(problems, called, "name")
    check_named_after(problems, called, release_version, state.plan.versions)
    ask = asked_of(state, context)
    before = current(ask, release_version)
    same = before is not None and before.name == called
    problems.unless(not same, "tagged_before", "It is tagged so already.", "name")
    problems.settle()
    evidence = passed(state, context, TAG)
    projects = tagged_in(ask, release_version)
    commit = state.target(release_version).commit or ""
    tag = Tag(release_version, called, commit, context.by, context.at, tuple(sorted(projects)))
    message = "It stands at another commit, of this release or another: name a new one."
    problems.unless(not _taken(ask, tag), "tag_taken", message, "name")
    problems.settle()
    return [Tagged(release_version, called, commit, evidence, tag.projects)]


def _taken(ask: Question, tag: Tag) -> bool:
    """Whether this release, or another of the project that may be told of, has it elsewhere."""
    own = any(e.name == tag.name and e.commit != tag.commit for e in ask.state.all_tags)
    return own or any(known(each, ask.state) for each in colliding(ask, tag))
