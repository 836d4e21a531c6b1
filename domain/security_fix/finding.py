"""Saying afterwards who found a vulnerability: whoever that is settles nothing of the fix."""

from __future__ import annotations

from typing import Annotated, Any

from domain.askers import askers, check_active, check_firsthand
from domain.authorship import accounts
from domain.kernel import Context, Problems, Text, Then
from domain.office import holds
from domain.process.accord import APPSEC
from domain.security_fix.events import FinderNamed, FinderProposed
from domain.security_fix.state import FinderProposal, SecurityFix
from domain.security_fix.working import check_finder, check_open
from domain.vulnerability_report import VulnerabilityReport
from domain.wording import NOTE, check_given


def name_finder(
    state: SecurityFix,
    context: Context,
    *,
    reporter: Annotated[str, "Who found it, by their account here."],
    reason: Annotated[Text, "How that is known, or why it was another until now."],
) -> list[Any]:
    """Say who found it, where that was not said as it was opened, or was wrong (S1-20, X-04).

    It counts once a second person says the same, one of the two of application security, or at once
    where somebody says it of themselves. Who counts as its finder until now does not begin. Whoever
    is named keeps nothing of what they settled: their severity is void, and so are their sign-offs
    of what is not merged. Whoever counted as the finder until now does not any more.
    """
    own = context.authority.behind(reporter, state.opened_at)
    agreed = not own.isdisjoint(askers(context)) or _seconded(state, context, reporter)
    problems = Problems()
    check_firsthand(problems, context)
    check_open(problems, state)
    if not agreed:
        check_finder(problems, state, context)
    message = "It came of a report: who told of it found it."
    problems.unless(not _reported(state, context), "finder_reported", message, "reporter")
    check_active(problems, context, reporter, "reporter")
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    if _known(state, context, reporter):
        return []
    if not agreed:
        return [FinderProposed(reporter, reason)]
    named = FinderNamed(reporter, reason, state.assessed_by in own, agreed=True)
    freed = tuple(each for each in state.kept_out if each != reporter)
    kept = {"excluded": (reporter,), "freed": freed}
    every = (part.merge_request for part in state.parts)
    return [named, *(Then("merge_request.keep_out", each, kept) for each in every)]


def _reported(state: SecurityFix, context: Context) -> bool:
    """Whether it came of a report, which tells who found it."""
    return state.report is not None or bool(context.records.find(VulnerabilityReport, fix=state.id))


def _known(state: SecurityFix, context: Context, reporter: str) -> bool:
    """Whether it is agreed already, or the asker said so before and nobody else did since."""
    said = any(
        (each.reporter, each.proposed_by) == (reporter, context.by)
        for each in state.finder_proposals
    )
    settled = reporter == state.reporter and state.finder_agreed
    return settled or (said and not _seconded(state, context, reporter))


def _seconded(state: SecurityFix, context: Context, reporter: str) -> bool:
    """Whether another person in office said so, and one of the two is application security."""
    return any(
        each.reporter == reporter and _two(state, context, each) for each in state.finder_proposals
    )


def _two(state: SecurityFix, context: Context, said: FinderProposal) -> bool:
    authority, at, scopes = context.authority, context.at, {"project": frozenset((state.project,))}
    first = accounts((said.proposed_by,), authority, said.proposed_at)
    two = (said.proposed_by, context.by)
    office = all(holds(authority, each, None, scopes, at) for each in two)
    judges = any(holds(authority, each, APPSEC, scopes, at) for each in two)
    return office and judges and first.isdisjoint(askers(context))
