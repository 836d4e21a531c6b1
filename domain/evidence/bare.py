"""Commits by themselves in hidden releases: reports of them hide, unless everybody knows them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from domain.elsewhere.commit_record import CommitRecord
from domain.evidence.reports import hiding
from domain.inclusion import Inclusion, ItemKind
from domain.kernel import Records, Then
from domain.merge_request.state import MergeRequest
from domain.release.state import Release


def hiding_bare(commits: Iterable[str], release: Release, records: Records) -> list[Then]:
    """That what was reported of these hides with the hidden release that they are put into.

    Not of what everybody may know of by now, such as what a release in the open has in it.
    """
    wanted = frozenset(commits) if release.embargoed else frozenset()
    project = release.plan.project
    left = wanted - told_of(wanted, project, records)
    return hiding(left, project, records, release=release.id)


def bearing(commit: str, project: str, records: Records) -> tuple[Release, ...]:
    """The hidden releases that have the commit in them, or had it, if nobody else knows of it."""
    releases = _releases((commit,), records)
    found = tuple(e for e in releases if e.embargoed and e.plan.project in (None, project))
    return found if found and not told_of({commit}, project, records) else ()


def told_of(commits: Collection[str], project: str | None, records: Records) -> frozenset[str]:
    """Those that a release in the open tells of, or ever told, or what was recorded elsewhere.

    What is there for a merge request that is hidden now is told no more.
    """
    if not commits:
        return frozenset()
    wanted = frozenset(commits)
    own = {} if project is None else {"project": project}
    known = {each.sha for each in records.find(CommitRecord, sha=wanted, **own)}
    items = records.find(Inclusion, reference=wanted)
    answering = frozenset(each.covered_by for each in items if each.covered_by)
    found = records.find(MergeRequest, id=answering) if answering else ()
    hidden = {each.id for each in found if each.embargoed}
    shown = {each.id for each in _releases(wanted, records) if not each.embargoed}
    told = (e for e in items if e.release in shown and e.covered_by not in hidden)
    return frozenset(known.union(each.reference for each in told))


def _releases(commits: Iterable[str], records: Records) -> tuple[Release, ...]:
    items = records.find(Inclusion, reference=frozenset(commits))
    ids = frozenset(each.release for each in items if each.kind is ItemKind.COMMIT)
    return records.find(Release, id=ids) if ids else ()
