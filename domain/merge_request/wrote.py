"""Who wrote what commits bring: the merge requests that these are the heads of, or merged as."""

from __future__ import annotations

from collections.abc import Iterable

from domain.authority import Authority
from domain.kernel import Records
from domain.merge_request.standing import writers
from domain.merge_request.state import MergeRequest


def wrote(
    commits: Iterable[str], authority: Authority, records: Records, *, hidden: bool = False
) -> frozenset[str]:
    """Who wrote the merge requests of these commits; in the open none that is hidden counts."""
    shas = frozenset(commits)
    if not shas:
        return frozenset()
    heads = records.find(MergeRequest, head=shas)
    merged = records.find(MergeRequest, merge_commit=shas)
    return written_by((*heads, *merged), authority, hidden=hidden)


def written_by(
    requests: Iterable[MergeRequest], authority: Authority, *, hidden: bool
) -> frozenset[str]:
    """Who wrote these merge requests; in the open none that is hidden counts."""
    known = (each for each in requests if hidden or not each.embargoed)
    return frozenset[str]().union(*(writers(each, authority) for each in known))
