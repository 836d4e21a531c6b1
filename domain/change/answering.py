"""Who answers for a change, and so may not decide on it: nobody shuts others out by naming them."""

from __future__ import annotations

from typing import Annotated, Any, Final

from domain.approval.electorate import check_person
from domain.askers import check_firsthand
from domain.authorship import accounts
from domain.change.declined import OwnershipDeclined, RequestDeclined
from domain.change.events import Assigned
from domain.change.evolve import foreseen
from domain.change.progress import alarms
from domain.change.state import ENDED, Change
from domain.kernel import Context, Problems, is_person

_ANEW: Final = "Who drafted it cannot answer for it: have it cancelled, and drafted by another."
_STUCK: Final = (
    "Who drafted it cannot answer for it: others approve it, or whoever keeps the board seats "
    "another for you, or somebody to stand in for you."
)
"""The same once the work has begun, and it is not cancelled any more."""


def assign(
    state: Change, context: Context, *, owner: Annotated[str, "Who answers for the change."]
) -> list[Any]:
    """Name who answers for the change, and therefore may not decide on it.

    Whom others named, and who never had a hand in it, may decide again once another is named.
    """
    problems = Problems()
    _check_going(problems, state)
    check_person(problems, context, owner, "owner")
    free = owner not in state.declined_owners or owner == context.by
    message = "They said that they do not answer for it; they may take it up themselves."
    problems.unless(free, "owner_declined", message, "owner")
    problems.settle()
    if owner == state.owner:
        return []
    event = Assigned(owner)
    return [event, *alarms(foreseen(state, context, event), context)]


def decline_ownership(state: Change, context: Context) -> list[Any]:
    """Say that one does not answer for it, as whom another named: who asked for it does (X-04).

    So nobody keeps others from deciding by naming them, or an account or program behind which they
    stand. Who answered for it as the work began or was over says afterwards that they did not, and
    leaves it with whom it is.
    """
    problems = Problems()
    _check_going(problems, state)
    check_firsthand(problems, context)
    did = frozenset(state.answered).difference(state.declined_owners)
    named = _mine(context) & (did | {state.owner})
    message = "Only who answers for it, or did while it was carried out, says that they do not."
    problems.unless(named, "not_the_owner", message)
    message = "You had a hand in it: have another named who answers for it."
    problems.unless(_merely_named(state, context, named), "own_change", message)
    problems.settle()
    heir = state.requester if state.owner in named else state.owner
    event = OwnershipDeclined(heir, tuple(sorted(named)))
    return [event, *alarms(foreseen(state, context, event), context)]


def decline_request(state: Change, context: Context) -> list[Any]:
    """Say that one did not ask for it, as whom another named: who drafted it did (X-04).

    So does who stands behind the account or program that was named. Whoever was named as its owner
    as well says so too, by `decline_ownership`. Where a program drafted it, or somebody who left,
    nobody else has asked for it: what a program records of who asked is mostly true, and they would
    free themselves by their word alone to decide on it.
    """
    problems = Problems()
    _check_going(problems, state)
    check_firsthand(problems, context)
    own = state.requester in _mine(context)
    problems.unless(own, "not_the_requester", "Only who asked for it says that they did not.")
    message = "You had a hand in it: somebody else decides on it."
    hands = accounts(
        (state.author, *state.contributors, *state.implementers), context.authority, state.opened_at
    )
    problems.unless(context.by not in hands, "own_change", message)
    over = state.finished_at is not None
    answers = is_person(state.author) and not context.authority.suspended(state.author)
    problems.unless(answers, "nobody_asked", _STUCK if state.unfinished or over else _ANEW)
    problems.settle()
    event = RequestDeclined(state.author)
    return [event, *alarms(foreseen(state, context, event), context)]


def _mine(context: Context) -> frozenset[str]:
    """Who asks, with every account and program behind which they stand now."""
    return context.authority.linked(context.by).union((context.by,))


def _merely_named(state: Change, context: Context, owners: frozenset[str]) -> bool:
    """Whether who asks had no hand in it, and did not name themselves, by any account of theirs."""
    namers = (each.by for each in state.namings if each.owner in owners | {context.by})
    hands = (state.requester, *state.contributors, *state.implementers, *namers)
    return context.by not in accounts(hands, context.authority, state.opened_at)


def _check_going(problems: Problems, state: Change) -> None:
    problems.unless(state.status not in ENDED, "ended", "The change has ended.")
