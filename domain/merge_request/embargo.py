"""Hiding a merge request, tying it to a security fix, and letting everybody know of it at last."""

from __future__ import annotations

from typing import Annotated, Any

from domain.accord.about import concealing, disclosing
from domain.askers import check_firsthand
from domain.kernel import Context, Problems, Records, Text, Then, refusal
from domain.merge_request.events import Concealed, Revealed, Tied, Untied
from domain.merge_request.evolve import foreseen
from domain.merge_request.in_release import leaving
from domain.merge_request.standing import alarms
from domain.merge_request.state import MergeRequest, Status
from domain.reports import hiding
from domain.wording import NOTE, check_given

TWIN = "The same merge request was revealed under another id."


def conceal(
    state: MergeRequest,
    context: Context,
    *,
    reason: Annotated[Text, "Why it must not be known of any more."],
) -> list[Any]:
    """Hide what turns out to be a vulnerability; what was recorded so far had been shown.

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
    along = [*leaving(id, records, reason), *concealing(id, records)]
    if state is None:
        return along
    heads = (state.head, state.merge_commit, *state.earlier_heads)
    return [*along, *hiding(heads, state.project, records, merge_request=id)]


def tie(
    state: MergeRequest, context: Context, *, fix: str, excluded: tuple[str, ...] = ()
) -> list[Any]:
    """Become part of a fix, hidden from now on; the excluded sign nothing off, then or before."""
    tied = Tied(fix, excluded)
    hidden = [] if state.embargoed else [Concealed()]
    return [tied, *hidden, *alarms(foreseen(state, context, tied), context)]


def untie(state: MergeRequest, context: Context) -> list[Any]:
    """Be no part of the fix any more; it stays hidden, and who was excluded stays that."""
    return [Untied(state.fix)] if state.fix else []


def reveal(state: MergeRequest, context: Context) -> list[Any]:
    """End the embargo: everybody may know of it and of its history.

    Whoever opened the same one in the open could not be told that it is known; theirs is closed.
    What is part of a security fix is revealed with that.
    """
    if not state.embargoed:
        raise refusal("not_embargoed", "It is not under embargo.")
    if state.fix is not None:
        raise refusal("part_of_fix", "It is revealed with the security fix that it is part of.")
    records = context.records
    told = disclosing(frozenset((state.id,)), records)
    return [Revealed(), *told, *closing_twins(state, records)]


def disclose(state: MergeRequest, context: Context) -> list[Any]:
    """End the embargo together with that of the security fix."""
    return [Revealed()] if state.embargoed else []


def closing_twins(state: MergeRequest, records: Records) -> list[Then]:
    """That the same ones opened in the open are closed."""
    twins = open_twins(state, records)
    return [Then("merge_request.close", each.id, {"reason": TWIN}) for each in twins]


def open_twins(state: MergeRequest, records: Records) -> tuple[MergeRequest, ...]:
    """Open ones of the same project and number that everybody may know of."""
    same = records.find(MergeRequest, project=state.project, number=state.number)
    others = (each for each in same if each.id != state.id and not each.embargoed)
    return tuple(each for each in others if each.status is Status.OPEN)
