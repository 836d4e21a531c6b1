"""Backports of a security fix beyond the support policy: there by agreement alone (S1-03)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from domain.accord.agreements import AGREE, lacking
from domain.accord.standing import agreed, suits
from domain.accord.state import Accord
from domain.authority import Authority
from domain.gate import Act
from domain.kernel import Records
from domain.merge_request.state import MergeRequest
from domain.process.release import Matter
from domain.process.support import Support, branch_name, line_of
from domain.security_fix.standing import policy_of, process_of
from domain.security_fix.state import SecurityFix

__all__ = ["AGREE", "accords_on", "agreed_lines", "agreeing"]


def accords_on(
    state: SecurityFix, requests: Iterable[MergeRequest], records: Records
) -> tuple[Accord, ...]:
    """The accords about these that let a version be, by the releases of the fix's playbook."""
    rows = (e for kind in process_of(state, records).releases.kinds for e in kind.requirements)
    kinds = frozenset(e.accord for e in rows if e.about is Matter.SUPPORTED and e.accord)
    subjects = frozenset(each.id for each in requests)
    if not kinds or not subjects:
        return ()
    return tuple(
        each
        for each in records.find(Accord, subject=subjects)
        if each.kind in kinds and suits(each, each.kind, state.playbook, records)
    )


def agreed_lines(
    state: SecurityFix,
    requests: Iterable[MergeRequest],
    records: Records,
    authority: Authority,
    at: datetime,
) -> dict[str, str]:
    """By merge request, the line that every party agrees to it going to, if it aims there."""
    asked = {each.id: each for each in requests}
    policy = policy_of(state, records)
    return {
        accord.subject: line
        for accord in accords_on(state, asked.values(), records)
        if (line := _aimed_at(policy, accord, asked[accord.subject]))
        and agreed(accord, authority, at, records)
    }


def agreeing(  # noqa: PLR0917  (what a fix is judged by)
    state: SecurityFix,
    request: MergeRequest,
    may: Collection[str],
    records: Records,
    authority: Authority,
    at: datetime,
) -> list[tuple[Act, ...]]:
    """What its parties lack to an accord on the table that lets it go where it aims.

    Who asked for it agrees again to what others revised. `may` are those whom the policy lets.
    """
    policy, every = policy_of(state, records), accords_on(state, (request,), records)
    named = (each for each in every if _aimed_at(policy, each, request))
    return [way for each in named for way in lacking(each, may, authority, at, records)]


def _aimed_at(policy: Support, accord: Accord, request: MergeRequest) -> str | None:
    """The line that the accord names a version of and the merge request goes to."""
    for version in accord.terms.versions:
        try:
            line = line_of(policy, version)
        except ValueError:  # what is of no line is no target either
            continue
        if policy.branch(line) == branch_name(request.target):
            return line
    return None
