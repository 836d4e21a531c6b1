"""Whether a principal may act, and when a person is away."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from domain.askers import check_firsthand
from domain.kernel import Context, Problems, Text
from domain.principal.checks import MOST_TIES, check_others
from domain.principal.events import AbsenceEnded, AbsenceNoted, Reinstated, Suspended
from domain.principal.state import Principal
from domain.term import check_term
from domain.wording import NOTE, check_given

Why = Annotated[Text, "Why this is done."]
Back = Annotated[datetime, "The moment the person is back."]
Gone = Annotated[datetime | None, "The moment the absence begins; now unless given."]


def suspend(state: Principal, context: Context, *, reason: Why) -> list[Any]:
    """Keep a principal from acting; its votes do not count until it is reinstated."""
    problems = Problems()
    check_firsthand(problems, context)
    check_given(problems, reason, NOTE, "reason")
    problems.unless(not state.suspended, "suspended_already", "This account is suspended.")
    problems.settle()
    return [Suspended(reason)]


def reinstate(state: Principal, context: Context, *, reason: Why) -> list[Any]:
    """Let a suspended principal act again; nobody does this for an account of their own."""
    problems = Problems()
    check_firsthand(problems, context)
    check_given(problems, reason, NOTE, "reason")
    problems.unless(state.suspended, "not_suspended", "This account is not suspended.")
    check_others(problems, context, state)
    problems.settle()
    return [Reinstated(reason)]


def announce_absence(
    state: Principal, context: Context, *, since: Gone = None, until: Back
) -> list[Any]:
    """Say when one will be away oneself, so that alternates may stand in."""
    problems = Problems()
    _check_own(problems, context, state)
    begin = _check_absence(problems, context, state, since, until)
    problems.settle()
    return [AbsenceNoted(begin, until)]


def record_absence(
    state: Principal, context: Context, *, since: Gone = None, until: Back
) -> list[Any]:
    """Note that somebody is away who could not say so, such as a person who fell ill."""
    problems = Problems()
    begin = _check_absence(problems, context, state, since, until)
    problems.settle()
    return [AbsenceNoted(begin, until)]


def end_absence(
    state: Principal,
    context: Context,
    *,
    absence: Annotated[int, "The number of the absence within the account."],
) -> list[Any]:
    """Be back early, or not go away after all."""
    problems = Problems()
    _check_own(problems, context, state)
    coming = any(each.number == absence and each.until > context.at for each in state.absences)
    problems.unless(coming, "unknown_absence", "No such absence is ahead.", "absence")
    problems.settle()
    return [AbsenceEnded(absence)]


def _check_own(problems: Problems, context: Context, state: Principal) -> None:
    own = context.by == state.id and context.behalf is None
    problems.unless(own, "not_own_account", "Only the person says this.")


def _check_absence(
    problems: Problems, context: Context, state: Principal, since: datetime | None, until: datetime
) -> datetime:
    ahead = [each for each in state.absences if each.until > context.at]
    few = len(ahead) < MOST_TIES
    problems.unless(few, "too_many", f"At most {MOST_TIES} of these.", "until")
    return check_term(problems, context.at, since, until)
