"""Publishing a fix: one request, after which everything of it reads at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from domain.accord.about import disclosing
from domain.askers import asking, check_firsthand, rights
from domain.inclusion import Inclusion
from domain.kernel import Context, Problems, Records, Then, refusal
from domain.merge_request.embargo import closing_twins
from domain.merge_request.state import MergeRequest
from domain.merge_request.state import Status as MergeStatus
from domain.process.support import branch_name
from domain.release.evidence.carried import named, sought
from domain.release.state import Release
from domain.security_fix.events import Revealed, RevealProposed
from domain.security_fix.standing import policy_of
from domain.security_fix.state import SecurityFix, Status
from domain.showing import SECOND, dismissal, is_second, kept_from_fix, standing, taken_off
from domain.vulnerability_report import VulnerabilityReport


def reveal(state: SecurityFix, context: Context) -> list[Any]:
    """End the embargo of a fix that is out, or was dismissed, and of its merge requests.

    It is out once the release it is linked to is published with all that goes out of it. Who
    dismissed it, found it or wrote a part of it has another show it, and where the word of who
    dismissed it counts no more, two others. What was taken off another fix that is hidden still is
    not shown along.
    """
    if not state.embargoed:
        raise refusal("not_embargoed", "It is not under embargo.")
    problems = Problems()
    check_firsthand(problems, context)
    if state.status is Status.DISMISSED:
        return _by_two(problems, state, context)
    message = "It is revealed once the release it is linked to is published with all of it."
    problems.unless(is_out(state, context.records), "release_not_out", message)
    problems.settle()
    return [Revealed(), *_along(state, _hidden(state, context.records), context.records)]


def _by_two(problems: Problems, state: SecurityFix, context: Context) -> list[Any]:
    """Show one that was dismissed, as the second; else say that it may be known, as the first."""
    parts, authority = _hidden(state, context.records), context.authority
    own = kept_from_fix(state, parts, authority)
    message = "Who dismissed it, found it or wrote a part of it has another show it."
    problems.unless(own.isdisjoint(asking(context)), SECOND, message)
    problems.settle()
    first = standing(dismissal(state), state.reveal_proposals, own, authority)
    if not is_second(first, asking(context), authority, state.opened_at):
        return [] if context.by in first.said else [RevealProposed(*rights(context))]
    shown = [each for each in parts if not _of_another(state, each, context.records)]
    return [Revealed(), *_along(state, shown, context.records)]


def is_out(state: SecurityFix, records: Records) -> bool:
    """Whether the release it is linked to was published with all of it that goes out.

    A part may be in it as itself, or as a commit that it has or was merged as.
    """
    release = records.get(Release, state.tracker) if state.tracker else None
    if release is None or release.published_at is None:
        return False
    ids = frozenset(state.merge_requests)
    parts = records.find(MergeRequest, id=ids) if ids else ()
    items = records.find(Inclusion, release=release.id)
    own = [each for each in items if each.included]
    inside = named(own).union(each.reference for each in own)
    own_inside = {e.id for e in parts if not inside.isdisjoint(sought((e,)))}
    return is_whole(state, parts, own_inside, records)


def is_whole(
    state: SecurityFix,
    parts: Collection[MergeRequest],
    inside: Collection[str],
    records: Records,
) -> bool:
    """Whether all that a fix consists of is merged and inside a release; nothing is not all.

    But for what was closed, or taken back while another for its branch goes out instead.
    """
    merged = [each for each in parts if each.status is MergeStatus.MERGED]
    out = [each for each in merged if each.id in inside and not each.given_up]
    policy = policy_of(state, records)
    aims = {name for each in out for name in policy.names(each.target)}
    gone = {each.id for each in parts if each.status is MergeStatus.CLOSED}
    gone |= {e.id for e in merged if e.given_up and branch_name(e.target) in aims}
    left = set(state.merge_requests) - gone
    return bool(left) and left <= {each.id for each in out}


def _of_another(state: SecurityFix, part: MergeRequest, records: Records) -> bool:
    """Whether it was taken off another fix that is hidden still."""
    return not taken_off((part,), records) <= {state.id}


def disclose(state: SecurityFix, context: Context) -> list[Any]:
    """End the embargo as a consequence of the release that is published."""
    return [Revealed()] if state.embargoed else []


def _hidden(state: SecurityFix, records: Records) -> list[MergeRequest]:
    ids = state.belonging
    found = records.find(MergeRequest, id=ids) if ids else ()
    return [each for each in found if each.embargoed]


def _along(state: SecurityFix, hidden: list[MergeRequest], records: Records) -> list[Then]:
    """That these parts of the fix are revealed, with all that is about them.

    Their twins in the open are closed.
    """
    shown = [Then("merge_request.disclose", each.id) for each in hidden]
    twins = (twin for each in hidden for twin in closing_twins(each, records))
    told = disclosing(frozenset(each.id for each in hidden), records)
    return [*shown, *told, *twins, *reports_of(frozenset((state.id,)), records)]


def reports_of(fixes: frozenset[str], records: Records) -> tuple[Then, ...]:
    """That the reports which these fixes came of are revealed."""
    found = records.find(VulnerabilityReport, fix=fixes) if fixes else ()
    return tuple(Then("vulnerability_report.disclose", e.id) for e in found if e.embargoed)
