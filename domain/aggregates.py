"""Every noun the service knows, in one list: what is derived from aggregates starts here."""

from __future__ import annotations

from typing import Any, Final

from domain import (
    access,
    comment,
    credential,
    erasure,
    inclusion,
    log,
    package,
    policy,
    turn,
    vulnerability_report,
)
from domain.accord import aggregate as accord
from domain.board import aggregate as board
from domain.calendar import entry as calendar_entry
from domain.change import aggregate as change
from domain.delegation import aggregate as delegation
from domain.deployment import aggregate as deployment
from domain.elsewhere import commit_record, fix_record, merge_record, release_record
from domain.environment import aggregate as environment
from domain.evidence import aggregate as evidence
from domain.exemption import aggregate as exemption
from domain.grant import aggregate as grant
from domain.kernel import Aggregate
from domain.lock import aggregate as lock
from domain.merge_request import aggregate as merge_request
from domain.metrics import review as metrics_review
from domain.playbook import aggregate as playbook
from domain.principal import aggregate as principal
from domain.release import aggregate as release
from domain.rotation import aggregate as rotation
from domain.security_fix import aggregate as security_fix
from domain.stable_line import aggregate as stable_line
from domain.sync import aggregate as sync
from domain.template import aggregate as template
from domain.waiver import aggregate as waiver

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
    sync.AGGREGATE,
    accord.AGGREGATE,
    calendar_entry.AGGREGATE,
    release_record.AGGREGATE,
    fix_record.AGGREGATE,
    commit_record.AGGREGATE,
    rotation.AGGREGATE,
    turn.AGGREGATE,
    metrics_review.AGGREGATE,
    stable_line.AGGREGATE,
    vulnerability_report.AGGREGATE,
    security_fix.AGGREGATE,
    comment.AGGREGATE,
    credential.AGGREGATE,
    access.AGGREGATE,
    erasure.AGGREGATE,
    log.AGGREGATE,
)
