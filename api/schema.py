"""The schema: every aggregate, the lists and questions of their own files, and its text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import strawberry

from api import (
    accord,
    change,
    changes,
    countersigning,
    credential,
    deployments,
    fix_outcomes,
    impacts,
    inbox,
    item_counts,
    locks,
    merge_request,
    merge_requests,
    packages,
    release,
    releases,
    reverse,
    security_fix,
    security_queue,
    viewer,
)
from api.authentication import token_field
from api.calendar import agenda_field, clashes, cycles, rotations
from api.delivery import moves as deployment_moves
from api.delivery import package_schedule
from api.delivery import report as delivery_report
from api.derived.expose import Exposed, expose
from api.derived.nouns import HIDDEN, INPUTS, TYPES
from api.derived.surface import assemble
from api.elsewhere import fix_report, merge_record, merge_records, merge_report, release_report
from api.hiding import compared, exposure, numbers
from api.history import events, proofs
from domain.accord.aggregate import AGGREGATE as ACCORD
from domain.aggregates import AGGREGATES

MORE: Final = {
    "accord": accord.FIELDS,
    "change": {**change.FIELDS, **clashes.FIELDS},
    "deployment": {**deployments.FIELDS, **countersigning.FIELDS},
    "credential": credential.FIELDS,
    "evidence": compared.EVIDENCE_FIELDS,
    "lock": locks.FIELDS,
    "merge_record": merge_record.FIELDS,
    "package": packages.FIELDS,
    "merge_request": {
        **merge_request.FIELDS,
        **exposure.MERGE_REQUEST_FIELDS,
        **numbers.MERGE_REQUEST_FIELDS,
    },
    "release": {
        **release.FIELDS,
        **clashes.RELEASE_FIELDS,
        **impacts.FIELDS,
        **item_counts.FIELDS,
        **countersigning.RELEASE_FIELDS,
        **exposure.RELEASE_FIELDS,
        **numbers.RELEASE_FIELDS,
    },
    "security_fix": {
        **security_fix.FIELDS,
        **security_queue.FIELDS,
        **exposure.FIX_FIELDS,
        **numbers.FIX_FIELDS,
        **fix_outcomes.FIELDS,
    },
}
"""Fields beyond the derived ones, by aggregate."""
UNLISTED: Final = {"change", "deployment", "log", "merge_record", "merge_request", "release"}
LISTED: Final = {each.name for each in AGGREGATES} - UNLISTED
"""The aggregates with a derived list; five have one of their own, and of logs there is one."""
EXPOSED: Final[tuple[Exposed, ...]] = tuple(
    expose(
        INPUTS,
        each,
        more=MORE.get(each.name),
        hidden=HIDDEN.get(each.name, ()),
        listed=each.name in LISTED,
    )
    for each in AGGREGATES
)
QUERIES: Final = {
    **changes.changes_field(),
    **cycles.cycle_fields(),
    **package_schedule.schedule_fields(),
    **deployments.QUERIES,
    **releases.QUERIES,
    **merge_requests.merge_requests_field(),
    **deployment_moves.deployment_moves_field(),
    **merge_records.merge_records_field(),
    **merge_report.merge_report_field(),
    **inbox.inbox_field(change.GATES.aggregate),
    **inbox.inbox_field(merge_request.GATES.aggregate),
    **inbox.inbox_field(release.GATES.aggregate),
    **inbox.inbox_field(ACCORD),
    **locks.QUERIES,
    **countersigning.QUERIES,
    **packages.QUERIES,
    **events.history_fields(),
    **reverse.who_field(),
    **fix_report.fix_report_field(),
    **security_queue.security_queue_field(),
    **release_report.release_report_field(),
    **delivery_report.delivery_report_field(),
    **rotations.rotation_fields(),
    **viewer.viewer_fields(),
    **proofs.FIELDS,
    **agenda_field.FIELDS,
}
"""Queries beyond look-ups and plain lists."""


def make_schema(extensions: Iterable[Any] = ()) -> strawberry.Schema:
    """The schema, with what else an endpoint needs around it."""
    return assemble(
        TYPES, EXPOSED, queries=QUERIES, mutations=token_field.FIELDS, extensions=extensions
    )


def sdl() -> str:
    """The schema as text, the way front ends read it."""
    return make_schema().as_str() + "\n"
