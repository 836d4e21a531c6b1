"""The merge requests of a security fix: one for the default branch, one for each version."""

from __future__ import annotations

from typing import Annotated, Any, Final

from domain.askers import asking, check_firsthand
from domain.kernel import Context, Problems, Then
from domain.merge_request.embargo import taken_along
from domain.merge_request.state import MergeRequest
from domain.process.support import branch_name
from domain.security_fix.beyond import agreed_lines
from domain.security_fix.earlier import earlier
from domain.security_fix.events import MergeRequestAdded, MergeRequestRemoved
from domain.security_fix.goal import aims
from domain.security_fix.ported import OUT
from domain.security_fix.standing import policy_of
from domain.security_fix.state import SecurityFix, Status
from domain.security_fix.working import check_open
from domain.showing import SECOND, kept_from, taken_off

PART: Final = "It became part of a security fix."
"""Why what becomes that leaves releases in the open, for who may know of it."""
LET_GO: Final = (
    "It was taken off another fix that is hidden still: it is shown by itself, once two others say "
    "that it may be known (`revealMergeRequest`)."
)
MOST: Final = 60
"""How many merge requests a fix may have: publishing it reveals all of them at once."""


def add_merge_request(
    state: SecurityFix,
    context: Context,
    *,
    merge_request: Annotated[str, "The merge request, of the project of the fix."],
    related: Annotated[
        bool, "It carries nothing of the fix, but is about it, and is shown with it."
    ] = False,
) -> list[Any]:
    """Make a merge request part of the fix; it is hidden from now on (S1-20, S1-21).

    It aims at the default branch, at the branch of a version that the fix has to cover now or for
    a release that is to come, or at one that every party to an accord about it agreed to (S1-03).
    Who found the vulnerability does not sign it off, nor who opened the fix with no finder named.
    Nor does it aim where what the fix follows is out: that is no port, to which two agreed for such
    a fix. What is `related`, such as what brought the vulnerability in, may aim anywhere, and be
    one of another project that is hidden; of what is hidden, another says so than who wrote or hid
    it.
    """
    problems = Problems()
    check_firsthand(problems, context)
    check_open(problems, state)
    check = _check_related if related else _check_part
    check(problems, state, context, merge_request)
    _check_loose(problems, state)
    problems.unless(len(state.parts) < MOST, "too_many", f"At most {MOST}.", "merge_request")
    problems.settle()
    if merge_request in (state.related if related else state.merge_requests):
        return []
    tie = {"fix": state.id, "excluded": state.kept_out} | ({"related": True} if related else {})
    tied = Then("merge_request.tie", merge_request, tie)
    along = taken_along(merge_request, context.records, PART)
    return [MergeRequestAdded(merge_request, related), tied, *along]


def _check_part(problems: Problems, state: SecurityFix, context: Context, id: str) -> None:
    """Note what is no merge request of the project, is another fix's, or aims elsewhere."""
    found = context.records.get(MergeRequest, id)
    if found is None or found.project != state.project:
        message = "The project of the fix has no such merge request."
        problems.add("unknown_merge_request", message, "merge_request")
        return
    _check_target(problems, state, context, found)
    _check_free(problems, state, found)


def _check_related(problems: Problems, state: SecurityFix, context: Context, id: str) -> None:
    """Note what is not the project's, nor hidden in another and known to who asks.

    What is hidden already is shown with the fix by the word of another than who wrote or hid it,
    and what was taken off another fix that is hidden still with none: two others show that (S1-12).
    """
    found = context.records.get(MergeRequest, id)
    near = found is not None and (found.project == state.project or found.embargoed)
    if found is None or not near or not context.knows(found):
        message = "The project of the fix has no such merge request, nor is one hidden in another."
        problems.add("unknown_merge_request", message, "merge_request")
        return
    _check_free(problems, state, found)
    if not found.embargoed:
        return
    own = kept_from(found, context.authority, context.records)
    message = "Who wrote it, hid it or found what it fixes has another say that it belongs to it."
    problems.unless(own.isdisjoint(asking(context)), SECOND, message, "merge_request")
    let_go = taken_off((found,), context.records) - {state.id}
    problems.unless(not let_go, "part_of_fix", LET_GO, "merge_request")


def _check_free(problems: Problems, state: SecurityFix, found: MergeRequest) -> None:
    own = {found.fix, found.related} <= {None, state.id}
    problems.unless(own, "other_fix", "It belongs to another fix.", "merge_request")


def _check_loose(problems: Problems, state: SecurityFix) -> None:
    """Note a fix that is linked: what was found complete goes out, and nothing else (S1-27)."""
    linked = state.status is Status.LINKED
    message = "It is linked to a release as it is; take it off that first, and link it once more."
    problems.unless(not linked, "linked", message)


def _check_target(
    problems: Problems, state: SecurityFix, context: Context, found: MergeRequest
) -> None:
    """Note a target that no version in scope has, and that was not agreed on (S1-03)."""
    policy = policy_of(state, context.records)
    covered = map(policy.branch, aims(state, context.records, context.at))
    good = branch_name(found.target) in (*policy.default_branches, *covered) or agreed_lines(
        state, (found,), context.records, context.authority, context.at
    )
    message = "It aims at the branch of a version that is not supported, and not agreed on."
    problems.unless(good, "unsupported_version", message, "merge_request")
    there = branch_name(found.target) in earlier(state, context.records)
    problems.unless(not there or found.given_up, "out_already", OUT, "merge_request")


def remove_merge_request(
    state: SecurityFix,
    context: Context,
    *,
    merge_request: Annotated[str, "The merge request."],
) -> list[Any]:
    """Take a merge request out of the fix; it stays hidden until another person reveals it.

    Also out of one that was dismissed, so that it may become part of another one.
    """
    problems = Problems()
    check_firsthand(problems, context)
    if state.status is not Status.DISMISSED:
        check_open(problems, state)
    _check_loose(problems, state)
    problems.settle()
    if merge_request not in state.belonging:
        return []
    untie = Then("merge_request.untie", merge_request, {})
    return [MergeRequestRemoved(merge_request), untie]
