"""Merge requests in releases: hidden ones are taken out of those in the open."""

from __future__ import annotations

from domain.inclusion import Inclusion
from domain.kernel import Records, Then
from domain.merge_request.state import MergeRequest
from domain.release.events import Item
from domain.release.state import ENDED, Release


def leaving(state: MergeRequest, records: Records, reason: str) -> list[Then]:
    """That it leaves every release in the open that is not out: those contain nothing hidden.

    So does each of its commits that it covers there. The reason for hiding it is that for leaving
    them, told to who may know of it.
    """
    found = records.find(Inclusion, reference=frozenset((state.id, *state.commits)))
    inside: dict[str, list[Inclusion]] = {}
    for each in found:
        if each.included and state.id in (each.reference, each.covered_by):
            inside.setdefault(each.release, []).append(each)
    releases = records.find(Release, id=frozenset(inside)) if inside else ()
    return [
        each
        for release in releases
        if not release.embargoed and release.published_at is None and release.status not in ENDED
        for each in _withheld(release, inside[release.id], reason)
    ]


def _withheld(release: Release, inside: list[Inclusion], reason: str) -> list[Then]:
    items = tuple(Item(each.kind, each.reference, each.covered_by) for each in inside)
    told = {"items": items, "reason": reason}
    removed = (Then("inclusion.remove", each.id) for each in inside)
    return [Then("release.withhold", release.id, told), *removed]
