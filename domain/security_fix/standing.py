"""What the playbook of a security fix says of it, and which versions it has to cover."""

from __future__ import annotations

from datetime import datetime

from domain.kernel import Records
from domain.playbook import Playbook, process
from domain.process import Process
from domain.process_fix import SecurityFixKind
from domain.security_fix.state import SecurityFix
from domain.stable_line.state import StableLine, lines
from domain.support import Support, scope


def process_of(state: SecurityFix, records: Records) -> Process:
    """The playbook version it was opened under; LookupError when that is gone."""
    playbook = records.get(Playbook, state.playbook)
    if playbook is None:
        raise LookupError("its playbook is missing")
    return process(playbook.body)


def kind_of(state: SecurityFix, records: Records) -> SecurityFixKind:
    """Its kind in its pinned playbook; LookupError when that is gone."""
    kind = process_of(state, records).security_fix(state.kind)
    if kind is None:
        raise LookupError(f"the playbook has no kind {state.kind} any more")
    return kind


def policy_of(state: SecurityFix, records: Records) -> Support:
    """The support policy it goes by; LookupError when that is gone."""
    kind = kind_of(state, records)
    policy = process_of(state, records).support(kind.support)
    if policy is None:
        raise LookupError(f"the playbook has no support policy {kind.support} any more")
    return policy


def versions(state: SecurityFix, records: Records, at: datetime) -> tuple[str, ...]:
    """The versions it has to cover at the moment, newest first (S1-02, S1-22)."""
    known = lines(records.find(StableLine, service=state.service))
    return scope(policy_of(state, records), known, at)
