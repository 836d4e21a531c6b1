"""Whose hands went through what releases contain, read at once for however many releases."""

from __future__ import annotations

from collections.abc import Sequence

from api.records import KnownRecords
from domain.change.state import Change
from domain.inclusion import Inclusion, ItemKind
from domain.merge_request.state import MergeRequest
from domain.playbook import Playbook
from domain.release.standing import kind_of
from domain.release.state import Release


def read_hands(records: KnownRecords, releases: Sequence[Release]) -> None:
    """Read ahead what tells who may not approve these releases: four statements at most.

    What is not asked for by a kind of release is not read.
    """
    records.gather(Playbook, "id", frozenset(each.playbook for each in releases))
    asking = frozenset(each.id for each in releases if kind_of(each, records).independent)
    inside = [each for each in records.gather(Inclusion, "release", asking) if each.included]
    answering = {each.covered_by for each in inside if each.covered_by}
    named = {each.reference for each in inside if each.kind is not ItemKind.COMMIT}
    ids = frozenset(answering | named)
    records.gather(Change, "id", ids)
    records.gather(MergeRequest, "id", ids)
