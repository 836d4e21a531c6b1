"""The aggregate `calendar_entry`: maintenance windows, business events, and moved dates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from domain.askers import check_claim
from domain.calendar.entry_state import (
    EVENTS,
    CalendarEntry,
    Cancelled,
    DateMoved,
    EntryKind,
    EntryPlan,
    NoticeSent,
    Planned,
    Replanned,
    evolve,
)
from domain.calendar.moving import cadence_named, check_put_back, moved
from domain.calendar.recurring import check_recurring
from domain.calendar.window import LocalTime, Window, check_window
from domain.kernel import Aggregate, Command, Context, Problems, Scopes, Seen, Text, refusal
from domain.wording import LINE, NOTE, check_given, check_name, check_names, check_wording

__all__ = ["AGGREGATE", "CalendarEntry"]

MOST_ENVIRONMENTS: Final = 40
MOST_NOTICES: Final = 20

Plan = Annotated[EntryPlan, "What it says."]
Why = Annotated[Text, "Why this is done."]


def plan(_state: None, context: Context, *, plan: Plan) -> list[Any]:
    """Enter a maintenance window or a business event, once or as often as a rule says."""
    _checked(context, plan)
    return [Planned(plan)]


def replan(state: CalendarEntry, context: Context, *, plan: Plan) -> list[Any]:
    """Change an entry; whoever reads the calendar sees the new times at once."""
    _check_stands(state)
    if state.date is not None:
        raise refusal("date_agreed", "A moved date is cancelled and agreed anew.")
    _checked(context, plan)
    return [Replanned(plan)]


def move_date(
    _state: None,
    context: Context,
    *,
    playbook: Annotated[str, "The name of the adopted playbook the cadence is in."],
    cadence: Annotated[str, "The cadence, in the playbook's words."],
    planned: Annotated[LocalTime, "The date as the rule gives it."],
    instead: Annotated[LocalTime | None, "The date agreed; none to drop it."] = None,
    reason: Annotated[Text, "Why, for everybody concerned."],
) -> list[Any]:
    """Record what was agreed about one date of a cadence, such as for a holiday."""
    problems = Problems()
    check_claim(problems, context)
    check_given(problems, reason, NOTE, "reason")
    found = cadence_named(problems, context, playbook, cadence)
    date = moved(problems, context, found, playbook=playbook, planned=planned, instead=instead)
    return [DateMoved(date, reason)]


def record_notice(
    state: CalendarEntry,
    context: Context,
    *,
    audience: Annotated[Text, "Who was told, and how."],
) -> list[Any]:
    """Record that those concerned were told."""
    _check_stands(state)
    problems = Problems()
    check_given(problems, audience, NOTE, "audience")
    message = f"At most {MOST_NOTICES} notices."
    problems.unless(len(state.notices) < MOST_NOTICES, "too_many", message)
    problems.settle()
    return [NoticeSent(audience)]


def cancel(state: CalendarEntry, context: Context, *, reason: Why) -> list[Any]:
    """Take an entry out of the calendar; a moved date is again where its rule puts it."""
    _check_stands(state)
    problems = Problems()
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    if state.date is not None:
        check_put_back(state.date, context)
    return [Cancelled(reason)]


def restore_date(state: CalendarEntry, context: Context, *, reason: Why) -> list[Any]:
    """Put a date of a cadence that was moved, or dropped, back where its rule has it."""
    if state.date is None:
        message = "It is no date of a cadence: whoever keeps the calendar takes it out."
        raise refusal("not_a_moved_date", message)
    return cancel(state, context, reason=reason)


# Checks.


def _check_stands(state: CalendarEntry) -> None:
    if state.cancelled_at is not None:
        raise refusal("entry_cancelled", "A cancelled entry stays as it was.")


def _checked(context: Context, plan: EntryPlan) -> None:
    problems = Problems()
    check_claim(problems, context)
    check_given(problems, plan.title, LINE, "plan", "title")
    check_wording(problems, plan.note, NOTE, "plan", "note")
    if plan.service is not None:
        check_name(problems, plan.service, "plan", "service")
    check_names(problems, plan.environments, MOST_ENVIRONMENTS, "plan", "environments")
    wanted = plan.kind in (EntryKind.MAINTENANCE, EntryKind.BUSINESS)
    message = "A date is moved by an agreement about it."
    problems.unless(wanted, "date_agreed", message, "plan", "kind")
    about = plan.service is not None or plan.kind is not EntryKind.MAINTENANCE
    problems.unless(about, "service_missing", "Say for which service.", "plan", "service")
    _check_times(problems, plan)
    problems.settle()


def _check_times(problems: Problems, plan: EntryPlan) -> None:
    before = len(problems)
    check_window(problems, plan.window, "plan")
    repeats = plan.repeats() if len(problems) == before else None
    if repeats is not None:
        found = Problems()
        check_recurring(found, repeats)
        for each in found:
            problems.add(each.code, each.message, "plan", "rrule")


# What is kept beside it.


def _scopes(state: CalendarEntry | None, _command: str, arguments: Mapping[str, Any]) -> Scopes:
    """The services on both sides of an edit; where either is every service, it touches no one."""
    plans = [each for each in (state.plan if state else None, arguments.get("plan")) if each]
    services = frozenset(each.service for each in plans if each.service is not None)
    everywhere = any(each.service is None for each in plans)
    return {} if everywhere or not services else {"service": services}


def _span(state: CalendarEntry) -> Window | None:
    return state.plan.window if state.plan else None


def _starts(state: CalendarEntry) -> datetime | None:
    if state.date is not None:
        return state.date.planned_at
    span = _span(state)
    return span.since if span else None


def _ends(state: CalendarEntry) -> datetime | None:
    """When it is over for good; None for what comes again, and for a moment."""
    span = _span(state)
    return span.until if span and state.plan and state.plan.rrule is None else None


AGGREGATE = Aggregate(
    "calendar_entry",
    CalendarEntry,
    events=EVENTS,
    evolve=evolve,
    commands=(
        Command(plan),
        Command(replan, seen=Seen.VERSION),
        Command(move_date),
        Command(record_notice),
        Command(cancel),
        Command(restore_date),
    ),
    scopes=_scopes,
    plural="calendar_entries",
    columns={
        "service": (str, lambda state: state.plan.service if state.plan else None),
        "playbook": (str, lambda state: state.playbook),
        "planned_local": (str, lambda state: state.planned_local),
        "starts": (datetime, _starts),
        "ends": (datetime, _ends),
        "active": (bool, lambda state: state.active),
    },
    indexed=("kind", "service", "playbook", "planned_local", "starts", "ends", "active"),
)
