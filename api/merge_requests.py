"""The list of merge requests, also of those that too few are left to approve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from strawberry.types.field import StrawberryField

from api import unreachable
from api.derived.lists import equal, filter_arguments
from api.derived.nouns import INPUTS
from api.derived.paging import Kept, Listing, listing
from api.filtered import Filter, filtered_field
from api.gates import moment_of
from api.hiding.visibility import Sight
from domain.evidence.state import Evidence
from domain.merge_request.aggregate import AGGREGATE
from domain.merge_request.checks import beyond_reach
from domain.merge_request.question import Question, knowing
from domain.merge_request.reports import reports_on
from domain.merge_request.standing import kind_of
from domain.merge_request.state import MergeRequest, Status
from domain.playbook.aggregate import Playbook
from domain.security_fix.state import SecurityFix

ARGUMENTS: Final = (*filter_arguments(INPUTS, AGGREGATE), *unreachable.ARGUMENTS)


def merge_requests_field() -> dict[str, StrawberryField]:
    """The query `mergeRequests`."""
    narrowed = Filter("MergeRequestFilter", "MergeRequest", "What narrows the list.", ARGUMENTS)
    about = "The merge requests to be seen, newest first."
    return filtered_field("merge_requests", "MergeRequestConnection", about, narrowed, listed)


def listed(sight: Sight, wanted: Mapping[str, Any]) -> Listing:
    """The merge requests that are wanted, newest first."""
    table, name = sight.reader.snapshot(MergeRequest), "mergeRequests"
    plain = {key: value for key, value in wanted.items() if key != unreachable.NAME}
    where = equal(sight, MergeRequest, plain)
    if wanted.get(unreachable.NAME):
        where.append(table.c.status == Status.OPEN.value)
    kept = _kept(sight, wanted)
    return listing(sight, MergeRequest, name, where=where, filter=wanted, kept=kept)


def _kept(sight: Sight, wanted: Mapping[str, Any]) -> Kept:
    moment = moment_of(sight)
    reports: dict[str, tuple[Evidence, ...]] = {}

    def ahead(found: Sequence[MergeRequest]) -> None:
        moment.records.gather(Playbook, "id", frozenset(each.playbook for each in found))
        fixes = (id for each in found for id in (each.fix, each.related) if id)
        moment.records.gather(SecurityFix, "id", frozenset(fixes))
        asking = [each for each in found if kind_of(each, moment.records).conditions]
        told = reports_on(moment.records, asking)
        reports.update(
            {each.id: tuple(one for one in told if one.subject == each.head) for each in asking}
        )

    def beyond(state: MergeRequest) -> bool:
        own, authority = {"project": frozenset((state.project,))}, moment.standing.authority
        known = (state, moment.at, authority, moment.records, None)
        who = partial(knowing, state, who=lambda act: moment.who(act, own))
        told = reports.get(state.id, ())
        return beyond_reach(Question(*known, who, told, moment.who, moment.sees))

    return unreachable.kept(sight, wanted, beyond, ahead)
