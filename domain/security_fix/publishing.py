"""Publishing a fix: one request, after which everything of it reads at once."""

from __future__ import annotations

from typing import Any

from domain.askers import check_firsthand
from domain.kernel import Context, Problems, Records, Then, refusal
from domain.merge_request.embargo import closing_twins
from domain.merge_request.state import MergeRequest
from domain.release.state import Release
from domain.security_fix.events import Revealed
from domain.security_fix.state import SecurityFix, Status
from domain.vulnerability_report import VulnerabilityReport


def reveal(state: SecurityFix, context: Context) -> list[Any]:
    """End the embargo of a fix that is out, or was dismissed, and of its merge requests."""
    if not state.embargoed:
        raise refusal("not_embargoed", "It is not under embargo.")
    problems = Problems()
    check_firsthand(problems, context)
    release = context.records.get(Release, state.tracker) if state.tracker else None
    out = release is not None and release.published_at is not None
    message = "It is revealed once the release it is linked to is published."
    problems.unless(out or state.status is Status.DISMISSED, "release_not_out", message)
    problems.settle()
    return [Revealed(), *belongings(state, context.records)]


def disclose(state: SecurityFix, context: Context) -> list[Any]:
    """End the embargo as a consequence of the release that is published."""
    return [Revealed()] if state.embargoed else []


def belongings(state: SecurityFix, records: Records) -> list[Then]:
    """That all that belongs to the fix is revealed, and its twins in the open are closed."""
    ids = frozenset(state.merge_requests)
    found = records.find(MergeRequest, id=ids) if ids else ()
    hidden = [each for each in found if each.embargoed]
    shown = [Then("merge_request.disclose", each.id) for each in hidden]
    twins = (twin for each in hidden for twin in closing_twins(each, records))
    return [*shown, *twins, *reports_of(frozenset((state.id,)), records)]


def reports_of(fixes: frozenset[str], records: Records) -> tuple[Then, ...]:
    """That the reports which these fixes came of are revealed."""
    found = records.find(VulnerabilityReport, fix=fixes) if fixes else ()
    return tuple(Then("vulnerability_report.disclose", e.id) for e in found if e.embargoed)
