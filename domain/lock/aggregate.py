"""The aggregate `lock`: declared, amended and lifted, by two people where that is in doubt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final

from domain.askers import asking, check_claim, check_first, check_firsthand, rights
from domain.kernel import (
    Aggregate,
    Command,
    Context,
    Problems,
    Scopes,
    Seen,
    Text,
    Then,
    is_person,
    refusal,
)
from domain.lock.doubting import doubts
from domain.lock.evolve import (
    EVENTS,
    Amended,
    Confirmed,
    Declared,
    Declined,
    Expired,
    Lifted,
    LiftRequested,
    evolve,
)
from domain.lock.seconding import alone, asked, involved, is_void
from domain.lock.state import Doubt, Lock, Status, Terms, Waiting
from domain.lock.terms import check_terms
from domain.lock.timing import over, slips
from domain.lock.weakening import weakens
from domain.wording import NOTE, check_given

_ANEW: Final = "somebody else asks for the same anew (`amendLock`, `liftLock`)."
MOST_EXPIRED: Final = 50
"""How many locks whose time is over are put away at once."""


def declare(
    _state: None, context: Context, *, terms: Annotated[Terms, "What it locks, where and when."]
) -> list[Any]:
    """Declare a lock; one without end, in the past or far too long waits for a second person."""
    problems = Problems()
    check_claim(problems, context)
    check_terms(problems, context, terms)
    problems.settle()
    begun = terms if terms.since or terms.recurrence else replace(terms, since=context.at)
    history = context.records.find(Lock, kind=terms.kind)
    active = context.records.find(Lock, status=Status.ACTIVE)
    found = doubts(begun, context.at, history, active)
    by = rights(context)
    return [Declared(begun, found, *by), *_passed(context)]


def _passed(context: Context) -> list[Any]:
    """Putting away what is over, so that no gate has to look at it any more."""
    active = context.records.find(Lock, status=Status.ACTIVE)
    ended = [each.id for each in active if over(each.terms, context.at)]
    return [Then("lock.expire", each) for each in ended[:MOST_EXPIRED]]


def expire(state: Lock, context: Context) -> list[Any]:
    """Put a lock away whose time is over; asked for when another one is declared."""
    return [Expired()] if state.status is Status.ACTIVE and over(state.terms, context.at) else []


def amend(
    state: Lock, context: Context, *, terms: Annotated[Terms, "What it says from now on, whole."]
) -> list[Any]:
    """Let a lock say something else; in doubt that waits, and what it said stays in force.

    Where whoever said it may not any more, another may say the same.
    """
    problems = Problems()
    check_claim(problems, context)
    _check_standing(problems, state)
    check_terms(problems, context, terms)
    problems.settle()
    begun = terms if terms.since or terms.recurrence else replace(terms, since=context.at)
    waits = state.proposal if state.status is Status.ACTIVE else state.terms
    anew = begun == waits and is_void(state, context.authority)
    if begun in (state.terms, state.proposal) and not anew:
        return []
    by = rights(context)
    return [Amended(begun, _doubts(state, context, begun), state.revision + 1, *by)]


def _doubts(state: Lock, context: Context, terms: Terms) -> tuple[Doubt, ...]:
    """As of a new lock, and that it takes away from one in force, which only its own people may.

    That it began before now is no doubt where that stays as it was.
    """
    known, active = context.records.find(Lock, kind=terms.kind), Status.ACTIVE
    history = [each for each in known if each.id != state.id]
    beside = [e for e in context.records.find(Lock, status=active) if e.id != state.id]
    found = doubts(terms, context.at, history, beside)
    begun = terms.since == state.terms.since and not over(terms, context.at)
    slipped = tuple(each for each in found if not (begun and each is Doubt.IN_THE_PAST))
    less = state.status is Status.ACTIVE and weakens(state.terms, terms, context.at)
    return (*slipped, Doubt.TAKES_AWAY) if less and not alone(state, context) else slipped


def confirm(state: Lock, context: Context) -> list[Any]:
    """Mean what waits as it stands, as a second person who had no part in it.

    Only while who asked for it still may: else one person alone would do it.
    """
    problems = Problems()
    problems.unless(state.waiting, "nothing_proposed", "Nothing waits for a second person.")
    problems.unless(is_person(context.by), "not_a_person", "Only a person confirms a lock.")
    check_firsthand(problems, context)
    apart = involved(state, context.authority).isdisjoint(asking(context))
    message = "Who declared or amended it, or asked for its end, may not confirm that."
    problems.unless(apart, "needs_second_person", message)
    if (first := asked(state)) and state.waiting:
        people, others = (first.by, first.behalf), first.other_grants
        check_first(problems, context, people, first.grant, _ANEW, others=others)
    problems.settle()
    confirmed = Confirmed(state.revision, context.grant)
    if state.waiting is not Waiting.LIFTING or state.lifting is None:
        return [confirmed]
    return [confirmed, Lifted(state.lifting.reason)]


def decline(state: Lock, context: Context, *, reason: Annotated[Text, "Why not."]) -> list[Any]:
    """Turn down what waits for a second person, or take one's own back."""
    problems = Problems()
    problems.unless(state.waiting, "nothing_proposed", "Nothing waits for a second person.")
    check_claim(problems, context)
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [Declined(reason, _kept(state, context))]


def lift(
    state: Lock, context: Context, *, reason: Annotated[Text, "Why it is not needed any more."]
) -> list[Any]:
    """End a lock before its time; unless it is one's own alone, that waits for a second person."""
    if state.status is not Status.ACTIVE:
        raise refusal("lock_not_active", f"It is {state.status.value}.")
    problems = Problems()
    check_firsthand(problems, context)
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    if over(state.terms, context.at) or alone(state, context):
        return [Lifted(reason)]
    by = rights(context)
    return [LiftRequested(reason, state.revision + 1, _kept(state, context), *by)]


def _kept(state: Lock, context: Context) -> tuple[Doubt, ...]:
    """The doubts of what stays in force when an amendment that waits is dropped."""
    if state.proposal is None:
        return state.doubts
    return slips(_doubts(state, context, state.terms))


def _check_standing(problems: Problems, state: Lock) -> None:
    standing = state.status in (Status.PROPOSED, Status.ACTIVE)
    problems.unless(standing, "lock_not_active", f"It is {state.status.value}.")


def _scopes(state: Lock | None, command: str, arguments: Mapping[str, Any]) -> Scopes:
    """Where it locks, on both sides of an amendment; what locks everywhere touches no one value."""
    waits = state.proposal if state and command == "confirm" else None
    said = (state.terms if state else None, waits, arguments.get("terms"))
    sides: list[Terms] = [each for each in said if each is not None]
    everywhere = any(not each.environments for each in sides)
    named = frozenset(name for each in sides for name in each.environments)
    return {"environment": frozenset() if everywhere else named}


AGGREGATE: Final = Aggregate(
    "lock",
    Lock,
    events=EVENTS,
    evolve=evolve,
    commands=(
        Command(declare),
        Command(amend, seen=Seen.VERSION),
        Command(confirm, seen=Seen.REVISION, deciding=True),
        Command(decline),
        Command(lift),
        Command(expire, internal=True),
    ),
    scopes=_scopes,
    columns={"waiting": (Waiting, lambda state: state.waiting)},
    indexed=("status", "kind", "waiting"),
    fold=3,
)
