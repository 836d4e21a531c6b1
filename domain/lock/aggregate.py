"""The aggregate `lock`: declared, amended, confirmed by a second person if in doubt, and lifted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Any, Final

from domain.askers import askers, check_claim, check_firsthand
from domain.authorship import accounts
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
from domain.lock.evolve import (
    EVENTS,
    Amended,
    Confirmed,
    Declared,
    Declined,
    Expired,
    Lifted,
    evolve,
)
from domain.lock.state import Doubt, Lock, Status, Terms
from domain.lock.terms import check_terms
from domain.lock.timing import doubts, over
from domain.wording import NOTE, check_given

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
    return [Declared(begun, doubts(begun, context.at, history)), *_passed(context)]


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
    """Let a lock say something else; in doubt that waits, and what it said stays in force."""
    problems = Problems()
    check_claim(problems, context)
    _check_standing(problems, state)
    check_terms(problems, context, terms)
    problems.settle()
    begun = terms if terms.since or terms.recurrence else replace(terms, since=context.at)
    if begun == state.terms:
        return []
    history = [each for each in context.records.find(Lock, kind=terms.kind) if each.id != state.id]
    return [Amended(begun, _doubts(state, context, begun, history), state.revision + 1)]


def _doubts(
    state: Lock, context: Context, terms: Terms, history: Iterable[Lock]
) -> tuple[Doubt, ...]:
    """As of a new lock; that it began before now is none where that stays as it was."""
    found = doubts(terms, context.at, history)
    begun = terms.since == state.terms.since and not over(terms, context.at)
    return tuple(each for each in found if not (begun and each is Doubt.IN_THE_PAST))


def confirm(state: Lock, context: Context) -> list[Any]:
    """Mean it as it stands, as a second person who wrote nothing on it."""
    problems = Problems()
    waits = state.status is Status.PROPOSED or state.proposal is not None
    problems.unless(waits, "nothing_proposed", "Nothing waits for a second person.")
    problems.unless(is_person(context.by), "not_a_person", "Only a person confirms a lock.")
    check_firsthand(problems, context)
    own = accounts(state.contributors, context.authority, state.declared_at)
    message = "Who declared or amended it may not confirm it."
    problems.unless(own.isdisjoint(askers(context)), "needs_second_person", message)
    problems.settle()
    return [Confirmed(state.revision, context.grant)]


def decline(state: Lock, context: Context, *, reason: Annotated[Text, "Why not."]) -> list[Any]:
    """Turn down what waits for a second person, or take one's own back."""
    problems = Problems()
    waits = state.status is Status.PROPOSED or state.proposal is not None
    problems.unless(waits, "nothing_proposed", "Nothing waits for a second person.")
    check_claim(problems, context)
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [Declined(reason)]


def lift(
    state: Lock, context: Context, *, reason: Annotated[Text, "Why it is not needed any more."]
) -> list[Any]:
    """End a lock before its time."""
    if state.status is not Status.ACTIVE:
        raise refusal("lock_not_active", f"It is {state.status.value}.")
    problems = Problems()
    check_firsthand(problems, context)
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [Lifted(reason)]


def _check_standing(problems: Problems, state: Lock) -> None:
    standing = state.status in (Status.PROPOSED, Status.ACTIVE)
    problems.unless(standing, "lock_not_active", f"It is {state.status.value}.")


def _scopes(state: Lock | None, _command: str, arguments: Mapping[str, Any]) -> Scopes:
    """Where it locks, on both sides of an amendment; what locks everywhere touches no one value."""
    said = (state.terms if state else None, arguments.get("terms"))
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
    indexed=("status", "kind"),
)
