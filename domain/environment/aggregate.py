"""The aggregate `environment`: defined, watched, stopped by anybody and released by two."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from domain.askers import asking, check_claim, check_firsthand, rights
from domain.authorship import accounts
from domain.environment import blocking, planning
from domain.environment.evolve import (
    EVENTS,
    Edited,
    HealthReported,
    Proposed,
    Reinstated,
    ReporterDismissed,
    Resumed,
    ResumptionRequested,
    Retired,
    Stopped,
    evolve,
)
from domain.environment.first_word import void
from domain.environment.planning import MOST, checked, heard
from domain.environment.promotion import aside, passed_over, promoted_from
from domain.environment.state import Environment, Health, follows
from domain.kernel import Aggregate, Command, Context, Problems, Scopes, Seen, Text, is_person
from domain.wording import NOTE, check_given


def retire(
    state: Environment, context: Context, *, reason: Annotated[Text, "Why it is no more."]
) -> list[Any]:
    """Have nothing deployed to it any more; not while anything is promoted from it.

    Else one person took that step away, which changing the line of what comes after leaves to two.
    """
    problems = checked(state, context)
    check_given(problems, reason, NOTE, "reason")
    line = context.records.find(Environment, retired=False)
    after = [each.name for each in line if follows(each.plan, state.plan)]
    message = f"Change the line of {', '.join(sorted(after)[:MOST])} first, which come after it."
    problems.unless(not after, "promoted_from", message)
    problems.settle()
    return [Retired(reason, promoted_from(state.plan, context.records))]


def reinstate(
    state: Environment, context: Context, *, reason: Annotated[Text, "Why it is used again."]
) -> list[Any]:
    """Use a retired one again, as it was: its plan, a stopped line and what blocked it.

    What it was promoted from comes first, and nothing came between them, or else one person took
    that step away. Where others of its line came around it, its place waits for a second person.
    """
    problems = Problems()
    check_claim(problems, context)
    problems.unless(state.retired, "not_retired", "It is in use.")
    check_given(problems, reason, NOTE, "reason")
    _check_steps(problems, state, context)
    problems.settle()
    safe = aside(state.plan, context.records)
    if safe == state.plan:
        return [Reinstated(reason)]
    wished = state.proposal.plan if state.proposal else state.plan
    return [Edited(safe), Reinstated(reason), Proposed(wished, *rights(context))]


def _check_steps(problems: Problems, state: Environment, context: Context) -> None:
    """Note that it would come back without what it was promoted from as it was retired."""
    line = context.records.find(Environment, retired=True)
    before = sorted(each.name for each in line if follows(state.plan, each.plan))
    message = f"Reinstate {', '.join(before[:MOST])} first, which it is promoted from."
    problems.unless(not before, "promotion_retired", message)
    over = passed_over(state, context.records)
    now = promoted_from(state.plan, context.records)
    told = f"{', '.join(now[:MOST])} came between it and {', '.join(over[:MOST])}"
    message = f"{told}: change the line of what came between first, which takes two."
    problems.unless(not over, "promotion_changed", message)


def report(
    state: Environment,
    context: Context,
    *,
    health: Annotated[Health, "How well it is."],
    measured_at: Annotated[datetime | None, "When that was measured; left out, now."] = None,
) -> list[Any]:
    """Report how well it is; it is known only as long as the report is fresh (S3-16).

    Of a retired one as well: it may be used again, as it is by then.
    """
    problems = heard(context)
    measured = measured_at or context.at
    problems.unless(measured <= context.at, "still_to_come", "This is to come.", "measured_at")
    before = [each for each in state.reports if each.reporter == context.by]
    ordered = all(each.measured_at <= measured for each in before)
    problems.unless(ordered, "report_outrun", "You reported later than that.", "measured_at")
    message = f"At most {MOST} monitors."
    problems.unless(before or len(state.reports) < MOST, "too_many", message)
    problems.settle()
    return [HealthReported(health, measured)]


def dismiss(
    state: Environment,
    context: Context,
    *,
    reporter: Annotated[str, "The monitor that reports no more."],
    reason: Annotated[Text, "Why it is not waited for."],
) -> list[Any]:
    """Wait no longer for a monitor that has fallen silent, or whose account is suspended."""
    problems = checked(state, context)
    found = next((each for each in state.reports if each.reporter == reporter), None)
    problems.unless(found, "unknown_reporter", "It has not reported.", "reporter")
    gone = context.authority.suspended(reporter)
    silent = gone or found is None or found.silent(state.plan, context.at)
    message = "It reports: wait for better news, or until it has fallen silent."
    problems.unless(silent, "monitor_reports", message, "reporter")
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [ReporterDismissed(reporter, reason)]


def stop(
    state: Environment, context: Context, *, reason: Annotated[Text, "What is wrong."]
) -> list[Any]:
    """Stop the line: nothing is deployed to it until two people have released it."""
    problems = heard(context)
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [Stopped(reason)]


def ask_to_resume(
    state: Environment, context: Context, *, reason: Annotated[Text, "Why it is safe again."]
) -> list[Any]:
    """Ask to release the line; it takes another person's word."""
    problems = checked(state, context)
    problems.unless(state.stop, "line_not_stopped", "Nobody has stopped the line.")
    problems.unless(is_person(context.by), "not_a_person", "Only a person asks for it.")
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [ResumptionRequested(reason, *rights(context))]


def resume(state: Environment, context: Context) -> list[Any]:
    """Release the line, as another person than who asked for it."""
    problems = checked(state, context)
    check_firsthand(problems, context)
    asked = state.resuming
    stands = asked and not void(asked, context.authority)
    message = "Nobody who still may asks to release the line (`askToResumeEnvironment`)."
    problems.unless(stands, "not_asked", message)
    problems.unless(is_person(context.by), "not_a_person", "Only a person releases it.")
    since = asked.at if asked else context.at
    own = accounts((asked.by,) if asked else (), context.authority, since)
    apart = own.isdisjoint(asking(context))
    problems.unless(apart, "needs_second_person", "Who asked for it may not release it.")
    problems.settle()
    return [Resumed(context.grant)]


def _scopes(state: Environment | None, _command: str, arguments: Mapping[str, Any]) -> Scopes:
    name = state.name if state else arguments.get("name")
    return {"environment": frozenset((name,) if name else ())}


AGGREGATE: Final = Aggregate(
    "environment",
    Environment,
    events=EVENTS,
    evolve=evolve,
    commands=(
        Command(planning.define),
        Command(planning.edit, seen=Seen.VERSION),
        Command(planning.confirm, seen=Seen.REVISION, deciding=True),
        Command(planning.decline),
        Command(retire),
        Command(reinstate),
        Command(report),
        Command(dismiss),
        Command(stop),
        Command(ask_to_resume),
        Command(resume, deciding=True),
        Command(blocking.block),
        Command(blocking.unblock),
    ),
    scopes=_scopes,
    indexed=("name", "retired"),
    fold=4,
)
