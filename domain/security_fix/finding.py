"""Naming afterwards who found a vulnerability: whoever that is settles nothing of the fix."""

from __future__ import annotations

from typing import Annotated, Any

from domain.askers import check_active, check_firsthand
from domain.kernel import Context, Problems, Text, Then
from domain.security_fix.events import FinderNamed
from domain.security_fix.state import SecurityFix
from domain.security_fix.working import check_finder, check_open
from domain.wording import NOTE, check_given


def name_finder(
    state: SecurityFix,
    context: Context,
    *,
    reporter: Annotated[str, "Who found it, by their account here."],
    reason: Annotated[Text, "How that is known, or why it was another until now."],
) -> list[Any]:
    """Say who found it, where that was not said as it was opened, or was wrong (S1-20).

    Another than who counts as its finder until now says so. Whoever is named keeps nothing of what
    they settled: their severity is void, and so are their sign-offs of what is not merged. Whoever
    counted as the finder until now does not any more.
    """
    problems = Problems()
    check_firsthand(problems, context)
    check_open(problems, state)
    check_finder(problems, state, context)
    message = "It came of a report: who told of it found it."
    problems.unless(state.report is None, "finder_reported", message, "reporter")
    check_active(problems, context, reporter, "reporter")
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    if reporter == state.reporter:
        return []
    own = context.authority.behind(reporter, state.opened_at)
    named = FinderNamed(reporter, reason, unassessed=state.assessed_by in own)
    kept = {"excluded": (reporter,), "freed": (state.finder,)}
    return [named, *(Then("merge_request.keep_out", each, kept) for each in state.merge_requests)]
