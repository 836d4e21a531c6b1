"""Whom others named as having written it says that they did not, and a second person agrees.

Otherwise whoever names people would choose who may not sign it off. And if their own word were
enough, whoever wrote it could sign it off.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from domain.askers import check_firsthand, rights
from domain.authority import Authority
from domain.authorship import accounts, owners
from domain.clearance import is_told
from domain.kernel import Context, Problems, is_person
from domain.merge_request.declining import hands, lapsed
from domain.merge_request.events import Assigned, AuthorshipDeclined, DeclineAgreed
from domain.merge_request.evolve import foreseen
from domain.merge_request.standing import involved
from domain.merge_request.state import MergeRequest, Status

_ACTED: Final = "You opened it, pushed to it or retargeted it yourself."
_SECOND: Final = (
    "Who had a hand in it, or is named for that, does not agree; "
    "anybody else who may merge it does."
)
_NAMED: Final = (
    "Others say that you wrote it: say that you did not, and somebody who may merge it and has no "
    "hand in it agrees."
)
"""What helps whom others named."""
_LAPSED: Final = (
    "Others say that you wrote it, and the word of who agreed that you did not counts no more: say "
    "so again, and somebody else who may merge it and has no hand in it agrees."
)
_AGAIN: Final = (
    "The word of who agreed that they wrote nothing of it counts no more: first they say so again."
)
_SAID: Final = (
    "Others say that you wrote it, and you said that you did not: now somebody who may merge it "
    "and has no hand in it agrees (`agreeToMergeRequestDecline`)."
)


def decline_authorship(state: MergeRequest, context: Context) -> list[Any]:
    """Say that one wrote nothing of it, as whom others named as its author or contributor (S2-02).

    So does who stands behind a named account or program, or once owned it, each for themselves. One
    may sign it off once a second person agrees, until a push names one again.
    """
    problems = Problems()
    _check_asked(problems, state, context)
    named = named_as(state, context.by, context.authority)
    message = "Only whom others name as having written it says that they did not."
    problems.unless(named, "not_named", message)
    acted = accounts(state.acted, context.authority, state.opened_at)
    problems.unless(context.by not in acted, "own_change", _ACTED)
    problems.settle()
    said = _has_said(state, context.by, named)
    left = others_behind(named, state, context.by, context.authority)
    return [] if said else [AuthorshipDeclined(tuple(sorted(named)), left)]


def agree_decline(
    state: MergeRequest,
    context: Context,
    *,
    person: Annotated[str, "Who says that they wrote nothing of it."],
) -> list[Any]:
    """Agree, as a second person without a hand in it, that somebody wrote nothing of it.

    Whoever may know of a hidden one no more by that is no longer who is to take it from here.
    """
    problems = Problems()
    _check_asked(problems, state, context)
    waits = any(e.declined_by == person and e.agreed_at is None for e in state.declines)
    message = "They do not say that they wrote nothing of it, or that was agreed to."
    over = lapsed(state, person, context.authority)
    problems.unless(waits, "not_awaited", _AGAIN if over else message, "person")
    free = context.by not in involved(state, context.authority)
    problems.unless(free, "own_change", _SECOND)
    problems.settle()
    agreed = DeclineAgreed(person, *rights(context))
    return [agreed, *_let_go(foreseen(state, context, agreed), context)]


def _let_go(state: MergeRequest, context: Context) -> list[Assigned]:
    """That it is in nobody's hands, where it is in those of somebody who may not know of it."""
    who = state.assignee
    if who is None or state.status is not Status.OPEN or who in (state.writer, state.opened_by):
        return []
    return [] if is_told(context, state, who) else [Assigned(None)]


def check_not_named(problems: Problems, state: MergeRequest, context: Context) -> None:
    """Note that others merely named the asker as having written it, and what is left to be done."""
    if context.by in merely_named(state, context.authority):
        said = _has_said(state, context.by, named_as(state, context.by, context.authority))
        over = lapsed(state, context.by, context.authority)
        told = _SAID if said else _LAPSED if over else _NAMED
        problems.add("named_by_others", told)


def _has_said(state: MergeRequest, person: str, named: frozenset[str]) -> bool:
    """Whether they said of all these accounts that they wrote nothing, and nobody agreed yet."""
    mine = (e for e in state.declines if e.declined_by == person and e.agreed_at is None)
    return any(named <= each.accounts for each in mine)


def merely_named(state: MergeRequest, authority: Authority) -> frozenset[str]:
    """People with a hand in it only as others named them, who may say that they have none."""
    known = accounts(hands(state, authority), authority, state.opened_at)
    acted = accounts(state.acted, authority, state.opened_at)
    return frozenset(
        each
        for each in known - acted
        if is_person(each) and not authority.suspended(each) and named_as(state, each, authority)
    )


def named_as(state: MergeRequest, person: str, authority: Authority) -> frozenset[str]:
    """The named accounts and programs behind which somebody stands, or stood when it was opened."""
    return authority.behind(person, state.opened_at).intersection(hands(state, authority))


def others_behind(
    named: frozenset[str], state: MergeRequest, by: str, authority: Authority
) -> tuple[str, ...]:
    """Others who own these programs, or did as it was written: each speaks for oneself (S1-23)."""
    own = authority.linked(by)
    every = (owners(each, authority, state.opened_at) for each in named)
    return tuple(sorted(frozenset[str]().union(*every) - own))


def _check_asked(problems: Problems, state: MergeRequest, context: Context) -> None:
    check_firsthand(problems, context)
    problems.unless(is_person(context.by), "not_a_person", "Only a person says so.")
    there = state.status is not Status.CLOSED  # who takes back what is merged is asked, too
    problems.unless(there, "not_open", f"It is {state.status.value}.")
