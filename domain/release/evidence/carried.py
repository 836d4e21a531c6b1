"""Which merge requests a release carries: those that are in it, also as a commit of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from domain.change.covering import is_of
from domain.inclusion import Inclusion, ItemKind
from domain.merge_request.state import MergeRequest

Requests = Mapping[str, MergeRequest]
"""Merge requests by their ids."""


def identity(item: Inclusion, requests: Requests, project: str | None) -> tuple[ItemKind, str]:
    """What an item is: a commit of a merge request that covers it is that, all else is itself.

    A merge request answers for no other commit (`is_of`), whoever says that it covers that: it
    carries nothing there.
    """
    covering = requests.get(item.covered_by or "") if item.kind is ItemKind.COMMIT else None
    if covering is not None and is_of(covering, item.reference, project):
        return ItemKind.MERGE_REQUEST, covering.id
    return item.kind, item.reference


def carried(items: Iterable[Inclusion], requests: Requests, project: str | None) -> frozenset[str]:
    """The ids of the merge requests that these items are, or are commits of."""
    every = (identity(each, requests, project) for each in items)
    return frozenset(id for kind, id in every if kind is ItemKind.MERGE_REQUEST)


def named(items: Iterable[Inclusion]) -> frozenset[str]:
    """The ids of the records that items are, and of those that answer for them: of no commit."""
    own = (e.covered_by if e.kind is ItemKind.COMMIT else e.reference for e in items)
    return frozenset(filter(None, own))


def sought(requests: Iterable[MergeRequest]) -> frozenset[str]:
    """What merge requests are included as: by their ids, or as the commits that are theirs."""
    own = ((each.id, each.head, each.merge_commit) for each in requests)
    return frozenset(id for each in own for id in each if id)
