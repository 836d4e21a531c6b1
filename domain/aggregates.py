"""Every noun the service knows, in one list: what is derived from aggregates starts here."""

from __future__ import annotations

from typing import Any, Final

from domain import (
    access,
    board,
    calendar_entry,
    change,
    comment,
    credential,
    delegation,
    deployment,
    environment,
    erasure,
    evidence,
    exemption,
    grant,
    inclusion,
    lock,
    log,
    merge_record,
    merge_request,
    package,
    playbook,
    policy,
    principal,
    release,
    template,
    waiver,
)
from domain.kernel import Aggregate

AGGREGATES: Final[tuple[Aggregate[Any], ...]] = (
    principal.AGGREGATE,
    grant.AGGREGATE,
    board.AGGREGATE,
    delegation.AGGREGATE,
    policy.AGGREGATE,
    playbook.AGGREGATE,
    template.AGGREGATE,
    change.AGGREGATE,
    lock.AGGREGATE,
    exemption.AGGREGATE,
    environment.AGGREGATE,
    package.AGGREGATE,
    deployment.AGGREGATE,
    merge_request.AGGREGATE,
    merge_record.AGGREGATE,
    release.AGGREGATE,
    inclusion.AGGREGATE,
    evidence.AGGREGATE,
    waiver.AGGREGATE,
    calendar_entry.AGGREGATE,
    comment.AGGREGATE,
    credential.AGGREGATE,
    access.AGGREGATE,
    erasure.AGGREGATE,
    log.AGGREGATE,
)
