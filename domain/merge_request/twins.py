"""Merge requests that are the same by project and number, opened here more than once."""

from __future__ import annotations

from domain.kernel import Records
from domain.merge_request.state import MergeRequest, Status


def open_twins(state: MergeRequest, records: Records) -> tuple[MergeRequest, ...]:
    """Open ones of the same project and number that everybody may know of."""
    same = records.find(MergeRequest, project=state.project, number=state.number)
    others = (each for each in same if each.id != state.id and not each.embargoed)
    return tuple(each for each in others if each.status is Status.OPEN)
