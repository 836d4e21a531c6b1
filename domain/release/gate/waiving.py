"""Who may waive what a release lacks, and that this would do instead of it (X-04)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from domain.authority import Authority
from domain.authorship import accounts, others
from domain.gate import Act, Finding, or_else
from domain.office import grants_for
from domain.process.release import RequirementRow
from domain.release.gate.question import Question
from domain.release.gate.voters import involved
from domain.release.standing import scopes_of
from domain.release.state import Release
from domain.titles import quoted

REQUEST: Final = "waiver.request"
GRANT: Final = "waiver.grant"


def rights_to_waive(
    release: Release, row: RequirementRow, who: str, authority: Authority, at: datetime
) -> tuple[str, ...]:
    """Every grant by which somebody holds the role that waives the row."""
    return grants_for(authority, who, row.waivable_by or "", scopes_of(release), at)


def or_waived(
    ask: Question, row: RequirementRow, gate: str, findings: tuple[Finding, ...]
) -> tuple[Finding, ...]:
    """The findings of a row, each that blocks with its being waived instead, where anybody can."""
    if row.waivable_by is None:
        return findings
    way = _waiving(ask, row, gate)
    return tuple(or_else(each, way) for each in findings)


def _waiving(ask: Question, row: RequirementRow, gate: str) -> tuple[Act, ...]:
    """Who asks for that first, if nobody did of whom another may grant it; and who grants it."""
    able = _granting(ask, row)
    if not able:
        return ()
    told = f"Waive {quoted('the requirement', row.title)} at {gate}."
    key = (row.name, gate, ask.state.digest)
    for each in ask.waivers:
        asked = each.waits(ask.at, ask.authority)
        if asked and (each.requirement, each.gate, each.digest) == key:
            wished = accounts((each.requested_by,), ask.authority, each.requested_at)
            if left := able - wished:
                return (Act(GRANT, left, description=told),)
    several = len(ask.authority.first_accounts(able)) > 1
    asking = ask.who(REQUEST) - (frozenset() if several else accounts(able, ask.authority, ask.at))
    wish = f"Ask that it is waived at {gate}, as somebody who does not grant that."
    return (Act(REQUEST, asking, description=wish), Act(GRANT, able, description=told))


def _granting(ask: Question, row: RequirementRow) -> frozenset[str]:
    """Those independent of the release who hold the role, as the policy lets them."""
    known = ask.authority, ask.at
    entitled = (each for each in ask.who(GRANT) if rights_to_waive(ask.state, row, each, *known))
    able = frozenset(entitled)
    return frozenset(others(able, involved(ask), ask.authority)) if able else able
