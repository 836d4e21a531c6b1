"""Tagging: a name says one thing in a project, and names a commit that something here knows."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from domain.commit_record import CommitRecord
from domain.evidence import Evidence
from domain.inclusion import Inclusion, item_id
from domain.inclusion import ItemKind as Kind
from domain.kernel import Context, Problems, Records
from domain.merge_request.state import MergeRequest
from domain.package import Package
from domain.process_release import TAG
from domain.release.act_events import Tagged
from domain.release.embargo import known
from domain.release.gates import passed
from domain.release.question import Question
from domain.release.repository import of_repository
from domain.release.state import Release

_TAG: Final = re.compile(
    r"(?!.*(\.\.|@\{|//|\.lock$|/\.))[0-9A-Za-z][0-9A-Za-z._/+-]{0,98}[0-9A-Za-z]|[0-9]"
)
"""What may name a tag in Git and everywhere else."""


def tag(
    state: Release,
    context: Context,
    *,
    release_version: Annotated[str, "The version to tag."],
    name: Annotated[str | None, "The tag; the version itself if left out."] = None,
) -> list[Any]:
    """Tag a version at its commit, if the gate lets it.

    A tag stands at one commit of a project, and at one that something here knows: what is included,
    a package, evidence, or what was imported.
    """
    problems = Problems()
    there = release_version in state.plan.versions
    problems.unless(there, "unknown_version", "It has no such version.", "release_version")
    called = release_version if name is None else name
    problems.unless(_TAG.fullmatch(called), "not_a_tag", "This cannot name a tag.", "name")
    commit = state.target(release_version).commit or ""
    again = any(each.version == release_version and each.name == called for each in state.tags)
    same = again and commit in {each.commit for each in state.tags}
    problems.unless(not same, "tagged_before", "It is tagged so already.", "name")
    problems.settle()
    evidence = passed(state, context, TAG)
    free = not _taken(state, called, commit, context.records)
    message = "Another release has this tag, at another commit."
    problems.unless(free, "tag_taken", message, "name")
    message = "Nothing here knows the commit: nothing included, no package, no evidence, no import."
    problems.unless(_is_known(state, context, commit), "unknown_commit", message)
    problems.settle()
    return [Tagged(release_version, called, commit, evidence)]


def _taken(state: Release, name: str, commit: str, records: Records) -> bool:
    """Whether another release of the repository, that may be told of, has it elsewhere."""
    others = (each for each in of_repository(state, records) if known(each, state))
    return any(tag.name == name and tag.commit != commit for each in others for tag in each.tags)


def _is_known(state: Release, context: Context, commit: str) -> bool:
    """Whether anything that may be told of knows the commit; the likeliest is asked first."""
    records = context.records
    ask = Question(state, context.at, context.authority, records)
    reports = ask.told(records.find(Evidence, subject=commit))
    if any(each.project in ask.projects or each.release == state.id for each in reports):
        return True
    if any(not each.claimed for each in records.find(Package, commit=commit)):
        return True
    if any(_counts(ask, each) for each in records.find(MergeRequest, head=commit)):
        return True
    if commit in {each.merge_commit for each in ask.merge_requests.values()}:
        return True
    item = records.get(Inclusion, item_id(state.id, Kind.COMMIT, commit))
    included = item is not None and item.included
    return included or bool(records.find(CommitRecord, sha=commit))


def _counts(ask: Question, record: MergeRequest) -> bool:
    """Whether it is of a project of the release, and may be told of where that is told of."""
    return record.project in ask.projects and (ask.state.embargoed or not record.embargoed)
