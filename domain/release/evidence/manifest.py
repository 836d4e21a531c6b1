"""The manifest of a release: what CI compares a commit with, and names in its report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from domain.change.covering import requests_of
from domain.change.state import Change, LinkKind
from domain.digest import content_digest
from domain.inclusion import Inclusion
from domain.merge_request.state import MergeRequest
from domain.release.gate.question import Question
from domain.release.state import Release


def manifest(ask: Question) -> str:
    """What the release is to be compared with now; in the open without what moves in secret."""
    if ask.manifest is None:
        inside = [each for each in ask.ever_included if each.included]
        ids = requests_of(ask.changes.values()).union(each.reference for each in inside)
        found = ask.records.find(MergeRequest, id=ids) if ids else ()
        ask.manifest = manifest_of(ask.state, inside, seen(found, ask.state), ask.changes)
    return ask.manifest


def seen(requests: Iterable[MergeRequest], by: Release) -> dict[str, MergeRequest]:
    """Those of which it is known where they stand, by who knows of this release."""
    return {each.id: each for each in requests if by.embargoed or each.shown_as_it_stands}


def manifest_of(
    release: Release,
    items: Iterable[Inclusion],
    requests: Mapping[str, MergeRequest],
    changes: Mapping[str, Change],
) -> str:
    """The digest of the list, and that of where everything on it, and tied to that, stands.

    A merge request stands where it is signed off: a push or another target moves it, and it never
    comes back. To be merged moves nothing, since what is merged is what was signed off.
    """
    named = {each.reference for each in items}
    tied = [changes[id] for id in named if id in changes]
    known = [requests[id] for id in named | requests_of(tied) if id in requests]
    stands = {
        "merge_requests": {each.id: each.digest for each in known},
        "commits": {each.id: _commits(each) for each in tied},
    }
    return f"{release.listing}-{content_digest(stands).removeprefix('sha256:')}"


def _commits(change: Change) -> frozenset[str]:
    return frozenset(each.reference for each in change.links if each.kind is LinkKind.COMMIT)
