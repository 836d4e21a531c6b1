"""What activities are under way when something goes out, as soft locks that spare some ask (S0-13).

Nobody's word makes anything an activity: it follows from the approved changes that go out, by what
they are tied to, and from the kinds of releases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from domain.authority import Authority
from domain.change.covering import answers_for, requests_of
from domain.change.going_out import may_go_out
from domain.change.standing import kind_of as change_kind
from domain.change.state import Change
from domain.deployment.bringing import brings, made_of
from domain.deployment.state import Wish
from domain.gate import Finding
from domain.inclusion import Inclusion, ItemKind
from domain.kernel import Records
from domain.lock.blocking import Activities, unknown
from domain.lock.state import Lock
from domain.merge_request.state import MergeRequest
from domain.release.evidence.made_of import packages_of
from domain.release.standing import kind_of as release_kind
from domain.release.state import Release

_HELPS: Final = (
    "Approved changes of kinds with these activities that are tied to what goes out, or a release "
    "of such a kind, would be spared"
)


def of_wish(
    wish: Wish, place: str, at: datetime, authority: Authority, records: Records
) -> Activities:
    """The activities of what a deployment brings: of its changes, and of its release.

    What is told in words alone is none that is known, nor is a package that is built of none of
    these changes; but for a release, which says what it has in it. LookupError when a playbook is
    gone.
    """
    found = _of_changes(wish.changes, place, at, authority, records)
    release = records.get(Release, wish.belongs_to) if wish.belongs_to else None
    if release is not None:
        return found | of_release(release, place, at, authority, records, package=wish.package)
    known = not wish.belongs_to and not wish.contents.strip() and _brought(wish, records)
    return found if known else found | unknown()


def _brought(wish: Wish, records: Records) -> bool:
    """Whether its package is built of what one of its changes is tied to (S3-02)."""
    ids = frozenset(wish.changes)
    commits = made_of(wish.package, None, records)
    changes = records.find(Change, id=ids) if ids else ()
    return any(brings(each, commits, records, hidden=False) for each in changes)


def of_release(
    release: Release,
    place: str | None,
    at: datetime,
    authority: Authority,
    records: Records,
    *,
    package: str = "",
) -> Activities:
    """That of its kind; of a kind without one, those of everything in it.

    What it is aimed at, or brings as a package, has to be of what is in it. LookupError when a
    playbook is gone.
    """
    if (own := release_kind(release, records).activity) is not None:
        return frozenset((own,))
    items = [each for each in records.find(Inclusion, release=release.id) if each.included]
    behind = frozenset(each.covered_by or each.reference for each in items)
    astray = not behind or any(_astray(release, items, behind, records))
    if astray or not _built_of(behind, release, package, records):
        return unknown()
    return _of_changes(behind, place, at, authority, records)


def _built_of(behind: frozenset[str], release: Release, package: str, records: Records) -> bool:
    """Whether every commit that it brings is of a change in it (S3-02); of none known it is."""
    commits = made_of(package, None, records).union(_aims(release, records))
    changes, hidden = records.find(Change, id=behind), release.embargoed
    return all(
        any(brings(each, frozenset((commit,)), records, hidden=hidden) for each in changes)
        for commit in commits
    )


def _aims(release: Release, records: Records) -> Iterator[str]:
    """The commits that its versions are made of; no name for that of a digest nobody built here."""
    for version, packages in packages_of(release, records).items():
        target = release.target(version)
        if target.commit is not None:
            yield target.commit
        elif target.package is not None:
            yield from [each.commit for each in packages] or [""]


def _astray(
    release: Release, items: Iterable[Inclusion], behind: frozenset[str], records: Records
) -> Iterator[bool]:
    """Of each commit, whether the change that is to answer for it is tied to it in no way."""
    changes = {each.id: each for each in records.find(Change, id=behind)}
    tied = requests_of(changes.values())
    found = records.find(MergeRequest, id=tied) if tied else ()
    known = [each for each in found if release.embargoed or not each.embargoed]
    for each in items:
        change = changes.get(each.covered_by or "")
        if each.kind is ItemKind.COMMIT and change is not None:
            yield not answers_for(change, each.reference, known, release.plan.project)


def _of_changes(
    ids: Iterable[str], place: str | None, at: datetime, authority: Authority, records: Records
) -> Activities:
    """The activities of these changes; not known of what is none, or may not go there now."""
    wanted = frozenset(ids)
    found = {each.id: each for each in records.find(Change, id=wanted)} if wanted else {}
    good = {
        id
        for id, each in found.items()
        if place in (None, *each.content.environments) and may_go_out(each, at, authority, records)
    }
    return frozenset(
        change_kind(found[id], records).activity if id in good else None for id in wanted
    )


def helped(finding: Finding, records: Records) -> Finding:
    """The finding of a soft lock that blocks, with what it would spare."""
    lock = records.get(Lock, finding.evidence[0]) if finding.code == "soft_locked" else None
    if lock is None or not lock.terms.spares:
        return finding
    spared = ", ".join(lock.terms.spares)
    return replace(finding, message=f"{finding.message} {_HELPS}: {spared}.")
