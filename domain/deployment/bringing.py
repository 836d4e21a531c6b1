"""Which changes are part of what goes out: those tied to it, and not all that somebody names."""

from __future__ import annotations

from collections.abc import Iterator

from domain.change.covering import commits_of, requests_of
from domain.change.state import Change, LinkKind
from domain.kernel import Records
from domain.merge_request.state import MergeRequest
from domain.package import Package
from domain.release.state import Release


def made_of(package: str, release: str | None, records: Records) -> frozenset[str]:
    """The commit of the package; of a release without one package, those it is aimed at."""
    if (built := records.get(Package, package)) is not None:
        return frozenset((built.commit,))
    carrier = records.get(Release, release or "")
    return frozenset(e.commit for e in carrier.targets if e.commit) if carrier else frozenset()


def tied(change: Change) -> bool:
    """Whether it is tied to any commit or merge request at all."""
    commits = any(each.kind is LinkKind.COMMIT for each in change.links)
    return commits or bool(requests_of((change,)))


def brings(change: Change, commits: frozenset[str], records: Records, *, hidden: bool) -> bool:
    """Whether it is tied to all of the commits, itself or by a merge request (S3-02).

    Where all may know of the deployment, a tie to what is hidden brings nothing.
    """
    return bool(commits) and commits <= commits_of(change, _told(change, records, hidden), None)


def names(change: Change, records: Records, *, hidden: bool) -> Iterator[str]:
    """What it is tied to that a release may have in it: merge requests, and commits."""
    requests = _told(change, records, hidden)
    yield from (each.id for each in requests)
    yield from commits_of(change, requests, None)


def _told(change: Change, records: Records, hidden: bool) -> tuple[MergeRequest, ...]:
    ids = requests_of((change,))
    found = records.find(MergeRequest, id=ids) if ids else ()
    return tuple(each for each in found if hidden or not each.embargoed)
