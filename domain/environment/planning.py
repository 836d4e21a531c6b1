"""Saying what an environment is; what asks less of what goes there takes a second person."""

from __future__ import annotations

from typing import Annotated, Any, Final

from domain.askers import asking, check_claim, check_firsthand, rights
from domain.authorship import accounts
from domain.environment.evolve import Confirmed, Declined, Defined, Edited, Proposed
from domain.environment.first_word import void
from domain.environment.promotion import aside
from domain.environment.state import Cover, Environment, Plan
from domain.environment.weakening import cautious, complete, weakens
from domain.kernel import Context, Problems, Text, is_person
from domain.wording import NOTE, check_given, check_name, check_names

MOST: Final = 20
"""How many of anything an environment may have: monitors, blockers, checks."""
_LOST: Final = (
    "Who proposed it is suspended, or has lost the right to: somebody else proposes it anew "
    "(`editEnvironment`)."
)
LONGEST_HOURS: Final = 90 * 24


def define(
    _state: None,
    context: Context,
    *,
    name: Annotated[str, "Its name, which no other environment has."],
    plan: Annotated[Plan, "What it is."],
) -> list[Any]:
    """Say that there is an environment; less than its kind demands waits for a second person.

    So does a place between others of its line, which gets what comes after past the one before.
    """
    problems = Problems()
    check_claim(problems, context)
    check_name(problems, name, "name")
    taken = context.records.find(Environment, name=name)
    problems.unless(not taken, "name_taken", "There is an environment of this name.", "name")
    _check_plan(problems, context, plan)
    problems.settle()
    wished, safe = complete(plan), aside(cautious(plan), context.records)
    if weakens(safe, wished):
        return [Defined(name, safe), Proposed(wished, *rights(context))]
    return [Defined(name, wished)]


def edit(
    state: Environment, context: Context, *, plan: Annotated[Plan, "What it is from now on."]
) -> list[Any]:
    """Say otherwise what it is; what asks less of what goes there waits for a second person."""
    problems = checked(state, context)
    _check_plan(problems, context, plan)
    problems.settle()
    wished = complete(plan, state.plan)
    wish = state.proposal
    gone = wish is not None and void(wish, context.authority)
    if wished == (wish.plan if wish else state.plan) and not gone:
        return []
    less = weakens(state.plan, wished)
    return [Proposed(wished, *rights(context)) if less else Edited(wished)]


def confirm(state: Environment, context: Context) -> list[Any]:
    """Agree, as a second person, that it ask less of what goes there, as was proposed.

    Only while who proposed it still may: else one person alone would do it.
    """
    problems = checked(state, context)
    check_firsthand(problems, context)
    wish = state.proposal
    stands = wish and not void(wish, context.authority)
    message = _LOST if wish else "Nothing waits for a second person."
    problems.unless(stands, "nothing_proposed", message)
    problems.unless(is_person(context.by), "not_a_person", "Only a person agrees to that.")
    since = wish.at if wish else context.at
    own = accounts((wish.by,) if wish else (), context.authority, since)
    message = "Who proposed it may not agree to it."
    problems.unless(own.isdisjoint(asking(context)), "needs_second_person", message)
    problems.settle()
    return [Confirmed(wish.plan, context.grant)] if wish else []


def decline(
    state: Environment, context: Context, *, reason: Annotated[Text, "Why not."]
) -> list[Any]:
    """Turn down what waits for a second person, or take one's own back."""
    problems = checked(state, context)
    problems.unless(state.proposal, "nothing_proposed", "Nothing waits for a second person.")
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [Declined(reason)]


def checked(state: Environment, context: Context) -> Problems:
    """What is wrong with asking for anything of this environment, so far."""
    problems = heard(context)
    problems.unless(not state.retired, "environment_retired", "It is no more.")
    return problems


def heard(context: Context) -> Problems:
    """The same of news of it, which is taken of a retired one too."""
    problems = Problems()
    check_claim(problems, context)
    return problems


def _check_plan(problems: Problems, context: Context, plan: Plan) -> None:
    check_name(problems, plan.kind, "plan", "kind")
    check_name(problems, plan.line, "plan", "line")
    check_names(problems, plan.automatic, MOST, "plan", "automatic")
    bounds = {"order": (0, 1000), "stale_minutes": (1, 1440), "dwell_hours": (0, LONGEST_HOURS)}
    for name, (least, most) in bounds.items():
        good = least <= getattr(plan, name) <= most
        problems.unless(good, "out_of_range", f"From {least} to {most}.", "plan", name)
    _check_cover(problems, context, plan)


def _check_cover(problems: Problems, context: Context, plan: Plan) -> None:
    """Note ways named twice, and checks where none cover, or none where they do."""
    ways, path = plan.cover or (), ("plan", "checks")
    once = len(set(ways)) == len(ways)
    problems.unless(once, "named_twice", "A way stands twice.", "plan", "cover")
    fits = (Cover.CHECKS in ways) == bool(plan.checks)
    problems.unless(fits, "checks_unfit", "Name checks where CHECKS cover, and only there.", *path)
    problems.unless(len(plan.checks) <= MOST, "too_many", f"At most {MOST} checks.", *path)
    known = context.authority.roles
    for at, each in enumerate(plan.checks):
        for name in ("name", "project", "role"):
            check_name(problems, getattr(each, name), *path, str(at), name)
        if each.service is not None:
            check_name(problems, each.service, *path, str(at), "service")
        message, good = "The adopted policy has no such role.", not known or each.role in known
        problems.unless(good, "unknown_role", message, *path, str(at), "role")
