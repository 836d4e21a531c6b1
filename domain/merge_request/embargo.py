"""Hiding a merge request, tying it to a security fix, and letting everybody know of it at last."""

from __future__ import annotations

from typing import Annotated, Any

from domain.accord.about import concealing, disclosing
from domain.askers import asking, check_firsthand, rights
from domain.evidence.reports import hiding
from domain.kernel import Context, Problems, Records, Text, Then, refusal
from domain.merge_request.events import (
    Concealed,
    FinderNamed,
    Revealed,
    RevealProposed,
    Tied,
    Untied,
)
from domain.merge_request.evolve import foreseen
from domain.merge_request.in_release import leaving
from domain.merge_request.standing import alarms
from domain.merge_request.state import MergeRequest, Status
from domain.merge_request.twins import open_twins
from domain.security_fix.state import SecurityFix
from domain.showing import SECOND, barred, seconded, taken_off, words
from domain.wording import NOTE, check_given

TWIN = "The same merge request was revealed under another id."


def conceal(
    state: MergeRequest,
    context: Context,
    *,
    reason: Annotated[Text, "Why it must not be known of any more."],
) -> list[Any]:
    """Hide what turns out to be a vulnerability, with all that was recorded of it so far.

    It leaves the releases in the open that are still to go out, and takes its accords along.
    """
    problems = Problems()
    check_firsthand(problems, context)
    problems.unless(not state.embargoed, "embargoed", "It is under embargo already.")
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [Concealed(reason), *taken_along(state.id, context.records, reason)]


def taken_along(id: str, records: Records, reason: str) -> list[Then]:
    """That it leaves the releases in the open, and why; that accords and reports hide with it."""
    state = records.get(MergeRequest, id)
    accords = concealing(id, records)
    if state is None:
        return accords
    seen = not state.embargoed
    reports = hiding(state.commits, state.project, records, merge_request=id, seen=seen)
    return [*leaving(state, records, reason), *accords, *reports]


def tie(
    state: MergeRequest,
    context: Context,
    *,
    fix: str,
    excluded: tuple[str, ...] = (),
    related: bool = False,
) -> list[Any]:
    """Become part of a fix, or related to it, hidden from now on.

    The excluded sign nothing off, then or before.
    """
    tied = Tied(fix, excluded, related)
    hidden = [] if state.embargoed else [Concealed()]
    return [tied, *hidden, *alarms(foreseen(state, context, tied), context)]


def keep_out(
    state: MergeRequest, context: Context, *, excluded: tuple[str, ...], freed: tuple[str, ...]
) -> list[Any]:
    """Keep who is known by now to have found it from signing it off, and no more who was not."""
    named = FinderNamed(excluded, freed)
    return [named, *alarms(foreseen(state, context, named), context)]


def untie(state: MergeRequest, context: Context) -> list[Any]:
    """Be no part of the fix any more; it stays hidden, and who was excluded stays that meanwhile.

    Once it is shown nobody is for what they have to do with a fix that it was taken off: that they
    are would tell who found something that is hidden still.
    """
    fix = state.fix or state.related
    return [Untied(fix)] if fix else []


def reveal(state: MergeRequest, context: Context) -> list[Any]:
    """End the embargo: everybody may know of it and of its history.

    Whoever opened the same one in the open could not be told that it is known; theirs is closed.
    What bears its number and is another one stays, and has to be closed first, one or the other.
    What belongs to a hidden fix is revealed with that. Else two say that it may be known, as it
    stands: nobody who wrote it or found what it fixes, or took it off a fix that is hidden still.
    """
    if not state.embargoed:
        raise refusal("not_embargoed", "It is not under embargo.")
    records = context.records
    fix = state.fix or state.related
    if fix is not None and not _is_shown(fix, records):
        raise refusal("part_of_fix", "It is revealed with the security fix that it belongs to.")
    _check_second(state, context)
    twins = closing_twins(state, records)
    if len(twins) < len(open_twins(state, records)):
        message = "Another one of its number, with another head, is in the open: close one of them."
        raise refusal("number_taken", message)
    if not seconded(state, asking(context), context.authority):
        return _proposed(state, context)
    told = disclosing(frozenset((state.id,)), records)
    return [Revealed(), *told, *twins]


def _proposed(state: MergeRequest, context: Context) -> list[Any]:
    """That who asks says so; once of a revision."""
    said = any(
        (each.proposed_by, each.revision) == (context.by, state.revision)
        for each in words(state, context.authority)
    )
    return [] if said else [RevealProposed(state.revision, *rights(context))]


def _is_shown(fix: str, records: Records) -> bool:
    """Whether everybody may know of the fix; what it was shown without is shown by itself."""
    found = records.get(SecurityFix, fix)
    return found is not None and not found.embargoed


def _check_second(state: MergeRequest, context: Context) -> None:
    """Refuse whoever may not show it by themselves."""
    if barred(state, context.authority, context.records).isdisjoint(asking(context)):
        return
    if taken_off((state,), context.records):
        message = (
            "It was part of a hidden fix: who took it off, wrote it or found that leaves it to two "
            "others, of whom each says so."
        )
        raise refusal("part_of_fix", message)
    raise refusal(SECOND, "Who wrote it or found what it fixes leaves it to two others.")


def disclose(state: MergeRequest, context: Context) -> list[Any]:
    """End the embargo together with that of the security fix."""
    return [Revealed()] if state.embargoed else []


def closing_twins(state: MergeRequest, records: Records) -> list[Then]:
    """That the same ones opened in the open are closed."""
    twins = (each for each in open_twins(state, records) if is_same(state, each))
    return [Then("merge_request.close", each.id, {"reason": TWIN}) for each in twins]


def is_same(state: MergeRequest, twin: MergeRequest) -> bool:
    """Whether one of its number is the same one: of its head, or this one was merged.

    Else whoever opens a number in secret before others do could have theirs closed.
    """
    heads = {state.head, *state.earlier_heads}
    return state.status is Status.MERGED or not heads.isdisjoint((twin.head, *twin.earlier_heads))
