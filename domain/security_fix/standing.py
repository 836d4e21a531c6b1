"""What the playbook of a security fix says of it, and which versions it has to cover."""

from __future__ import annotations

from typing import Final

from domain.authority import Authority
from domain.kernel import Records
from domain.playbook.aggregate import Playbook, process
from domain.process.fix import SecurityFixKind
from domain.process.process import Process
from domain.process.support import Support
from domain.security_fix.state import SecurityFix

OWN_FIND: Final = (
    "Who found it, or opened the fix and alone says who found it, leaves it to another of "
    "application security to"
)
"""How it is refused to a finder; what they are kept from follows."""


def finders(state: SecurityFix, authority: Authority) -> frozenset[str]:
    """Who counts as having found it, with every account behind which the same person stands."""
    behind = (authority.behind(each, state.opened_at) for each in state.kept_out)
    return frozenset().union(*behind)


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
