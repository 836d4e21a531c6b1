"""Saying afterwards who found a vulnerability: whoever that is settles nothing of the fix."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from domain.askers import asking, check_firsthand
from domain.kernel import Context, Problems, Text, Then, is_person, refusal
from domain.security_fix.events import FinderNamed, FinderProposed
from domain.security_fix.seconding import are_two, of_port
from domain.security_fix.state import SecurityFix
from domain.security_fix.working import check_finder, check_open, check_reporter
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

    It counts once a second person says the same, one of the two of application security. Whoever
    says it of themselves is kept out at once, which frees nobody else. Who counts as its finder
    until now does not begin, and whom two agreed on, or who said it of themselves, frees
    themselves by no word of theirs. Whoever is kept out keeps nothing of what they settled: their
    severity is void, and so are their sign-offs of what is not merged. Who opened a fix that
    follows another says as they do that it was found by the same, and is kept out until then.
    """
    own = context.authority.behind(reporter, state.opened_at)
    of_self = not own.isdisjoint(asking(context))
    agreed = _seconded(state, context, reporter)
    problems = Problems()
    check_firsthand(problems, context)
    check_open(problems, state)
    if not (of_self or agreed):
        check_finder(problems, state, context)
    message = "It came of a report: who told of it found it."
    same = reporter == state.reporter and of_port(state)
    told = not same and _reported(state, context)
    problems.unless(not told, "finder_reported", message, "reporter")
    check_reporter(problems, context, reporter)
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    if _known(state, context, reporter):
        return []
    void = state.assessed_by in own
    if agreed:
        freed = tuple(each for each in state.kept_out if each != reporter)
        return [FinderNamed(reporter, reason, void, agreed=True), *_kept(state, reporter, freed)]
    said = FinderProposed(reporter, reason, of_self, of_self and void)
    return [said, *_kept(state, reporter)] if of_self else [said]


def claim_find(
    state: SecurityFix, context: Context, *, reason: Annotated[Text, "How one found it, or when."]
) -> list[Any]:
    """Say of oneself that one found it, which keeps one out at once (S1-20, X-04).

    For whoever sees the fix; what another says of it, `name_finder` takes.
    """
    if not is_person(context.by):
        raise refusal("machine", "A person finds what is wrong.")
    return name_finder(state, context, reporter=context.by, reason=reason)


def _kept(state: SecurityFix, out: str, freed: tuple[str, ...] = ()) -> Iterator[Then]:
    """Each of its merge requests keeps them out as well."""
    kept = {"excluded": (out,), "freed": freed}
    return (Then("merge_request.keep_out", each.merge_request, kept) for each in state.parts)


def _reported(state: SecurityFix, context: Context) -> bool:
    """Whether it came of a report, which tells who found it."""
    return state.report is not None or bool(context.records.find(VulnerabilityReport, fix=state.id))


def _known(state: SecurityFix, context: Context, reporter: str) -> bool:
    """Whether it is agreed already, or the asker said so before and nobody else did since.

    What two agreed on is said anew where somebody is kept out since by their own word, or opened
    this one as a port of what that was said of.
    """
    said = any(
        (each.reporter, each.proposed_by) == (reporter, context.by)
        for each in state.finder_proposals
    )
    claimed = of_port(state) or any(each != reporter for each in state.own_words)
    settled = reporter == state.reporter and state.finder_agreed and not claimed
    return settled or (said and not _seconded(state, context, reporter))


def _seconded(state: SecurityFix, context: Context, reporter: str) -> bool:
    """Whether another person in office said so, and one of the two is application security."""
    authority, at = context.authority, context.at
    return any(
        each.reporter == reporter and are_two(state, each, context.by, authority=authority, at=at)
        for each in state.finder_proposals
    )
